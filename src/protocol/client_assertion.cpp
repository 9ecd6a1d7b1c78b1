// Client assertions; see client_assertion.h.
#include "protocol/client_assertion.h"

namespace cardea {

std::optional<std::string> unverified_subject(std::string_view assertion) {
  return unverified_text(assertion, "sub");
}

Result<ClientAssertion, ClientAssertionRefusal> check_client_assertion(
    std::string_view assertion, const jose::JwkSet& keys,
    const ClientAssertionExpectations& expected, Instant now) {
  // 1. iss and 2. sub are the client (OIDC Core 9).
  std::vector<std::string> audiences{expected.issuer};
  if (!expected.profile) audiences.push_back(expected.token_endpoint);
  auto checked = check_assertion(assertion, keys,
                                 {.issuer = expected.client_id,
                                  .subject = expected.client_id,
                                  .audiences = std::move(audiences),
                                  .profile = expected.profile,
                                  .typ = "client-authentication+jwt",
                                  .lifetime_max = client_assertion_lifetime_max,
                                  .clock_tolerance = expected.clock_tolerance},
                                 now);
  if (!checked) return refuse(std::move(checked).error());
  return ClientAssertion{std::move(checked->token_id), checked->expires_at};
}

}  // namespace cardea
