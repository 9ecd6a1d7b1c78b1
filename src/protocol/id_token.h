// ID token validation in the order of OIDC Core 3.1.3.7, each step a refusal of its own. Used by
// the client for what it receives, and by tests of the server for what it mints. No network and no
// clock: the keys and the time are inputs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "jose/jwk.h"
#include "protocol/spec.h"

namespace cardea {

// Which step refused. The names (name_of) are stable: the client makes its error codes of them.
enum class IdTokenRule {
  form,
  typ,
  iss,
  aud,
  azp,
  alg,
  signature,
  exp,
  iat,
  nonce,
  acr,
  auth_time,
  sub,
  at_hash,
  c_hash
};
std::string_view name_of(IdTokenRule rule);

struct IdTokenRefusal {
  IdTokenRule rule = IdTokenRule::form;
  SpecRef spec;
  std::string reason;  // expected and actual values; private
};

struct IdTokenExpectations {
  std::string issuer;
  std::string client_id;
  // By configuration, never by the token (step 7). HMAC and `none` cannot be expressed.
  std::vector<jose::SignatureAlgorithm> algorithms{jose::SignatureAlgorithm::RS256};
  // Other audiences that may stand beside client_id (step 3).
  std::vector<std::string> trusted_audiences;
  // What the authorization request sent (step 11). A refreshed token may leave it out (12.2).
  std::optional<std::string> nonce;
  enum class NoncePresence { required, may_be_absent } nonce_presence = NoncePresence::required;
  // Acceptable acr values; empty: any (step 12).
  std::vector<std::string> acr_values;
  // As sent; auth_time is then required (step 13).
  std::optional<Seconds> max_age;
  // Who it must be about: for a refreshed token (12.2) and for re-authentication.
  std::optional<std::string> subject;
  // For a refreshed token: if it has an auth_time, it is this one (12.2).
  std::optional<Instant> original_auth_time;
  // Access token and code that came with it, or that it was exchanged for: at_hash and c_hash are
  // compared when present. From the token endpoint both may be absent (3.1.3.6, 3.3.3.6); from the
  // authorization endpoint the hash of what came beside the ID token is required (3.3.2.11).
  std::optional<std::string_view> access_token;
  std::optional<std::string_view> code;
  enum class Source { token_endpoint, authorization_endpoint } source = Source::token_endpoint;
  Seconds clock_tolerance{30};
  Seconds age_max = minutes(10);  // since iat (step 10)
};

// An ID token that passed every step; made by check_id_token alone.
class VerifiedIdToken {
 public:
  const std::string& issuer() const { return issuer_; }
  const std::string& subject() const { return subject_; }
  const std::vector<std::string>& audience() const { return audience_; }
  Instant expires_at() const { return expires_at_; }
  Instant issued_at() const { return issued_at_; }
  std::optional<Instant> auth_time() const { return auth_time_; }
  std::optional<std::string> acr() const { return json::string_member(claims_, "acr"); }
  std::vector<std::string> amr() const {
    return json::strings_member(claims_, "amr").value_or(std::vector<std::string>());
  }
  std::optional<std::string> sid() const { return json::string_member(claims_, "sid"); }
  // All claims, standard or not.
  const json::Object& claims() const { return claims_; }

 private:
  friend class IdTokenCheck;
  VerifiedIdToken() = default;
  std::string issuer_;
  std::string subject_;
  std::vector<std::string> audience_;
  Instant expires_at_;
  Instant issued_at_;
  std::optional<Instant> auth_time_;
  json::Object claims_;
};

// Thread-safe. The first step that fails refuses.
Result<VerifiedIdToken, IdTokenRefusal> check_id_token(std::string_view token,
                                                       const jose::JwkSet& keys,
                                                       const IdTokenExpectations& expected,
                                                       Instant now);

}  // namespace cardea
