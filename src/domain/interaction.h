// A request that waits for a person: a parked authorize request, a logout, or a device whose code
// was typed. One row behind a short
// handle, bound to a cookie; it ends by one guarded write, so two tabs or a double submit give one
// code (decision Q6).
//
//   open --password proven, sign-in, account chosen, wrong code; more to ask--> open
//   open --allow, deny, cancel, or sign-in with nothing more to ask--> finished
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "domain/identifiers.h"
#include "domain/one_time.h"
#include "domain/second_factor.h"

namespace cardea {

struct Interaction {
  // account: a sign-in to the account page, parked between its two factors.
  enum class Kind { authorize, logout, device, account };
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
  // The password was proven here and no session made yet; a new sign-in replaces it.
  std::optional<FirstFactor> first_factor;
  std::int64_t factor_failures = 0;  // wrong codes since the last proven password
  bool enrolment_declined = false;   // "not now", where a factor was only wished for
  Instant created_at{};
  Instant expires_at{};
  std::string address;  // for the per-source quota
  // The request that the end of this interaction completes, where that may happen once: a pushed
  // one (RFC 9126 7.3). When it was completed elsewhere, this interaction is not open any more.
  std::optional<OneTime> completes;
};

}  // namespace cardea
