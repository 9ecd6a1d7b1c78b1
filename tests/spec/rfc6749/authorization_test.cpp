// RFC 6749 at the authorization endpoint: parameters, errors, denial, and what a page may do.
#include <gtest/gtest.h>

#include "support/authorize_answers.h"

namespace cardea::rfc6749_authorization_test {

using test::ask;
using test::is_page;
using test::is_told;
using test::visit;

struct Rfc6749Authorization : testing::Test {
  test::Harness harness;
  test::Browser browser{harness};

  // GET /authorize with the usual parameters and this text after them.
  http::Response ask_with(const std::string& more) {
    return browser.get(test::authorize_target(harness, "cA") + more);
  }
  std::string rule() const { return std::string(harness.watcher.last().refusal->rule); }
};

// RFC6749-3.1; 6749-01: client_id or redirect_uri sent twice is shown, never redirected
TEST_F(Rfc6749Authorization, S3_1_ARepeatedClientOrAddressIsAPage) {
  const auto before = harness.writes();
  EXPECT_TRUE(is_page(ask_with("&client_id=cA")));
  EXPECT_EQ(rule(), "CARDEA-AUTHORIZE-010");
  EXPECT_TRUE(is_page(ask_with("&redirect_uri=https%3A%2F%2Fapp.example%2Fcb")));
  EXPECT_EQ(rule(), "CARDEA-REDIRECT-006");
  EXPECT_EQ(harness.writes(), before);
}

// RFC6749-3.1; 6749-01: any other parameter sent twice is an error the client is told, identical or
// not
TEST_F(Rfc6749Authorization, S3_1_AnyOtherRepeatedParameterIsAnError) {
  const auto before = harness.writes();
  for (const char* more : {"&scope=openid", "&scope=openid%20profile%20email", "&nonce=x",
                           "&response_type=code", "&foo=1&foo=1", "&prompt=&prompt="}) {
    EXPECT_TRUE(is_told(harness, ask_with(more), "invalid_request")) << more;
    EXPECT_EQ(rule(), "CARDEA-AUTHORIZE-001");
  }
  // A state that is ambiguous is not echoed.
  EXPECT_TRUE(
      is_told(harness, ask_with("&state=other"), "invalid_request", "https://app.example/cb", ""));
  EXPECT_EQ(harness.writes(), before);
}

// RFC8707-2; 6749-01: resource may repeat
TEST_F(Rfc6749Authorization, S3_1_ResourceMayRepeat) {
  const std::string resource = "&resource=" + url::encode(test::api);
  EXPECT_TRUE(test::offers(browser.follow(ask_with(resource + resource)), "sign-in"));
}

// RFC6749-3.1; 6749-02: an empty value is absent and unknown parameters are ignored
TEST_F(Rfc6749Authorization, S3_1_EmptyIsAbsentAndUnknownIsIgnored) {
  const std::string target =
      test::authorize_target(harness, "cA", {{"state", ""}}) + "&state=&foo=bar";
  const auto response = browser.complete(browser.get(target));
  EXPECT_TRUE(test::has_code(harness, response, "https://app.example/cb", ""));
  EXPECT_FALSE(test::reply_of(response).contains("state"));
  EXPECT_FALSE(test::reply_of(response).contains("foo"));
}

// RFC6749-3.1; 6749-03: GET and POST are answered, anything else is 405 with Allow
TEST_F(Rfc6749Authorization, S3_1_OnlyGetAndPost) {
  for (const char* method : {"PUT", "DELETE", "TRACE", "PATCH", "HEAD"}) {
    auto request = harness.get(test::authorize_target(harness, "cA"));
    request.method = method;
    const auto response = harness.send(std::move(request));
    EXPECT_EQ(response.status, 405) << method;
    EXPECT_EQ(response.headers.first("Allow"), "GET, POST");
  }
}

// RFC6749-3.1; 6749-03: a posted request is answered by 303 to its page and ends like any other
TEST_F(Rfc6749Authorization, S3_1_APostedRequestWorks) {
  const auto posted = browser.post("/authorize", test::authorize_form(harness, "cA"));
  ASSERT_EQ(posted.status, 303);
  EXPECT_TRUE(test::location_of(posted).starts_with("https://id.example/interaction/"));
  EXPECT_TRUE(test::has_code(harness, browser.complete(posted)));
}

// RFC6749-3.1: a posted request that is refused is refused at once, and nothing is stored
TEST_F(Rfc6749Authorization, S3_1_ARefusedPostStoresNothing) {
  const auto before = harness.writes();
  EXPECT_TRUE(
      is_told(harness,
              browser.post("/authorize", test::authorize_form(harness, "cA", {{"scope", "bogus"}})),
              "invalid_scope"));
  EXPECT_TRUE(is_page(
      browser.post("/authorize", test::authorize_form(harness, "cA", {{"client_id", "nobody"}}))));
  EXPECT_EQ(harness.writes(), before);
}

// RFC6749-3.1: broken encoding is shown, never guessed at
TEST_F(Rfc6749Authorization, S3_1_BrokenEncodingIsAPage) {
  for (const char* more : {"&x=%zz", "&x=%", "&x=%ff", "&x=%00"}) {
    EXPECT_TRUE(is_page(ask_with(more))) << more;
    EXPECT_EQ(rule(), "CARDEA-REQUEST-001");
  }
  std::string many;
  for (int i = 0; i < 200; ++i) many += "&x" + std::to_string(i) + "=1";
  EXPECT_TRUE(is_page(ask_with(many)));
}

// RFC6749-4.1.2.1; 6749-05; 21-06: an unknown, missing or disabled client is never redirected
TEST_F(Rfc6749Authorization, S4_1_2_1_UnknownClientsAreAPage) {
  for (const auto& [id, expected] : http::FormPairs{{"nobody", "CARDEA-AUTHORIZE-012"},
                                                    {"", "CARDEA-AUTHORIZE-011"},
                                                    {"CA", "CARDEA-AUTHORIZE-012"}}) {
    EXPECT_TRUE(is_page(browser.get(test::authorize_target(harness, "cA", {{"client_id", id}}))));
    EXPECT_EQ(rule(), expected);
  }
  const auto target = test::authorize_target(harness, "cA");
  harness.edit_client("cA", [](Client& client) { client.enabled = false; });
  const auto before = harness.writes();
  EXPECT_TRUE(is_page(browser.get(target)));
  EXPECT_EQ(rule(), "CARDEA-AUTHORIZE-013");
  EXPECT_EQ(harness.writes(), before);
}

// RFC6749-3.1.2.2; 6749-29: a client without redirect URIs cannot use the endpoint
TEST_F(Rfc6749Authorization, S3_1_2_2_NoRegistrationNoRedirect) {
  harness.edit_client("cc", [](Client& client) { client.response_types = {ResponseType::code}; });
  const auto response = browser.get(
      "/authorize?client_id=cc&response_type=code&redirect_uri=https%3A%2F%2Fapp.example%2Fcb");
  EXPECT_TRUE(is_page(response));
  EXPECT_EQ(rule(), "CARDEA-REDIRECT-001");
}

// RFC6749-3.1.1: response_type is required, known and registered
TEST_F(Rfc6749Authorization, S3_1_1_ResponseType) {
  EXPECT_TRUE(is_told(harness, ask(harness, browser, {{"response_type", ""}}), "invalid_request"));
  EXPECT_EQ(rule(), "CARDEA-RESPONSE-001");
  for (const char* type : {"Code", "code code", "cod", "none", "device"}) {
    EXPECT_TRUE(is_told(harness, ask(harness, browser, {{"response_type", type}}),
                        "unsupported_response_type"))
        << type;
    EXPECT_EQ(rule(), "CARDEA-RESPONSE-002");
  }
}

// RFC6749-4.1.2.1; 6749-24: a client without the code grant may not ask for codes
TEST_F(Rfc6749Authorization, S4_1_2_1_TheCodeGrantMustBeRegistered) {
  harness.edit_client("cA",
                      [](Client& client) { client.grant_types = {GrantType::client_credentials}; });
  EXPECT_TRUE(is_told(harness, ask(harness, browser), "unauthorized_client"));
  EXPECT_EQ(rule(), "CARDEA-RESPONSE-007");
}

// RFC6749-3.3; asvs-10.4.11: a scope that was not assigned is refused, and so is a malformed one
TEST_F(Rfc6749Authorization, S3_3_Scope) {
  EXPECT_TRUE(
      is_told(harness, ask(harness, browser, {{"scope", "openid admin"}}), "invalid_scope"));
  EXPECT_EQ(rule(), "CARDEA-SCOPE-002");
  for (const std::string& wrong :
       {std::string("a\"b"), std::string("a\\b"), std::string("\xc3\xa9"), std::string("a\tb"),
        std::string(5000, 's')}) {
    EXPECT_TRUE(is_told(harness, ask(harness, browser, {{"scope", wrong}}), "invalid_scope"));
    EXPECT_EQ(rule(), "CARDEA-SCOPE-001");
  }
}

// RFC6749-3.3: without scope the registered ones stand, but never openid or offline_access
TEST_F(Rfc6749Authorization, S3_3_AnAbsentScopeHasADefault) {
  harness.edit_client("cA",
                      [](Client& client) { client.scope = {"openid", "email", "offline_access"}; });
  const auto response = browser.complete(ask(harness, browser, {{"scope", ""}}));
  ASSERT_TRUE(test::has_code(harness, response));
  EXPECT_EQ(test::redeem_reply(harness, response).scope, "email");
}

// RFC6749-4.1.2; 6749-16: state comes back untouched and inert
TEST_F(Rfc6749Authorization, S4_1_2_StateComesBackUntouched) {
  const std::string nasty = "\"'<svg/onload=alert(1)>\r\nX: 1 \xf0\x9f\x94\x91 a+b c&d=e#f?g%20%";
  std::string state = nasty;
  while (state.size() < 1024) state += nasty;
  const auto response = browser.complete(ask(harness, browser, {{"state", state}}));
  EXPECT_TRUE(test::has_code(harness, response, "https://app.example/cb", state));
  EXPECT_EQ(response.headers.all("Location").size(), 1u);
  for (const char c : test::location_of(response)) EXPECT_GT(c, ' ');
}

// RFC6749-4.1.2; 6749-16: an error carries the same state, and too long a one is refused
TEST_F(Rfc6749Authorization, S4_1_2_1_StateComesBackInErrors) {
  const std::string state = "<b>&\"\r\n";
  EXPECT_TRUE(is_told(harness, ask(harness, browser, {{"state", state}, {"scope", "bogus"}}),
                      "invalid_scope", "https://app.example/cb", state));
  EXPECT_TRUE(is_told(harness, ask(harness, browser, {{"state", std::string(4097, 's')}}),
                      "invalid_request", "https://app.example/cb", ""));
  EXPECT_EQ(rule(), "CARDEA-AUTHORIZE-002");
}

// RFC6749-4.1.2.1; 6749-17: deny gives access_denied, leaves nothing behind and is asked again
TEST_F(Rfc6749Authorization, S4_1_2_1_DenyIsAccessDenied) {
  auto page = browser.press(visit(harness, browser), "sign-in", test::credentials());
  ASSERT_TRUE(test::offers(page, "allow"));
  EXPECT_TRUE(is_told(harness, browser.press(page, "deny"), "access_denied"));
  EXPECT_EQ(rule(), "CARDEA-CONSENT-001");
  const auto alice = harness.user("alice").user_id;
  EXPECT_TRUE(harness.stored(harness.store->grants_of(alice)).empty());
  EXPECT_TRUE(harness.stored(harness.store->consents_of(alice)).empty());
  EXPECT_TRUE(test::offers(visit(harness, browser), "allow"));
}

// RFC6749-4.1.2.1; 6749-17: cancelling the sign-in is access_denied too
TEST_F(Rfc6749Authorization, S4_1_2_1_CancelIsAccessDenied) {
  EXPECT_TRUE(is_told(harness, browser.press(visit(harness, browser), "cancel"), "access_denied"));
  EXPECT_EQ(rule(), "CARDEA-SIGNIN-002");
}

// RFC6749-5.2; 6749-19: descriptions hold no input and only allowed characters
TEST_F(Rfc6749Authorization, S5_2_DescriptionsHoldNoInput) {
  for (const char* name : {"response_type", "response_mode", "scope", "prompt", "max_age", "claims",
                           "code_challenge_method", "resource"}) {
    const auto response = ask(harness, browser, {{name, "q\"\\\r\n\xc3\xa9marker"}});
    const auto reply = test::reply_of(response);
    ASSERT_TRUE(reply.contains("error")) << name;
    EXPECT_EQ(test::location_of(response).find("marker"), std::string::npos) << name;
    EXPECT_TRUE(is_told(harness, response, reply.at("error")));
  }
}

// RFC6749-10.10; 6749-25: codes do not repeat and share no prefix beyond their key id
TEST_F(Rfc6749Authorization, S10_10_CodesAreUnguessable) {
  auto person = test::signed_in(harness);
  std::set<std::string> codes;
  for (int i = 0; i < 50; ++i) {
    codes.insert(test::reply_of(ask(harness, person))["code"]);
  }
  EXPECT_EQ(codes.size(), 50u);
  EXPECT_LE(codes.begin()->size(), 512u);
  EXPECT_GE(codes.begin()->size(), 43u);
}

// RFC6749-10.12; 6749-26: a form without this browser's anti-forgery value changes nothing
TEST_F(Rfc6749Authorization, S10_12_AForgedFormChangesNothing) {
  const auto page = visit(harness, browser);
  const auto at = page.body.find("/interaction/");
  const std::string action = page.body.substr(at, page.body.find('"', at) - at);
  const auto before = harness.writes();
  auto form = test::credentials();
  form.emplace_back("action", "sign-in");
  EXPECT_TRUE(is_page(browser.post(action, form), 403));
  EXPECT_EQ(rule(), "CARDEA-INTERACTION-003");
  // The value of another browser's own interaction.
  test::Browser other(harness);
  const auto foreign = visit(harness, other);
  for (const auto& tag : test_pages::read_tags(foreign.body)) {
    if (tag.name != "input" || tag.attributes.at("name") != "csrf") continue;
    form.emplace_back("csrf", tag.attributes.at("value"));
  }
  const auto after_visit = harness.writes();
  EXPECT_TRUE(is_page(browser.post(action, form), 403));
  EXPECT_EQ(harness.writes(), after_visit);
  EXPECT_EQ(after_visit, before + 1);  // the other browser's parked request
  EXPECT_EQ(harness.passwords->hash_calls(), 0u);
}

// RFC6749-10.13; 6749-27: no page can be framed
TEST_F(Rfc6749Authorization, S10_13_NoPageCanBeFramed) {
  const auto sign_in = visit(harness, browser);
  const auto consent = browser.press(sign_in, "sign-in", test::credentials());
  const auto error = ask(harness, browser, {{"client_id", "nobody"}});
  const auto logout = browser.follow(browser.get("/logout"));
  for (const auto& page : {sign_in, consent, error, logout}) {
    EXPECT_NE(page.headers.first("Content-Security-Policy").find("frame-ancestors 'none'"),
              std::string::npos);
    EXPECT_EQ(page.headers.first("X-Frame-Options"), "DENY");
    EXPECT_EQ(page.headers.first("Cache-Control"), "no-store");
    EXPECT_EQ(page.headers.first("Referrer-Policy"), "no-referrer");
  }
}

}  // namespace cardea::rfc6749_authorization_test
