// Client assertions; see client_assertion.h.
#include "protocol/client_assertion.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace cardea {
namespace {

// 1. iss and 2. sub are the client (OIDC Core 9).
AssertionExpectations as_assertion(const ClientAssertionExpectations& expected) {
  std::vector<std::string> audiences{expected.issuer};
  if (!expected.profile) std::ranges::copy(expected.endpoints, std::back_inserter(audiences));
  return {.issuer = expected.client_id,
          .subject = expected.client_id,
          .audiences = std::move(audiences),
          .profile = expected.profile,
          .typ = "client-authentication+jwt",
          .algorithm = expected.algorithm,
          .lifetime_max = client_assertion_lifetime_max,
          .clock_tolerance = expected.clock_tolerance};
}

Result<ClientAssertion, ClientAssertionRefusal> of_client(
    Result<Assertion, AssertionRefusal> checked) {
  if (!checked) return refuse(std::move(checked).error());
  return ClientAssertion{std::move(checked->token_id), checked->expires_at};
}

}  // namespace

std::optional<std::string> unverified_subject(std::string_view assertion) {
  return unverified_text(assertion, "sub");
}

Result<ClientAssertion, ClientAssertionRefusal> check_client_assertion(
    std::string_view assertion, const jose::JwkSet& keys,
    const ClientAssertionExpectations& expected, Instant now) {
  return of_client(check_assertion(assertion, keys, as_assertion(expected), now));
}

Result<ClientAssertion, ClientAssertionRefusal> check_client_assertion(
    std::string_view assertion, const std::vector<jose::MacSecret>& secrets,
    const ClientAssertionExpectations& expected, Instant now) {
  return of_client(check_assertion(assertion, secrets, as_assertion(expected), now));
}

}  // namespace cardea
