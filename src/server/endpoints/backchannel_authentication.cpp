// The backchannel authentication endpoint (CIBA Core 7): a client asks a person who is not at it.
// Poll mode; the person answers on the account page.
#include <algorithm>
#include <charconv>

#include "base/ascii.h"
#include "protocol/scope.h"
#include "server/authorize/id_token_hint.h"
#include "server/authorize/polled_access.h"
#include "server/client_auth/authenticate.h"
#include "server/endpoints/endpoints.h"
#include "server/form_body.h"
#include "server/grants/poll.h"
#include "server/json_answer.h"
#include "server/tokens/subject.h"

namespace cardea::endpoints {
namespace {

constexpr std::size_t binding_message_bytes_max = 120;  // one line on a phone, more or less

JsonRefusal bad(std::string_view rule, SpecRef spec, std::string_view description,
                std::string reason, ErrorCode code = ErrorCode::invalid_request) {
  return {.error = {.code = code,
                    .rule = rule,
                    .spec = spec,
                    .description = description,
                    .reason = std::move(reason)},
          .fix = {},
          .headers = {}};
}

// CIBA Core 7.1, what can be said without the store.
std::optional<JsonRefusal> check_form(const AuthenticatedClient& caller,
                                      const RawParameters& parameters) {
  if (caller.method() == ClientAuthMethod::none) {
    return bad("CARDEA-CIBA-001", ciba_core("7.1"), "A public client cannot ask this way.",
               "client " + caller.client_id().value() + " is public",
               ErrorCode::unauthorized_client);
  }
  if (parameters.contains("request")) {
    return bad("CARDEA-CIBA-002", ciba_core("7.1.1"), "Signed requests are not supported.",
               "a request parameter");
  }
  if (parameters.contains("login_hint_token")) {
    return bad("CARDEA-CIBA-003", ciba_core("7.1"), "login_hint_token is not supported.",
               "a login_hint_token parameter");
  }
  if (parameters.contains("login_hint") == parameters.contains("id_token_hint")) {
    return bad("CARDEA-CIBA-004", ciba_core("7.1"), "Send exactly one hint.",
               parameters.contains("login_hint") ? "login_hint and id_token_hint" : "no hint");
  }
  const auto scopes = parse_scope(parameters.get("scope"));
  if (!scopes || !has_scope(*scopes, "openid")) {
    return bad("CARDEA-CIBA-011", ciba_core("7.1"), "The scope must hold openid.",
               "no openid in scope", ErrorCode::invalid_scope);
  }
  const auto message = parameters.get("binding_message");
  const bool is_plain = ascii::is_utf8(message) && std::ranges::none_of(message, [](char c) {
                          return (c >= 0 && c < 0x20) || c == 0x7f;
                        });
  if (message.size() > binding_message_bytes_max || !is_plain) {
    return bad("CARDEA-CIBA-005", ciba_core("7.1"), "The binding_message cannot be shown.",
               "longer than 120 bytes, or with control characters",
               ErrorCode::invalid_binding_message);
  }
  return std::nullopt;
}

// CIBA Core 7.1: a positive integer; ours is the most.
Result<Seconds, JsonRefusal> chosen_lifetime(const Settings& settings,
                                             const RawParameters& parameters) {
  const auto most = settings.lifetimes.backchannel_request;
  const auto text = parameters.find("requested_expiry");
  if (!text) return most;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (error != std::errc() || end != text->data() + text->size() || seconds <= 0) {
    return refuse(bad("CARDEA-CIBA-006", ciba_core("7.1"),
                      "The requested_expiry must be a positive number of seconds.",
                      "not a positive integer"));
  }
  return std::min(most, Seconds{seconds});
}

JsonRefusal nobody(std::string reason) {
  return bad("CARDEA-CIBA-007", ciba_core("13"), "The hint names nobody who can be asked.",
             std::move(reason), ErrorCode::unknown_user_id);
}

// Who is meant, as a user or as why nobody is.
Task<Result<User, JsonRefusal>> find_asked(const Deps& deps, Exchange& exchange,
                                           const RawParameters& parameters, const Client& client) {
  std::optional<User> user;
  if (const auto login = parameters.find("login_hint")) {
    const auto canonical = canonical_login(*login);
    if (!canonical) co_return refuse(nobody("login_hint cannot be a login"));
    auto found = co_await deps.store.find_user_by_login(*canonical);
    if (!found) co_return refuse(unavailable(deps, exchange, found.error()));
    if (*found) user = static_cast<User&&>(**found);
  } else {
    const auto hint =
        read_id_token_hint(parameters.get("id_token_hint"), *deps.keys.verification_keys(),
                           deps.settings.issuer, exchange.now);
    const auto is_for_client = [&](const IdTokenHint& read) {
      return std::ranges::find(read.audience, client.client_id.value()) != read.audience.end();
    };
    if (!hint || !is_for_client(*hint)) {
      co_return refuse(bad("CARDEA-CIBA-008", ciba_core("7.1"),
                           "The id_token_hint is not acceptable.",
                           hint ? "it was given to another client" : hint.error()));
    }
    auto found = co_await deps.store.find_user(UserId(hint->subject));
    if (!found) co_return refuse(unavailable(deps, exchange, found.error()));
    // A pairwise subject leads to nobody: such a client names people by login_hint.
    if (*found && subject_of(deps.seals, client, (*found)->user_id) == hint->subject) {
      user = **std::move(found);
    }
  }
  if (!user || !user->enabled) co_return refuse(nobody("no enabled user is meant by the hint"));
  if (!is_entitled(client, *user)) {
    auto refusal =
        bad("CARDEA-CIBA-010", cardea_policy("Q19"), "The person may not use this client.",
            "the user is in none of the client's allowed_groups", ErrorCode::access_denied);
    refusal.status = 403;  // CIBA Core 13
    co_return refuse(std::move(refusal));
  }
  co_return *std::move(user);
}

}  // namespace

Task<http::Response> backchannel_authentication(const Deps& deps, Exchange& exchange) {
  const auto parameters = read_form(exchange);
  if (!parameters) co_return json_refusal(exchange, {parameters.error(), {}, 0, {}});
  auto caller = co_await authenticate_client(deps, exchange, *parameters);
  if (!caller) co_return json_refusal(exchange, std::move(caller).error());
  const Client& client = caller->client();
  if (auto refusal = check_form(*caller, *parameters)) {
    co_return json_refusal(exchange, *std::move(refusal));
  }
  auto access = judge_polled_access(deps, exchange, *parameters, client, GrantType::ciba);
  if (!access) co_return json_refusal(exchange, std::move(access).error());
  const auto lifetime = chosen_lifetime(deps.settings, *parameters);
  if (!lifetime) co_return json_refusal(exchange, lifetime.error());
  const auto asked = co_await find_asked(deps, exchange, *parameters, client);
  if (!asked) co_return json_refusal(exchange, asked.error());

  const store::PutPolledRequest put{
      .request = {.request_id = GrantId(new_identifier(deps.random)),
                  .kind = PolledRequest::Kind::ciba,
                  .client_id = client.client_id,
                  .user_code = std::nullopt,
                  .asked_user = asked->user_id,
                  .scopes = std::move(access->scopes),
                  .resources = std::move(access->resources),
                  .binding_message = std::string(parameters->get("binding_message")),
                  .address = exchange.request.peer_address,
                  .polled_at = std::nullopt,
                  .created_at = exchange.now,
                  .expires_at = exchange.now + *lifetime,
                  .approval = std::nullopt},
      .per_client_max = deps.settings.polled_requests_per_client_max,
      .per_address_max = std::nullopt,
      .per_user_max = deps.settings.polled_requests_per_user_max,
      .now = exchange.now};
  const auto outcome = co_await deps.store.perform(put);
  if (!outcome) co_return store_unavailable(deps, exchange, outcome.error());
  if (*outcome != store::PutPolledRequest::Outcome::stored) {
    co_return json_refusal(exchange, too_many_polled_requests());
  }
  exchange.pass("CARDEA-CIBA-012", ciba_core("7.3"), "the person is asked");
  const auto auth_req_id = seal_polling_text(deps, SealPurpose::auth_req_id, put.request);
  co_return json_answer(200, {{"auth_req_id", auth_req_id.reveal()},
                              {"expires_in", lifetime->count},
                              {"interval", put.request.interval.count}});
}

}  // namespace cardea::endpoints
