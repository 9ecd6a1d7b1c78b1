// The backchannel authentication endpoint (CIBA Core 7): a client asks a person who is not at it.
// Poll and ping mode; the person answers on the account page.
#include <algorithm>
#include <charconv>

#include "base/ascii.h"
#include "protocol/scope.h"
#include "server/authorize/backchannel_request.h"
#include "server/authorize/id_token_hint.h"
#include "server/authorize/polled_access.h"
#include "server/client_auth/authenticate.h"
#include "server/endpoints/endpoints.h"
#include "server/form_body.h"
#include "server/grants/poll.h"
#include "server/json_answer.h"
#include "server/notices/ping.h"
#include "server/token_header.h"
#include "server/tokens/subject.h"

namespace cardea::endpoints {
namespace {

constexpr std::size_t binding_message_bytes_max = 120;      // one line on a phone, more or less
constexpr std::size_t notification_token_bytes_max = 1024;  // CIBA Core 7.1

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

std::optional<JsonRefusal> check_confidential(const AuthenticatedClient& caller) {
  if (caller.method() != ClientAuthMethod::none) return std::nullopt;
  return bad("CARDEA-CIBA-001", ciba_core("7.1"), "A public client cannot ask this way.",
             "client " + caller.client_id().value() + " is public", ErrorCode::unauthorized_client);
}

std::optional<JsonRefusal> check_binding_message(const Client& client,
                                                 const RawParameters& parameters) {
  const auto message = parameters.get("binding_message");
  const bool is_plain = ascii::is_utf8(message) && std::ranges::none_of(message, [](char c) {
                          return (c >= 0 && c < 0x20) || c == 0x7f;
                        });
  if (message.size() > binding_message_bytes_max || !is_plain) {
    return bad("CARDEA-CIBA-005", ciba_core("7.1"), "The binding_message cannot be shown.",
               "longer than 120 bytes, or with control characters",
               ErrorCode::invalid_binding_message);
  }
  if (client.profile && message.empty()) {
    return bad("CARDEA-CIBA-018", fapi_ciba("5.2.2"), "The binding_message is missing.",
               "no binding_message, and the client is under a FAPI profile",
               ErrorCode::invalid_binding_message);
  }
  return std::nullopt;
}

// CIBA Core 7.1: required of ping, where it says that the server speaks; of no use to others.
std::optional<JsonRefusal> check_notification_token(const Client& client,
                                                    const RawParameters& parameters) {
  if (client.backchannel_token_delivery_mode != TokenDeliveryMode::ping) return std::nullopt;
  const auto token = parameters.get("client_notification_token");
  if (token.size() <= notification_token_bytes_max && is_b64token(token)) return std::nullopt;
  return bad("CARDEA-CIBA-017", ciba_core("7.1"),
             "The client_notification_token is missing or is no bearer token.",
             token.empty() ? "absent" : "longer than 1024 bytes, or not a b64token (RFC 6750 2.1)");
}

// CIBA Core 7.1, what can be said without the store.
std::optional<JsonRefusal> check_form(const Client& client, const RawParameters& parameters) {
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
  if (auto refused = check_binding_message(client, parameters)) return refused;
  return check_notification_token(client, parameters);
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
    const auto found = co_await deps.store.find_user(UserId(hint->subject));
    if (!found) co_return refuse(unavailable(deps, exchange, found.error()));
    // A pairwise subject leads to nobody: such a client names people by login_hint.
    if (*found && subject_of(deps.seals, client, (*found)->user_id) == hint->subject) {
      user = **found;
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

// CIBA Core 10.2: what the client is told by; "" for one that polls.
std::string sealed_ping(const Deps& deps, const Client& client, const RawParameters& parameters,
                        const PollingText& auth_req_id) {
  if (client.backchannel_token_delivery_mode != TokenDeliveryMode::ping) return "";
  const NotificationToken token(std::string(parameters.get("client_notification_token")));
  return seal_ping(deps.seals, client.client_id,
                   {.auth_req_id = std::string(auth_req_id.reveal()), .token = token}, deps.random);
}

struct Question {
  UserId user_id;  // who is asked
  PolledAccess access;
};

store::PutPolledRequest to_put(const Deps& deps, const Exchange& exchange, const Client& client,
                               const RawParameters& parameters, Question question,
                               Seconds lifetime) {
  return {.request = {.request_id = GrantId(new_identifier(deps.random)),
                      .kind = PolledRequest::Kind::ciba,
                      .client_id = client.client_id,
                      .user_code = std::nullopt,
                      .asked_user = std::move(question.user_id),
                      .scopes = std::move(question.access.scopes),
                      .resources = std::move(question.access.resources),
                      .binding_message = std::string(parameters.get("binding_message")),
                      .address = exchange.request.peer_address,
                      .polled_at = std::nullopt,
                      .created_at = exchange.now,
                      .expires_at = exchange.now + lifetime,
                      .approval = std::nullopt},
          .per_client_max = deps.settings.polled_requests_per_client_max,
          .per_address_max = std::nullopt,
          .per_user_max = deps.settings.polled_requests_per_user_max,
          .now = exchange.now};
}

// CIBA Core 7.3. client, parameters: outlive the task.
Task<http::Response> ask(const Deps& deps, Exchange& exchange, const Client& client,
                         const RawParameters& parameters, Question question, Seconds lifetime) {
  auto put = to_put(deps, exchange, client, parameters, std::move(question), lifetime);
  const auto auth_req_id = seal_polling_text(deps, SealPurpose::auth_req_id, put.request);
  const auto interval = put.request.interval;
  put.sealed_ping = sealed_ping(deps, client, parameters, auth_req_id);
  const auto outcome = co_await deps.store.perform(std::move(put));
  if (!outcome) co_return store_unavailable(deps, exchange, outcome.error());
  if (*outcome != store::PutPolledRequest::Outcome::stored) {
    co_return json_refusal(exchange, too_many_polled_requests());
  }
  exchange.pass("CARDEA-CIBA-012", ciba_core("7.3"), "the person is asked");
  co_return json_answer(200, {{"auth_req_id", auth_req_id.reveal()},
                              {"expires_in", lifetime.count},
                              {"interval", interval.count}});
}

}  // namespace

Task<http::Response> backchannel_authentication(const Deps& deps, Exchange& exchange) {
  auto form = read_form(exchange);
  if (!form) co_return json_refusal(exchange, {form.error(), {}, 0, {}});
  auto caller = co_await authenticate_client(deps, exchange, *form);
  if (!caller) co_return json_refusal(exchange, std::move(caller).error());
  if (auto refusal = check_confidential(*caller)) {
    co_return json_refusal(exchange, *std::move(refusal));
  }
  const Client& client = caller->client();
  auto taken = co_await take_backchannel_request(deps, exchange, client, *std::move(form));
  if (!taken) co_return json_refusal(exchange, std::move(taken).error());
  const RawParameters& parameters = taken->parameters;
  if (auto refusal = check_form(client, parameters)) {
    co_return json_refusal(exchange, *std::move(refusal));
  }
  auto access = judge_polled_access(deps, exchange, parameters, client, GrantType::ciba);
  if (!access) co_return json_refusal(exchange, std::move(access).error());
  const auto lifetime = chosen_lifetime(deps.settings, parameters);
  if (!lifetime) co_return json_refusal(exchange, lifetime.error());
  const auto asked = co_await find_asked(deps, exchange, parameters, client);
  if (!asked) co_return json_refusal(exchange, asked.error());
  // The last check, because it writes.
  if (auto refusal = co_await use_up(deps, exchange, *taken)) {
    co_return json_refusal(exchange, *std::move(refusal));
  }
  co_return co_await ask(deps, exchange, client, parameters,
                         {.user_id = asked->user_id, .access = *std::move(access)}, *lifetime);
}

}  // namespace cardea::endpoints
