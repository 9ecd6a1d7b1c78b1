// From what was approved to tokens: the one way in which a person's grant begins, whatever proves
// the approval (a code, a request that was polled for, an assertion). All rules about person,
// client and approval are here and in the store's operation, so no grant can be without them
// (security corpus B11, B18; decision Q7).
#pragma once

#include <optional>
#include <string>

#include "server/grants/grant.h"

namespace cardea::grants {

enum class RefreshTokens { as_registered, never };

// What was approved; whoever made it checked the client's proof and the request, and spent nothing.
struct Approved {
  Grant grant;  // its id is that of what was approved
  // Of the registration that matched; nothing where no redirect was used.
  std::optional<RedirectUriDigest> registered_redirect_uri;
  store::BeginGrant::SessionRule session_rule = store::BeginGrant::SessionRule::must_live;
  RefreshTokens refresh_tokens = RefreshTokens::as_registered;
  std::string nonce;  // "" for none
  // Whether the person signed in here, so that rules about sign-ins hold; somebody else's word
  // stands for it otherwise.
  bool has_sign_in = true;
};

// One write, the gate. Scopes that were taken from the client since are left out. parameters: the
// token request, which may ask for fewer authorization_details (RFC 9396 6). Refuses:
// invalid_grant (the person gone, disabled, changed, not in an allowed group or signed in by one
// factor where two are needed; the client
// disabled; its redirect URI, the session or the consent gone; replayed: which revokes what the
// first use gave; older than the sweep boundary or of another epoch);
// invalid_authorization_details; server_error without a signing key.
Task<Exchanged> begin_grant(const Deps& deps, Exchange& exchange, Approved approved,
                            const Client& client, const RawParameters& parameters);

}  // namespace cardea::grants
