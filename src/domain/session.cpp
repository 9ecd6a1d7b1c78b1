// When a browser session ends; see session.h.
#include "domain/session.h"

namespace cardea {

bool is_alive(const Session& session, Instant now) {
  return now < session.absolute_end && now < session.last_seen + session.idle_lifetime;
}

}  // namespace cardea
