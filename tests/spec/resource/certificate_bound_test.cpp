// The guard and tokens that are bound to a client certificate: RFC 8705 3.
#include <gtest/gtest.h>

#include "resource/guard.h"
#include "support/client_certificates.h"
#include "support/dpop_proof.h"
#include "support/fake_issuer.h"

namespace cardea::resource_certificate_test {

using fake_issuer::FakeIssuer;
using resource::Guard;
using resource::GuardOptions;

struct ResourceCertificates : testing::Test {
  FakeIssuer issuer;
  const std::string own = test::self_signed().der();
  const std::string other = test::self_signed().der();

  static GuardOptions options() {
    return {.issuer = "https://issuer.example",
            .resource = "https://api.example",
            .public_origin = "https://api.example"};
  }
  std::string token(const json::Object& cnf) const {
    auto claims = issuer.access_token_claims();
    if (!cnf.empty()) claims.set("cnf", cnf);
    return issuer.sign_access_token(claims);
  }
  std::string bound_token() const {
    return token(write_confirmation(confirmation_of_certificate(own)));
  }
  static http::Request request(const std::string& token, const std::string& certificate,
                               const std::string& scheme = "Bearer") {
    http::Request made{
        .method = "GET", .target = "/events", .headers = {{"Authorization", scheme + " " + token}}};
    if (!certificate.empty()) made.client_certificates = {certificate};
    return made;
  }
};

// RFC8705-3; RFC8705-3.1; 8705-04: with its certificate, and with no other or none
TEST_F(ResourceCertificates, S3_TheCertificateOfTheToken) {
  Guard guard{options(), issuer.transport(), issuer.clock};
  const auto permit = guard.check(request(bound_token(), own));
  ASSERT_TRUE(permit) << permit.error().reason;
  EXPECT_EQ(permit->confirmation, confirmation_of_certificate(own));
  for (const auto& certificate : {other, std::string()}) {
    const auto refused = guard.check(request(bound_token(), certificate));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().status, 401);
    EXPECT_NE(refused.error().www_authenticate.find("error=\"invalid_token\""), std::string::npos);
  }
  // Only the certificate of the connection itself counts, not what came along with it.
  auto second = request(bound_token(), other);
  second.client_certificates.push_back(own);
  EXPECT_FALSE(guard.check(second));
  // Unbound tokens do not mind; tokens of keys are not helped by a certificate.
  EXPECT_TRUE(guard.check(request(token({}), own)));
  const test::DpopKey key;
  const auto of_key = token(json::Object{{"jkt", key.thumbprint()}});
  EXPECT_FALSE(guard.check(request(of_key, own)));
  const auto proof = key.proof(issuer, {.method = "GET",
                                        .url = "https://api.example/events",
                                        .access_token = bound_token(),
                                        .claims = {},
                                        .header = {}});
  EXPECT_FALSE(guard.check(test::with_proof(request(bound_token(), own, "DPoP"), proof)));
}

// RFC8705-3: an API may take bound tokens alone
TEST_F(ResourceCertificates, S3_BoundTokensAlone) {
  auto strict = options();
  strict.require_bound_tokens = true;
  Guard guard{strict, issuer.transport(), issuer.clock};
  EXPECT_TRUE(guard.check(request(bound_token(), own)));
  EXPECT_FALSE(guard.check(request(token({}), own)));
}

// RFC8705-3.2: what introspection says is compared the same way
TEST_F(ResourceCertificates, S3_2_Introspected) {
  const auto answer = [&](const Confirmation& proven) {
    const json::Object claims{{"active", true},
                              {"aud", "https://api.example"},
                              {"cnf", write_confirmation(confirmation_of_certificate(own))}};
    return resource::process_introspection(
               {.issuer = "https://issuer.example",
                .audience = "https://api.example",
                .proven = proven},
               {.status = 200, .headers = {}, .body = json::write(claims)}, issuer.clock.now())
        .ok();
  };
  EXPECT_TRUE(answer(confirmation_of_certificate(own)));
  EXPECT_FALSE(answer(confirmation_of_certificate(other)));
  EXPECT_FALSE(answer({}));
}

}  // namespace cardea::resource_certificate_test
