// A request that waits for a person: a parked authorize request, a logout, or a device whose code
// was typed. One row behind a short
// handle, bound to a cookie; it ends by one guarded write, so two tabs or a double submit give one
// code (decision Q6).
//
//   open --sign-in, account chosen; more to ask--> open
//   open --allow, deny, cancel, or sign-in with nothing more to ask--> finished
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "domain/identifiers.h"
#include "domain/one_time.h"

namespace cardea {

struct Interaction {
  enum class Kind { authorize, logout, device };
  enum class State { open, finished };

  InteractionDigest handle;
  BindingDigest binding;
  Kind kind = Kind::authorize;
  State state = State::open;
  std::string
      sealed_request;  // the parameters as form text, sealed (they may hold an id_token_hint)
  // The session chosen or made in this interaction. authenticated_here: by a sign-in after the
  // request came, which satisfies prompt=login, max_age and select_account (OIDC Core 3.1.2.1).
  std::optional<SessionId> session_id;
  bool authenticated_here = false;
  bool account_selected = false;
  Instant created_at{};
  Instant expires_at{};
  std::string address;  // for the per-source quota
  // The request that the end of this interaction completes, where that may happen once: a pushed
  // one (RFC 9126 7.3). When it was completed elsewhere, this interaction is not open any more.
  std::optional<OneTime> completes;
};

}  // namespace cardea
