// Keys of clients that are fetched: jwks_uri with private_key_jwt, rotation, failures that look
// alike, and the cache behind it.
#include <gtest/gtest.h>

#include "support/harness.h"

namespace cardea::client_keys_test {

using crypto::SignatureAlgorithm;
using test::Harness;
using test::is_json_refusal;

const std::string address = "https://k.example/keys";

const crypto::PrivateKey& key_named(const std::string& kid) {
  static std::map<std::string, crypto::PrivateKey> keys;
  const auto at = keys.find(kid);
  if (at != keys.end()) return at->second;
  return keys.emplace(kid, crypto::PrivateKey::generate(SignatureAlgorithm::ES256)).first->second;
}

std::string key_set(const std::vector<std::string>& kids) {
  json::Array keys;
  for (const auto& kid : kids) keys.emplace_back(jose::write_jwk(key_named(kid), kid));
  return json::write(json::Object{{"keys", std::move(keys)}});
}

class ClientKeys : public ::testing::Test {
 protected:
  ClientKeys() {
    server.edit_client("cK", [](Client& client) {
      client.jwks.reset();
      client.jwks_uri = address;
    });
  }

  std::string assertion(const std::string& kid) {
    const auto now = server.clock.now().unix_seconds();
    return jose::sign_jwt(key_named(kid), kid, "JWT",
                          json::Object{{"iss", "cK"},
                                       {"sub", "cK"},
                                       {"aud", server.settings.issuer},
                                       {"exp", now + 60},
                                       {"iat", now},
                                       {"jti", new_identifier(server.random)}});
  }
  http::Request request(const std::string& kid) {
    return server.post("/token", {{"grant_type", "refresh_token"},
                                  {"refresh_token", "x"},
                                  {"client_assertion_type",
                                   "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
                                  {"client_assertion", assertion(kid)}});
  }
  http::Response present(const std::string& kid) { return server.send(request(kid)); }
  testing::AssertionResult accepts(const std::string& kid) {
    return is_json_refusal(present(kid), 400, "invalid_grant");
  }
  testing::AssertionResult refuses(const std::string& kid) {
    return is_json_refusal(present(kid), 401, "invalid_client");
  }

  Harness server;
};

TEST_F(ClientKeys, AreFetchedOnceAndKept) {
  server.fetcher.answer(address, 200, key_set({"k1"}));
  EXPECT_TRUE(accepts("k1"));
  EXPECT_TRUE(accepts("k1"));
  EXPECT_EQ(server.fetcher.sent_to(address), 1u);
  const auto sent = server.fetcher.sent().front();
  EXPECT_EQ(sent.request.method, "GET");
  EXPECT_EQ(sent.lane, http::FetchLane::registered);
  EXPECT_EQ(name_of(sent.purpose), "client_keys");
  // One log line for each request, with the host and nothing else of the address.
  EXPECT_EQ(server.log.count("outgoing.finished"), 1);
  EXPECT_NE(server.log.text().find("host=k.example"), std::string::npos);
  EXPECT_EQ(server.log.text().find("/keys"), std::string::npos);
}

// OIDC Core 10.1.1: the client publishes a new key and uses it; nobody at the server does anything.
TEST_F(ClientKeys, ANewKeyOfTheClientIsFound) {
  server.fetcher.answer(address, 200, key_set({"k1"}));
  EXPECT_TRUE(accepts("k1"));
  server.clock.advance(Seconds{20});
  server.fetcher.answer(address, 200, key_set({"k1", "k2"}));
  EXPECT_TRUE(accepts("k2"));
  EXPECT_EQ(server.fetcher.sent_to(address), 2u);
  // A key that was taken away ends with the set that held it.
  server.fetcher.answer(address, 200, key_set({"k2"}));
  server.clock.advance(minutes(6));
  EXPECT_TRUE(accepts("k2"));
  EXPECT_TRUE(refuses("k1"));
}

// E10: unknown keys, as at resource servers (9068-07), cause one request an interval.
TEST_F(ClientKeys, UnknownKeysDoNotMultiplyRequests) {
  server.fetcher.answer(address, 200, key_set({"k1"}));
  EXPECT_TRUE(accepts("k1"));
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(refuses("unknown"));
  EXPECT_EQ(server.fetcher.sent_to(address), 1u);  // the first was a moment ago
  server.clock.advance(Seconds{16});
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(refuses("unknown"));
  EXPECT_EQ(server.fetcher.sent_to(address), 2u);
}

TEST_F(ClientKeys, ManyRequestsAtOnceFetchOnce) {
  server.fetcher.answer(address, 200, key_set({"k1"}));
  server.fetcher.hold();
  std::vector<http::Response> answers(8);
  std::size_t done = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    spawn(
        server.executor, server.server->handle(request("k1")),
        [&, i](http::Response response) { answers[i] = std::move(response), ++done; },
        [&](std::exception_ptr) { ++done; });
  }
  server.executor.run_until([&] { return server.fetcher.sent_to(address) > 0; });
  EXPECT_EQ(done, 0u);
  server.fetcher.release();
  server.executor.run_until([&] { return done == answers.size(); });
  for (const auto& answer : answers) EXPECT_TRUE(is_json_refusal(answer, 400, "invalid_grant"));
  EXPECT_EQ(server.fetcher.sent_to(address), 1u);
}

// E09: refused, unreachable, slow, wrong and empty answers are one answer to whoever asks; only the
// operator's log tells them apart.
TEST_F(ClientKeys, EveryFailureLooksTheSameFromOutside) {
  using Kind = http::TransportFailure::Kind;
  const auto failing = [](Kind kind, const char* why) -> test::FakeFetcher::Answer {
    return [=](const http::Fetch&) -> http::TransportResult {
      return refuse(http::TransportFailure{kind, why});
    };
  };
  const auto answering = [](int status, std::string body) -> test::FakeFetcher::Answer {
    return [=](const http::Fetch&) -> http::TransportResult {
      return http::Response{.status = status, .headers = {}, .body = body};
    };
  };
  std::set<std::string> bodies;
  std::set<std::string> reasons;
  for (const auto& answer :
       {failing(Kind::refused, "refused-1"), failing(Kind::connect, "connect-2"),
        failing(Kind::timeout, "timeout-3"), failing(Kind::tls, "tls-4"),
        failing(Kind::too_large, "large-5"), failing(Kind::overloaded, "overloaded-6"),
        answering(404, "secret-of-the-peer"), answering(302, "secret-of-the-peer"),
        answering(200, "secret-of-the-peer"), answering(200, R"({"keys":[]})")}) {
    server.clock.advance(minutes(1));
    server.fetcher.answer(address, answer);
    const auto response = present("k1");
    EXPECT_TRUE(is_json_refusal(response, 401, "invalid_client"));
    bodies.insert(response.body);
    reasons.insert(server.watcher.last().refusal->reason);
  }
  EXPECT_EQ(bodies.size(), 1u);
  EXPECT_GE(reasons.size(), 9u);
  EXPECT_EQ(server.log.text().find("secret-of-the-peer"), std::string::npos);
}

// A failure is remembered for a while, and keys that were there go on being used while it lasts,
// though not for ever.
TEST_F(ClientKeys, OldKeysBridgeAFailure) {
  server.fetcher.answer(address, 200, key_set({"k1"}));
  EXPECT_TRUE(accepts("k1"));
  server.fetcher.answer(address, 503, "");
  server.clock.advance(minutes(6));
  EXPECT_TRUE(accepts("k1"));
  EXPECT_TRUE(accepts("k1"));
  EXPECT_EQ(server.fetcher.sent_to(address), 2u);
  server.clock.advance(minutes(70));
  EXPECT_TRUE(refuses("k1"));
  server.fetcher.answer(address, 200, key_set({"k1"}));
  server.clock.advance(Seconds{16});
  EXPECT_TRUE(accepts("k1"));
}

TEST_F(ClientKeys, HowLongTheyAreKeptIsTheirAnswersChoiceWithinBounds) {
  for (const auto& [header, until] : {std::pair{"max-age=0", 60},
                                      {"no-store", 300},
                                      {"max-age=600", 600},
                                      {"max-age=99999", 3600}}) {
    server.clock.advance(hours(9));
    server.fetcher.answer(address, 200, key_set({"k1"}), {{"Cache-Control", header}});
    const auto before = server.fetcher.sent_to(address);
    EXPECT_TRUE(accepts("k1"));
    server.clock.advance(Seconds{until - 1});
    EXPECT_TRUE(accepts("k1"));
    EXPECT_EQ(server.fetcher.sent_to(address), before + 1) << header;
    server.clock.advance(Seconds{1});
    EXPECT_TRUE(accepts("k1"));
    EXPECT_EQ(server.fetcher.sent_to(address), before + 2) << header;
  }
}

TEST(FetchedDocuments, AreBoundedInNumber) {
  Harness server;
  FetchedDocuments<std::string> documents(
      *server.outgoing, {.documents_max = 3},
      [](const std::string&, std::string_view body) { return std::string(body); });
  server.fetcher.answer("", 200, "text");
  const auto ask = [&](const std::string& url) {
    const auto answer = server.await(documents.find(url, server.clock.now()));
    EXPECT_TRUE(answer.ok());
    server.clock.advance(Seconds{1});
  };
  for (const char* url : {"https://a/", "https://b/", "https://c/"}) ask(url);
  ask("https://a/");  // used again, so b is the one to go
  ask("https://d/");
  ask("https://a/");
  EXPECT_EQ(server.fetcher.sent_to("https://a/"), 1u);
  ask("https://b/");
  EXPECT_EQ(server.fetcher.sent_to("https://b/"), 2u);
}

// RFC 9101 6.2: request objects are verified with the same keys, fetched the same way.
TEST_F(ClientKeys, SignRequestObjectsToo) {
  server.fetcher.answer(address, 200, key_set({"k1"}));
  const auto now = server.clock.now().unix_seconds();
  const auto object = jose::sign_jwt(key_named("k1"), "k1", "oauth-authz-req+jwt",
                                     json::Object{{"iss", "cK"},
                                                  {"client_id", "cK"},
                                                  {"aud", server.settings.issuer},
                                                  {"iat", now},
                                                  {"exp", now + 60},
                                                  {"response_type", "code"},
                                                  {"redirect_uri", "https://k.example/cb"},
                                                  {"scope", "openid"},
                                                  {"state", "s"},
                                                  {"code_challenge", test::challenge},
                                                  {"code_challenge_method", "S256"}});
  const auto answer = server.send(
      server.get("/authorize?" + http::write_form({{"client_id", "cK"}, {"request", object}})));
  EXPECT_EQ(answer.status, 303) << answer.body;
  EXPECT_EQ(server.fetcher.sent_to(address), 1u);
}

// --- registration

std::vector<std::string> problems_with(const std::function<void(Client&)>& change) {
  Harness server;
  auto client = server.client("cK");
  change(client);
  std::vector<std::string> members;
  for (const auto& problem : check_client(client)) {
    if (!problem.is_warning) members.push_back(problem.member);
  }
  return members;
}

// OIDC Registration 2: one of jwks and jwks_uri, and an https address.
TEST(ClientKeysRegistration, OneOfBothAndAnHttpsAddress) {
  using Members = std::vector<std::string>;
  EXPECT_EQ(problems_with([](Client& c) {
              c.jwks.reset();
              c.jwks_uri = address;
            }),
            Members{});
  EXPECT_EQ(problems_with([](Client& c) { c.jwks_uri = address; }), Members{"jwks_uri"});
  EXPECT_EQ(problems_with([](Client& c) { c.jwks.reset(); }), Members{"jwks"});
  for (const char* bad :
       {"http://k.example/keys", "https://127.0.0.1/keys", "file:///keys", "https://u@k.example/",
        "https://k.example/#k", "javascript:alert(1)", "http://localhost:3000/keys"}) {
    EXPECT_EQ(problems_with([&](Client& c) {
                c.jwks.reset();
                c.jwks_uri = bad;
              }),
              Members{"jwks_uri"})
        << bad;
  }
  EXPECT_EQ(problems_with([](Client& c) {
              c.jwks.reset();
              c.jwks_uri = "http://localhost:3000/keys";
              c.development = true;
            }),
            Members{});
}

}  // namespace cardea::client_keys_test
