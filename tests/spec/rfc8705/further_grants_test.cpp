// RFC 8705 3 and 4 at the grants for devices, assertions and exchanges: each gives bound tokens to
// a client that registered for them, and none without a certificate.
#include "support/further_grants.h"
#include "server/tokens/access_token.h"
#include "support/client_certificates.h"

namespace cardea::rfc8705_further_grants_test {

using namespace test;

struct Rfc8705FurtherGrants : FurtherGrants {
  const std::string own = self_signed().der();
  const std::string other = self_signed().der();

  Rfc8705FurtherGrants() {
    for (const auto* id : {"cA", "pN"}) {
      harness.edit_client(
          id, [](Client& client) { client.tls_client_certificate_bound_access_tokens = true; });
    }
  }
  Tokens with(http::Request request, const std::string& certificate) {
    if (!certificate.empty()) request.client_certificates = {certificate};
    return tokens_of(harness.send(std::move(request)));
  }
  void expect_bound(const Tokens& tokens, const std::string& certificate) {
    ASSERT_EQ(tokens.status, 200) << tokens.response.body;
    const auto facts = read_access_token(*harness.deps, tokens.access_token);
    ASSERT_TRUE(facts.has_value());
    EXPECT_EQ(facts->confirmation, confirmation_of_certificate(certificate));
  }
};

// RFC8705-3; RFC8705-4; 8705-03; 8705-05: a device and its refresh tokens
TEST_F(Rfc8705FurtherGrants, S4_Devices) {
  const auto begun = device("openid profile", "pN");
  allow(browser, begun);
  const auto code = text_in(begun, "device_code");
  EXPECT_EQ(with(poll_request(code, "pN"), "").error, "invalid_request");
  const auto tokens = with(poll_request(code, "pN"), own);
  expect_bound(tokens, own);
  ASSERT_FALSE(tokens.refresh_token.empty());
  const auto refresh = [&](const std::string& certificate) {
    return with(harness.refresh_request("pN", tokens.refresh_token), certificate);
  };
  EXPECT_EQ(refresh(other).error, "invalid_grant");
  expect_bound(refresh(own), own);
}

// RFC8705-3; 8705-03: assertions and exchanges; a bound token is exchanged with its certificate
TEST_F(Rfc8705FurtherGrants, S3_AssertionsAndExchanges) {
  const auto bearer = [&](const std::string& certificate) {
    return with(bearer_request(partner_assertion(), "cA", {{"scope", "openid profile"}}),
                certificate);
  };
  EXPECT_EQ(bearer("").error, "invalid_request");
  expect_bound(bearer(own), own);
  const auto subject =
      with(harness.redeem_request(
               "cA", harness.issue_code({.scope = "openid calendar.read", .resource = api})),
           own);
  expect_bound(subject, own);
  const auto exchanged = [&](const std::string& certificate) {
    return with(harness.as_client("cA", "/token",
                                  {{"grant_type", exchange_grant},
                                   {"subject_token", subject.access_token},
                                   {"subject_token_type", access_token_type},
                                   {"resource", api}}),
                certificate);
  };
  EXPECT_EQ(exchanged("").error, "invalid_request");
  EXPECT_EQ(exchanged(other).error, "invalid_request");
  expect_bound(exchanged(own), own);
}

}  // namespace cardea::rfc8705_further_grants_test
