// RFC 9126: pushed authorization requests, at the endpoint that takes them and where they are used.
#include <gtest/gtest.h>

#include <set>

#include "base/limits.h"
#include "support/authorize_answers.h"
#include "support/scratch_folder.h"

namespace cardea::rfc9126_test {

using test::has_code;
using test::is_json_refusal;
using test::is_page;
using test::json_of;

const std::string prefix = "urn:ietf:params:oauth:request_uri:";

struct Rfc9126 : testing::Test {
  test::Harness harness;
  test::Browser browser{harness};

  http::Response push(const std::string& client = "cA", const http::FormPairs& changed = {}) {
    auto form = test::authorize_form(harness, client, changed);
    std::erase_if(form, [](const auto& pair) { return pair.second.empty(); });
    // as_client adds the client_id of those that have nothing else.
    if (client == "pS" || client == "pN") {
      std::erase_if(form, [](const auto& pair) { return pair.first == "client_id"; });
    }
    return harness.send(harness.as_client(client, "/par", form));
  }
  std::string pushed(const std::string& client = "cA", const http::FormPairs& changed = {}) {
    const auto response = push(client, changed);
    EXPECT_EQ(response.status, 201) << response.body;
    return json::string_member(json_of(response), "request_uri").value_or("");
  }
  std::string target(const std::string& uri, const std::string& client = "cA",
                     http::FormPairs more = {}) {
    more.insert(more.begin(), {{"client_id", client}, {"request_uri", uri}});
    return "/authorize?" + http::write_form(more);
  }
  std::string rule() const {
    const auto last = harness.watcher.last();
    return last.refusal ? std::string(last.refusal->rule) : "";
  }
};

// RFC9126-2.1; 9126-01; asvs-10.4.10: the client authenticates as at the token endpoint
TEST_F(Rfc9126, S2_1_ClientsAuthenticate) {
  const auto form = test::authorize_form(harness, "cA");
  const auto before = harness.writes();
  EXPECT_TRUE(is_json_refusal(harness.send(harness.post("/par", form)), 401, "invalid_client"));
  const auto wrong = harness.send(harness.post(
      "/par", form, {{"Authorization", test::basic("cA", "wrong" + test::secret_of("cA"))}}));
  EXPECT_TRUE(is_json_refusal(wrong, 401, "invalid_client"));
  EXPECT_EQ(harness.writes(), before + 1);  // the guess is counted
  // A public client says who it is.
  EXPECT_EQ(push("pS").status, 201);
  auto unnamed = test::authorize_form(harness, "pS");
  std::erase_if(unnamed, [](const auto& pair) { return pair.first == "client_id"; });
  EXPECT_TRUE(is_json_refusal(harness.send(harness.post("/par", unnamed)), 401, "invalid_client"));
  EXPECT_EQ(push("cK").status, 201);
}

// RFC9126-2.1: client_id belongs into the request, and is the authenticated client's
TEST_F(Rfc9126, S2_1_ClientIdIsTheClients) {
  EXPECT_TRUE(is_json_refusal(push("cA", {{"client_id", ""}}), 400, "invalid_request"));
  EXPECT_EQ(rule(), "CARDEA-PAR-002");
  EXPECT_TRUE(is_json_refusal(push("cA", {{"client_id", "cB"}}), 401, "invalid_client"));
}

// RFC9126-2.1; 9126-02: a reference is not pushed, neither plain nor inside an object
TEST_F(Rfc9126, S2_1_NoReferenceIsPushed) {
  EXPECT_TRUE(is_json_refusal(push("cA", {{"request_uri", prefix + "x"}}), 400, "invalid_request"));
  EXPECT_EQ(rule(), "CARDEA-PAR-001");
  const auto object = harness.request_object({{"request_uri", "https://k.example/r"}});
  EXPECT_TRUE(is_json_refusal(push("cK", {{"request", object}}), 400, "invalid_request_object"));
}

// RFC9126-2.1; 9126-03; 7636-01; X18; am-A1: everything is judged when it is pushed
TEST_F(Rfc9126, S2_1_EverythingIsJudgedAtOnce) {
  const auto before = harness.writes();
  const struct {
    http::FormPairs changed;
    const char* error;
  } rows[] = {
      {{{"redirect_uri", "https://evil.test/cb"}}, "invalid_request"},
      {{{"redirect_uri", "https://app.example/cb#x"}}, "invalid_request"},
      {{{"scope", "unknown"}}, "invalid_scope"},
      {{{"code_challenge", ""}}, "invalid_request"},
      {{{"code_challenge_method", "plain"}}, "invalid_request"},
      {{{"response_type", "token"}}, "unsupported_response_type"},
      {{{"response_mode", "web_message"}}, "invalid_request"},
      {{{"prompt", "none login"}}, "invalid_request"},
      {{{"resource", "https://unknown.example"}}, "invalid_target"},
      {{{"claims", "["}}, "invalid_request"},
      {{{"id_token_hint", "x"}}, "invalid_request"},
  };
  for (const auto& row : rows) {
    EXPECT_TRUE(is_json_refusal(push("cA", row.changed), 400, row.error))
        << row.changed.front().first;
  }
  EXPECT_EQ(harness.writes(), before);
}

// RFC9126-2.2; 9126-04; fapi-5.3.2.2-f: 201, a reference that cannot be guessed, and its lifetime
TEST_F(Rfc9126, S2_2_TheAnswer) {
  const auto response = push();
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.headers.first("Cache-Control"), "no-store");
  EXPECT_EQ(json::integer_member(json_of(response), "expires_in"), 60);
  const auto before = harness.writes();
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto uri = pushed();
    EXPECT_TRUE(uri.starts_with(prefix));
    EXPECT_LE(uri.size(), limits::request_uri_bytes_max);
    // 192 random bits of nonce and an authentication tag: 128 bits are required.
    EXPECT_GT(uri.size(), prefix.size() + 64);
    seen.insert(uri);
  }
  EXPECT_EQ(seen.size(), 1000U);
  // Decision Q6: what fits into the reference needs no row.
  EXPECT_EQ(harness.writes(), before);
  auto forged = *seen.begin();
  forged.back() = forged.back() == 'A' ? 'B' : 'A';
  EXPECT_TRUE(is_page(browser.get(target(forged)), 400, "invalid_request_uri"));
  EXPECT_TRUE(is_page(browser.get(target(prefix)), 400, "invalid_request_uri"));
}

