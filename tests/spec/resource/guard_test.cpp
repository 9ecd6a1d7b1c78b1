// The guard: how a request carries its token (RFC 6750 2), how it is challenged (3), what makes a
// token good (RFC 9068 4, RFC 7662 2.2), and what happens while the issuer is away.
#include "resource/guard.h"

#include <gtest/gtest.h>

#include "base/base64url.h"
#include "support/fake_issuer.h"

namespace cardea::resource_guard_test {

using fake_issuer::FakeIssuer;
using fake_issuer::json_answer;
using fake_issuer::parameter;
using resource::Challenge;
using resource::Guard;
using resource::GuardOptions;
using resource::Introspection;

const std::string api = "https://api.example";

GuardOptions options() {
  return {.issuer = "https://issuer.example", .resource = api};
}

http::Request with_header(const std::string& value) {
  return {.method = "GET", .target = "/events", .headers = {{"Authorization", value}}};
}

struct Api {
  explicit Api(GuardOptions by = options())
      : guard(std::move(by), issuer.transport(), issuer.clock) {}

  std::string good_token() const { return issuer.sign_access_token(issuer.access_token_claims()); }
  Result<resource::Permit, Challenge> check_token(const std::string& token) {
    return guard.check(with_header("Bearer " + token));
  }
  int status_of(const http::Request& request) {
    const auto outcome = guard.check(request);
    return outcome ? 200 : outcome.error().status;
  }

  FakeIssuer issuer;
  Guard guard;
};

const std::string invalid_token_challenge =
    "Bearer realm=\"api\", error=\"invalid_token\", "
    "error_description=\"The access token is not valid here.\"";

// RFC9728-5.1; 9728-04: who is refused learns where the API says whose tokens it takes
TEST(ResourceGuard, ChallengesPointToTheMetadata) {
  auto by = options();
  by.resource_metadata = "https://api.example/.well-known/oauth-protected-resource";
  Api it(std::move(by));
  const std::string pointer =
      "resource_metadata=\"https://api.example/.well-known/"
      "oauth-protected-resource\"";
  const auto bare = it.guard.check({.method = "GET", .target = "/events"});
  const auto bad = it.check_token("x.y.z");
  const auto weak = it.guard.check(with_header("Bearer " + it.good_token()), {"events.write"});
  for (const auto* outcome : {&bare, &bad, &weak}) {
    ASSERT_FALSE(*outcome);
    EXPECT_NE(outcome->error().www_authenticate.find(pointer), std::string::npos)
        << outcome->error().www_authenticate;
  }
  EXPECT_EQ(weak.error().status, 403);
  EXPECT_NE(weak.error().www_authenticate.find("scope=\"events.write\""), std::string::npos);
}

// RFC9068-4; 9068-04: a good token gives a permit that says whose it is.
TEST(ResourceGuard, GoodTokenGivesAPermit) {
  Api it;
  const auto permit = it.check_token(it.good_token());
  ASSERT_TRUE(permit) << permit.error().reason;
  EXPECT_EQ(permit->subject, "alice");
  EXPECT_EQ(permit->client_id, "web");
  EXPECT_TRUE(permit->has_scope("calendar.read"));
  EXPECT_FALSE(permit->has_scope("calendar"));
  EXPECT_EQ(permit->expires_at, fake_issuer::start + Seconds{600});
}

// RFC6750-2; 6750-01: a token comes in one way only.
TEST(Rfc6750, S2_OneWayAtATime) {
  Api it;
  auto request = with_header("Bearer " + it.good_token());
  request.target = "/events?access_token=x";
  EXPECT_EQ(it.status_of(request), 400);
  request = with_header("Bearer " + it.good_token());
  request.method = "POST";
  request.headers.set("Content-Type", "application/x-www-form-urlencoded");
  request.body = "access_token=x";
  const auto outcome = it.guard.check(request);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().status, 400);
  EXPECT_NE(outcome.error().www_authenticate.find("error=\"invalid_request\""), std::string::npos);
  request = with_header("Bearer " + it.good_token());
  request.headers.add("authorization", "Bearer " + it.good_token());
  EXPECT_EQ(it.status_of(request), 400);
}

