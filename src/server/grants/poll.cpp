// Polling; see poll.h.
#include "server/grants/poll.h"

#include <utility>

#include "protocol/scope.h"
#include "server/grants/begin_grant.h"
#include "server/tokens/fact_bytes.h"

namespace cardea {
namespace {

struct SealedRequest {
  GrantId request_id;
  ClientId client_id;
};

std::optional<SealedRequest> open_polling_text(const Deps& deps, const grants::Polled& polled) {
  const auto opened = deps.seals.open(polled.purpose, polled.text);
  if (!opened) return std::nullopt;
  FactReader facts(*opened);
  SealedRequest request;
  request.request_id = GrantId(facts.identifier());
  request.client_id = ClientId(facts.text());
  if (!facts.complete()) return std::nullopt;
  return request;
}

}  // namespace

PollingText seal_polling_text(const Deps& deps, SealPurpose purpose, const PolledRequest& request) {
  FactWriter facts;
  facts.identifier(request.request_id.value());
  facts.text(request.client_id.value());
  return PollingText(deps.seals.seal(purpose, facts.take(), deps.random));
}

JsonRefusal too_many_polled_requests() {
  return {.error = {.code = ErrorCode::temporarily_unavailable,
                    .rule = "CARDEA-POLL-007",
                    .spec = cardea_policy("Q6"),
                    .description = "Too many requests are open; wait until some are answered.",
                    .reason = "the client, its address or the person has as many as they may"},
          .fix = "Wait until they expire, or raise polled_requests of the settings.",
          .status = 429,
          .headers = {{"Retry-After", "60"}}};
}

namespace grants {
namespace {

JsonRefusal not_yet(ErrorCode code, std::string_view rule, SpecRef spec,
                    std::string_view description, std::string reason) {
  return {.error = {.code = code,
                    .rule = rule,
                    .spec = spec,
                    .description = description,
                    .reason = std::move(reason)},
          .fix = {},
          .headers = {}};
}

JsonRefusal expired(const Polled& polled) {
  return not_yet(ErrorCode::expired_token, "CARDEA-POLL-004", polled.spec,
                 "The request has expired; make a new one.", "expired");
}

JsonRefusal pending(const Polled& polled) {
  return not_yet(ErrorCode::authorization_pending, "CARDEA-POLL-005", polled.spec,
                 "The person has not answered yet.", "pending");
}

Approved approved_by(PolledRequest&& request) {
  PolledApproval& by = *request.approval;
  const bool outlives = has_scope(request.scopes, "offline_access");
  using Rule = store::BeginGrant::SessionRule;
  return {.grant = {.grant_id = std::move(request.request_id),
                    .user_id = std::move(by.user_id),
                    .security_version = by.security_version,
                    .client_id = std::move(request.client_id),
                    .session_id = std::move(by.session_id),
                    .consent_id = std::move(by.consent_id),
                    // Decision Q14: without offline_access the tokens end with the session in which
                    // they were approved.
                    .session_binding = outlives ? SessionBinding::outlives_session
                                                : SessionBinding::ends_with_session,
                    .scopes = std::move(request.scopes),
                    .resources = std::move(request.resources),
                    .authentication = std::move(by.authentication),
                    .claims_request = {},
                    .code_expires_at = request.expires_at},
          .registered_redirect_uri = std::nullopt,
          .session_rule = outlives ? Rule::may_have_ended : Rule::must_live};
}

// Whether the interval is as long as the request lives: further polls that come too soon need not
// be noted, so that a client that does not listen writes only so often.
bool is_slowest(const PolledRequest& request) {
  return request.created_at + request.interval >= request.expires_at;
}

JsonRefusal too_soon(const Polled& polled) {
  return not_yet(ErrorCode::slow_down, "CARDEA-POLL-006", polled.spec,
                 "Poll less often: five seconds more between two polls.",
                 "polled before the interval was over");
}

Task<Exchanged> wait_on(const Deps& deps, Exchange& exchange, const PolledRequest& request,
                        Polled polled) {
  const auto now = exchange.now;
  if (is_slowest(request) && polls_too_soon(request, now)) co_return refuse(too_soon(polled));
  const auto outcome = co_await deps.store.perform(store::NotePoll{request.request_id, now});
  if (!outcome) co_return refuse(unavailable(deps, exchange, outcome.error()));
  if (*outcome != store::NotePoll::Outcome::too_soon) co_return refuse(pending(polled));
  co_return refuse(too_soon(polled));
}

}  // namespace

Task<Exchanged> poll(const Deps& deps, Exchange& exchange, const RawParameters& parameters,
                     const Client& client, Polled polled) {
  const auto sealed = open_polling_text(deps, polled);
  if (!sealed) {
    co_return refuse(invalid_grant("CARDEA-POLL-001", polled.spec,
                                   "not of this server, or made before a restore"));
  }
  if (sealed->client_id != client.client_id) {
    co_return refuse(invalid_grant("CARDEA-POLL-002", polled.spec,
                                   "issued to client " + sealed->client_id.value()));
  }
  auto found = co_await deps.store.find_polled_request(sealed->request_id);
  if (!found) co_return refuse(unavailable(deps, exchange, found.error()));
  if (!*found || (*found)->client_id != client.client_id) {
    co_return refuse(invalid_grant("CARDEA-POLL-001", polled.spec, "no such request is kept"));
  }
  PolledRequest& request = **found;
  if (request.state == PolledRequest::State::denied) {
    co_return refuse(not_yet(ErrorCode::access_denied, "CARDEA-POLL-003", polled.spec,
                             "The person denied the request.", "denied"));
  }
  if (exchange.now >= request.expires_at) co_return refuse(expired(polled));
  // Also while nobody has answered yet: waiting makes no such request better.
  const auto target = chosen_target(
      deps.settings, {.resources = request.resources, .scopes = request.scopes}, parameters);
  if (!target) co_return refuse(target.error());
  if (!request.approval) {
    co_return co_await wait_on(deps, exchange, request, std::move(polled));
  }
  exchange.pass("CARDEA-POLL-005", polled.spec, "the person has allowed it");
  co_return co_await begin_grant(deps, exchange, approved_by(std::move(request)), client,
                                 parameters);
}

}  // namespace grants
}  // namespace cardea