// RFC9126-2.2; 9126-05: a reference is good for the client that pushed
TEST_F(Rfc9126, S2_2_BoundToTheClient) {
  const auto uri = pushed("cA");
  EXPECT_TRUE(is_page(browser.get(target(uri, "cB")), 400, "invalid_request_uri"));
  EXPECT_TRUE(is_page(browser.get("/authorize?" + http::write_form({{"request_uri", uri}})), 400,
                      "invalid_request_uri"));
  EXPECT_TRUE(has_code(harness, browser.complete(browser.get(target(uri)))));
}

// RFC9126-4; 9126-06; X17; 7636-09; asvs-10.4.15; B15: what is beside the reference counts for
// nothing
TEST_F(Rfc9126, S4_PushedValuesAlone) {
  const auto uri = pushed();
  const auto response =
      browser.complete(browser.get(target(uri, "cA",
                                          {{"redirect_uri", "https://evil.test/cb"},
                                           {"scope", "unknown"},
                                           {"prompt", "none"},
                                           {"state", "evil"},
                                           {"code_challenge", std::string(43, 'A')},
                                           {"max_age", "0"},
                                           {"response_type", "token"},
                                           {"claims", "["},
                                           {"code_challenge_method", "plain"}})));
  EXPECT_TRUE(has_code(harness, response));
  // The pushed challenge rules.
  EXPECT_EQ(test::redeem_reply(harness, response).status, 200);
}

// RFC9126-7.3; 9126-07; fapi-5.3.2.2-i: reloading works until the request is completed, once
TEST_F(Rfc9126, S7_3_CompletedOnce) {
  const auto uri = pushed();
  test::Browser other(harness);
  const auto first = browser.follow(browser.get(target(uri)));
  const auto reloaded = browser.follow(browser.get(target(uri)));
  const auto elsewhere = other.follow(other.get(target(uri)));
  EXPECT_TRUE(test::offers(first, "sign-in"));
  EXPECT_TRUE(test::offers(reloaded, "sign-in"));
  EXPECT_TRUE(test::offers(elsewhere, "sign-in"));
  EXPECT_TRUE(has_code(harness, browser.complete(reloaded)));
  // The other tab and the other browser stand before a page that has ended.
  EXPECT_FALSE(test::reply_of(browser.complete(first)).contains("code"));
  const auto late = other.complete(elsewhere);
  EXPECT_NE(late.status, 303);
  EXPECT_FALSE(test::reply_of(late).contains("code"));
  EXPECT_TRUE(is_page(browser.get(target(uri)), 400, "invalid_request_uri"));
  EXPECT_EQ(rule(), "CARDEA-PAR-011");
}

