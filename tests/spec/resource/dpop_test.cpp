// The guard and tokens that are bound to a key: RFC 9449 7.
#include <gtest/gtest.h>

#include "resource/guard.h"
#include "support/dpop_proof.h"
#include "support/fake_issuer.h"

namespace cardea::resource_dpop_test {

using fake_issuer::FakeIssuer;
using resource::Guard;
using resource::GuardOptions;
using test::DpopKey;

struct ResourceDpop : testing::Test {
  FakeIssuer issuer;
  DpopKey key;
  DpopKey other;
  Guard guard{options(), issuer.transport(), issuer.clock};

  static GuardOptions options() {
    return {.issuer = "https://issuer.example",
            .resource = "https://api.example",
            .public_origin = "https://api.example"};
  }
  std::string bound_token() const {
    auto claims = issuer.access_token_claims();
    claims.set("cnf", json::Object{{"jkt", key.thumbprint()}});
    return issuer.sign_access_token(claims);
  }
  http::Request request(const std::string& token, const std::string& scheme = "DPoP") const {
    return {.method = "GET",
            .target = "/events?day=1",
            .headers = {{"Authorization", scheme + " " + token}}};
  }
  std::string proof(const DpopKey& by, const std::string& token, const json::Object& claims = {}) {
    return by.proof(issuer, {.method = "GET",
                             .url = "https://api.example/events",
                             .access_token = token,
                             .claims = claims,
                             .header = {}});
  }
  int status(const http::Request& asked, Guard& at) {
    const auto outcome = at.check(asked);
    return outcome ? 200 : outcome.error().status;
  }
  int status(const http::Request& asked) { return status(asked, guard); }
};

// RFC9449-7.1; 9449-22: a bound token with a proof of its key, once each proof
TEST_F(ResourceDpop, S7_1_AProofForEachRequest) {
  const auto token = bound_token();
  const auto good = test::with_proof(request(token), proof(key, token));
  const auto permit = guard.check(good);
  ASSERT_TRUE(permit) << permit.error().reason;
  EXPECT_EQ(permit->confirmation.thumbprint, key.thumbprint());
  EXPECT_EQ(status(good), 401);  // used
  EXPECT_EQ(status(test::with_proof(request(token, "dpop"), proof(key, token))), 200);
  EXPECT_EQ(status(request(token)), 401);
  EXPECT_EQ(status(test::with_proof(good, proof(key, token))), 401);
}

// RFC9449-7.2; 9449-02; 9449-17; B19: neither another key, token, address nor scheme
TEST_F(ResourceDpop, S7_2_NothingElse) {
  const auto token = bound_token();
  EXPECT_EQ(status(test::with_proof(request(token), proof(other, token))), 401);
  EXPECT_EQ(status(test::with_proof(request(token), proof(key, "another"))), 401);
  EXPECT_EQ(status(test::with_proof(request(token, "Bearer"), proof(key, token))), 401);
  EXPECT_EQ(status(test::with_proof(request(token),
                                    proof(key, token, {{"htu", "https://evil.test/events"}}))),
            401);
  EXPECT_EQ(status(test::with_proof(request(token), proof(key, token, {{"htm", "POST"}}))), 401);
  const auto plain = issuer.sign_access_token(issuer.access_token_claims());
  EXPECT_EQ(status(test::with_proof(request(plain), proof(key, plain))), 401);
  const auto refused = guard.check(test::with_proof(request(token), proof(other, token)));
  EXPECT_TRUE(refused.error().www_authenticate.starts_with("DPoP realm=\"api\", error="));
  EXPECT_EQ(refused.error().reason.find(token), std::string::npos);
}

// RFC9449-7.1; RFC9470-3: what else is missing is told in the scheme that the token came in
TEST_F(ResourceDpop, S7_1_OtherChallengesKeepTheScheme) {
  const auto token = bound_token();
  const auto ask = [&] { return test::with_proof(request(token), proof(key, token)); };
  const auto scope = guard.check(ask(), {"events.write"});
  ASSERT_FALSE(scope);
  EXPECT_EQ(scope.error().status, 403);
  EXPECT_TRUE(scope.error().www_authenticate.starts_with("DPoP realm=\"api\""));
  EXPECT_NE(scope.error().www_authenticate.find("algs=\""), std::string::npos);
  const auto weak = guard.require_authentication(*guard.check(ask()), {.acr_values = {"urn:gold"}});
  ASSERT_FALSE(weak);
  EXPECT_EQ(weak.error().status, 401);
  EXPECT_TRUE(weak.error().www_authenticate.starts_with("DPoP realm=\"api\""));
}

// RFC9449-4.3; 9449-15: old proofs, and those ahead
TEST_F(ResourceDpop, S4_3_Times) {
  const auto token = bound_token();
  const auto now = issuer.clock.now().unix_seconds();
  for (const std::int64_t bad : {now - 61, now - 3600, now + 61, now + 3600}) {
    EXPECT_EQ(status(test::with_proof(request(token), proof(key, token, {{"iat", bad}}))), 401);
  }
}

// asvs-10.3.5: an API may take bound tokens alone
TEST_F(ResourceDpop, BoundTokensMayBeRequired) {
  auto strict = options();
  strict.require_bound_tokens = true;
  Guard at(strict, issuer.transport(), issuer.clock);
  const auto plain = issuer.sign_access_token(issuer.access_token_claims());
  EXPECT_EQ(status(request(plain, "Bearer")), 200);
  EXPECT_EQ(status(request(plain, "Bearer"), at), 401);
  const auto token = bound_token();
  EXPECT_EQ(status(test::with_proof(request(token), proof(key, token)), at), 200);
}

// RFC9449-11.1; 9449-18: what is remembered is bounded, and a full memory refuses
TEST_F(ResourceDpop, S11_1_TheMemoryIsBounded) {
  resource::UsedProofs used(2);
  const auto now = issuer.clock.now();
  const auto named = [&](const char* id) {
    return DpopProof{
        .thumbprint = "k", .token_id = id, .nonce = "", .usable_until = now + Seconds{60}};
  };
  EXPECT_TRUE(used.use(named("a"), now));
  EXPECT_FALSE(used.use(named("a"), now));
  EXPECT_TRUE(used.use(named("b"), now));
  EXPECT_FALSE(used.use(named("c"), now));
  EXPECT_TRUE(used.use({"k", "c", "", now + Seconds{120}}, now + Seconds{60}));
}

}  // namespace cardea::resource_dpop_test
