// The registered clients in memory: read by every request without waiting, brought up to date after
// an acknowledged change, so that it holds for the next request (decision P7).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "domain/client.h"
#include "store/store.h"
#include "task/task.h"

namespace cardea {

class Registry {
 public:
  explicit Registry(store::Store& store) : store_(store) {}

  // Reads every client from the store. Called at start and after changes of several clients.
  Task<store::Answer<Unit>> reload();
  // Reads this one, which was put, changed or removed. When that fails, it is in doubt.
  Task<store::Answer<Unit>> refresh(ClientId client_id);
  // A write of this client failed, and may have happened all the same (decision T2).
  void doubt(ClientId client_id);
  // Reads what is in doubt, so that a change whose answer was lost holds for the next request, too.
  // Gives up at the first failure: what is left is tried again with the next request.
  Task<Unit> settle_doubts();
  bool has_doubts() const { return has_doubts_; }
  // Null when unknown. Disabled clients are found: the caller judges. Thread-safe.
  std::shared_ptr<const Client> find(const ClientId& client_id) const;
  std::vector<std::shared_ptr<const Client>> all() const;

 private:
  using Clients = std::unordered_map<ClientId, std::shared_ptr<const Client>>;
  // The newest reading of one client while readings are under way; null: it was not there.
  struct Reading {
    std::uint64_t ticket = 0;
    std::shared_ptr<const Client> client;
  };
  std::uint64_t begin();
  void end();

  store::Store& store_;
  mutable std::mutex mutex_;
  Clients clients_;
  // Readings may overlap: what counts for a client is the one that began last.
  std::uint64_t begun_ = 0;
  std::uint64_t reload_shown_ = 0;
  int under_way_ = 0;
  std::unordered_map<ClientId, Reading> refreshed_;
  std::set<ClientId> doubted_;
  std::atomic<bool> has_doubts_ = false;  // whether doubted_ has any
};

}  // namespace cardea
