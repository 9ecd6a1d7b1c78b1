// The authorization code: facts frozen at the authorization endpoint, sealed into the code itself
// (decision Q6), or into a row when they do not fit limits::code_bytes_max. No write is needed to
// mint a code that fits.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "domain/grant.h"
#include "domain/identifiers.h"
#include "server/deps.h"

namespace cardea {

using CodeText = Secret<struct CodeTextTag>;

struct AuthorizationCode {
  GrantId code_id;  // becomes the grant's id when the code is redeemed (decision Q7)
  ClientId client_id;
  UserId user_id;
  std::int64_t security_version = 0;
  SessionId session_id;
  ConsentId consent_id;  // empty where consent is skipped
  SessionBinding session_binding = SessionBinding::ends_with_session;
  RedirectUriDigest presented_redirect_uri;   // SHA-256 of the bytes in the authorization request;
                                              // must be sent again
  RedirectUriDigest registered_redirect_uri;  // SHA-256 of the registration that matched
  // False when the authorization request had no redirect_uri parameter (RFC 6749 4.1.3).
  bool redirect_uri_was_sent = true;
  std::string code_challenge;  // S256, 43 characters; "" where policy let the client skip PKCE
  std::string dpop_jkt;        // the key that must be proven with it (RFC 9449 10); "" for any
  std::vector<std::string> scopes;
  std::vector<ResourceId> resources;
  std::string nonce;
  std::string claims_request;
  std::string authorization_details;  // as text; "" for none
  Authentication authentication;
  Instant expires_at{};
};

// The text for the client; awaits a store write only when the sealed facts are too large.
Task<store::Answer<CodeText>> mint_code(const Deps& deps, const AuthorizationCode& code,
                                        Instant now);
// The facts; nothing when the text is not a code of this store and epoch. Expiry is the caller's
// check.
Task<store::Answer<std::optional<AuthorizationCode>>> open_code(const Deps& deps,
                                                                std::string_view text);

}  // namespace cardea
