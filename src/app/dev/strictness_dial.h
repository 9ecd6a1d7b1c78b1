// The only maker of relaxations (decision Q15): `warn` and `open` turn a closed list of refusals
// into warnings.
#pragma once

#include "app/dev/options.h"
#include "server/strictness.h"

namespace cardea::dev {

class StrictnessDial {
 public:
  static Relaxations at(app::dev::Strictness strictness) {
    Relaxations relaxations;
    relaxations.missing_pkce_ = strictness != app::dev::Strictness::strict;
    relaxations.unregistered_loopback_redirect_ = strictness != app::dev::Strictness::strict;
    relaxations.unknown_client_ = strictness == app::dev::Strictness::open;
    return relaxations;
  }
};

}  // namespace cardea::dev
