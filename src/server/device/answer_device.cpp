// Answering a device; see answer_device.h.
#include "server/device/answer_device.h"

#include <utility>

#include "server/authorize/replies.h"

namespace cardea {
namespace {

using Outcome = store::AnswerPolledRequest::Outcome;

Task<http::Response> answer(const Deps& deps, Exchange& exchange, store::AnswerPolledRequest answer,
                            std::string_view path) {
  const auto outcome = co_await deps.store.perform(std::move(answer));
  if (!outcome) co_return unavailable(deps, exchange, outcome.error());
  if (*outcome == Outcome::answered) co_return go_to(deps.settings, path);
  co_return gone_page(deps, exchange,
                      *outcome == Outcome::not_pending ? Gone::expired : Gone::finished);
}

}  // namespace

Task<http::Response> allow_device(const Deps& deps, Exchange& exchange, WaitingDevice device,
                                  Session session, store::Approve approval) {
  deps.log.info("device.approved", {{"request_id", exchange.request_id},
                                    {"client_id", exchange.client_id},
                                    {"user_id", session.user_id.value()}});
  UserId user_id = session.user_id;
  co_return co_await answer(
      deps, exchange,
      {.request_id = std::move(device.request_id),
       .user_id = std::move(user_id),
       .approval = store::AnswerPolledRequest::Approval{.consent = std::move(approval.consent),
                                                        .session = std::move(session)},
       .interaction = std::move(approval.interaction),
       .now = exchange.now},
      device_approved_path);
}

Task<http::Response> deny_device(const Deps& deps, Exchange& exchange, const OpenInteraction& at,
                                 WaitingDevice device) {
  deps.log.info("device.denied",
                {{"request_id", exchange.request_id}, {"client_id", exchange.client_id}});
  co_return co_await answer(
      deps, exchange,
      {.request_id = std::move(device.request_id),
       .user_id = {},
       .approval = std::nullopt,
       .interaction = store::InteractionStep{.handle = at.row.handle,
                                             .after = store::AfterStep::finished,
                                             .session_id = std::nullopt},
       .now = exchange.now},
      device_denied_path);
}

}  // namespace cardea
