// JWT access tokens (RFC 9068): what a resource server must check (section 4) and what it learns.
// Used by cardea::resource, and by our own userinfo for tokens that name the issuer as audience. No
// network and no clock.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "jose/jwk.h"
#include "protocol/confirmation.h"
#include "protocol/spec.h"

namespace cardea {

// The value of `typ` (RFC 9068 2.1).
inline constexpr std::string_view access_token_jwt_typ = "at+jwt";

enum class AccessTokenRule { form, typ, alg, signature, iss, aud, exp, iat, claims, binding };
std::string_view name_of(AccessTokenRule rule);

struct AccessTokenRefusal {
  AccessTokenRule rule = AccessTokenRule::form;
  SpecRef spec;
  std::string reason;  // expected and actual values; private, never the token
};

struct AccessTokenExpectations {
  std::string issuer;
  // The identifier of this resource; must be a member of `aud`. There is no way to leave it out.
  std::string audience;
  std::vector<jose::SignatureAlgorithm> algorithms{jose::SignatureAlgorithm::ES256,
                                                   jose::SignatureAlgorithm::RS256};
  Seconds clock_tolerance{10};
  // What the request proved to hold; a bound token must be bound to that (RFC 9449 7.2, RFC 8705
  // 3).
  Confirmation proven;
};

// A JWT access token that passed every rule; made by check_access_token_jwt alone.
class VerifiedAccessToken {
 public:
  const std::string& subject() const { return subject_; }
  const std::string& client_id() const { return client_id_; }
  const std::string& token_id() const { return token_id_; }  // `jti`
  const std::vector<std::string>& audience() const { return audience_; }
  const std::vector<std::string>& scope() const { return scope_; }
  Instant expires_at() const { return expires_at_; }
  Instant issued_at() const { return issued_at_; }
  const Confirmation& confirmation() const { return confirmation_; }
  const json::Object& claims() const { return claims_; }

 private:
  friend class AccessTokenCheck;
  VerifiedAccessToken() = default;
  std::string subject_;
  std::string client_id_;
  std::string token_id_;
  std::vector<std::string> audience_;
  std::vector<std::string> scope_;
  Instant expires_at_;
  Instant issued_at_;
  Confirmation confirmation_;
  json::Object claims_;
};

// RFC 9068 4, with every claim that 2.2 requires. A token bound to a key or certificate (`cnf`) is
// refused unless that is what was proven. Thread-safe.
Result<VerifiedAccessToken, AccessTokenRefusal> check_access_token_jwt(
    std::string_view token, const jose::JwkSet& keys, const AccessTokenExpectations& expected,
    Instant now);

}  // namespace cardea
