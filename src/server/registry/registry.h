// The registered clients in memory: read by every request without waiting, replaced as a whole
// snapshot after an acknowledged change, so that it holds for the next request (decision P7).
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "domain/client.h"
#include "store/store.h"
#include "task/task.h"

namespace cardea {

class Registry {
 public:
  explicit Registry(store::Store& store) : store_(store) {}

  // Reads every client from the store. Called at start and after each change of clients.
  Task<store::Answer<Unit>> reload();
  // Null when unknown. Disabled clients are found: the caller judges. Thread-safe.
  std::shared_ptr<const Client> find(const ClientId& client_id) const;
  std::vector<std::shared_ptr<const Client>> all() const;

 private:
  using Snapshot = std::unordered_map<ClientId, std::shared_ptr<const Client>>;
  store::Store& store_;
  mutable std::mutex mutex_;
  // Two reloads may overlap: the one that began to read later wins.
  std::uint64_t reloads_begun_ = 0;
  std::uint64_t reload_shown_ = 0;
  std::shared_ptr<const Snapshot> snapshot_ = std::make_shared<Snapshot>();
};

}  // namespace cardea
