// Token requests and their answers: code exchange (RFC 6749 4.1.3, OIDC Core 3.1.3), refresh (RFC
// 6749 6, OIDC Core 12), client credentials (RFC 6749 4.4) and revocation (RFC 7009), each as a
// pair of functions; the caller sends the request, without following redirects.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "client/callback.h"
#include "client/configuration.h"
#include "client/error.h"
#include "http/message.h"
#include "jose/jwk.h"
#include "protocol/id_token.h"
#include "protocol/provider_metadata.h"
#include "protocol/token_response.h"

namespace cardea::client {

// What the issuer gave, checked.
struct Tokens {
  AccessToken access_token;
  std::optional<Instant> access_token_expires_at;  // absent: the issuer did not say
  std::optional<RefreshToken> refresh_token;
  std::vector<std::string> scope;  // what was granted
  // Both are there or neither. Present after every exchange that asked for openid.
  std::optional<VerifiedIdToken> id_token;
  std::optional<IdTokenText> id_token_text;
};

// Where ID token keys come from: a set that should hold this kid. Refuses when none can be had.
using Keys =
    std::function<Result<std::shared_ptr<const jose::JwkSet>, std::string>(std::string_view kid)>;
// Keys that are there already.
Keys fixed_keys(jose::JwkSet keys);

// random and now: for the assertion of private_key_jwt (RFC 7523 3), else not used.
struct RequestInputs {
  const Configuration& configuration;
  const ProviderMetadata& metadata;
  Random& random;
  Instant now;
};

http::OutgoingRequest build_exchange(const RequestInputs& inputs,
                                     const ValidatedCallback& callback);
// scope: a part of what was granted, or empty for all of it.
http::OutgoingRequest build_refresh(const RequestInputs& inputs, const RefreshToken& refresh_token,
                                    const std::vector<std::string>& scope = {});
// scope: empty leaves the choice to the issuer.
http::OutgoingRequest build_client_credentials(const RequestInputs& inputs,
                                               const std::vector<std::string>& scope);
// Refuses revocation.unsupported when the issuer has no such endpoint.
Result<http::OutgoingRequest, Error> build_revocation(const RequestInputs& inputs,
                                                      const RefreshToken& refresh_token);

// What answers are judged by.
struct ResponseInputs {
  const Configuration& configuration;
  const Keys& keys;
  Instant now;
};

// The person and the sign-in that a refreshed ID token must be about (OIDC Core 12.2).
struct RefreshOrigin {
  std::string subject;  // "" when the grant has no ID token
  std::optional<Instant> auth_time;
  std::vector<std::string> scope;  // what had been granted
};

// All refuse: token.refused (RFC 6749 5.2, in `refusal`), token.malformed, token.type (not Bearer),
// issuer.unavailable (5xx). The first two also: id_token.missing, id_token.keys, and
// id_token.<rule> for each step of OIDC Core 3.1.3.7 (protocol/id_token.h).
Result<Tokens, Error> process_exchange(const ResponseInputs& inputs,
                                       const ValidatedCallback& callback,
                                       const http::Response& response);
// An ID token whose keys cannot be fetched is left out rather than refused: the rotated refresh
// token that came with it must not be lost, and 12.2 lets an issuer send none.
Result<Tokens, Error> process_refresh(const ResponseInputs& inputs, const RefreshOrigin& origin,
                                      const http::Response& response);
Result<Tokens, Error> process_client_credentials(const ResponseInputs& inputs,
                                                 const std::vector<std::string>& scope,
                                                 const http::Response& response);
Status<Error> process_revocation(const http::Response& response);

}  // namespace cardea::client
