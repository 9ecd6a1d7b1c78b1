// Which APIs a grant and its tokens are for: the rules of decision Q5 and RFC 8707 2, used at
// authorize and at every grant. A grant may be for several; one token is for those of them that the
// token request names, and only where all of them take tokens of one form.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/client.h"
#include "protocol/error.h"
#include "server/settings/settings.h"

namespace cardea {

struct ResourceWish {
  const std::vector<std::string>& requested;  // the `resource` parameters; empty for none
  const std::vector<std::string>& scopes;     // what is asked for there
};
// The requested resources, each once; else the client's default_resource; else the one resource
// that owns the API scopes among `scopes`; none when there is no such scope. Refuses
// invalid_target: more than limits::resources_max, an unknown or malformed one, two owners and none
// named, or a scope that belongs to other APIs alone.
Result<std::vector<ResourceId>, OAuthError> choose_resources(const Settings& settings,
                                                             const Client& client,
                                                             const ResourceWish& wish);

// The same where the request is for one token at once. Refuses as well: invalid_target (resources
// that no one token serves).
Result<std::vector<ResourceId>, OAuthError> choose_token_resources(const Settings& settings,
                                                                   const Client& client,
                                                                   const ResourceWish& wish);

// What one token is for, and what it says there.
struct TokenTarget {
  std::vector<ResourceId> resources;
  std::vector<std::string> scopes;
};
// The target of a token of what was granted (RFC 8707 2.2): the requested resources, each once, or
// all that were granted; and of the scopes those that mean something there. Refuses invalid_target:
// more than limits::resources_max, one that was not granted, none of the scopes left, or resources
// that no one token serves. The grant stays as it is.
Result<TokenTarget, OAuthError> choose_target(const Settings& settings, TokenTarget granted,
                                              const std::vector<std::string>& requested);

// The scopes that mean something at these resources: theirs, and those that no API has (RFC 8707
// 2.2, RFC 9068 2.2.3). Without a resource: all of them.
std::vector<std::string> scopes_at(const Settings& settings,
                                   const std::vector<ResourceId>& resources,
                                   std::vector<std::string> scopes);

// How a token for these resources is made. A resource that is not configured (any more) and none at
// all mean an opaque one.
struct AccessTokenForm {
  std::optional<crypto::SignatureAlgorithm> signed_with;  // nothing: opaque
  friend bool operator==(const AccessTokenForm&, const AccessTokenForm&) = default;
};
// Nothing when they do not agree: no one token serves them all.
std::optional<AccessTokenForm> shared_form(const Settings& settings,
                                           const std::vector<ResourceId>& resources);

// The `aud` of an access token (decision Q5): the resources, and the issuer while `openid` is in
// this token's scope. Without a resource: the issuer.
std::vector<std::string> audience_of(const Settings& settings,
                                     const std::vector<ResourceId>& resources,
                                     const std::vector<std::string>& scopes);

}  // namespace cardea
