// Logout tokens (OIDC Back-Channel Logout 1.0 2.4): what the issuer says, and how a client checks
// it (2.6). No network and no clock: keys and time are inputs.
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

inline constexpr std::string_view logout_token_type = "logout+jwt";
inline constexpr std::string_view backchannel_logout_event =
    "http://schemas.openid.net/event/backchannel-logout";
// Long enough for a slow clock; a token that is sent again is made anew.
inline constexpr Seconds logout_token_lifetime = minutes(2);

struct LogoutFacts {
  std::string issuer;
  std::string client_id;
  std::string token_id;    // `jti`, the same for every attempt to tell the same thing
  std::string subject;     // `sub`
  std::string session_id;  // `sid`
};
json::ObjectText logout_claims(const LogoutFacts& facts, Instant now);

// Which step refused. The names are stable: the client makes its error codes of them.
enum class LogoutTokenRule {
  form,
  typ,
  alg,
  signature,
  iss,
  aud,
  iat,
  exp,
  jti,
  subject_or_session,
  events,
  nonce
};
std::string_view name_of(LogoutTokenRule rule);

struct LogoutTokenRefusal {
  LogoutTokenRule rule = LogoutTokenRule::form;
  SpecRef spec;
  std::string reason;  // private; never the token
};

struct LogoutTokenExpectations {
  std::string issuer;
  std::string client_id;
  // Of the client's ID tokens, by configuration (2.6 step 2).
  std::vector<jose::SignatureAlgorithm> algorithms{jose::SignatureAlgorithm::RS256};
  Seconds clock_tolerance{30};
  Seconds age_max = minutes(10);  // since iat
};

// A logout token that passed every step; made by check_logout_token alone. Whether its token_id was
// seen before is the caller's to remember until expires_at (2.6 step 8).
class VerifiedLogoutToken {
 public:
  const std::string& token_id() const { return token_id_; }
  // At least one of the two is there. With a session_id that session ends, else every session of
  // the subject.
  const std::optional<std::string>& subject() const { return subject_; }
  const std::optional<std::string>& session_id() const { return session_id_; }
  Instant expires_at() const { return expires_at_; }

 private:
  friend class LogoutTokenCheck;
  VerifiedLogoutToken() = default;
  std::string token_id_;
  std::optional<std::string> subject_;
  std::optional<std::string> session_id_;
  Instant expires_at_{};
};

// Thread-safe. The first step that fails refuses.
Result<VerifiedLogoutToken, LogoutTokenRefusal> check_logout_token(
    std::string_view token, const jose::JwkSet& keys, const LogoutTokenExpectations& expected,
    Instant now);

}  // namespace cardea
