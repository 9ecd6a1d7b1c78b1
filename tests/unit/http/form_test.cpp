// Strict form parsing and writing.
#include "http/form.h"

#include <gtest/gtest.h>

#include <string>

#include "base/limits.h"

namespace cardea::form_test {

using http::FormError;
using http::FormPairs;

FormError error_of(std::string_view text) {
  const auto parsed = http::parse_form(text);
  EXPECT_FALSE(parsed.ok()) << text;
  return parsed.ok() ? FormError{} : parsed.error();
}

// J07; 7.3: separators alone are no pairs, order and duplicates are kept.
TEST(Form, ReadsPairsInOrder) {
  const auto parsed = http::parse_form("a=1&b=&c&&=d&a=2&e=f=g&");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(*parsed,
            (FormPairs{{"a", "1"}, {"b", ""}, {"c", ""}, {"", "d"}, {"a", "2"}, {"e", "f=g"}}));
  for (const auto* empty : {"", "&", "&&&"}) {
    const auto nothing = http::parse_form(empty);
    ASSERT_TRUE(nothing.ok()) << empty;
    EXPECT_TRUE(nothing->empty());
  }
}

TEST(Form, DecodesNamesAndValues) {
  const auto parsed = http::parse_form("a+b=c%20d%2B&%C3%A4=%26%3D;x");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(*parsed, (FormPairs{{"a b", "c d+"}, {"\xc3\xa4", "&=;x"}}));
}

// 7.3: a defect anywhere refuses the whole input.
TEST(Form, RefusesMalformedInput) {
  for (const auto* text : {"a=%", "a=%2", "a=%zz", "%=a", "a=b&c=%g0", "a=%%30"}) {
    EXPECT_EQ(error_of(text), FormError::malformed_escape) << text;
  }
  for (const auto* text : {"a=%ff", "a=%c0%80", "a=%ed%a0%80", "%f5%80%80%80=a", "a=\xe4"}) {
    EXPECT_EQ(error_of(text), FormError::not_utf8) << text;
  }
  EXPECT_EQ(error_of("a=%00"), FormError::control_character);
  EXPECT_EQ(error_of(std::string_view("a=\0b", 4)), FormError::control_character);
}

// J11; 7.3: the number of pairs is bounded.
TEST(Form, RefusesTooManyPairs) {
  std::string text;
  for (std::size_t at = 0; at < limits::parameters_max; ++at) text += "a=b&";
  EXPECT_TRUE(http::parse_form(text).ok());
  EXPECT_EQ(error_of(text + "c=d"), FormError::too_many_parameters);
}

TEST(Form, WritesWhatItReads) {
  const FormPairs pairs{
      {"a b", "c&d=e"}, {"\xc3\xa4", "+%"}, {"", ""}, {"x", "~-._*"}, {"a b", "\n"}};
  const auto text = http::write_form(pairs);
  const auto parsed = http::parse_form(text);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(*parsed, pairs);
  EXPECT_EQ(http::write_form({{"a b", "c&d"}}), "a+b=c%26d");
}

}  // namespace cardea::form_test
