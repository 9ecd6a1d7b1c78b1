// Whether an access token still counts: one answer for userinfo and introspection, opaque or JWT
// (decision Q6). One read, no write.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/deps.h"
#include "server/tokens/access_token.h"
#include "task/task.h"

namespace cardea {

struct LiveAccessToken {
  AccessTokenFacts facts;
  std::shared_ptr<const Client> client;  // the token's; enabled
  std::shared_ptr<const Grant> grant;    // null for client credentials
};
// For log and inspector: never sent to the caller, which learns the same for every dead token
// (6750-05).
struct DeadToken {
  std::string reason;
};

Task<store::Answer<Result<LiveAccessToken, DeadToken>>> find_live_access_token(const Deps& deps,
                                                                               std::string text,
                                                                               Instant now);

}  // namespace cardea
