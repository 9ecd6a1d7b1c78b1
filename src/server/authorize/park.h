// Requests that wait for a person: parking, finding and leaving them. One row behind a short handle
// in the address, bound to the browser's cookie (decisions Q6, Q16).
//
// A POST from another site brings no cookies, so its row is unbound until the browser comes back by
// GET with them: path "resume" for an authorization request, "logout" for a logout.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/authorize/asked_request.h"
#include "server/authorize/objection.h"
#include "server/deps.h"
#include "server/sessions/browser.h"

namespace cardea {

struct ToPark {
  Interaction::Kind kind = Interaction::Kind::authorize;
  const AskedRequest& asked;  // of a logout: its parameters
  // Whose request it is; nothing: unbound.
  std::optional<BindingValue> binding;
  std::optional<Instant> until = {};  // when it ends at the latest, where something else says so
  std::optional<FirstFactor> first_factor;
};

// The handle, or a page: 429 when this address holds too many open ones (6819-01).
Task<store::Answer<Result<std::string, PageError>>> park(const Deps& deps, const Exchange& exchange,
                                                         ToPark what);

// "/interaction/<handle>/<step>", below the issuer; and the same as a form's action.
std::string step_path(std::string_view handle, std::string_view step);
std::string step_action(const Settings& settings, std::string_view handle, std::string_view step);

// An open interaction of this browser.
struct OpenInteraction {
  std::string handle;
  Interaction row;
  AskedRequest asked;
  Browser browser;
};
using Gone = InteractionGoneView::Why;

// How long the person still has, in whole minutes and at least one: rather too little than too
// much.
Seconds time_left(const OpenInteraction& at, Instant now);

// Nothing may be done where it gives Gone: expired or unknown, finished, or another browser's.
Task<store::Answer<Result<OpenInteraction, Gone>>> open_interaction(const Deps& deps,
                                                                    Exchange& exchange,
                                                                    std::string handle);
http::Response gone_page(const Deps& deps, Exchange& exchange, Gone why);

InteractionDigest digest_of_handle(std::string_view handle);

// The anti-forgery value of a form of this interaction. `about`: what the form is about besides
// (the session on the consent page), so that a page shown for one account cannot approve for
// another.
std::string form_csrf(const Deps& deps, const OpenInteraction& at, std::string_view about = {});
// Nothing when the form's value is right; else a 403 page (6749-26).
std::optional<PageError> check_form_csrf(const Deps& deps, const OpenInteraction& at,
                                         const RawParameters& form, std::string_view about = {});

}  // namespace cardea
