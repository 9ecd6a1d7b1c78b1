// RFC 9396 from the authorization request to the token: refused, approved in words, remembered,
// carried, narrowed and told of.
#include "support/authorize_answers.h"

namespace cardea::rfc9396_flow_test {

using test::ask;
using test::has_code;
using test::is_told;
using test::offers;

const std::string pay = R"([{"type":"payment","amount":12,"to":"Bob's <shop>"}])";
const std::string pay_more = R"([{"type":"payment","amount":13,"to":"Bob's <shop>"}])";
const std::string both = R"([{"type":"payment","amount":12,"to":"Bob's <shop>"},{"type":"look"}])";

struct RichRequest : testing::Test {
  test::Harness harness{{.settings = [](Settings& settings) {
    const auto schema = json::parse_object(R"({"type":"object","required":["amount"],"properties":{
        "amount":{"type":"integer"},"to":{"type":"string"}}})");
    settings.authorization_details_types = {
        {.type = "payment", .title = "Make a payment", .schema = *DetailSchema::read(*schema)},
        {.type = "look", .title = "", .schema = {}}};
  }}};
  test::Browser browser{harness};

  RichRequest() {
    harness.edit_client(
        "cA", [](Client& client) { client.authorization_details_types = {"payment", "look"}; });
  }
  http::FormPairs asking(const std::string& details) {
    return {{"authorization_details", details},
            {"resource", test::api},
            {"scope", "openid calendar.read offline_access"}};
  }
  json::Value details_of(const json::Object& object) {
    const json::Value* found = object.find("authorization_details");
    return found == nullptr ? json::Value() : *found;
  }
  test::Tokens redeem(const http::Response& reply) { return test::redeem_reply(harness, reply); }
};

// RFC9396-5; 9396-01: unknown, foreign, malformed and unfit ones are told to the client
TEST_F(RichRequest, S5_WhatIsNotOfferedIsRefused) {
  for (const std::string& bad :
       {std::string("payment"), std::string("[]"), std::string(R"([{"type":"unknown"}])"),
        std::string(R"([{"type":"payment"}])"),
        std::string(R"([{"type":"payment","amount":1,"amount":2}])"),
        std::string(R"([{"type":"payment","amount":1,"more":true}])"),
        R"([{"type":"payment","amount":1,"to":")" + std::string(5000, 'x') + R"("}])"}) {
    EXPECT_TRUE(
        is_told(harness, ask(harness, browser, asking(bad)), "invalid_authorization_details"))
        << bad.substr(0, 60);
  }
  harness.edit_client("cA", [](Client& client) { client.authorization_details_types = {"look"}; });
  EXPECT_TRUE(
      is_told(harness, ask(harness, browser, asking(pay)), "invalid_authorization_details"));
}

// RFC9396-7, RFC9396-9.1, RFC9396-9.2; 9396-02: approved in words, and told of everywhere
TEST_F(RichRequest, S7_WhatWasApprovedIsInTheTokens) {
  const auto page =
      browser.press(test::visit(harness, browser, asking(both)), "sign-in", test::credentials());
  ASSERT_TRUE(offers(page, "allow"));
  const auto text = test_pages::read_text(page.body);
  for (const auto* words : {"Make a payment", "amount", "12", "Bob's <shop>", "look"}) {
    EXPECT_NE(text.find(words), std::string::npos) << words;
  }
  const auto tokens = redeem(browser.press(page, "allow"));
  const auto granted = *json::parse(both);
  EXPECT_EQ(details_of(test::json_of(tokens.response)), granted);
  EXPECT_EQ(details_of(test::claims_of(tokens.access_token)), granted);
  EXPECT_EQ(details_of(harness.introspect(tokens.access_token)), granted);
  const auto plain = redeem(browser.authorize("cA"));
  EXPECT_TRUE(details_of(test::json_of(plain.response)).is_null());
}

// RFC9396-9.2; 9396-02: opaque tokens too, and what one token was narrowed to
TEST_F(RichRequest, S6_ATokenRequestMayNarrow) {
  const auto first =
      redeem(browser.authorize("cA", {{"authorization_details", both},
                                      {"resource", test::notes},
                                      {"scope", "openid notes.read offline_access"}}));
  EXPECT_EQ(details_of(harness.introspect(first.access_token)), *json::parse(both));
  const auto narrowed =
      harness.refresh("cA", first.refresh_token, {{"authorization_details", pay}});
  EXPECT_EQ(details_of(test::json_of(narrowed.response)), *json::parse(pay));
  EXPECT_EQ(details_of(harness.introspect(narrowed.access_token)), *json::parse(pay));
  EXPECT_EQ(
      harness.refresh("cA", narrowed.refresh_token, {{"authorization_details", pay_more}}).error,
      "invalid_authorization_details");
  const auto whole = harness.refresh("cA", narrowed.refresh_token);
  EXPECT_EQ(details_of(test::json_of(whole.response)), *json::parse(both));
  harness.edit_client("cA", [](Client& client) { client.authorization_details_types = {"look"}; });
  EXPECT_EQ(details_of(test::json_of(harness.refresh("cA", whole.refresh_token).response)),
            *json::parse(R"([{"type":"look"}])"));
}

// RFC9396-3.1; 9396-02: an approval covers the very same elements, and no other
TEST_F(RichRequest, S3_1_AnApprovalCoversTheSameElements) {
  ASSERT_TRUE(has_code(harness, browser.authorize("cA", asking(both))));
  EXPECT_TRUE(has_code(harness, ask(harness, browser, asking(both))));
  EXPECT_TRUE(has_code(harness, ask(harness, browser, asking(pay))));
  const auto page = test::visit(harness, browser, asking(pay_more));
  ASSERT_TRUE(offers(page, "allow"));
  EXPECT_NE(test_pages::read_text(page.body).find("13"), std::string::npos);
  auto silent = asking(pay_more);
  silent.emplace_back("prompt", "none");
  EXPECT_TRUE(is_told(harness, ask(harness, browser, silent), "consent_required"));
}

// RFC9396-6: without a grant there is nothing to name
TEST_F(RichRequest, S6_ClientCredentialsHaveNone) {
  const auto refused = harness.send(harness.as_client("cc", "/token",
                                                      {{"grant_type", "client_credentials"},
                                                       {"scope", "notes.read"},
                                                       {"authorization_details", pay}}));
  EXPECT_TRUE(test::is_json_refusal(refused, 400, "invalid_authorization_details"));
}

// RFC9396-10; 9396-03: the metadata lists the types
TEST_F(RichRequest, S10_TheMetadataListsTheTypes) {
  const auto metadata =
      test::json_of(harness.send(harness.get("/.well-known/openid-configuration")));
  EXPECT_EQ(json::strings_member(metadata, "authorization_details_types_supported"),
            (std::vector<std::string>{"payment", "look"}));
}

}  // namespace cardea::rfc9396_flow_test
