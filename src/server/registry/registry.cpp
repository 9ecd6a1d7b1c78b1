// The clients in memory; see registry.h.
#include "server/registry/registry.h"

namespace cardea {

Task<store::Answer<Unit>> Registry::reload() {
  std::uint64_t ticket = 0;
  {
    const std::lock_guard lock(mutex_);
    ticket = ++reloads_begun_;
  }
  auto clients = co_await store_.clients();
  if (!clients) co_return refuse(std::move(clients).error());
  auto snapshot = std::make_shared<Snapshot>();
  for (auto& client : *clients) {
    auto id = client.client_id;
    snapshot->emplace(std::move(id), std::make_shared<const Client>(std::move(client)));
  }
  const std::lock_guard lock(mutex_);
  if (ticket > reload_shown_) {
    reload_shown_ = ticket;
    snapshot_ = std::move(snapshot);
  }
  co_return Unit{};
}

std::shared_ptr<const Client> Registry::find(const ClientId& client_id) const {
  std::shared_ptr<const Snapshot> snapshot;
  {
    const std::lock_guard lock(mutex_);
    snapshot = snapshot_;
  }
  const auto at = snapshot->find(client_id);
  return at == snapshot->end() ? nullptr : at->second;
}

std::vector<std::shared_ptr<const Client>> Registry::all() const {
  std::shared_ptr<const Snapshot> snapshot;
  {
    const std::lock_guard lock(mutex_);
    snapshot = snapshot_;
  }
  std::vector<std::shared_ptr<const Client>> clients;
  clients.reserve(snapshot->size());
  for (const auto& [id, client] : *snapshot) clients.push_back(client);
  return clients;
}

}  // namespace cardea