// RFC6750-2.3; 6750-02: a token in the query is none, and the answer is not stored.
TEST(Rfc6750, S2_3_QueryTokensCountAsNone) {
  Api it;
  const auto outcome = it.guard.check(
      {.method = "GET", .target = "/events?access_token=" + it.good_token(), .headers = {}});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().status, 401);
  EXPECT_EQ(outcome.error().www_authenticate, "Bearer realm=\"api\"");
  EXPECT_EQ(resource::to_response(outcome.error()).headers.first("cache-control"), "no-store");
}

// RFC6750-2.2; 6750-03: a token in a form body only where that is switched on, and only in a form.
TEST(Rfc6750, S2_2_FormBodyTokens) {
  auto by = options();
  by.form_body = resource::FormBodyTokens::accepted;
  Api accepting(by);
  Api refusing;
  http::Request form{.method = "POST",
                     .target = "/events",
                     .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                     .body = "access_token=" + accepting.good_token()};
  EXPECT_EQ(accepting.status_of(form), 200);
  EXPECT_EQ(refusing.status_of(form), 401);
  // 6750-01: twice is more than one way, whichever of the two is good (found by fuzzing).
  auto twice = form;
  twice.body += "&access_token=x";
  EXPECT_EQ(accepting.status_of(twice), 400);
  twice.body = "access_token=&" + form.body;
  EXPECT_EQ(accepting.status_of(twice), 400);
  auto get = form;
  get.method = "GET";
  EXPECT_EQ(accepting.status_of(get), 401);
  auto object = form;
  object.headers.set("Content-Type", "application/json");
  object.body = "{\"access_token\":\"" + accepting.good_token() + "\"}";
  EXPECT_EQ(accepting.status_of(object), 401);
}

// RFC6750-3.1; 6750-04: without a token the challenge is bare.
TEST(Rfc6750, S3_1_NoTokenGetsABareChallenge) {
  Api it;
  for (const auto& request :
       {http::Request{.method = "GET", .target = "/events"}, with_header("Basic YTpi"),
        with_header("DPoP " + it.good_token()), with_header("Bearerx y"), with_header("")}) {
    const auto outcome = it.guard.check(request);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().status, 401);
    EXPECT_EQ(outcome.error().www_authenticate, "Bearer realm=\"api\"");
    EXPECT_EQ(outcome.error().body, "");
  }
  EXPECT_EQ(it.issuer.count("/jwks"), 0u);  // and no network is used for it
}

// RFC6750-2.1; 6750-06: the scheme is case-insensitive, the rest strict.
TEST(Rfc6750, S2_1_HeaderSyntax) {
  Api it;
  const auto good = it.good_token();
  EXPECT_EQ(it.status_of(with_header("bEaReR " + good)), 200);
  for (const std::string& bad :
       {"Bearer  " + good, "Bearer\t" + good, "Bearer " + good + ", Bearer " + good,
        "Bearer " + good + " ", std::string("Bearer"), std::string("Bearer "),
        "Bearer " + good + std::string(1, '\0'), std::string("Bearer a\"b"),
        std::string("Bearer =="), std::string("Bearer a=b")}) {
    EXPECT_EQ(it.status_of(with_header(bad)), 400) << bad;
  }
  EXPECT_EQ(it.status_of(with_header("Bearer " + std::string(64 * 1024, 'a'))), 401);
}

