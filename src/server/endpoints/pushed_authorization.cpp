// The pushed authorization request endpoint (RFC 9126 2): the request is authenticated, resolved
// and judged by all that the authorization endpoint applies, and stands behind a reference then.
#include <algorithm>
#include <utility>

#include "server/authorize/admit.h"
#include "server/client_auth/authenticate.h"
#include "server/client_auth/possession.h"
#include "server/endpoints/endpoints.h"
#include "server/form_body.h"
#include "server/json_answer.h"
#include "server/registration/prepare_client.h"

namespace cardea::endpoints {
namespace {

// What the request says without what proved the client, which has done its work (RFC 9126 2.1).
RawParameters without_credentials(const RawParameters& parameters) {
  ParameterPairs kept;
  for (const auto& pair : parameters.pairs()) {
    if (pair.first == "client_secret" || pair.first.starts_with("client_assertion")) continue;
    kept.push_back(pair);
  }
  return RawParameters(std::move(kept));
}

std::optional<JsonRefusal> check_form(const RawParameters& parameters, const Client& client) {
  if (parameters.contains("request_uri")) {
    return bad_request("CARDEA-PAR-001", rfc9126("2.1"), "A pushed request holds no request_uri.",
                       "request_uri was sent",
                       "Send the parameters themselves, or a request object.");
  }
  // RFC 9126 3: beside a request object stands only what authenticates the client; the client_id
  // that 2.1 requires is a claim then, which the object's own rules compare.
  const bool said = parameters.contains("client_id") || !parameters.contains("request");
  if (said && parameters.get("client_id") != client.client_id.value()) {
    return bad_request("CARDEA-PAR-002", rfc9126("2.1"),
                       "The client_id parameter is missing or not of this client.",
                       "client_id is absent or not that of the authenticated client",
                       "Send client_id in the body, as in every authorization request.");
  }
  return std::nullopt;
}

// RFC 9449 10.1: a proof with the pushed request says the same as dpop_jkt, and must not contradict
// it.
std::optional<JsonRefusal> bind_code(const Exchange& exchange, AskedRequest& asked) {
  if (exchange.confirmation.method != Confirmation::Method::jkt) return std::nullopt;
  const auto& thumbprint = exchange.confirmation.thumbprint;
  const auto said = asked.parameters.find("dpop_jkt");
  if (said && *said != thumbprint) {
    auto refused = bad_request("CARDEA-DPOP-004", rfc9449("10.1"),
                               "dpop_jkt is not the key of the DPoP proof.",
                               "dpop_jkt and the proof name different keys",
                               "Send one of the two, or the same key in both.");
    refused.error.code = ErrorCode::invalid_dpop_proof;
    return refused;
  }
  if (said) return std::nullopt;
  auto pairs = asked.parameters.pairs();
  pairs.emplace_back("dpop_jkt", thumbprint);
  asked.parameters = RawParameters(std::move(pairs));
  return std::nullopt;
}

// RFC 9126 2.3: the error of the authorization endpoint, as JSON.
JsonRefusal as_json(const Judgement& judgement) {
  if (const auto* rejected = std::get_if<Rejected>(&judgement)) {
    return {.error = rejected->objection.error, .fix = rejected->objection.fix, .headers = {}};
  }
  const auto& page = std::get<PageError>(judgement);
  return {.error = page.error, .fix = page.fix, .status = page.status, .headers = {}};
}

JsonRefusal too_many() {
  auto refused = bad_request("CARDEA-PAR-003", rfc9126("2.3"),
                             "Too many large requests are waiting; try again in a minute.",
                             "the source has as many parked requests as it may", "Wait a minute.");
  refused.status = 429;
  refused.headers = {{"Retry-After", "60"}};
  return refused;
}

}  // namespace

Task<http::Response> pushed_authorization(const Deps& deps, Exchange& exchange) {
  const auto parameters = read_form(exchange);
  if (!parameters) co_return json_refusal(exchange, {parameters.error(), {}, 0, {}});
  const auto caller = co_await authenticate_client(deps, exchange, *parameters);
  if (!caller) co_return json_refusal(exchange, caller.error());
  const Client& client = caller->client();
  if (auto refused = check_form(*parameters, client)) {
    co_return json_refusal(exchange, *std::move(refused));
  }
  const auto prepared = co_await prepare_client(deps, exchange, client.client_id.value());
  if (!prepared) co_return store_unavailable(deps, exchange, prepared.error());
  if (*prepared) co_return json_refusal(exchange, as_json(Judgement(**prepared)));
  auto asked = co_await take_pushed(deps, exchange, client, without_credentials(*parameters));
  if (!asked) {
    co_return json_refusal(exchange, {asked.error().error, asked.error().fix, 0, {}});
  }
  if (auto refused = co_await prove_possession(deps, exchange, client)) {
    co_return json_refusal(exchange, *std::move(refused));
  }
  if (auto refused = bind_code(exchange, *asked)) {
    co_return json_refusal(exchange, *std::move(refused));
  }
  const Judgement judgement = admit(deps, exchange, *asked);
  if (!std::holds_alternative<Admitted>(judgement)) {
    co_return json_refusal(exchange, as_json(judgement));
  }
  const auto minted = co_await mint_reference(deps, exchange, client, *asked);
  if (!minted) co_return store_unavailable(deps, exchange, minted.error());
  if (!*minted) co_return json_refusal(exchange, too_many());
  co_return json_answer(201, json::Object{{"request_uri", (*minted)->request_uri},
                                          {"expires_in", (*minted)->lifetime.count}});
}

}  // namespace cardea::endpoints
