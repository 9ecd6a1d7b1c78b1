// The worker; see logout_delivery.h.
#include "server/logout/logout_delivery.h"

#include <utility>

#include "http/form.h"
#include "jose/jws.h"
#include "protocol/logout_token.h"
#include "server/outgoing/client_keys.h"
#include "server/tokens/subject.h"

namespace cardea {
namespace {

constexpr std::size_t clients_at_once_max = 4;
constexpr int clients_read_max = 64;
constexpr int notices_read_max = 16;
constexpr Seconds answer_timeout{5};
// 2.8: the body of an answer says nothing that we need.
constexpr std::size_t answer_bytes_max = 16 * 1024;

void store_failed(Log& log, const store::Failure& failure) {
  log.error("store.failed", {{"request_id", "logout delivery"}, {"reason", failure.reason}});
}

}  // namespace

void LogoutDelivery::wake() {
  if (!stopping_) inputs_.background.start(deliver_due());
}

bool LogoutDelivery::begin(const ClientId& client_id) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || under_way_.contains(client_id)) return false;
  if (under_way_.size() >= clients_at_once_max) {
    others_wait_ = true;
    return false;
  }
  return under_way_.insert(client_id).second;
}

void LogoutDelivery::end(const ClientId& client_id) {
  bool others_wait = false;
  {
    const std::lock_guard lock(mutex_);
    under_way_.erase(client_id);
    others_wait = std::exchange(others_wait_, false);
  }
  if (others_wait) wake();
}

Task<Unit> LogoutDelivery::deliver_due() {
  const auto due = co_await inputs_.store.due_logout_clients(inputs_.clock.now(), clients_read_max);
  if (!due) {
    store_failed(inputs_.log, due.error());
    co_return Unit{};
  }
  for (const ClientId& client_id : *due) {
    if (begin(client_id)) inputs_.background.start(deliver_to(client_id));
  }
  co_return Unit{};
}

Task<Unit> LogoutDelivery::deliver_to(ClientId client_id) {
  co_await deliver_in_turn(client_id);
  end(client_id);
  co_return Unit{};
}

// Until nothing is due any more or one is not taken.
Task<Unit> LogoutDelivery::deliver_in_turn(ClientId client_id) {
  while (!stopping_) {
    const auto notices =
        co_await inputs_.store.due_logout_notices(client_id, inputs_.clock.now(), notices_read_max);
    if (!notices) store_failed(inputs_.log, notices.error());
    if (!notices || notices->empty()) break;
    const auto client = inputs_.registry.find(client_id);
    for (const LogoutNotice& notice : *notices) {
      if (stopping_) co_return Unit{};
      const bool is_wanted =
          client != nullptr && client->enabled && !client->backchannel_logout_uri.empty();
      const Sent sent = is_wanted ? co_await send(*client, notice) : Sent::pointless;
      if (stopping_ && sent == Sent::failed) co_return Unit{};  // not the client's fault
      const bool goes_on = co_await settle(notice, sent);
      if (!goes_on) co_return Unit{};
    }
  }
  co_return Unit{};
}

// 2.5: a POST with the token and nothing else; no redirect is followed.
Task<LogoutDelivery::Sent> LogoutDelivery::send(const Client& client, const LogoutNotice& notice) {
  const auto key = inputs_.keys.signing_key(client.id_token_signed_response_alg);
  if (key == nullptr) co_return Sent::failed;
  auto token =
      jose::sign_jwt(key->key, key->kid.value(), logout_token_type,
                     logout_claims({.issuer = inputs_.settings.issuer,
                                    .client_id = client.client_id.value(),
                                    .token_id = notice.notice_id.value(),
                                    .subject = subject_of(inputs_.seals, client, notice.user_id),
                                    .session_id = sid_of(inputs_.seals, client, notice.session_id)},
                                   inputs_.clock.now()));
  http::OutgoingRequest request{.method = "POST",
                                .url = client.backchannel_logout_uri,
                                .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                                .body = http::write_form({{"logout_token", std::move(token)}})};
  const auto answer =
      co_await inputs_.outgoing.fetch({.request = std::move(request),
                                       .purpose = http::FetchPurpose::backchannel_logout,
                                       .lane = lane_of(client),
                                       .timeout = answer_timeout,
                                       .body_bytes_max = answer_bytes_max});
  if (!answer) co_return Sent::failed;
  // 2.8: 200, for which some frameworks write 204. 400 says that this token will never do.
  if (answer->status == 200 || answer->status == 204) co_return Sent::delivered;
  co_return answer->status == 400 ? Sent::pointless : Sent::failed;
}

// Whether the next notice of this client may be sent now.
Task<bool> LogoutDelivery::settle(const LogoutNotice& notice, Sent sent) {
  const auto now = inputs_.clock.now();
  if (sent != Sent::failed) {
    inputs_.log.info("logout.told", {{"client_id", notice.client_id.value()},
                                     {"session_id", notice.session_id.value()},
                                     {"outcome", sent == Sent::delivered ? "taken" : "refused"}});
    const auto ended =
        co_await inputs_.store.perform(store::EndLogoutNotice{.notice_id = notice.notice_id});
    if (!ended) store_failed(inputs_.log, ended.error());
    co_return ended.ok();
  }
  const auto until = now + pause_after_attempt(notice.attempts + 1);
  const auto deferred = co_await inputs_.store.perform(store::DeferLogoutNotices{
      .client_id = notice.client_id, .tried = notice.notice_id, .until = until, .now = now});
  if (!deferred) {
    store_failed(inputs_.log, deferred.error());
  } else if (deferred->given_up > 0) {
    inputs_.log.warning("logout.not_told",
                        {{"client_id", notice.client_id.value()}, {"notices", deferred->given_up}});
  }
  co_return false;
}

}  // namespace cardea
