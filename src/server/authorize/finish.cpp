// The ends of an interaction; see finish.h.
#include "server/authorize/finish.h"

#include "base/url.h"
#include "server/authorize/issue.h"
#include "server/authorize/replies.h"
#include "server/device/answer_device.h"

namespace cardea {
namespace {

Objection objection_of_denial(Denial denial) {
  if (denial == Denial::factor_not_added) return objection_of(StepReason::acr_needs_factor);
  if (denial == Denial::cancelled) {
    return {{ErrorCode::access_denied, "CARDEA-SIGNIN-002", rfc6749("4.1.2.1"),
             "The person cancelled the sign-in.", "cancel was pressed on the sign-in page"},
            "Nothing to mend: let the person start again."};
  }
  return {{ErrorCode::access_denied, "CARDEA-CONSENT-001", rfc6749("4.1.2.1"),
           "The person denied the request.", "deny was pressed on the consent page"},
          "Nothing to mend: let the person start again."};
}

// Nothing: the interaction was open and is ended now. Else the answer to give.
Task<std::optional<http::Response>> end(const Deps& deps, Exchange& exchange,
                                        const OpenInteraction& at) {
  const auto outcome = co_await deps.store.perform(store::StepInteraction{
      .step = {.handle = at.row.handle, .after = store::AfterStep::finished}, .now = exchange.now});
  if (!outcome) co_return unavailable(deps, exchange, outcome.error());
  if (*outcome == store::StepInteraction::Outcome::not_open) {
    co_return gone_page(deps, exchange, Gone::finished);
  }
  co_return std::nullopt;
}

std::string document_host(const Client& client) {
  if (client.owner.by != Ownership::By::document) return "";
  const auto parts = url::parse(client.client_id.value());
  return parts ? parts->host : "";
}

}  // namespace

Task<http::Response> finish(const Deps& deps, Exchange& exchange, const Visit& visit) {
  if (visit.step.kind == NextStep::Kind::refuse) {
    const auto objection = objection_of(visit.step.reason);
    if (visit.admitted.device() != nullptr) {
      co_return page_error(deps, exchange, {objection.error, objection.fix, 403});
    }
    co_return co_await reply_refusal(deps, exchange, *visit.admitted.target(), objection);
  }
  ensure(visit.admitted.target() != nullptr);  // a device is answered by its consent page alone
  auto response = co_await issue(deps, exchange, visit);
  if (!response) co_return unavailable(deps, exchange, response.error());
  co_return *std::move(response);
}

Task<http::Response> end_and_finish(const Deps& deps, Exchange& exchange, const OpenInteraction& at,
                                    const Visit& visit) {
  auto other = co_await end(deps, exchange, at);
  if (other) co_return *std::move(other);
  co_return co_await finish(deps, exchange, visit);
}

Task<http::Response> finish_with_denial(const Deps& deps, Exchange& exchange,
                                        const OpenInteraction& at, const Visit& visit,
                                        Denial denial) {
  if (visit.admitted.device() != nullptr) {
    co_return co_await deny_device(deps, exchange, at, *visit.admitted.device());
  }
  auto other = co_await end(deps, exchange, at);
  if (other) co_return *std::move(other);
  co_return co_await reply_denial(deps, exchange, *visit.admitted.target(),
                                  objection_of_denial(denial));
}

ClientView client_view(const Admitted& admitted) {
  ClientView view{.name = std::string(admitted.client->display_name()),
                  .redirect_host = {},
                  .development = admitted.client->development,
                  .registered_itself = admitted.client->registered_itself(),
                  .document_host = document_host(*admitted.client)};
  if (admitted.target() == nullptr) return view;
  const std::string& uri = admitted.target()->redirect_uri();
  const auto parts = url::parse(uri);
  // A private-use scheme has no host: the scheme is what the person can recognise.
  view.redirect_host = parts ? parts->host : uri.substr(0, uri.find(':'));
  return view;
}

}  // namespace cardea
