// Proof Key for Code Exchange: S256, required. RFC 7636 4.2-4.4, RFC 9700 2.1.1, decision Q1.
#include "protocol/pkce.h"

#include "server/authorize/checks.h"

namespace cardea::checks {
namespace {

bool has_challenge(const CheckInput& input) {
  return !input.request.code_challenge.empty();
}

}  // namespace

Finding challenge_present(const CheckInput& input) {
  if (!input.request.asks_for_code()) return passed("no code is asked for");
  if (has_challenge(input)) return passed("code_challenge is present");
  if (input.client.pkce == PkcePolicy::optional && !input.client.is_public() &&
      input.request.code_challenge_method.empty()) {
    return passed("code_challenge is absent and pkce is optional for this client");
  }
  Finding missing = refused({ErrorCode::invalid_request, "The code_challenge parameter is missing.",
                             "code_challenge is absent",
                             "Turn PKCE on in the app (code_challenge_method=S256); next-auth: "
                             "checks = [pkce, state]; only if it cannot, set pkce = optional for "
                             "a confidential client."});
  const bool may_pass =
      input.relaxations.missing_pkce() && input.request.code_challenge_method.empty();
  return may_pass ? relaxed(std::move(missing)) : missing;
}

Finding challenge_method_s256(const CheckInput& input) {
  if (!input.request.asks_for_code() || !has_challenge(input)) return passed("no challenge");
  if (input.request.code_challenge_method == pkce::method) {
    return passed("code_challenge_method is S256");
  }
  // RFC 7636 4.3: an absent method means plain.
  return refused({ErrorCode::invalid_request, "The code_challenge_method must be S256.",
                  "code_challenge_method is <" + input.request.code_challenge_method + ">",
                  "Send code_challenge_method=S256."});
}

Finding challenge_well_formed(const CheckInput& input) {
  if (!input.request.asks_for_code() || !has_challenge(input)) return passed("no challenge");
  if (pkce::is_challenge(input.request.code_challenge)) return passed("code_challenge is 32 bytes");
  return refused({ErrorCode::invalid_request, "The code_challenge is malformed.",
                  "code_challenge has " + std::to_string(input.request.code_challenge.size()) +
                      " characters or is not base64url without padding",
                  "Send base64url(SHA-256(code_verifier)): 43 characters, no padding."});
}

// Security corpus 7636-07: the digest of nothing would be answered by no verifier.
Finding challenge_not_of_nothing(const CheckInput& input) {
  static const std::string of_nothing = pkce::challenge_of(pkce::Verifier(""));
  if (input.request.code_challenge != of_nothing) return passed("code_challenge has a verifier");
  return refused({ErrorCode::invalid_request, "The code_challenge is that of an empty verifier.",
                  "code_challenge is the digest of an empty text",
                  "Make a verifier of 43 to 128 characters first."});
}

}  // namespace cardea::checks
