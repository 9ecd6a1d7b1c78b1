// RFC 9101 5.2, OIDC Core 6.2: request objects that a client publishes, and sends the address of.
#include <gtest/gtest.h>

#include "base/base64url.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "domain/client_profile.h"
#include "jose/jwe.h"
#include "support/authorize_answers.h"

namespace cardea::request_uri_test {

using test::has_code;
using test::is_page;

const std::string address = "https://k.example/requests/1";
const std::string callback = "https://k.example/cb";

struct Rfc9101ByReference : testing::Test {
  explicit Rfc9101ByReference(test::HarnessOptions options = {}) : harness(std::move(options)) {
    registers({address});
    harness.fetcher.answer(address, 200, harness.request_object());
  }
  test::Harness harness;
  test::Browser browser{harness};

  void registers(std::vector<std::string> uris, const std::string& client = "cK") {
    harness.edit_client(client, [&](Client& it) { it.request_uris = uris; });
  }
  http::Request request(const std::string& uri, http::FormPairs more = {},
                        const std::string& client = "cK") const {
    more.insert(more.begin(), {{"client_id", client}, {"request_uri", uri}});
    return harness.get("/authorize?" + http::write_form(more));
  }
  http::Response ask(const std::string& uri = address, http::FormPairs more = {},
                     const std::string& client = "cK") {
    return browser.get(request(uri, std::move(more), client).target);
  }
  testing::AssertionResult is_refused(const http::Response& response, std::string_view error,
                                      std::string_view rule) {
    if (auto page = is_page(response, 400, error); !page) return page;
    const auto last = harness.watcher.last();
    if (!last.refusal || last.refusal->rule != rule) {
      return testing::AssertionFailure() << "refused by another rule";
    }
    return testing::AssertionSuccess();
  }
  // What stands at the address now; asked for after what was kept is no longer fresh.
  http::Response publish(const std::string& content, int status = 200, http::Headers headers = {}) {
    harness.fetcher.answer(address, status, content, std::move(headers));
    harness.clock.advance(minutes(2));
    return ask();
  }
};

// RFC9101-5.2; RFC9101-5.2.3; OIDCC-6.2; oidc-18: an object at a registered address is taken
TEST_F(Rfc9101ByReference, S5_2_3_IsFetched) {
  EXPECT_TRUE(has_code(harness, browser.complete(ask()), callback));
  ASSERT_EQ(harness.fetcher.sent().size(), 1u);
  const auto sent = harness.fetcher.sent().front();
  EXPECT_EQ(sent.request.method, "GET");
  EXPECT_EQ(sent.request.url, address);
  EXPECT_EQ(sent.request.headers.first("Accept"),
            "application/oauth-authz-req+jwt, application/jwt");
  EXPECT_EQ(sent.lane, http::FetchLane::registered);
  EXPECT_EQ(name_of(sent.purpose), "request_object");
  EXPECT_EQ(sent.body_bytes_max, limits::jwe_bytes_max);
  EXPECT_EQ(sent.timeout, Seconds{3});
  // Where it came from is nobody's business (security corpus 2.E).
  EXPECT_NE(harness.log.text().find("host=k.example"), std::string::npos);
  EXPECT_EQ(harness.log.text().find("/requests/"), std::string::npos);
}

// RFC9101-6.3; 9101-03; X19: what stands beside the address counts for nothing
TEST_F(Rfc9101ByReference, S6_3_OnlyTheObjectCounts) {
  const auto response = browser.complete(
      ask(address, {{"redirect_uri", "https://evil.test/cb"}, {"state", "x"}, {"prompt", "none"}}));
  EXPECT_TRUE(has_code(harness, response, callback));
}

// RFC9101-10.4; 9101-07; E01: any other address is not fetched, however like a registered one it is
TEST_F(Rfc9101ByReference, S10_4_OnlyRegisteredAddresses) {
  const std::string digest(43, 'A');
  registers({address, "https://k.example/requests/2#" + digest});
  harness.fetcher.answer("", 200, harness.request_object());
  for (const auto& uri :
       {address + "/", address + "?", address + "#", address + "#" + digest, address + "?x=1",
        std::string("https://k.example/requests/"), std::string("https://K.example/requests/1"),
        std::string("https://k.example:443/requests/1"),
        std::string("https://k.example/requests/%31"), std::string("http://k.example/requests/1"),
        std::string("https://k.example/requests/2"), "https://k.example/requests/2#B" + digest,
        std::string("https://evil.test/r"), std::string("http://169.254.169.254/"),
        std::string("file:///etc/passwd"), std::string("//k.example/requests/1"),
        std::string("urn:ietf:params:oauth:request_uri"), std::string("URN:ietf:params:oauth:x")}) {
    EXPECT_TRUE(is_refused(ask(uri), "invalid_request_uri", "CARDEA-OBJECT-005")) << uri;
  }
  // Nor one that another client registered, or none.
  for (const auto* client : {"cA", "pS", "nobody"}) {
    EXPECT_TRUE(is_refused(ask(address, {}, client), "invalid_request_uri", "CARDEA-OBJECT-005"));
  }
  EXPECT_TRUE(
      is_refused(ask(address, {{"client_id", "cK"}}), "invalid_request_uri", "CARDEA-OBJECT-005"));
  harness.edit_client("cK", [](Client& it) { it.enabled = false; });
  EXPECT_TRUE(is_refused(ask(), "invalid_request_uri", "CARDEA-OBJECT-005"));
  EXPECT_TRUE(harness.fetcher.sent().empty());
}

// RFC9101-5.2; 9101-08: at most 512 characters, of a pushed request's reference too
TEST_F(Rfc9101ByReference, S5_2_AtMost512Characters) {
  const auto longest = address + std::string(512 - address.size(), 'x');
  registers({longest, longest + "x"});
  harness.fetcher.answer(longest, 200, harness.request_object());
  EXPECT_EQ(ask(longest).status, 303);
  EXPECT_TRUE(is_refused(ask(longest + "x"), "invalid_request_uri", "CARDEA-OBJECT-004"));
  EXPECT_TRUE(is_refused(ask("urn:ietf:params:oauth:request_uri:" + std::string(600, 'A')),
                         "invalid_request_uri", "CARDEA-OBJECT-004"));
  EXPECT_EQ(harness.fetcher.sent().size(), 1u);
}

// RFC9101-5; 9101-06: not together with an object
TEST_F(Rfc9101ByReference, S5_NotBoth) {
  EXPECT_TRUE(is_refused(ask(address, {{"request", harness.request_object()}}), "invalid_request",
                         "CARDEA-OBJECT-003"));
  EXPECT_TRUE(
      is_refused(ask(address, {{"request_uri", address}}), "invalid_request", "CARDEA-OBJECT-002"));
  EXPECT_TRUE(harness.fetcher.sent().empty());
}

// RFC9126-2.1; 9126-02: a pushed request holds no address, registered or not
TEST_F(Rfc9101ByReference, Rfc9126_S2_1_NotPushed) {
  const auto refused = [&](http::FormPairs form) {
    return test::is_json_refusal(harness.send(harness.as_client("cK", "/par", std::move(form))),
                                 400, "invalid_request");
  };
  EXPECT_TRUE(refused({{"client_id", "cK"}, {"request_uri", address}}));
  EXPECT_TRUE(harness.fetcher.sent().empty());
}

// RFC9101-6; 9101-01; 9101-02; 9101-04; 9101-05; 9101-06; 9101-09: judged as if it had been sent
TEST_F(Rfc9101ByReference, S6_JudgedAsIfItHadBeenSent) {
  const auto now = harness.clock.now().unix_seconds();
  const auto made = [&](json::Object claims, std::string_view typ = "oauth-authz-req+jwt") {
    if (!claims.contains("exp")) claims.set("exp", now + 7200);  // longer than this test
    return harness.request_object(claims, typ);
  };
  const auto object = made({});
  const auto body = object.substr(object.find('.'));
  for (const auto& content :
       {base64url_encode(R"({"alg":"none"})") + body.substr(0, body.rfind('.') + 1),
        base64url_encode(R"({"alg":"HS256"})") + body,
        object.substr(0, object.size() - 8) + "AAAAAAAA", object + "\n", std::string("{}"),
        std::string("<html>"), made({{"iss", "cA"}}), made({{"client_id", "cA"}}),
        made({{"aud", "https://other.example"}}), made({{"exp", now}}), made({{"request", "x"}}),
        made({{"request_uri", address}}), made({}, "at+jwt"),
        harness.assertion({{"exp", now + 7200}})}) {
    EXPECT_TRUE(is_refused(publish(content), "invalid_request_object", "CARDEA-OBJECT-001"))
        << content;
  }
  EXPECT_EQ(publish(object).status, 303);
  EXPECT_TRUE(test::is_told(harness, publish(made({{"scope", "openid admin"}})), "invalid_scope",
                            callback));
}

// RFC9101-5.2; 9101-07; E03: whatever else is there gives no request, in one sentence
TEST_F(Rfc9101ByReference, S5_2_WhatCannotBeHad) {
  using Failure = http::TransportFailure;
  std::set<std::string> pages;
  const auto refused = [&](const http::Response& response) {
    auto result = is_refused(response, "invalid_request_uri", "CARDEA-OBJECT-006");
    // Without the id of the request.
    pages.insert(test_pages::read_text(response.body).substr(0, 120));
    return result;
  };
  const auto before = harness.writes();
  const auto object = harness.request_object({{"exp", nullptr}, {"nbf", nullptr}});
  for (const int status : {302, 307, 204, 206, 400, 404, 500}) {
    EXPECT_TRUE(refused(publish(object, status, {{"Location", "http://127.0.0.1/"}}))) << status;
  }
  EXPECT_TRUE(refused(publish("")));
  for (const auto kind : {Failure::Kind::timeout, Failure::Kind::too_large, Failure::Kind::connect,
                          Failure::Kind::tls}) {
    harness.clock.advance(minutes(2));
    harness.fetcher.answer(address, [&](const http::Fetch&) -> http::TransportResult {
      return refuse(Failure{kind, "secret reason"});
    });
    const auto response = ask();
    EXPECT_TRUE(refused(response));
    EXPECT_EQ(response.body.find("secret reason"), std::string::npos);
  }
  EXPECT_EQ(pages.size(), 1u);
  EXPECT_EQ(harness.writes(), before);
  EXPECT_EQ(publish(object).status, 303);
}

// E10: an address is asked for now and then, whatever it answers and however many ask
TEST_F(Rfc9101ByReference, S10_4_IsNotAskedForTooOften) {
  for (int i = 0; i < 20; ++i) EXPECT_EQ(ask().status, 303);
  EXPECT_EQ(harness.fetcher.sent_to(address), 1u);
  harness.clock.advance(minutes(2));
  harness.fetcher.answer(address, 404, "");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(ask().status, 400);
  EXPECT_EQ(harness.fetcher.sent_to(address), 2u);
  // A failure is not kept for longer than the pause.
  harness.clock.advance(Seconds{16});
  harness.fetcher.answer(address, 200, harness.request_object());
  EXPECT_EQ(ask().status, 303);
  EXPECT_EQ(harness.fetcher.sent_to(address), 3u);
  // Nor is an object that nobody can use fetched for each who comes with it.
  harness.clock.advance(minutes(2));
  harness.fetcher.answer(address, 200, "x");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(ask().status, 400);
  EXPECT_EQ(harness.fetcher.sent_to(address), 4u);
}

// OIDCC-6.2; oidc-18; 9101-07: an object that was replaced counts once the one before has expired
TEST_F(Rfc9101ByReference, OidcCore_S6_2_AnotherTakesItsPlace) {
  harness.fetcher.answer(address, 200, harness.request_object(),
                         {{"Cache-Control", "max-age=3600"}});
  EXPECT_EQ(ask().status, 303);
  harness.clock.advance(Seconds{90});  // it has expired, and is fresh by what its answer said
  harness.fetcher.answer(address, 200, harness.request_object({{"state", "second"}}));
  EXPECT_TRUE(has_code(harness, browser.complete(ask()), callback, "second"));
  EXPECT_EQ(harness.fetcher.sent_to(address), 2u);
  // One that was taken away does not go on.
  harness.clock.advance(minutes(2));
  harness.fetcher.answer(address, 404, "");
  EXPECT_TRUE(is_refused(ask(), "invalid_request_uri", "CARDEA-OBJECT-006"));
}

// OIDCREGISTRATION-2; OIDCC-6.2; 9101-07: another fragment is another object, and is not sent
TEST_F(Rfc9101ByReference, OidcRegistration_S2_AFragmentTellsVersionsApart) {
  const auto version = [&](const std::string& content) {
    return address + "#" + base64url_encode(crypto::sha256(content));
  };
  const auto first = harness.request_object();
  const auto second = harness.request_object({{"state", "second"}});
  registers({version(first)});
  harness.fetcher.answer(address, 200, first, {{"Cache-Control", "max-age=3600"}});
  EXPECT_EQ(ask(version(first)).status, 303);
  EXPECT_EQ(harness.fetcher.sent().front().request.url, address);
  harness.fetcher.answer(address, 200, second);
  EXPECT_TRUE(is_refused(ask(version(second)), "invalid_request_uri", "CARDEA-OBJECT-005"));
  registers({version(second)});
  EXPECT_TRUE(has_code(harness, browser.complete(ask(version(second))), callback, "second"));
  EXPECT_EQ(harness.fetcher.sent_to(address), 2u);
}

// RFC9126-5; RFC9126-6; 9126-10; fapi-5.3.2.2-a: whose requests must be pushed publishes none in
// vain
TEST_F(Rfc9101ByReference, Rfc9126_S5_S6_NotWherePushingIsRequired) {
  const auto refused = [&](test::Harness& server) {
    const auto response = server.send(request(address));
    if (auto page = is_page(response, 400, "invalid_request"); !page) return page;
    if (server.watcher.last().refusal->rule != "CARDEA-AUTHORIZE-003") {
      return testing::AssertionFailure() << "refused by another rule";
    }
    return server.fetcher.sent().empty() ? testing::AssertionSuccess()
                                         : testing::AssertionFailure() << "it was fetched";
  };
  harness.edit_client("cK", [](Client& it) { it.require_pushed_authorization_requests = true; });
  EXPECT_TRUE(refused(harness));
  harness.edit_client("cK", [](Client& it) {
    it.require_pushed_authorization_requests = false;
    settle_by_profile(it, Profile::fapi2_message_signing, TokenBinding::dpop);
  });
  EXPECT_TRUE(refused(harness));
  test::Harness issuer({.settings = [](Settings& settings) {
    settings.require_pushed_authorization_requests = true;
  }});
  issuer.edit_client("cK", [](Client& it) { it.request_uris = {address}; });
  EXPECT_TRUE(refused(issuer));
}

// RFC9101-10.5; 9101-12: it is a signed request
TEST_F(Rfc9101ByReference, S10_5_CountsAsSigned) {
  harness.edit_client("cK", [](Client& it) { it.require_signed_request_object = true; });
  EXPECT_TRUE(has_code(harness, browser.complete(ask()), callback));
}

// RFC9101-5.2: it may be posted, and is not fetched again when its page is shown
TEST_F(Rfc9101ByReference, S5_2_ByPost) {
  const auto posted =
      harness.send(harness.post("/authorize", {{"client_id", "cK"}, {"request_uri", address}}));
  EXPECT_EQ(posted.status, 303);
  harness.fetcher.answer(address, 404, "");
  harness.clock.advance(minutes(2));
  EXPECT_TRUE(
      has_code(harness, browser.complete(browser.get(test::location_of(posted))), callback));
  EXPECT_EQ(harness.fetcher.sent_to(address), 1u);
}

// E10: while an address keeps us waiting, others are served, and all who wait share one answer
TEST_F(Rfc9101ByReference, S5_2_3_NobodyElseWaits) {
  EXPECT_EQ(ask().status, 303);
  harness.clock.advance(minutes(2));  // what is kept may not be used any more
  harness.fetcher.answer(address, 200, harness.request_object());
  harness.fetcher.hold();
  std::vector<http::Response> answers(8);
  std::size_t done = 0;
  for (auto& answer : answers) {
    spawn(
        harness.executor, harness.server->handle(request(address)),
        [&](http::Response response) { answer = std::move(response), ++done; },
        [&](std::exception_ptr) { ++done; });
  }
  while (harness.executor.run_one()) {
  }
  EXPECT_EQ(done, 0u);
  EXPECT_EQ(harness.fetcher.sent_to(address), 2u);
  EXPECT_EQ(browser.get("/.well-known/openid-configuration").status, 200);
  EXPECT_EQ(test::ask(harness, browser).status, 303);
  harness.fetcher.release();
  harness.executor.run_until([&] { return done == answers.size(); });
  for (const auto& answer : answers) EXPECT_EQ(answer.status, 303);
}

// E10: addresses of clients that registered themselves are a stranger's
TEST_F(Rfc9101ByReference, S10_4_StrangersHaveALaneOfTheirOwn) {
  harness.edit_client("cK", [](Client& it) { it.owner.by = Ownership::By::registration; });
  EXPECT_EQ(ask().status, 303);
  EXPECT_EQ(harness.fetcher.sent().front().lane, http::FetchLane::anybody);
}

// A server that clients may encrypt to.
struct Rfc9101EncryptedByReference : Rfc9101ByReference {
  Rfc9101EncryptedByReference()
      : Rfc9101ByReference(test::HarnessOptions{.settings = [](Settings& settings) {
          settings.decryption_algorithms = {jose::KeyManagement::ECDH_ES};
        }}) {}
  std::string encrypted(const std::string& content) {
    const auto published =
        jose::JwkSet::parse(json::parse_object(harness.keys->jwks()->body).value()).value();
    const auto* key = jose::find_recipient(published.recipients(), jose::KeyManagement::ECDH_ES);
    ensure(key != nullptr);
    return jose::encrypt(content,
                         {.key = *key,
                          .management = jose::KeyManagement::ECDH_ES,
                          .encryption = jose::ContentEncryption::A256GCM,
                          .cty = "JWT"},
                         harness.random);
  }
};

// RFC9101-6.1; 9101-10: an encrypted object is opened as the client registers
TEST_F(Rfc9101EncryptedByReference, S6_1_IsOpened) {
  const auto lasting = harness.request_object({{"exp", nullptr}, {"nbf", nullptr}});
  EXPECT_TRUE(
      is_refused(publish(encrypted(lasting)), "invalid_request_object", "CARDEA-OBJECT-001"));
  harness.edit_client("cK", [](Client& it) {
    it.request_object_encryption_alg = jose::KeyManagement::ECDH_ES;
    it.request_object_encryption_enc = jose::ContentEncryption::A256GCM;
  });
  EXPECT_TRUE(has_code(harness, browser.complete(publish(encrypted(lasting))), callback));
}

}  // namespace cardea::request_uri_test
