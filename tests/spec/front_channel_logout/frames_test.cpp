// Frames on the signed-out page. OIDC Front-Channel Logout 1.0 2, 3.
#include <gtest/gtest.h>

#include "support/authorize_answers.h"
#include "support/harness.h"
#include "support/html_reader.h"

namespace cardea::front_channel_logout_test {

using test::Browser;
using test::Harness;

const std::string address = "https://app.example/out?tenant=1";

class FrontChannelLogout : public ::testing::Test {
 protected:
  FrontChannelLogout() {
    server.edit_client("cA", [](Client& client) {
      client.frontchannel_logout_uri = address;
      client.frontchannel_logout_session_required = true;
    });
    server.edit_client(
        "cB", [](Client& client) { client.frontchannel_logout_uri = "https://b.example/out"; });
  }
  test::Tokens sign_in(Browser& browser, const std::string& client) {
    auto reply = test::reply_of(browser.authorize(client));
    return server.redeem(client, {.code = reply["code"],
                                  .redirect_uri = server.client(client).redirect_uris.front(),
                                  .grant_id = {},
                                  .session_id = {},
                                  .consent_id = {},
                                  .user_id = {}});
  }
  static std::string logout_of(const test::Tokens& tokens, const http::FormPairs& more = {}) {
    http::FormPairs pairs{{"id_token_hint", tokens.id_token}};
    pairs.insert(pairs.end(), more.begin(), more.end());
    return "/logout?" + http::write_form(pairs);
  }
  static bool holds(const http::Response& response, const std::string& text) {
    return response.body.find(text) != std::string::npos;
  }

  Harness server;
};

// oidc-31: the registered address with iss and sid, and a policy that admits its origin alone.
TEST_F(FrontChannelLogout, S3_TheFramesAreThoseOfTheSession) {
  Browser browser(server);
  const auto tokens = sign_in(browser, "cA");
  const auto sid = *json::string_member(test::claims_of(tokens.id_token), "sid");
  const auto page = browser.get(logout_of(
      tokens, {{"post_logout_redirect_uri", "https://app.example/bye"}, {"state", "s&1"}}));
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(holds(page,
                    "<iframe src=\"https://app.example/out?tenant=1&amp;iss=https%3A%2F%2F"
                    "id.example&amp;sid=" +
                        sid + "\""))
      << page.body;
  EXPECT_FALSE(holds(page, "b.example"));  // took no part in this session
  EXPECT_TRUE(holds(page, "href=\"https://app.example/bye?state=s%261\""));
  const auto policy = std::string(page.headers.first("Content-Security-Policy"));
  EXPECT_TRUE(policy.ends_with("; script-src 'self'; frame-src https://app.example")) << policy;
  EXPECT_TRUE(policy.starts_with("default-src 'none'"));
  EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos);
  // The session ended with it: the cookie is taken back.
  EXPECT_EQ(browser.get("/account").status, 303);
}

// oidc-31: iss and sid go only to a client that asked for them.
TEST_F(FrontChannelLogout, S2_IssAndSidWhereRequired) {
  Browser browser(server);
  sign_in(browser, "cA");
  const auto page = browser.get(logout_of(sign_in(browser, "cB")));
  EXPECT_TRUE(holds(page, "<iframe src=\"https://b.example/out\"")) << page.body;
  EXPECT_TRUE(holds(page, "<iframe src=\"https://app.example/out?tenant=1&amp;iss="));
  const auto policy = std::string(page.headers.first("Content-Security-Policy"));
  EXPECT_TRUE(policy.ends_with("frame-src https://app.example https://b.example")) << policy;
}

// oidc-31: no parameter of a request becomes a frame.
TEST_F(FrontChannelLogout, S3_NothingOfTheRequestIsFramed) {
  server.edit_client("cA", [](Client& client) { client.frontchannel_logout_uri.clear(); });
  Browser browser(server);
  const auto tokens = sign_in(browser, "cA");
  const auto page = browser.get(logout_of(
      tokens, {{"frontchannel_logout_uri", "https://evil.test/"}, {"iss", "https://evil.test/"}}));
  EXPECT_EQ(page.status, 200);
  EXPECT_FALSE(holds(page, "iframe"));
  EXPECT_FALSE(holds(page, "evil.test"));
  EXPECT_EQ(page.headers.first("Content-Security-Policy").find("frame-src"), std::string::npos);
}

TEST_F(FrontChannelLogout, SigningOutOnTheAccountPageTellsTheAppsToo) {
  Browser browser(server);
  sign_in(browser, "cB");
  const auto page = browser.press(browser.get("/account"), "sign-out");
  EXPECT_TRUE(holds(page, "<iframe src=\"https://b.example/out\"")) << page.body;
}

// Front-Channel Logout 2: scheme, host and port of a redirect URI.
TEST_F(FrontChannelLogout, S2_TheAddressIsOfTheClientsOwnOrigin) {
  auto client = server.client("cA");
  const auto problems = [&](const std::string& uri) {
    client.frontchannel_logout_uri = uri;
    return std::ranges::count_if(check_client(client), [](const ClientProblem& problem) {
      return problem.member == "frontchannel_logout_uri" && !problem.is_warning;
    });
  };
  EXPECT_EQ(problems("https://app.example/out?x=1"), 0);
  for (const char* bad : {"https://other.example/out", "http://app.example/out",
                          "https://app.example:8443/out", "https://app.example/out#f",
                          "javascript:alert(1)", "https://app.example@evil.test/", "/out"}) {
    EXPECT_GT(problems(bad), 0) << bad;
  }
}

// Front-Channel Logout 3: advertised because it works.
TEST_F(FrontChannelLogout, S3_TheMetadataSaysSo) {
  const auto metadata = test::json_of(server.send(server.get("/.well-known/openid-configuration")));
  for (const char* name :
       {"backchannel_logout_supported", "backchannel_logout_session_supported",
        "frontchannel_logout_supported", "frontchannel_logout_session_supported"}) {
    EXPECT_EQ(json::bool_member(metadata, name), true) << name;
  }
  EXPECT_FALSE(metadata.contains("check_session_iframe"));
}

}  // namespace cardea::front_channel_logout_test
