// Starting a sign-in: the URL to send the browser to, and what must be kept until it comes back.
// RFC 6749 4.1.1, OIDC Core 3.1.2.1, RFC 7636 4.3, RFC 8707 2. state, nonce and PKCE are always
// made here; there is no way to leave one out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "client/configuration.h"
#include "client/error.h"
#include "http/form.h"
#include "http/message.h"
#include "protocol/pkce.h"
#include "protocol/provider_metadata.h"
#include "protocol/token_response.h"

namespace cardea::client {

// What one sign-in asks for beyond the configuration. Every field may stay empty.
struct AuthorizationRequest {
  std::vector<std::string> scope;       // instead of the configuration's
  std::vector<std::string> prompt;      // "login", "consent", "select_account", or "none" alone
  std::optional<Seconds> max_age;       // checked again in the ID token
  std::vector<std::string> acr_values;  // essential: the ID token must have one of them
  std::string login_hint;
  std::optional<IdTokenText> id_token_hint;
  std::vector<std::string> ui_locales;
  std::optional<json::Object> claims;  // OIDC Core 5.5
  enum class ResponseMode { query, form_post } response_mode = ResponseMode::query;
  // Any others. A name that this library sends itself is refused.
  http::FormPairs additional;
};

// One sign-in under way. Keep it in the app's server-side session, by state(), and hand it to
// validate_callback once: it holds the PKCE verifier and the nonce, so it never goes to the
// browser.
class PendingAuthorization {
 public:
  const std::string& state() const { return state_; }

  // As text for a session store; a secret. parse() gives nothing for any other text.
  std::string serialise() const;
  static std::optional<PendingAuthorization> parse(std::string_view text);

 private:
  friend class Authorization;  // makes it
  friend class Callback;       // judges with it
  PendingAuthorization() = default;

  std::string state_;
  std::string nonce_;
  pkce::Verifier verifier_;
  std::string issuer_;
  std::string redirect_uri_;
  std::vector<std::string> scope_;
  std::vector<std::string> acr_values_;
  std::optional<Seconds> max_age_;
  Instant started_at_;
};

struct StartedAuthorization {
  std::string url;  // for a 302 or 303 answer to the browser
  PendingAuthorization pending;
};

// What to ask of the issuer when an API answered that the sign-in behind the token is too weak or
// too old (RFC 9470 3, 4): its acr_values and max_age, in a request that lacks everything else.
// Nothing for any other answer. The new tokens may still not do: whoever is refused again with them
// stops there (RFC 9470 5).
std::optional<AuthorizationRequest> step_up_for(const http::Response& refused);

// Thread-safe, as all functions of this library are that take only values.
// Refuses: authorization.parameter (an additional parameter is one of ours, prompt mixes "none"
// with others).
Result<StartedAuthorization, Error> start_authorization(const Configuration& configuration,
                                                        const ProviderMetadata& metadata,
                                                        const AuthorizationRequest& request,
                                                        Random& random, Instant now);

}  // namespace cardea::client
