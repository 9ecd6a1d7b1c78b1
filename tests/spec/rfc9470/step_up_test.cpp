// RFC 9470: an API says that the sign-in behind a token is too weak or too old, the client asks the
// issuer for a better one, and the issuer tells of it in the next token.
#include <gtest/gtest.h>

#include "client/authorization.h"
#include "resource/guard.h"
#include "support/authenticator.h"
#include "support/fake_issuer.h"

namespace cardea::rfc9470_test {

using fake_issuer::FakeIssuer;
using resource::NeededAuthentication;
using resource::Permit;

const std::string silver = "urn:silver";
const std::string gold = "urn:gold";

struct StepUp : testing::Test {
  FakeIssuer issuer;
  resource::Guard guard{{.issuer = "https://issuer.example", .resource = "https://api.example"},
                        issuer.transport(),
                        issuer.clock};

  Permit permit(json::Object claims) { return {.subject = "alice", .claims = std::move(claims)}; }
  std::int64_t now() { return issuer.clock.now().unix_seconds(); }
  bool passes(json::Object claims, const NeededAuthentication& needed) {
    return guard.require_authentication(permit(std::move(claims)), needed).ok();
  }
  resource::Challenge challenge(const NeededAuthentication& needed) {
    auto outcome = guard.require_authentication(permit({}), needed);
    EXPECT_FALSE(outcome.ok());
    return outcome.error();
  }
};

// RFC9470-3; 9470-01: the challenge is 401 and says what is needed
TEST_F(StepUp, S3_TheChallengeSaysWhatIsNeeded) {
  const auto refused = challenge({.acr_values = {gold, silver}, .max_age = Seconds{300}});
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.www_authenticate,
            "Bearer realm=\"api\", error=\"insufficient_user_authentication\", "
            "error_description=\"A stronger or newer sign-in is needed.\", "
            "acr_values=\"urn:gold urn:silver\", max_age=\"300\"");
  const auto body = json::parse_object(refused.body);
  ASSERT_TRUE(body);
  EXPECT_EQ(json::string_member(*body, "error"), "insufficient_user_authentication");
  EXPECT_EQ(challenge({.acr_values = {gold}}).www_authenticate.find("max_age"), std::string::npos);
  EXPECT_EQ(challenge({.max_age = Seconds{1}}).www_authenticate.find("acr_values"),
            std::string::npos);
}

// RFC9470-6; 9470-01: one of the values is reached, or the token does not pass
TEST_F(StepUp, S6_OneOfTheValuesIsReached) {
  const NeededAuthentication needed{.acr_values = {gold, silver}};
  EXPECT_TRUE(passes({{"acr", gold}}, needed));
  EXPECT_TRUE(passes({{"acr", silver}}, needed));
  EXPECT_FALSE(passes({{"acr", "urn:bronze"}}, needed));
  EXPECT_FALSE(passes({{"acr", gold + " " + silver}}, needed));
  EXPECT_FALSE(passes({{"acr", 1}}, needed));
  EXPECT_FALSE(passes({}, needed));
  EXPECT_TRUE(passes({}, {}));
}

// RFC9470-6; 9470-01: the sign-in is no older than that, within the clocks' tolerance
TEST_F(StepUp, S6_TheSignInIsNewEnough) {
  const NeededAuthentication needed{.max_age = Seconds{300}};
  EXPECT_TRUE(passes({{"auth_time", now()}}, needed));
  EXPECT_TRUE(passes({{"auth_time", now() - 310}}, needed));
  EXPECT_FALSE(passes({{"auth_time", now() - 311}}, needed));
  EXPECT_TRUE(passes({{"auth_time", now() + 10}}, needed));
  EXPECT_FALSE(passes({{"auth_time", now() + 11}}, needed));
  EXPECT_FALSE(passes({{"auth_time", -1}}, needed));
  EXPECT_FALSE(passes({{"auth_time", std::to_string(now())}}, needed));
  EXPECT_FALSE(passes({}, needed));
}

