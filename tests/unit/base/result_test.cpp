// Result and the secret types of the ground floor.
#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <type_traits>

#include "base/log.h"
#include "base/secret.h"
#include "base/tagged.h"

namespace cardea::result_test {

Result<int, std::string> half(int number) {
  if (number % 2 != 0) return refuse(std::string("odd"));
  return number / 2;
}

TEST(Result, HoldsTheValueOrTheRefusal) {
  EXPECT_EQ(half(4).value(), 2);
  EXPECT_TRUE(half(4).ok());
  EXPECT_FALSE(half(3).ok());
  EXPECT_EQ(half(3).error(), "odd");
}

TEST(Result, MovesWhatCannotBeCopied) {
  Result<std::unique_ptr<int>, std::string> made(std::make_unique<int>(7));
  const std::unique_ptr<int> taken = std::move(made).value();
  EXPECT_EQ(*taken, 7);
}

TEST(Result, TellsEqualTypesApart) {
  const Result<std::string, std::string> good(std::string("x"));
  const Result<std::string, std::string> bad(refuse(std::string("x")));
  EXPECT_TRUE(good.ok());
  EXPECT_FALSE(bad.ok());
}

TEST(ResultDeathTest, ReadingTheAbsentHalfEndsTheProcess) {
  EXPECT_DEATH((void)half(3).value(), "");
  EXPECT_DEATH((void)half(4).error(), "");
}

using Pin = Secret<struct PinTag>;
using Key = Secret<struct KeyTag>;

template <class T>
concept Comparable = requires(const T& a, const T& b) { a == b; };
template <class T>
concept Printable = requires(std::ostream& out, const T& secret) { out << secret; };

TEST(Secret, CannotBeComparedPrintedLoggedOrConverted) {
  EXPECT_FALSE(Comparable<Pin>);
  EXPECT_FALSE(Printable<Pin>);
  EXPECT_FALSE((std::is_constructible_v<LogField, std::string_view, Pin>));
  EXPECT_FALSE((std::is_convertible_v<Pin, std::string>));
  EXPECT_FALSE((std::is_convertible_v<Pin, Key>));
  EXPECT_FALSE((std::is_constructible_v<Pin, Key>));
}

TEST(Secret, MovingEmptiesTheSourceAndWipesTheTarget) {
  Pin from(std::string("a secret longer than the short string buffer"));
  Pin to(std::string("another secret that is longer than the buffer"));
  to = std::move(from);
  EXPECT_EQ(to.reveal(), "a secret longer than the short string buffer");
  EXPECT_TRUE(from.empty());
  const Pin last(std::move(to));
  EXPECT_TRUE(to.empty());
  EXPECT_EQ(last.reveal(), "a secret longer than the short string buffer");
}

TEST(Secret, MovingAShortSecretLeavesNoBytesInTheSource) {
  Pin from(std::string("pin 4711"));
  const char* bytes = from.reveal().data();  // within the object: short strings are not on the heap
  const Pin to(std::move(from));
  EXPECT_EQ(to.reveal(), "pin 4711");
  EXPECT_EQ(std::string_view(bytes, 8).find("4711"), std::string_view::npos);
}

TEST(Secret, AssignmentToItselfKeepsIt) {
  Pin pin(std::string("4711"));
  const Pin& same = pin;
  pin = same;
  EXPECT_EQ(pin.reveal(), "4711");
}

TEST(Secret, WipeOverwritesTheBytes) {
  std::string bytes = "a secret longer than the short string buffer";
  const char* storage = bytes.data();
  wipe(bytes);
  EXPECT_TRUE(bytes.empty());
  EXPECT_EQ(storage[1], '\0');
  EXPECT_EQ(storage[40], '\0');
}

using ClientId = Tagged<struct ClientIdTag>;
using Subject = Tagged<struct SubjectTag>;

TEST(Tagged, IsComparedWithItsOwnKindOnly) {
  EXPECT_EQ(ClientId("a"), ClientId("a"));
  EXPECT_LT(ClientId("a"), ClientId("b"));
  EXPECT_FALSE((std::is_convertible_v<std::string, ClientId>));
  EXPECT_FALSE((std::is_constructible_v<ClientId, Subject>));
  EXPECT_EQ(std::hash<ClientId>{}(ClientId("a")), std::hash<ClientId>{}(ClientId("a")));
}

}  // namespace cardea::result_test