// RFC6750-3.1; RFC9068-4; 6750-05; 9068-04: every bad token gets one and the same answer.
TEST(Rfc6750, S3_1_BadTokensAreToldNothing) {
  Api it;
  const auto changed = [&](std::string_view name, json::Value value) {
    auto claims = it.issuer.access_token_claims();
    claims.set(std::string(name), std::move(value));
    return it.issuer.sign_access_token(claims);
  };
  const auto now = fake_issuer::start.unix_seconds();
  const auto stranger = crypto::PrivateKey::generate(jose::SignatureAlgorithm::ES256);
  struct Bad {
    std::string_view reason;
    std::string token;
  };
  const std::vector<Bad> rows{
      {"no JWT", "garbage"},
      {"iss", changed("iss", "https://other.example")},
      {"aud", changed("aud", "https://other.example")},
      {"aud", changed("aud", nullptr)},
      {"exp", changed("exp", now - 10)},
      {"iat", changed("iat", now + 60)},
      {"claims", changed("client_id", "")},
      {"binding", changed("cnf", json::Object{{"jkt", "x"}})},
      {"typ", it.issuer.sign_access_token(it.issuer.access_token_claims(), "JWT")},
      {"signature", jose::sign_jwt(stranger, "es", "at+jwt", it.issuer.access_token_claims())}};
  for (const auto& row : rows) {
    const auto outcome = it.check_token(row.token);
    ASSERT_FALSE(outcome) << row.reason;
    EXPECT_EQ(outcome.error().status, 401);
    EXPECT_EQ(outcome.error().www_authenticate, invalid_token_challenge);
    EXPECT_EQ(outcome.error().body,
              R"({"error":"invalid_token",)"
              R"("error_description":"The access token is not valid here."})");
    EXPECT_NE(outcome.error().reason.find(row.reason), std::string::npos) << outcome.error().reason;
    // RFC6750-5.3: the reason is for logs, so no token is in it.
    EXPECT_EQ(outcome.error().reason.find(row.token.substr(0, 12)), std::string::npos);
  }
}

// RFC9068-5; RFC8725-3.11; 9068-05; 8725-10: an ID token never passes.
TEST(Rfc9068, S5_IdTokenIsNoAccessToken) {
  Api it;
  auto claims = it.issuer.id_token_claims("n");
  EXPECT_FALSE(it.check_token(it.issuer.sign_id_token(claims)));
  // Not even one that has all that an access token has.
  claims = it.issuer.access_token_claims();
  EXPECT_FALSE(it.check_token(it.issuer.sign_id_token(claims)));
  EXPECT_FALSE(it.check_token(it.issuer.sign_access_token(claims, "logout+jwt")));
}

// RFC6750-3; 6750-09: whoever comes without a good token learns what the call needs, however it
// came, and nothing where the call needs nothing.
TEST(Rfc6750, S3_TheFirstChallengeNamesTheScope) {
  auto by = options();
  by.public_origin = api;
  Api it(std::move(by));
  const std::vector<std::string> needed{"notes.read", "notes.list"};
  for (const auto& request :
       {http::Request{.method = "GET", .target = "/events"}, with_header("Bearer x.y.z"),
        with_header("DPoP " + it.good_token())}) {
    const auto outcome = it.guard.check(request, needed);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().status, 401);
    EXPECT_NE(outcome.error().www_authenticate.find("scope=\"notes.read notes.list\""),
              std::string::npos)
        << outcome.error().www_authenticate;
    const auto unscoped = it.guard.check(request);
    ASSERT_FALSE(unscoped);
    EXPECT_EQ(unscoped.error().www_authenticate.find("scope="), std::string::npos);
  }
  const auto bare = it.guard.check({.method = "GET", .target = "/events"}, needed);
  EXPECT_EQ(bare.error().www_authenticate, "Bearer realm=\"api\", scope=\"notes.read notes.list\"");
}

// RFC6750-3.1; 6750-05: too little scope is 403 and names what is needed.
TEST(Rfc6750, S3_1_InsufficientScope) {
  Api it;
  const auto request = with_header("Bearer " + it.good_token());
  EXPECT_TRUE(it.guard.check(request, {"calendar.read"}));
  EXPECT_TRUE(it.guard.check(request, {}));
  const auto outcome = it.guard.check(request, {"calendar.read", "calendar.write"});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().status, 403);
  EXPECT_EQ(outcome.error().www_authenticate,
            "Bearer realm=\"api\", error=\"insufficient_scope\", error_description=\"The access "
            "token does not reach this far.\", scope=\"calendar.read calendar.write\"");
}

