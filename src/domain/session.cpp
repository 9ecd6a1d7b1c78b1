// When a browser session ends; see session.h.
#include "domain/session.h"

namespace cardea {

Authentication by_password(Instant now) {
  return {.auth_time = Instant::from_seconds(now.unix_seconds()),
          .acr = std::string(acr_password),
          .amr = {"pwd"}};
}

Authentication by_password_and_code(Instant now) {
  return {.auth_time = Instant::from_seconds(now.unix_seconds()),
          .acr = std::string(acr_mfa),
          .amr = {"pwd", "otp", "mfa"}};
}

bool has_two_factors(const Authentication& authentication) {
  return authentication.acr == acr_mfa;
}

bool is_alive(const Session& session, Instant now) {
  return now < session.absolute_end && now < session.last_seen + session.idle_lifetime;
}

}  // namespace cardea