// RFC9126-7.3; 9126-07: of two browsers that are signed in and have approved, one has the code
TEST_F(Rfc9126, S7_3_AtOnceInParallel) {
  auto person = test::signed_in(harness);
  const auto uri = pushed();
  std::vector<http::Request> requests;
  std::string cookies;
  for (const auto& [name, value] : person.cookies) {
    cookies += (cookies.empty() ? "" : "; ") + name + "=" + value;
  }
  for (int i = 0; i < 64; ++i) requests.push_back(harness.get(target(uri), {{"Cookie", cookies}}));
  int codes = 0;
  for (const auto& response : harness.send_all(std::move(requests))) {
    if (response.status == 303) {
      EXPECT_TRUE(has_code(harness, response));
      ++codes;
    } else {
      EXPECT_TRUE(is_page(response, 400, "invalid_request_uri"));
    }
  }
  EXPECT_EQ(codes, 1);
}

// RFC9126-7.3; 9126-07: a denial completes it too
TEST_F(Rfc9126, S7_3_DeniedIsCompleted) {
  const auto uri = pushed();
  const auto page = browser.follow(browser.get(target(uri)));
  EXPECT_TRUE(test::is_told(harness, browser.press(page, "cancel"), "access_denied"));
  EXPECT_TRUE(is_page(browser.get(target(uri)), 400, "invalid_request_uri"));
}

// RFC9126-2.2; 9126-08: a reference expires; whoever stands before its page by then may go on
TEST_F(Rfc9126, S2_2_Expires) {
  const auto uri = pushed();
  const auto page = browser.follow(browser.get(target(uri)));
  harness.clock.advance(Seconds{61});
  EXPECT_TRUE(is_page(browser.get(target(uri)), 400, "invalid_request_uri"));
  EXPECT_TRUE(has_code(harness, browser.complete(page)));
}

// RFC9126-2.3; 9126-09: wrong methods, and too many requests that are too large to travel
TEST_F(Rfc9126, S2_3_MethodsAndFloods) {
  const auto got = harness.send(harness.get("/par"));
  EXPECT_EQ(got.status, 405);
  EXPECT_EQ(got.headers.first("Allow"), "POST");
  auto large = harness.settings.interactions_per_address_max;
  http::Response last;
  for (int i = 0; i <= large; ++i) last = push("pS", {{"state", std::string(2000, 's')}});
  EXPECT_TRUE(is_json_refusal(last, 429, "invalid_request"));
  EXPECT_FALSE(last.headers.first("Retry-After").empty());
  // 6819-01: others go on, and so do requests that need no row.
  EXPECT_EQ(push("pS").status, 201);
  EXPECT_EQ(push("cA", {{"state", std::string(2000, 's')}}).status, 201);
  harness.clock.advance(Seconds{61});
  EXPECT_EQ(push("pS", {{"state", std::string(2000, 's')}}).status, 201);
}

// RFC9126-2.2: a request too large for the reference lies in a row, sealed, and works the same
TEST_F(Rfc9126, S2_2_LargeRequests) {
  const std::string state(2000, 's');
  const auto before = harness.writes();
  const auto uri = pushed("cA", {{"state", state}});
  EXPECT_EQ(harness.writes(), before + 1);
  EXPECT_LE(uri.size(), limits::request_uri_bytes_max);
  EXPECT_TRUE(has_code(harness, browser.complete(browser.get(target(uri))),
                       "https://app.example/cb", state));
}

