// Access tokens: JWTs of RFC 9068 or sealed opaque `at1_` texts, as the resource says (decision
// Q5), both with the same facts inside. Nothing is stored for a token; whether it is still alive
// is liveness.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "domain/grant.h"
#include "protocol/token_response.h"
#include "server/deps.h"

namespace cardea {

struct AccessTokenFacts {
  TokenId token_id;  // "<grant id>.<random>", or random alone without a grant
  ClientId client_id;
  // What the client calls the user (subject.h); the client itself for client credentials (RFC 9068
  // 2.2). Says who it is about, and finds nobody: that is the grant's.
  std::string subject;
  std::vector<ResourceId> resources;  // whose token form is one and the same (shared_form)
  std::vector<std::string> scopes;
  std::string authorization_details;  // as text; "" for none
  Instant issued_at{};
  Instant expires_at{};
  // How the person signed in, never later than the grant (9068-06). JWT only: an opaque token's is
  // read from its grant.
  std::optional<Authentication> authentication;
  Confirmation confirmation;  // what its user must prove
  // Who acts for the subject: the `act` claim as JSON text (RFC 8693 4.1); "" for nobody.
  std::string actor = {};
};

// "DPoP" for a token bound to a key, else "Bearer" (RFC 9449 5, RFC 8705 3).
std::string token_type_of(const Confirmation& confirmation);

// What a token says of itself, in a JWT (RFC 9068 2.2) and at introspection (RFC 7662 2.2).
void add_token_claims(json::ObjectText& out, const Settings& settings,
                      const AccessTokenFacts& facts);
// How the person signed in, beside it (RFC 9068 2.2.1).
void add_authentication_claims(json::ObjectText& out, const Authentication& authentication);

// grant_id empty: client credentials.
TokenId new_token_id(const GrantId& grant_id, Random& random);
// The grant a token belongs to; empty for client credentials.
GrantId grant_of(const TokenId& token_id);

// Opaque without a resource. Nothing when no key signs with the resources' algorithm, or they do
// not share a form.
std::optional<AccessToken> mint_access_token(const Deps& deps, const AccessTokenFacts& facts);
// The facts of a token of this issuer in either form; nothing for anything else: other typ (ID
// tokens, logout tokens), other signer, any change of a single character. Expiry is not judged.
std::optional<AccessTokenFacts> read_access_token(const Deps& deps, std::string_view text);

}  // namespace cardea