// RFC9470-4; 9470-03: the client takes the challenge's values into its next request
TEST_F(StepUp, S4_TheClientAsksForWhatIsNeeded) {
  const auto refused =
      resource::to_response(challenge({.acr_values = {gold, silver}, .max_age = Seconds{300}}));
  const auto request = client::step_up_for(refused);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->acr_values, (std::vector<std::string>{gold, silver}));
  EXPECT_EQ(request->max_age, Seconds{300});
  EXPECT_TRUE(request->prompt.empty());
}

// RFC9470-3; 9470-03: other answers are no reason to ask, and odd values are left out
TEST_F(StepUp, S3_OtherChallengesAreNone) {
  const auto asked = [](const std::string& value, int status = 401) {
    http::Response response{.status = status};
    if (!value.empty()) response.headers.set("WWW-Authenticate", value);
    return client::step_up_for(response);
  };
  const std::string error = "Bearer error=\"insufficient_user_authentication\"";
  EXPECT_FALSE(asked(""));
  EXPECT_FALSE(asked("Bearer error=\"invalid_token\", max_age=\"5\""));
  EXPECT_FALSE(asked("Basic error=\"insufficient_user_authentication\""));
  EXPECT_FALSE(asked(error, 403));
  const auto bare = asked(error);
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->prompt, std::vector<std::string>{"login"});
  EXPECT_EQ(asked(error + ", max_age=60")->max_age, Seconds{60});
  for (const auto* odd : {"-1", "1.5", "", "10000000000", "soon"}) {
    EXPECT_FALSE(asked(error + ", max_age=\"" + odd + "\"")->max_age) << odd;
  }
  std::string many = ", acr_values=\"";
  for (int i = 0; i < 101; ++i) many += "a ";
  EXPECT_FALSE(asked(error + many + "\""));
}

// RFC9470-5, RFC9470-6.1, RFC9470-6.2; 9470-02; 9470-04: the whole circle: an account without a
// second factor adds one, and the new tokens tell of it, as JWT and at introspection
TEST(Rfc9470, S5_TheNextTokenTellsOfTheStepUp) {
  test::Harness harness;
  test::Browser browser(harness);
  const auto token_of = [&](const http::Response& reply) {
    return test::redeem_reply(harness, reply).access_token;
  };
  const auto weak = token_of(
      browser.authorize("cA", {{"resource", test::api}, {"scope", "openid calendar.read"}}));
  EXPECT_EQ(json::string_member(test::claims_of(weak), "acr"), acr_password);
  harness.clock.advance(minutes(2));

  const http::FormPairs step_up{{"resource", test::api},
                                {"scope", "openid calendar.read"},
                                {"acr_values", std::string(acr_mfa)},
                                {"max_age", "60"}};
  const auto page = browser.complete(browser.get(test::authorize_target(harness, "cA", step_up)));
  ASSERT_TRUE(test::offers(page, "add-factor"));
  const test::Authenticator app(page);
  const auto codes = browser.submit(page, "add-factor", {{"code", app.code(harness.clock.now())}});
  ASSERT_EQ(test::recovery_codes_on(codes).size(), 10u);
  const auto strong = test::claims_of(token_of(browser.authorize("cA", step_up)));
  EXPECT_EQ(json::string_member(strong, "acr"), acr_mfa);
  EXPECT_EQ(json::integer_member(strong, "auth_time"), harness.clock.now().unix_seconds());

  const auto opaque = harness.introspect(token_of(
      browser.authorize("cA", {{"resource", test::notes}, {"scope", "openid notes.read"}})));
  EXPECT_EQ(json::string_member(opaque, "acr"), acr_mfa);
  EXPECT_EQ(json::integer_member(opaque, "auth_time"), harness.clock.now().unix_seconds());
}

// RFC9470-7; 9470-04: the metadata lists what can be asked for
TEST(Rfc9470, S7_TheMetadataListsTheValues) {
  test::Harness harness;
  const auto metadata =
      test::json_of(harness.send(harness.get("/.well-known/openid-configuration")));
  EXPECT_EQ(json::strings_member(metadata, "acr_values_supported"),
            (std::vector<std::string>{std::string(acr_mfa), std::string(acr_password)}));
}

}  // namespace cardea::rfc9470_test