// RFC9126-5; RFC9126-6; 9126-10; asvs-10.4.13; fapi-5.3.2.2-a: where pushing is required, nothing
// else
TEST_F(Rfc9126, S5_S6_RequiredOfAClient) {
  harness.edit_client("cA", [](Client& it) { it.require_pushed_authorization_requests = true; });
  EXPECT_TRUE(test::is_told(harness, test::ask(harness, browser), "invalid_request"));
  EXPECT_EQ(rule(), "CARDEA-AUTHORIZE-003");
  EXPECT_TRUE(has_code(harness, browser.complete(browser.get(target(pushed())))));
  EXPECT_TRUE(test::offers(test::visit(harness, browser, {}, "cB"), "allow"));
}
TEST(Rfc9126Issuer, S5_RequiredOfEverybody) {
  test::Harness harness(
      {.settings = [](Settings& it) { it.require_pushed_authorization_requests = true; }});
  test::Browser browser(harness);
  EXPECT_TRUE(test::is_told(harness, test::ask(harness, browser), "invalid_request"));
  const auto document = json_of(harness.send(harness.get("/.well-known/openid-configuration")));
  EXPECT_EQ(json::bool_member(document, "require_pushed_authorization_requests"), true);
}

// RFC9126-7.4; 9126-11; am-A3a: policy is asked again when the reference is used
TEST_F(Rfc9126, S7_4_PolicyIsAskedAgain) {
  const auto uri = pushed();
  const auto page = browser.follow(browser.get(target(uri)));
  harness.edit_client("cA", [](Client& it) { it.redirect_uris = {"https://app.example/other"}; });
  EXPECT_TRUE(is_page(browser.get(target(uri))));
  EXPECT_TRUE(is_page(browser.complete(page)));
  harness.edit_client("cA", [](Client& it) {
    it.redirect_uris = {"https://app.example/cb"};
    it.enabled = false;
  });
  EXPECT_TRUE(is_page(browser.get(target(uri))));
}

// RFC9126-2.1; 9126-12; F07: the browser sees neither what was pushed nor who authenticated how
TEST_F(Rfc9126, S2_1_NothingReachesTheBrowser) {
  auto form = test::authorize_form(harness, "cA", {{"login_hint", "alice-hint@example.com"}});
  form.emplace_back("client_secret", test::secret_of("cA"));
  const auto response = harness.send(harness.post("/par", form));
  ASSERT_EQ(response.status, 201);
  const auto uri = *json::string_member(json_of(response), "request_uri");
  auto seen = uri;
  auto step = browser.get(target(uri));
  seen += test::location_of(step);
  for (const auto& [name, value] : browser.cookies) seen += value;
  for (const auto* secret : {"alice-hint", "n-0S6_WzA2Mj", "E9Melhoa2Ow"}) {
    EXPECT_EQ(seen.find(secret), std::string::npos) << secret;
  }
  seen += browser.follow(step).body;  // the sign-in page itself fills in the login
  EXPECT_EQ(seen.find(test::secret_of("cA")), std::string::npos);
  EXPECT_EQ(harness.log.text().find(uri.substr(prefix.size())), std::string::npos);
}

// RFC9126-3; oidc-18: a signed object may be pushed, and what it says alone counts
TEST_F(Rfc9126, S3_RequestObjects) {
  const auto uri = pushed("cK", {{"request", harness.request_object()},
                                 {"redirect_uri", "https://evil.test/cb"},
                                 {"scope", "unknown"}});
  EXPECT_TRUE(
      has_code(harness, browser.complete(browser.get(target(uri, "cK"))), "https://k.example/cb"));
  EXPECT_TRUE(is_json_refusal(
      push("cK", {{"request", harness.request_object({{"redirect_uri", "https://evil.test/cb"}})}}),
      400, "invalid_request"));
  const auto only = [&](http::FormPairs more) {
    more.emplace_back("request", harness.request_object());
    return harness.send(harness.as_client("cK", "/par", std::move(more)));
  };
  EXPECT_EQ(only({}).status, 201);
  EXPECT_NE(only({{"client_id", "cA"}}).status, 201);
}

// RFC9126-2.3: a store that fails is 503, and nothing is given
TEST(Rfc9126Store, S2_3_UnavailableIs503) {
  const test::ScratchFolder scratch;
  {
    const test::Harness seeded({.store_path = scratch.file("cardea.db")});
  }
  test::Harness harness({.store_path = scratch.file("cardea.db"), .queue_max = 0});
  auto form = test::authorize_form(harness, "cA", {{"state", std::string(2000, 's')}});
  EXPECT_TRUE(is_json_refusal(harness.send(harness.as_client("cA", "/par", form)), 503,
                              "temporarily_unavailable"));
}

}  // namespace cardea::rfc9126_test
