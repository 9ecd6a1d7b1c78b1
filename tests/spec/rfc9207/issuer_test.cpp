// RFC 9207: every authorization response names its issuer.
#include <gtest/gtest.h>

#include "support/authorize_answers.h"

namespace cardea::rfc9207_issuer_test {

using test::ask;

struct Rfc9207Issuer : testing::Test {
  test::Harness harness;
  test::Browser person = test::signed_in(harness);
};

// RFC9207-2; 9207-01; 9207-03; 9700-04: success and error carry iss, equal to the metadata's issuer
TEST_F(Rfc9207Issuer, S2_SuccessAndErrorCarryIss) {
  const auto metadata =
      test::json_of(harness.send(harness.get("/.well-known/openid-configuration")));
  const auto issuer = json::string_member(metadata, "issuer");
  EXPECT_EQ(test::reply_of(ask(harness, person))["iss"], issuer);
  EXPECT_EQ(test::reply_of(ask(harness, person, {{"scope", "bogus"}}))["iss"], issuer);
  EXPECT_EQ(json::bool_member(metadata, "authorization_response_iss_parameter_supported"), true);
}

// RFC9207-2; 9207-02: in query, fragment and form_post alike
TEST_F(Rfc9207Issuer, S2_EveryModeCarriesIss) {
  for (const char* scope : {"openid profile email", "bogus"}) {
    for (const char* mode : {"query", "fragment"}) {
      const auto response = ask(harness, person, {{"response_mode", mode}, {"scope", scope}});
      EXPECT_EQ(test::reply_of(response)["iss"], "https://id.example") << mode;
    }
    const auto page = ask(harness, person, {{"response_mode", "form_post"}, {"scope", scope}});
    EXPECT_EQ(page.status, 200);
    std::map<std::string, std::string> fields;
    for (const auto& tag : test_pages::read_tags(page.body)) {
      if (tag.name == "input") fields[tag.attributes.at("name")] = tag.attributes.at("value");
      if (tag.name == "form") EXPECT_EQ(tag.attributes.at("action"), "https://app.example/cb");
    }
    EXPECT_EQ(fields["iss"], "https://id.example");
    EXPECT_EQ(fields["state"], test::usual_state);
    EXPECT_NE(fields.contains("code"), fields.contains("error"));
  }
}

}  // namespace cardea::rfc9207_issuer_test
