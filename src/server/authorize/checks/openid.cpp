// Rules of OpenID Connect Core: openid and nonce where an ID token leaves the front channel,
// prompt, max_age, claims, id_token_hint.
#include <algorithm>

#include "server/authorize/checks.h"

namespace cardea::checks {

// OIDC Core 3.2.2.1, 3.3.2.1.
Finding openid_for_id_token(const CheckInput& input) {
  if (!input.request.asks_for_id_token() || input.request.asks_for_openid()) {
    return passed("scope fits response_type");
  }
  return refused({ErrorCode::invalid_request, "An ID token needs the scope openid.",
                  "response_type holds id_token and scope lacks openid", "Add openid to scope."});
}

Finding nonce_fits(const CheckInput& input) {
  if (!input.request.is_malformed("nonce")) return passed("nonce fits");
  return refused({ErrorCode::invalid_request, "The nonce parameter is too long.",
                  "nonce is longer than 4096 bytes", "Send a random value as nonce."});
}

// OIDC Core 3.2.2.1, 3.3.2.11: optional for the code flow alone.
Finding nonce_present(const CheckInput& input) {
  if (!input.request.asks_for_id_token() || !input.request.nonce.empty()) {
    return passed("nonce is present where it is needed");
  }
  return refused({ErrorCode::invalid_request, "The nonce parameter is missing.",
                  "response_type holds id_token and nonce is absent",
                  "Send a random nonce and compare it with the ID token's."});
}

Finding prompt_known(const CheckInput& input) {
  if (!input.request.is_malformed("prompt")) return passed("prompt is known");
  return refused({ErrorCode::invalid_request, "The prompt parameter has an unknown value.",
                  "prompt has a word that is none of none, login, consent, select_account",
                  "Send none, login, consent or select_account."});
}

Finding prompt_consistent(const CheckInput& input) {
  if (!input.request.prompt.contradicts_itself()) return passed("prompt is consistent");
  return refused({ErrorCode::invalid_request, "The prompt none stands alone.",
                  "prompt has none and another word", "Send prompt=none alone."});
}

Finding max_age_readable(const CheckInput& input) {
  if (!input.request.is_malformed("max_age")) return passed("max_age is readable");
  return refused({ErrorCode::invalid_request, "The max_age is not a number of seconds.",
                  "max_age is not 1 to 12 digits", "Send max_age as whole seconds."});
}

// OIDC Core 5.5.
Finding claims_readable(const CheckInput& input) {
  if (!input.request.is_malformed("claims")) return passed("claims is readable");
  return refused({ErrorCode::invalid_request, "The claims parameter is malformed.",
                  "claims is not a JSON object of the form of OIDC Core 5.5",
                  "Send an object with id_token and userinfo, each claim null or an object."});
}

// OIDC Core 3.1.2.1; decision Q5: our access tokens and other clients' ID tokens are no hints.
Finding hint_genuine(const CheckInput& input) {
  if (!input.hint) return passed("no id_token_hint");
  const HintReading& hint = *input.hint;
  if (!hint) {
    return refused({ErrorCode::invalid_request, "The id_token_hint is not acceptable.",
                    "id_token_hint: " + hint.error(),
                    "Send an ID token that this issuer gave to this client."});
  }
  if (std::ranges::find(hint->audience, input.client.client_id.value()) == hint->audience.end()) {
    return refused({ErrorCode::invalid_request, "The id_token_hint is not acceptable.",
                    "id_token_hint was given to another client",
                    "Send an ID token that this issuer gave to this client."});
  }
  return passed("id_token_hint is ours");
}

}  // namespace cardea::checks
