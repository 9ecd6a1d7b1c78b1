// The clients in memory; see registry.h.
#include "server/registry/registry.h"

#include <utility>

namespace cardea {

std::uint64_t Registry::begin() {
  const std::lock_guard lock(mutex_);
  ++under_way_;
  return ++begun_;
}

// Under the mutex. Who is late to a reading has nobody left to be late to.
void Registry::end() {
  if (--under_way_ == 0) refreshed_.clear();
}

Task<store::Answer<Unit>> Registry::reload() {
  const auto ticket = begin();
  auto read = co_await store_.clients();
  const std::lock_guard lock(mutex_);
  if (!read) {
    end();
    co_return refuse(std::move(read).error());
  }
  if (ticket > reload_shown_) {
    reload_shown_ = ticket;
    clients_.clear();
    for (auto& client : *read) {
      auto id = client.client_id;
      clients_.emplace(std::move(id), std::make_shared<const Client>(std::move(client)));
    }
    for (const auto& [id, reading] : refreshed_) {
      if (reading.ticket < ticket) continue;
      if (reading.client) {
        clients_[id] = reading.client;
      } else {
        clients_.erase(id);
      }
    }
  }
  end();
  co_return Unit{};
}

Task<store::Answer<Unit>> Registry::refresh(ClientId client_id) {
  const auto ticket = begin();
  auto read = co_await store_.find_client(client_id);
  if (!read) doubt(client_id);
  const std::lock_guard lock(mutex_);
  if (!read) {
    end();
    co_return refuse(std::move(read).error());
  }
  Reading& newest = refreshed_[client_id];
  if (ticket > newest.ticket && ticket > reload_shown_) {
    newest.ticket = ticket;
    if (*read) {
      newest.client = std::make_shared<const Client>(**std::move(read));
      clients_[client_id] = newest.client;
    } else {
      newest.client = nullptr;
      clients_.erase(client_id);
    }
  }
  end();
  co_return Unit{};
}

void Registry::doubt(ClientId client_id) {
  const std::lock_guard lock(mutex_);
  doubted_.insert(std::move(client_id));
  has_doubts_ = true;
}

Task<Unit> Registry::settle_doubts() {
  std::set<ClientId> doubted;
  {
    const std::lock_guard lock(mutex_);
    doubted.swap(doubted_);
    has_doubts_ = false;
  }
  while (!doubted.empty()) {
    const auto read = co_await refresh(*doubted.begin());
    doubted.erase(doubted.begin());
    if (read) continue;
    for (const auto& client_id : doubted) doubt(client_id);
    co_return Unit{};
  }
  co_return Unit{};
}

std::shared_ptr<const Client> Registry::find(const ClientId& client_id) const {
  const std::lock_guard lock(mutex_);
  const auto at = clients_.find(client_id);
  return at == clients_.end() ? nullptr : at->second;
}

std::vector<std::shared_ptr<const Client>> Registry::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<const Client>> clients;
  clients.reserve(clients_.size());
  for (const auto& [id, client] : clients_) clients.push_back(client);
  return clients;
}

}  // namespace cardea
