// Sealing and opening pings; see ping.h.
#include "server/notices/ping.h"

#include <utility>

#include "server/tokens/fact_bytes.h"

namespace cardea {

std::string seal_ping(const Seals& seals, const ClientId& client_id, const Ping& ping,
                      Random& random) {
  FactWriter facts;
  facts.text(client_id.value());
  facts.text(ping.auth_req_id);
  facts.text(ping.token.reveal());
  auto plain = facts.take();
  auto sealed = seals.seal(SealPurpose::ciba_ping, plain, random);
  wipe(plain);
  return sealed;
}

std::optional<Ping> open_ping(const Seals& seals, const ClientId& client_id,
                              std::string_view sealed) {
  auto opened = seals.open(SealPurpose::ciba_ping, sealed);
  if (!opened) return std::nullopt;
  FactReader facts(*opened);
  const auto owner = facts.text();
  auto auth_req_id = facts.text();
  NotificationToken token(facts.text());
  const bool is_whole = facts.complete();
  wipe(*opened);
  if (!is_whole || owner != client_id.value()) return std::nullopt;
  return Ping{.auth_req_id = std::move(auth_req_id), .token = std::move(token)};
}

}  // namespace cardea
