// Keeps what a node has in memory, clients and keys, as new as a store that other nodes write to:
// a request that begins after a change was acknowledged anywhere is judged by it. Costs one small
// read for each request there, shared by all who ask at the same moment, and nothing where the
// store is this process's own.
#pragma once

#include <mutex>
#include <vector>

#include "server/keys/key_ring.h"
#include "server/registry/registry.h"
#include "store/store.h"
#include "task/delivery.h"

namespace cardea {

class Freshness {
 public:
  // All outlive it.
  Freshness(store::Store& store, Registry& registry, KeyRing& keys)
      : store_(store), registry_(registry), keys_(keys) {}

  bool is_needed() const { return store_.is_shared(); }
  // When this has succeeded, registry and keys show at least what the store held when it was
  // called. Thread-safe.
  Task<store::Answer<Unit>> ensure();

 private:
  bool is_current(const store::Versions& there) const;
  store::Versions shown() const;
  // Whether it falls to the caller to catch up; otherwise somebody else is at it.
  bool begin(Delivery<Unit>& end);
  void end();
  Task<store::Answer<Unit>> catch_up(store::Versions there);

  store::Store& store_;
  Registry& registry_;
  KeyRing& keys_;
  mutable std::mutex mutex_;
  store::Versions shown_{.clients = -1, .keys = -1};
  bool is_catching_up_ = false;
  std::vector<Delivery<Unit>::Sink> waiting_;
};

}  // namespace cardea
