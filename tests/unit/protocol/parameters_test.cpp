// Duplicates, absence and masking of request parameters; scope and resource syntax.
#include "protocol/parameters.h"

#include <gtest/gtest.h>

#include "protocol/resource_indicator.h"
#include "protocol/scope.h"

namespace cardea::parameters_test {

TEST(RawParameters, EmptyValuesAreAbsentAndUnknownNamesAreKept) {
  const RawParameters parameters({{"state", ""}, {"foo", "bar"}});
  EXPECT_FALSE(parameters.contains("state"));
  EXPECT_EQ(parameters.get("foo"), "bar");
  EXPECT_EQ(parameters.get("nothing"), "");
}

TEST(RawParameters, EveryRepeatIsNoticedSaveResource) {
  EXPECT_EQ(RawParameters({{"a", "1"}, {"b", "1"}, {"a", "1"}}).first_repeated(), "a");
  EXPECT_EQ(RawParameters({{"a", "1"}, {"a", ""}}).first_repeated(), "a");
  const RawParameters resources({{"resource", "urn:a"}, {"resource", "urn:b"}});
  EXPECT_FALSE(resources.first_repeated().has_value());
  EXPECT_EQ(resources.all("resource"), (std::vector<std::string>{"urn:a", "urn:b"}));
}

TEST(RawParameters, CredentialsAreMasked) {
  const auto shown = masked({{"client_secret", "swordfish"}, {"client_id", "web"}, {"code", ""}});
  EXPECT_EQ(shown[0].second, "[masked, 9 bytes]");
  EXPECT_EQ(shown[1].second, "web");
  EXPECT_EQ(shown[2].second, "");
  for (const auto* name : {"Client_Secret", "new_password", "code_verifier", "client_assertion",
                           "refresh_token", "actor_token", "id_token_hint", "csrf"}) {
    EXPECT_TRUE(is_secret_parameter(name)) << name;
  }
}

// RFC6749-3.3; 6749-20: scope is a list of words in its own alphabet.
TEST(Scope, WordsAreReadOnceAndInOrder) {
  EXPECT_EQ(*parse_scope("b  a b"), (std::vector<std::string>{"b", "a"}));
  EXPECT_TRUE(parse_scope("")->empty());
  for (const auto* bad : {"a\tb", "a\"b", "a\\b", "a\x7f", "\xc3\xa9"}) {
    EXPECT_FALSE(parse_scope(bad).ok()) << bad;
  }
  EXPECT_EQ(parse_scope(std::string(5000, 'a')).error(), ScopeProblem::too_long);
  std::string many;
  for (int i = 0; i < 101; ++i) many += "s" + std::to_string(i) + " ";
  EXPECT_EQ(parse_scope(many).error(), ScopeProblem::too_many);
}

TEST(Scope, NarrowingKeepsTheOrderOfTheFirst) {
  const std::vector<std::string> granted{"openid", "a", "b"};
  EXPECT_TRUE(is_within({"b", "openid"}, granted));
  EXPECT_FALSE(is_within({"c"}, granted));
  EXPECT_EQ(narrowed({"c", "b", "a"}, granted), (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(write_scope(without(granted, "a")), "openid b");
}

// RFC8707-2: a resource is an absolute URI without a fragment.
TEST(ResourceIndicator, IsAnAbsoluteUriWithoutFragment) {
  for (const auto* good : {"https://api.example", "urn:example:api", "https://a.example/x?y=1"}) {
    EXPECT_TRUE(is_resource_indicator(good)) << good;
  }
  for (const auto* bad : {"", "api", "/api", "https://api.example#x", "https:", "1a:b", "a b:c",
                          "https://api.example/\n"}) {
    EXPECT_FALSE(is_resource_indicator(bad)) << bad;
  }
}

}  // namespace cardea::parameters_test
