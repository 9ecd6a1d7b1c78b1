// Liveness of access tokens; see liveness.h.
#include "server/tokens/liveness.h"

#include <utility>

namespace cardea {
namespace {

using Judged = Result<LiveAccessToken, DeadToken>;

Judged dead(std::string reason) {
  return refuse(DeadToken{std::move(reason)});
}

}  // namespace

Task<store::Answer<Judged>> find_live_access_token(const Deps& deps, std::string text,
                                                   Instant now) {
  auto facts = read_access_token(deps, text);
  if (!facts) co_return dead("not an access token of this issuer");
  if (now >= facts->expires_at) co_return dead("expired");
  const auto client = deps.registry.find(facts->client_id);
  if (client == nullptr || !client->enabled) co_return dead("client_disabled");

  const auto grant_id = grant_of(facts->token_id);
  if (grant_id.empty()) {
    const auto marked = co_await deps.store.is_token_marked(facts->token_id);
    if (!marked) co_return refuse(marked.error());
    if (*marked) co_return dead("token_revoked");
    co_return Judged(LiveAccessToken{*std::move(facts), client, nullptr});
  }
  const auto view = co_await deps.store.find_grant(grant_id, facts->token_id);
  if (!view) co_return refuse(view.error());
  if (!*view) co_return dead("grant_absent");
  const auto liveness = judge_liveness(**view, now);
  if (liveness != Liveness::live) co_return dead(std::string(name_of(liveness)));
  std::shared_ptr<const Grant> grant(*view, &(*view)->grant);
  co_return Judged(LiveAccessToken{*std::move(facts), client, std::move(grant)});
}

}  // namespace cardea
