// Strict JSON: what is refused, what comes back, how values are written.
#include "base/json.h"

#include <gtest/gtest.h>

#include <array>

namespace cardea::json_test {

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(Json, ReadsEveryKindOfValue) {
  const auto object = json::parse_object(
      R"( {"a":null,"b":true,"c":-7,"d":1.5,"e":"x\u00e4\n","f":[1,[]],"g":{"h":{}}} )");
  ASSERT_TRUE(object);
  EXPECT_TRUE(object->find("a")->is_null());
  EXPECT_EQ(json::bool_member(*object, "b"), true);
  EXPECT_EQ(json::integer_member(*object, "c"), -7);
  EXPECT_EQ(*object->find("d")->if_double(), 1.5);
  EXPECT_EQ(json::string_member(*object, "e"), "x\xc3\xa4\n");
  EXPECT_EQ(object->find("f")->if_array()->size(), 2u);
  EXPECT_TRUE(object->find("g")->if_object()->contains("h"));
  EXPECT_EQ(object->size(), 7u);
}

TEST(Json, RefusesDuplicateMembersAtEveryDepth) {
  EXPECT_FALSE(json::parse(R"({"a":1,"a":1})"));
  EXPECT_FALSE(json::parse(R"({"a":1,"b":2,"\u0061":3})"));
  EXPECT_FALSE(json::parse(R"([{"x":{"a":1,"b":0,"a":2}}])"));
  EXPECT_FALSE(json::parse(R"({"":1,"":2})"));
  EXPECT_TRUE(json::parse(R"({"a":{"a":1},"A":2})"));
}

TEST(Json, ReadsTenThousandMembersAndFindsTheOneDuplicate) {
  std::string members;
  for (int i = 0; i < 10'000; ++i) members += "\"m" + std::to_string(i) + "\":0,";
  EXPECT_TRUE(json::parse("{" + members + "\"last\":0}"));
  EXPECT_FALSE(json::parse("{" + members + "\"m5000\":0}"));
}

TEST(Json, AnObjectWrittenMemberByMemberIsTheOneWrittenFromValues) {
  EXPECT_EQ(json::ObjectText().take(), "{}");
  json::ObjectText text;
  json::Object object;
  for (const std::string name : {"plain", "quo\"te", "back\\slash", "line\nfeed", "\xc3\xa9\x01"}) {
    text.add_text(name, name + " text");
    object.set(name, name + " text");
  }
  for (const std::int64_t number : {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, INT64_MAX}) {
    text.add_number(std::to_string(number), number);
    object.set(std::to_string(number), number);
  }
  for (const std::vector<std::string>& list :
       {std::vector<std::string>{}, {"one"}, {"a\"b", "", "c"}}) {
    text.add_texts("list " + std::to_string(list.size()), list);
    object.set("list " + std::to_string(list.size()), list);
  }
  const json::Value deep(json::Object{{"a", json::Array{1.5, true, nullptr}}});
  text.add("deep", deep);
  object.set("deep", deep);
  const auto written = std::move(text).take();
  EXPECT_EQ(written, json::write(object));
  EXPECT_EQ(json::parse_object(written), object);
}

TEST(Json, RefusesDepthAbove32) {
  EXPECT_TRUE(json::parse(nested(32)));
  EXPECT_FALSE(json::parse(nested(33)));
  EXPECT_FALSE(json::parse(nested(100'000)));
  EXPECT_FALSE(json::parse(std::string(100'000, '[')));
}

TEST(Json, RefusesNumbersThatAreNotFinite) {
  for (const std::string_view bad : {"1e999", "-1e999", "NaN", "Infinity", "-Infinity", "nan"}) {
    EXPECT_FALSE(json::parse(bad)) << bad;
  }
  EXPECT_EQ(*json::parse("1e300")->if_double(), 1e300);
}

// Found by fuzzing against strtod: the parser library is off by one unit in the last place.
TEST(Json, ReadsTheNearestDouble) {
  EXPECT_EQ(*json::parse("2.2250738585072011e-308")->if_double(), 2.2250738585072011e-308);
  EXPECT_EQ(*json::parse("1.7976931348623157e308")->if_double(), 1.7976931348623157e308);
  EXPECT_EQ(*json::parse("123456789012345678901234567890")->if_double(), 1.2345678901234568e29);
  EXPECT_EQ(*json::parse("-1e-400")->if_double(), 0.0);
  EXPECT_FALSE(json::parse("1.7976931348623159e308"));
}

TEST(Json, AnIntegerIsNeverReadFromADouble) {
  EXPECT_EQ(*json::parse("9223372036854775807")->if_integer(), INT64_MAX);
  EXPECT_EQ(*json::parse("-9223372036854775808")->if_integer(), INT64_MIN);
  EXPECT_EQ(json::parse("9223372036854775808")->if_integer(), nullptr);
  EXPECT_EQ(json::parse("1.0")->if_integer(), nullptr);
  EXPECT_EQ(json::parse("1e3")->if_integer(), nullptr);
}

TEST(Json, RefusesWhatIsNotUtf8) {
  const std::array<std::string, 9> bad = {
      "\xef\xbb\xbf{}",                  // byte order mark
      std::string("\xff\xfe{\0}\0", 6),  // UTF-16
      std::string("{\0}\0", 4),          // UTF-16 without a mark
      "\"\xff\"",
      "\"\xc0\xaf\"",      // overlong
      "\"\xed\xa0\x80\"",  // a surrogate in UTF-8
      R"("\ud800")",       // a lone high surrogate
      R"("\udc00x")",      // a lone low surrogate
      R"("\ud800\u0041")",
  };
  for (const auto& text : bad) EXPECT_FALSE(json::parse(text)) << text;
  EXPECT_EQ(*json::parse(R"("\ud83d\ude00")")->if_string(), "\xf0\x9f\x98\x80");
}

TEST(Json, RefusesWhatOtherParsersForgive) {
  const std::array<std::string, 21> bad = {
      "",      " ",       "{",        "{}x",       "{} {}", "[1,]",  "{\"a\":1,}",
      "{a:1}", "{'a':1}", "// c\n{}", "/**/{}",    "01",    "+1",    ".5",
      "1.",    "0x1",     "\"\t\"",   "\"\\x41\"", "tru",   "[1 2]", std::string("{}\0", 3),
  };
  for (const auto& text : bad) EXPECT_FALSE(json::parse(text)) << text;
}

TEST(Json, TheOutermostValueOfAnObjectParseIsAnObject) {
  for (const std::string_view other : {"[]", "1", "\"{}\"", "null", "true"}) {
    EXPECT_TRUE(json::parse(other)) << other;
    EXPECT_FALSE(json::parse_object(other)) << other;
  }
}

TEST(Json, WritesCompactTextInOrder) {
  json::Object object{{"z", 1}, {"a", json::Array{nullptr, true, 1.5, "x"}}, {"o", json::Object{}}};
  object.set("z", 2);
  object.set("s", "quote \" backslash \\ newline \n bell \x07 \xc3\xa4 <&>");
  EXPECT_EQ(json::write(object),
            R"({"z":2,"a":[null,true,1.5,"x"],"o":{},)"
            "\"s\":\"quote \\\" backslash \\\\ newline \\n bell \\u0007 \xc3\xa4 <&>\"}");
  object.erase("a");
  EXPECT_FALSE(object.contains("a"));
}

TEST(Json, WhatIsWrittenIsReadBackEqual) {
  const json::Object object{
      {"text", std::string("\0\x1f\x7f\"\\/\xf0\x9f\x98\x80", 10)},
      {"numbers", json::Array{0, -1, std::int64_t{INT64_MAX}, 0.1, 1e300, -2.5e-7}},
      {"deep", json::Object{{"er", json::Array{json::Object{{"x", nullptr}}}}}},
  };
  EXPECT_EQ(json::parse_object(json::write(object)), object);
  EXPECT_EQ(json::parse_object(json::write_pretty(object)), object);
}

TEST(Json, WritesIndentedTextForPeople) {
  EXPECT_EQ(json::write_pretty(json::Object{{"a", json::Array{1}}, {"b", json::Object{}}}),
            "{\n  \"a\": [\n    1\n  ],\n  \"b\": {}\n}");
}

TEST(Json, MemberReadsGiveNothingForAnotherType) {
  const json::Object object{{"s", "x"}, {"i", 1}, {"mixed", json::Array{"a", 1}}};
  EXPECT_FALSE(json::string_member(object, "i"));
  EXPECT_FALSE(json::integer_member(object, "s"));
  EXPECT_FALSE(json::bool_member(object, "i"));
  EXPECT_FALSE(json::strings_member(object, "mixed"));
  EXPECT_FALSE(json::strings_member(object, "s"));
  EXPECT_FALSE(json::string_member(object, "absent"));
}

}  // namespace cardea::json_test