// RFC9068-4; 9068-07: an unknown kid fetches the keys anew, once per cooldown.
TEST(Rfc9068, S4_UnknownKeysAreFetchedOncePerCooldown) {
  Api it;
  EXPECT_TRUE(it.check_token(it.good_token()));
  EXPECT_EQ(it.issuer.count("/jwks"), 1u);
  it.issuer.clock.advance(Seconds{40});
  it.issuer.kid_suffix = "-2";  // rotated
  EXPECT_TRUE(it.check_token(it.good_token()));
  EXPECT_EQ(it.issuer.count("/jwks"), 2u);
  const auto stranger = crypto::PrivateKey::generate(jose::SignatureAlgorithm::ES256);
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(it.check_token(jose::sign_jwt(stranger, "random-" + std::to_string(i), "at+jwt",
                                               it.issuer.access_token_claims())));
  }
  EXPECT_LE(it.issuer.count("/jwks"), 3u);
  EXPECT_TRUE(it.check_token(it.good_token()));
}

// RFC9068-4: keys are judged on while the issuer is away, and asked for with their ETag.
TEST(ResourceGuard, StaleKeysServeWhileTheIssuerIsAway) {
  Api it;
  it.issuer.answers["https://issuer.example/jwks"] = [&](const http::OutgoingRequest& request) {
    if (request.headers.first("if-none-match") == "\"v1\"")
      return http::TransportResult(http::Response{.status = 304});
    auto answer = json_answer(it.issuer.jwks());
    answer.headers.set("ETag", "\"v1\"");
    answer.headers.set("Cache-Control", "public, max-age=60");
    return http::TransportResult(answer);
  };
  EXPECT_TRUE(it.check_token(it.good_token()));
  it.issuer.clock.advance(Seconds{61});
  EXPECT_TRUE(it.check_token(it.good_token()));
  EXPECT_EQ(it.issuer.count("/jwks"), 2u);
  EXPECT_EQ(it.issuer.requests_to("https://issuer.example/jwks")[1].headers.first("if-none-match"),
            "\"v1\"");
  it.issuer.answers.clear();
  it.issuer.clock.advance(hours(2));
  EXPECT_TRUE(it.check_token(it.good_token()));
}

TEST(ResourceGuard, WithoutAnyKeysTheAnswerIs503) {
  Api it;
  const auto answers = it.issuer.answers;
  it.issuer.answers.clear();
  const auto outcome = it.check_token(it.good_token());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().status, 503);
  EXPECT_EQ(outcome.error().www_authenticate, "");
  EXPECT_EQ(resource::to_response(outcome.error()).headers.first("retry-after"), "5");
  it.issuer.answers = answers;
  it.issuer.clock.advance(Seconds{31});
  EXPECT_TRUE(it.check_token(it.good_token()));
}

TEST(ResourceGuard, PlainHttpIssuersAreRefusedButOnLoopback) {
  for (const auto& [url, status] : std::vector<std::pair<std::string, int>>{
           {"http://issuer.example", 503}, {"http://localhost:9443", 200}}) {
    FakeIssuer issuer(url);
    Guard guard({.issuer = url, .resource = api}, issuer.transport(), issuer.clock);
    const auto outcome = guard.check(
        with_header("Bearer " + issuer.sign_access_token(issuer.access_token_claims())));
    EXPECT_EQ(outcome ? 200 : outcome.error().status, status) << url;
  }
}

struct OpaqueApi : Api {
  explicit OpaqueApi(Introspection::Of of = Introspection::Of::tokens_that_are_no_jwt)
      : Api([&] {
          auto by = options();
          by.introspection.emplace();
          by.introspection->credentials.client_id = "calendar api";
          by.introspection->credentials.secret = resource::IntrospectionSecret("s:3");
          by.introspection->of = of;
          return by;
        }()) {}

