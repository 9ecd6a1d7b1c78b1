// RFC 8252 at the authorization endpoint: loopback ports float for native clients, and an unproven
// client is never approved silently.
#include <gtest/gtest.h>

#include "support/authorize_answers.h"

namespace cardea::rfc8252_authorization_test {

using test::ask;
using test::is_page;
using test::visit;

struct Rfc8252Authorization : testing::Test {
  test::Harness harness;
  test::Browser browser{harness};

  http::Response ask_at(const std::string& uri, const std::string& client = "pN") {
    return ask(harness, browser, {{"redirect_uri", uri}}, client);
  }
};

// RFC8252-7.3; 8252-01; 8252-06: the port of a native loopback registration floats, to the very end
TEST_F(Rfc8252Authorization, S7_3_AnyLoopbackPort) {
  for (const char* uri : {"http://127.0.0.1:51004/cb", "http://[::1]:51004/cb",
                          "http://localhost:3000/cb", "http://127.0.0.1/cb"}) {
    const auto response =
        browser.authorize("pN", {{"redirect_uri", uri}, {"state", test::usual_state}});
    EXPECT_TRUE(test::has_code(harness, response, uri)) << uri;
    EXPECT_EQ(test::redeem_reply(harness, response, "pN", uri).status, 200) << uri;
  }
}

// RFC8252-8.4; 8252-02; 8252-06: nothing but the port floats
TEST_F(Rfc8252Authorization, S8_4_OnlyThePortFloats) {
  for (const char* uri :
       {"http://127.0.0.1:51004/other", "http://127.0.0.1:51004/cb?x=1", "https://127.0.0.1/cb",
        "http://user@127.0.0.1/cb", "http://127.0.0.2/cb", "http://localhost.evil.test/cb",
        "http://LOCALHOST/cb", "http://127.0.0.1:0/cb"}) {
    EXPECT_TRUE(is_page(ask_at(uri))) << uri;
  }
  harness.edit_client("pN", [](Client& it) { it.redirect_uris = {"http://localhost/cb"}; });
  EXPECT_TRUE(is_page(ask_at("http://127.0.0.1:3000/cb")));
}

// RFC8252-7.3; 8252-03; 8252-06: for a web client nothing floats
TEST_F(Rfc8252Authorization, S7_3_NothingFloatsForWebClients) {
  harness.edit_client("cA", [](Client& it) {
    it.development = true;
    it.redirect_uris = {"http://127.0.0.1:8080/cb", "http://localhost/cb"};
  });
  EXPECT_TRUE(is_page(ask_at("http://127.0.0.1:9090/cb", "cA")));
  EXPECT_TRUE(is_page(ask_at("http://localhost:3000/cb", "cA")));
  EXPECT_EQ(ask_at("http://127.0.0.1:8080/cb", "cA").status, 303);
}

// RFC8252-8.6; 8252-05; asvs-10.7.1: a native client that was approved before is asked about again
TEST_F(Rfc8252Authorization, S8_6_NoSilentApprovalOfAnUnprovenClient) {
  auto person = test::signed_in(harness, "alice", "pN");
  EXPECT_TRUE(test::offers(visit(harness, person, {}, "pN"), "allow"));
  EXPECT_TRUE(test::is_told(harness, ask(harness, person, {{"prompt", "none"}}, "pN"),
                            "consent_required", "http://127.0.0.1/cb"));
  const http::FormPairs scheme{{"redirect_uri", "com.example.app:/cb"}};
  EXPECT_TRUE(test::offers(visit(harness, person, scheme, "pN"), "allow"));
}

// RFC8252-7.2; 8252-05: a claimed https address proves the client, as does a secret
TEST_F(Rfc8252Authorization, S8_6_AClaimedHttpsAddressIsRemembered) {
  harness.edit_client("pN", [](Client& it) {
    it.redirect_uris.insert(it.redirect_uris.begin(), "https://app.example/claimed");
  });
  auto person = test::signed_in(harness, "alice", "pN");
  EXPECT_TRUE(
      test::has_code(harness, ask(harness, person, {}, "pN"), "https://app.example/claimed"));
}

}  // namespace cardea::rfc8252_authorization_test
