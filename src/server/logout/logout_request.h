// A logout request of a client, judged: who asks, for whom, and where the browser may go
// afterwards. OIDC RP-Initiated Logout 1.0 2 and 3.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol/parameters.h"
#include "server/authorize/id_token_hint.h"
#include "server/authorize/objection.h"
#include "server/deps.h"
#include "server/sessions/browser.h"

namespace cardea {

struct LogoutRequest {
  std::shared_ptr<const Client> client;  // null when nobody said who asks
  std::optional<IdTokenHint> hint;
  // Where to go afterwards: the presented bytes, registered for `client`; "" for nowhere. An
  // address without a client behind it is dropped (security corpus L02).
  std::string redirect_uri;
  std::string state;
  std::vector<std::string> ui_locales;
};

// Memory only. Refuses with a page, never a redirect: a repeated parameter, a hint that is not
// ours, an unknown client, a client the hint was not given to, an unregistered address, too long a
// state.
Result<LogoutRequest, PageError> judge_logout(const Deps& deps, const Exchange& exchange,
                                              const RawParameters& raw);

// The browser's session that the hint was given in: by `sid`, or by user when it has none, both as
// the client calls them.
std::optional<std::size_t> hinted_session(const Seals& seals, const LogoutRequest& request,
                                          const Browser& browser);

// Whether the person need not be asked: the hint is fresh and of this browser's session, or there
// is nothing to end (oidc-25).
bool may_end_unasked(const Seals& seals, const LogoutRequest& request, const Browser& browser);

}  // namespace cardea