  void answer(const http::Response& response) {
    issuer.answers["https://issuer.example/introspect"] = [=](const auto&) {
      return http::TransportResult(response);
    };
  }
  json::Object active() const {
    return {{"active", true},
            {"iss", "https://issuer.example"},
            {"aud", json::Array{api, "https://issuer.example"}},
            {"sub", "alice"},
            {"client_id", "web"},
            {"scope", "openid calendar.read"},
            {"token_type", "Bearer"},
            {"exp", fake_issuer::start.unix_seconds() + 600}};
  }
  int status_with(std::string name, json::Value value) {
    auto claims = active();
    claims.set(std::move(name), std::move(value));
    answer(json_answer(claims));
    return status_of(with_header("Bearer opaque"));
  }
};

// RFC7662-2.1; RFC7662-2.2: an opaque token is asked about with this resource's credentials.
TEST(Rfc7662, S2_OpaqueTokensAreIntrospected) {
  OpaqueApi it;
  it.answer(json_answer(it.active()));
  const auto permit = it.check_token("opaque~token");
  ASSERT_TRUE(permit) << permit.error().reason;
  EXPECT_EQ(permit->subject, "alice");
  EXPECT_EQ(permit->client_id, "web");
  EXPECT_TRUE(permit->has_scope("calendar.read"));
  const auto sent = it.issuer.requests_to("https://issuer.example/introspect").front();
  EXPECT_EQ(sent.method, "POST");
  EXPECT_EQ(parameter(sent.body, "token"), "opaque~token");
  EXPECT_EQ(parameter(sent.body, "token_type_hint"), "access_token");
  EXPECT_EQ(sent.headers.first("authorization"), "Basic " + base64_encode("calendar+api:s%3A3"));
}

// RFC7662-2.2; 6750-05: active alone is not enough; it must be meant for this resource.
TEST(Rfc7662, S2_2_EachDefectRefusesTheToken) {
  OpaqueApi it;
  const auto now = fake_issuer::start.unix_seconds();
  EXPECT_EQ(it.status_with("sub", "alice"), 200);
  EXPECT_EQ(it.status_with("aud", api), 200);
  EXPECT_EQ(it.status_with("active", false), 401);
  EXPECT_EQ(it.status_with("aud", "https://other.example"), 401);
  EXPECT_EQ(it.status_with("aud", nullptr), 401);
  EXPECT_EQ(it.status_with("iss", "https://other.example"), 401);
  EXPECT_EQ(it.status_with("exp", now - 10), 401);
  EXPECT_EQ(it.status_with("exp", "soon"), 401);
  EXPECT_EQ(it.status_with("nbf", now + 60), 401);
  EXPECT_EQ(it.status_with("token_type", "DPoP"), 401);
  EXPECT_EQ(it.status_with("cnf", json::Object{{"jkt", "x"}}), 401);
  EXPECT_EQ(it.status_with("active", "true"), 503);
}

TEST(Rfc7662, S2_3_IntrospectionThatFailsIs503) {
  OpaqueApi it;
  for (const auto& response :
       {http::Response{.status = 401}, http::Response{.status = 500}, http::Response{.status = 302},
        http::Response{.status = 200, .body = "<html>"}}) {
    it.answer(response);
    EXPECT_EQ(it.status_of(with_header("Bearer opaque")), 503) << response.status;
  }
}

// RFC9068-6: JWTs are judged here unless everything is to be introspected.
TEST(ResourceGuard, JwtsAreIntrospectedOnlyWhenAsked) {
  OpaqueApi some;
  some.answer(json_answer({{"active", false}}));
  EXPECT_TRUE(some.check_token(some.good_token()));
  EXPECT_EQ(some.issuer.count("/introspect"), 0u);
  OpaqueApi all(Introspection::Of::all_tokens);
  all.answer(json_answer({{"active", false}}));
  EXPECT_FALSE(all.check_token(all.good_token()));
  EXPECT_EQ(all.issuer.count("/introspect"), 1u);
}

// RFC6749-1.4: without introspection no token leaves the process.
TEST(ResourceGuard, OpaqueTokensStayHereWithoutIntrospection) {
  Api it;
  EXPECT_EQ(it.status_of(with_header("Bearer opaque")), 401);
  EXPECT_EQ(it.issuer.count("/introspect"), 0u);
}

}  // namespace cardea::resource_guard_test
