// Judging the answer that the browser brings back: RFC 6749 4.1.2, RFC 9207 2.4, OIDC Core 3.1.2.7.
// Its result is the only thing that a code exchange accepts, so an unchecked code cannot be spent.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "client/authorization.h"
#include "client/configuration.h"
#include "client/error.h"
#include "protocol/provider_metadata.h"

namespace cardea::client {

using AuthorizationCode = Secret<struct AuthorizationCodeTag>;

// An authorization response that is ours: state and iss are right, nothing was doubled, a code is
// there. Made by validate_callback alone; spent by one exchange, so it can be moved but not copied.
class ValidatedCallback {
 public:
  ValidatedCallback(ValidatedCallback&&) = default;
  ValidatedCallback& operator=(ValidatedCallback&&) = default;

  const AuthorizationCode& code() const { return code_; }
  const pkce::Verifier& verifier() const { return verifier_; }
  const std::string& nonce() const { return nonce_; }
  const std::string& redirect_uri() const { return redirect_uri_; }
  const std::vector<std::string>& scope() const { return scope_; }
  const std::vector<std::string>& acr_values() const { return acr_values_; }
  std::optional<Seconds> max_age() const { return max_age_; }

 private:
  friend class Callback;
  ValidatedCallback() = default;
  AuthorizationCode code_;
  pkce::Verifier verifier_;
  std::string nonce_;
  std::string redirect_uri_;
  std::vector<std::string> scope_;
  std::vector<std::string> acr_values_;
  std::optional<Seconds> max_age_;
};

// The `state` of an answer, to find its PendingAuthorization by. Nothing when it is absent, empty
// or doubled.
std::optional<std::string> state_of(std::string_view parameters);

// parameters: the callback's query without `?`, or its body for form_post.
// pending: taken out of the session, so that no answer is judged twice.
// Refuses, in this order: callback.malformed (not a form, or a parameter twice), callback.state,
// callback.late, callback.iss (another issuer; missing though advertised), callback.refused (the
// issuer's error, in `refusal`), callback.code (no code).
Result<ValidatedCallback, Error> validate_callback(const Configuration& configuration,
                                                   const ProviderMetadata& metadata,
                                                   PendingAuthorization pending,
                                                   std::string_view parameters, Instant now);

}  // namespace cardea::client
