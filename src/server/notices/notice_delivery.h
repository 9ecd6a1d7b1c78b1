// Delivering notices to clients (domain/client_notice.h): off the reply, those of one lane one
// after another, lanes beside each other. A client that does not answer waits alone, for longer
// each time; what is delivered is removed, so a crash repeats a notice rather than loses it. Where
// nodes share a store, a lane is taken before its notices are sent, so one node sends them.
#pragma once

#include <atomic>
#include <mutex>
#include <set>

#include "server/notices/notice_message.h"
#include "server/outgoing/outgoing.h"
#include "server/registry/registry.h"
#include "store/store.h"
#include "task/background.h"

namespace cardea {

// All outlive it.
struct NoticeDeliveryInputs {
  store::Store& store;
  const Clock& clock;
  Log& log;
  const Settings& settings;
  const Registry& registry;
  const KeyRing& keys;
  const Seals& seals;
  Outgoing& outgoing;
  Background& background;
  Random& random;
};

class NoticeDelivery {
 public:
  explicit NoticeDelivery(const NoticeDeliveryInputs& inputs);

  // Starts to deliver what is due, in the background. Called after a session ended or a request was
  // answered, and every few seconds for what waits. Thread-safe.
  void wake();
  // Starts nothing more; what is under way ends with its present request.
  void stop() { stopping_ = true; }

 private:
  Task<Unit> deliver_due();
  Task<Unit> deliver_to(NoticeLane lane);
  Task<Unit> deliver_in_turn(NoticeLane lane);
  Task<bool> take(const NoticeLane& lane);
  Task<Unit> leave(const NoticeLane& lane);
  Task<Reception> send(const ClientNotice& notice);
  Task<bool> settle(const NoticeLane& lane, const ClientNotice& notice, Reception reception);
  // Whether its notices may be delivered now.
  bool begin(const NoticeLane& lane);
  void end(const NoticeLane& lane);

  const NoticeDeliveryInputs inputs_;
  const std::string taker_;  // this node's name among those that deliver
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::set<NoticeLane> under_way_;
  bool others_wait_ = false;  // for a place
};

}  // namespace cardea
