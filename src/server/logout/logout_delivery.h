// Delivering logout notices to clients (OIDC Back-Channel Logout 1.0 2.5): off the reply, one
// client's notices one after another, clients beside each other. A client that does not answer
// waits alone, for longer each time; what is delivered is removed, so a crash repeats a notice
// rather than loses it (same `jti`).
#pragma once

#include <atomic>
#include <mutex>
#include <set>

#include "server/keys/key_ring.h"
#include "server/outgoing/outgoing.h"
#include "server/registry/registry.h"
#include "server/seals/seals.h"
#include "server/settings/settings.h"
#include "store/store.h"
#include "task/background.h"

namespace cardea {

// All outlive it.
struct LogoutDeliveryInputs {
  store::Store& store;
  const Clock& clock;
  Log& log;
  const Settings& settings;
  const Registry& registry;
  const KeyRing& keys;
  const Seals& seals;
  Outgoing& outgoing;
  Background& background;
};

class LogoutDelivery {
 public:
  explicit LogoutDelivery(const LogoutDeliveryInputs& inputs) : inputs_(inputs) {}

  // Starts to deliver what is due, in the background. Called after a session ended, and every few
  // seconds for what waits. Thread-safe.
  void wake();
  // Starts nothing more; what is under way ends with its present request.
  void stop() { stopping_ = true; }

 private:
  enum class Sent { delivered, failed, pointless };

  Task<Unit> deliver_due();
  Task<Unit> deliver_to(ClientId client_id);
  Task<Unit> deliver_in_turn(ClientId client_id);
  Task<Sent> send(const Client& client, const LogoutNotice& notice);
  Task<bool> settle(const LogoutNotice& notice, Sent sent);
  // Whether its notices may be delivered now.
  bool begin(const ClientId& client_id);
  void end(const ClientId& client_id);

  const LogoutDeliveryInputs inputs_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::set<ClientId> under_way_;
  bool others_wait_ = false;  // for a place
};

}  // namespace cardea
