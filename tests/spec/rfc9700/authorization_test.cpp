// RFC 9700 at the authorization endpoint: redirects after forms, CORS, response types and modes.
#include <gtest/gtest.h>

#include "support/authorize_answers.h"

namespace cardea::rfc9700_authorization_test {

using test::ask;
using test::is_told;
using test::visit;

struct Rfc9700Authorization : testing::Test {
  test::Harness harness;
  test::Browser browser{harness};
};

// RFC9700-4.12; 9700-03; 21-07; fapi-5.3.2.2-h: after a form with credentials the browser is sent
// on by 303 and the next hop is a GET
TEST_F(Rfc9700Authorization, S4_12_CredentialsAreNotForwarded) {
  harness.edit_client("cA", [](Client& it) { it.consent = ConsentPolicy::skip; });
  const auto page = visit(harness, browser);
  const auto response = browser.press(page, "sign-in", test::credentials());
  EXPECT_EQ(response.status, 303);
  EXPECT_TRUE(test::has_code(harness, response));
  EXPECT_TRUE(response.body.empty());
  EXPECT_EQ(test::location_of(response).find("staple"), std::string::npos);
}

// RFC9700-2.6; 9700-06: no other origin may read the authorization endpoint
TEST_F(Rfc9700Authorization, S2_6_NoCors) {
  for (const char* origin : {"https://app.example", "null", "https://evil.test"}) {
    auto request = harness.get(test::authorize_target(harness, "cA"), {{"Origin", origin}});
    const auto response = harness.send(request);
    EXPECT_FALSE(response.headers.contains("Access-Control-Allow-Origin"));
    request.method = "OPTIONS";
    request.headers.add("Access-Control-Request-Method", "GET");
    const auto preflight = harness.send(std::move(request));
    EXPECT_FALSE(preflight.headers.contains("Access-Control-Allow-Origin"));
    EXPECT_EQ(preflight.status, 405);
  }
}

// RFC9700-2.1.2; 9700-12; 10017-01; asvs-10.6.1; 21-03: no token leaves the authorization endpoint
TEST_F(Rfc9700Authorization, S2_1_2_NoImplicitToken) {
  for (const char* type :
       {"token", "id_token token", "code token", "code id_token token", "token id_token"}) {
    EXPECT_TRUE(is_told(harness, ask(harness, browser, {{"response_type", type}}),
                        "unsupported_response_type"))
        << type;
    // Whoever asks for a token reads the fragment.
    EXPECT_NE(test::location_of(ask(harness, browser, {{"response_type", type}})).find('#'),
              std::string::npos);
  }
}

// RFC9700-4.1; 9700-14; asvs-10.4.12: a mode that the client does not register is refused, in one
// that it does
TEST_F(Rfc9700Authorization, S4_1_TheModeIsPartOfTheRegistration) {
  harness.edit_client("cA", [](Client& it) { it.response_modes = {ResponseMode::query}; });
  for (const char* mode : {"fragment", "form_post", "web_message", "query.jwt", "jwt"}) {
    const auto response = ask(harness, browser, {{"response_mode", mode}});
    EXPECT_TRUE(is_told(harness, response, "invalid_request")) << mode;
    EXPECT_TRUE(test::location_of(response).starts_with("https://app.example/cb?error="));
  }
  EXPECT_EQ(ask(harness, browser, {{"response_mode", "query"}}).status, 303);
}

// RFC9700-4.11.2; 9700-02; fapi-5.3.2.1-d: only registered addresses are redirected to
TEST_F(Rfc9700Authorization, S4_11_2_NoOpenRedirector) {
  EXPECT_TRUE(is_told(harness, ask(harness, browser, {{"prompt", "none"}}), "login_required"));
  EXPECT_TRUE(test::is_page(
      ask(harness, browser, {{"prompt", "none"}, {"redirect_uri", "https://evil.test/cb"}})));
}

}  // namespace cardea::rfc9700_authorization_test
