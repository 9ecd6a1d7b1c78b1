// Which API a token is for: the one rule of decision Q5, used at authorize and at every grant. RFC
// 8707 2.
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
  const std::vector<std::string>& scopes;     // what the token would carry
};
// The requested resource; else the client's default_resource; else the one resource that owns the
// API scopes among `scopes`; nothing when there is none. Refuses invalid_target: several, an
// unknown or malformed one, two owners, or a scope that belongs to another API alone.
Result<std::optional<ResourceId>, OAuthError> choose_resource(const Settings& settings,
                                                              const Client& client,
                                                              const ResourceWish& wish);

// The `aud` of an access token (decision Q5): the resource, and the issuer while `openid` is in
// this token's scope. Without a resource: the issuer.
std::vector<std::string> audience_of(const Settings& settings,
                                     const std::optional<ResourceId>& resource,
                                     const std::vector<std::string>& scopes);

}  // namespace cardea
