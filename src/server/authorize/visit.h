// An admitted request together with the browser that brought it: all that next_step looks at.
#pragma once

#include <optional>

#include "server/authorize/admit.h"
#include "server/authorize/next_step.h"
#include "server/sessions/browser.h"

namespace cardea {

struct Visit {
  Admitted admitted;
  Browser browser;
  InteractionFacts facts;
  std::optional<Consent> consent;
  NextStep step;
  std::optional<User> proven;  // find_proven(): without it facts.first_factor counts for nothing

  // The session that `step` concerns.
  const store::SessionView& session() const { return browser.sessions[step.session.value()]; }
};

// What the row remembers of an interaction.
InteractionFacts facts_of(const Interaction& row);

// The user of a first factor that still counts: not too old, not failed too often, the user enabled
// and unchanged.
Task<store::Answer<std::optional<User>>> find_proven(const Deps& deps, const Exchange& exchange,
                                                     const Interaction& row);

// Reads the remembered approval of the candidate and fills `consent` and `step`. Reads only.
Task<store::Answer<Unit>> decide(const Deps& deps, Exchange& exchange, Visit& visit);

}  // namespace cardea
