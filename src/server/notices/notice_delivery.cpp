// The worker; see notice_delivery.h.
#include "server/notices/notice_delivery.h"

#include <utility>

#include "base/base64url.h"

namespace cardea {
namespace {

constexpr std::size_t lanes_at_once_max = 4;
constexpr int lanes_read_max = 64;
constexpr int notices_read_max = 16;
// Nothing is sent with less of a taken lane's time left: longer than any request may take.
constexpr Seconds hold_left_min{30};
static_assert(hold_left_min < notice_lane_hold);

void store_failed(Log& log, const store::Failure& failure) {
  log.error("store.failed", {{"request_id", "notice delivery"}, {"reason", failure.reason}});
}

bool is_ping(const NoticeLane& lane) {
  return lane.kind == ClientNotice::Kind::ping;
}

void told(Log& log, const ClientNotice& notice, Reception reception) {
  const auto* outcome = reception == Reception::taken ? "taken" : "refused";
  if (notice.kind == ClientNotice::Kind::ping) {
    log.info("request.told", {{"client_id", notice.client_id.value()}, {"outcome", outcome}});
  } else {
    log.info("logout.told", {{"client_id", notice.client_id.value()},
                             {"session_id", notice.session_id.value()},
                             {"outcome", outcome}});
  }
}

}  // namespace

NoticeDelivery::NoticeDelivery(const NoticeDeliveryInputs& inputs)
    : inputs_(inputs), taker_(base64url_encode(inputs.random.bytes(16))) {}

void NoticeDelivery::wake() {
  if (!stopping_) inputs_.background.start(deliver_due());
}

bool NoticeDelivery::begin(const NoticeLane& lane) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || under_way_.contains(lane)) return false;
  if (under_way_.size() >= lanes_at_once_max) {
    others_wait_ = true;
    return false;
  }
  return under_way_.insert(lane).second;
}

void NoticeDelivery::end(const NoticeLane& lane) {
  bool others_wait = false;
  {
    const std::lock_guard lock(mutex_);
    under_way_.erase(lane);
    others_wait = std::exchange(others_wait_, false);
  }
  if (others_wait) wake();
}

Task<Unit> NoticeDelivery::deliver_due() {
  const auto due = co_await inputs_.store.due_notice_lanes(inputs_.clock.now(), lanes_read_max);
  if (!due) {
    store_failed(inputs_.log, due.error());
    co_return Unit{};
  }
  for (const NoticeLane& lane : *due) {
    if (begin(lane)) inputs_.background.start(deliver_to(lane));
  }
  co_return Unit{};
}

Task<Unit> NoticeDelivery::deliver_to(NoticeLane lane) {
  co_await deliver_in_turn(lane);
  co_await leave(lane);
  end(lane);
  co_return Unit{};
}

// Whether this node alone delivers the lane's notices for notice_lane_hold from now on.
Task<bool> NoticeDelivery::take(const NoticeLane& lane) {
  if (!inputs_.store.is_shared()) co_return true;
  const auto now = inputs_.clock.now();
  const auto taken = co_await inputs_.store.perform(store::TakeNoticeLane{
      .lane = lane, .taker = taker_, .now = now, .until = now + notice_lane_hold});
  if (!taken) store_failed(inputs_.log, taken.error());
  co_return taken.ok() && *taken == store::TakeNoticeLane::Outcome::taken;
}

Task<Unit> NoticeDelivery::leave(const NoticeLane& lane) {
  if (!inputs_.store.is_shared()) co_return Unit{};
  const auto left =
      co_await inputs_.store.perform(store::LeaveNoticeLane{.lane = lane, .taker = taker_});
  if (!left) store_failed(inputs_.log, left.error());
  co_return Unit{};
}

// Until nothing is due any more, one is not received or another node has taken the lane.
Task<Unit> NoticeDelivery::deliver_in_turn(NoticeLane lane) {
  while (!stopping_) {
    const auto begin = inputs_.clock.now();
    if (!co_await take(lane)) break;
    const auto notices =
        co_await inputs_.store.due_notices(lane, inputs_.clock.now(), notices_read_max);
    if (!notices) store_failed(inputs_.log, notices.error());
    if (!notices || notices->empty()) break;
    for (const ClientNotice& notice : *notices) {
      if (stopping_) co_return Unit{};
      // Taken again, and read again: what another node may have sent meanwhile is not there then.
      if (inputs_.clock.now() + hold_left_min > begin + notice_lane_hold) break;
      const Reception reception = co_await send(notice);
      if (stopping_ && reception == Reception::failed) co_return Unit{};  // not the client's fault
      const bool goes_on = co_await settle(lane, notice, reception);
      if (!goes_on) co_return Unit{};
    }
  }
  co_return Unit{};
}

Task<Reception> NoticeDelivery::send(const ClientNotice& notice) {
  const auto client = inputs_.registry.find(notice.client_id);
  if (client == nullptr) co_return Reception::refused;
  const NoticeMaterial material{
      .settings = inputs_.settings, .keys = inputs_.keys, .seals = inputs_.seals};
  auto message = message_of(material, *client, notice, inputs_.clock.now());
  if (!message) {
    co_return message.error() == Undeliverable::ever ? Reception::refused : Reception::failed;
  }
  const auto answer = co_await inputs_.outgoing.fetch(*std::move(message));
  co_return answer ? reception_of(notice.kind, answer->status) : Reception::failed;
}

// Whether the next notice of this lane may be sent now.
Task<bool> NoticeDelivery::settle(const NoticeLane& lane, const ClientNotice& notice,
                                  Reception reception) {
  const auto now = inputs_.clock.now();
  if (reception != Reception::failed) {
    told(inputs_.log, notice, reception);
    const auto ended =
        co_await inputs_.store.perform(store::EndNotice{.notice_id = notice.notice_id});
    if (!ended) store_failed(inputs_.log, ended.error());
    co_return ended.ok();
  }
  const auto until = now + pause_after_attempt(notice.attempts + 1);
  const auto deferred = co_await inputs_.store.perform(
      store::DeferNotices{.lane = lane, .tried = notice.notice_id, .until = until});
  if (!deferred) {
    store_failed(inputs_.log, deferred.error());
  } else if (deferred->given_up > 0) {
    inputs_.log.warning(is_ping(lane) ? "request.not_told" : "logout.not_told",
                        {{"client_id", lane.client_id.value()}, {"notices", deferred->given_up}});
  }
  co_return false;
}

}  // namespace cardea
