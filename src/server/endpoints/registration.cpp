// The client registration endpoint (RFC 7591 3) and the client configuration endpoint (RFC 7592 2).
// Who may register is a setting; who may look at or change a registration is whoever holds the
// token that came with it.
#include <utility>

#include "crypto/hash.h"
#include "protocol/www_authenticate.h"
#include "server/endpoints/endpoints.h"
#include "server/json_answer.h"
#include "server/registration/initial_token.h"
#include "server/registration/keep_registration.h"
#include "server/registration/register_client.h"
#include "server/token_header.h"

namespace cardea::endpoints {
namespace {

using Registered = store::RegisterClient::Outcome::Result;

constexpr std::string_view configuration_path = "/register/";
constexpr std::string_view retry_after_seconds = "3600";

// RFC 6750 3.1. The same for every token that does not count here, and for every client_id, so that
// nobody learns which ones there are.
JsonRefusal not_authorized(const Deps& deps, bool presented, SpecRef spec, std::string reason) {
  const BearerChallenge challenge{
      .realm = deps.settings.issuer,
      .error = presented ? std::optional(ErrorCode::invalid_token) : std::nullopt};
  return {.error = {.code = ErrorCode::invalid_token,
                    .rule = "CARDEA-REGISTER-001",
                    .spec = spec,
                    .description = "A valid token is needed here.",
                    .reason = std::move(reason)},
          .fix = "Send Authorization: Bearer with the token that was given for this.",
          .headers = {{"WWW-Authenticate", write(challenge)}}};
}

// The bearer token of the request; nothing where there is none.
Result<std::optional<std::string>, JsonRefusal> bearer_token(const Exchange& exchange) {
  auto presented = read_token_header(exchange.request.headers);
  if (!presented) {
    return refuse(JsonRefusal{.error = std::move(presented).error(), .fix = {}, .headers = {}});
  }
  if (!*presented || (*presented)->by_dpop) return std::optional<std::string>();
  return std::optional(std::move((*presented)->token));
}

// Who may register: anybody where registration is open, else whoever has an initial access token.
// One that is presented must be good (RFC 7591 3).
Task<Result<std::optional<InitialTokenDigest>, JsonRefusal>> permission(const Deps& deps,
                                                                        const Exchange& exchange) {
  using Permission = std::optional<InitialTokenDigest>;
  const auto token = bearer_token(exchange);
  if (!token) co_return refuse(token.error());
  if (!*token) {
    if (deps.settings.registration.mode == RegistrationSettings::Mode::open) {
      co_return Permission();
    }
    co_return refuse(not_authorized(deps, false, rfc7591("3"), "no initial access token"));
  }
  const auto digest = initial_token_digest(**token);
  const auto usable = co_await deps.store.is_initial_token_usable(digest, exchange.now);
  if (!usable) co_return refuse(unavailable(deps, exchange, usable.error()));
  if (!*usable) {
    co_return refuse(not_authorized(deps, true, rfc7591("3"),
                                    "the initial access token is unknown, used up or expired"));
  }
  co_return Permission(digest);
}

JsonRefusal too_many(Registered result) {
  const bool of_source = result == Registered::too_many_of_source;
  return {.error = {.code = ErrorCode::invalid_request,
                    .rule = of_source ? "CARDEA-REGISTER-002" : "CARDEA-REGISTER-003",
                    .spec = rfc7591("5"),
                    .description = "Too many clients were registered; try again later.",
                    .reason = of_source ? "the address has as many unused registrations as it may"
                                        : "as many clients registered themselves as may"},
          .fix = "See registration.unused_per_address and registration.clients_max.",
          .status = 429,
          .headers = {{"Retry-After", std::string(retry_after_seconds)}}};
}

// A registration, and the token that was presented for it.
struct Managed {
  std::shared_ptr<const Client> client;
  std::string token;
};

// RFC 7592 2: the token is bound to the one client, and a client that is not there is refused as a
// wrong token is.
Result<Managed, JsonRefusal> managed_client(const Deps& deps, Exchange& exchange) {
  auto token = bearer_token(exchange);
  if (!token) return refuse(std::move(token).error());
  if (!*token) {
    return refuse(not_authorized(deps, false, rfc7592("2"), "no registration access token"));
  }
  const auto path = exchange.request.path().substr(deps.settings.issuer_path.size());
  const ClientId client_id(std::string(path.substr(configuration_path.size())));
  auto client = deps.registry.find(client_id);
  const bool registered = client != nullptr && client->enabled &&
                          client->owner.by == Ownership::By::registration &&
                          !client->registration_access_token.empty();
  if (!registered) {
    return refuse(not_authorized(deps, true, rfc7592("2"), "no client registered itself as this"));
  }
  exchange.client_id = client_id.value();
  if (!crypto::constant_time_equal(client->registration_access_token.value(),
                                   registration_token_digest(**token).value())) {
    return refuse(
        not_authorized(deps, true, rfc7592("2"), "the token is another client's, or old"));
  }
  return Managed{std::move(client), **std::move(token)};
}

// RFC 7592 2.2: the body is a whole registration of this very client, without what the server made.
std::optional<JsonRefusal> check_update(const json::Object& body, const Client& client) {
  const auto refusal = [](std::string_view description, std::string reason) {
    return JsonRefusal{.error = {.code = ErrorCode::invalid_client_metadata,
                                 .rule = "CARDEA-REGISTER-015",
                                 .spec = rfc7592("2.2"),
                                 .description = description,
                                 .reason = std::move(reason)},
                       .fix = {},
                       .headers = {}};
  };
  if (json::string_member(body, "client_id") != client.client_id.value()) {
    return refusal("The body must hold the client_id of this registration.",
                   "client_id is absent or another one");
  }
  for (const auto* name : {"registration_access_token", "registration_client_uri",
                           "client_secret_expires_at", "client_id_issued_at"}) {
    if (body.contains(name)) {
      return refusal("The body holds what only the server says.", std::string(name) + " was sent");
    }
  }
  // A client may repeat its secret, but not choose one.
  const json::Value* secret = body.find("client_secret");
  if (secret == nullptr) return std::nullopt;
  const auto digest =
      crypto::sha256(secret->if_string() != nullptr ? std::string_view(*secret->if_string()) : "");
  for (const auto& known : client.secrets) {
    if (crypto::constant_time_equal(digest, known.sha256)) return std::nullopt;
  }
  return refusal("The client_secret is not the one of this registration.",
                 "client_secret is another one");
}

Task<http::Response> update(const Deps& deps, Exchange& exchange, Managed managed) {
  auto body = read_registration_body(exchange.request);
  if (!body) co_return json_refusal(exchange, std::move(body).error());
  if (auto refused = check_update(*body, *managed.client)) {
    co_return json_refusal(exchange, *std::move(refused));
  }
  const auto accepted =
      co_await accept_registration(deps, exchange, *std::move(body), managed.client.get());
  if (!accepted) co_return json_refusal(exchange, accepted.error());
  // The token is compared once more in the write: of two changes with one token, one counts.
  const auto stored = co_await deps.store.perform(
      store::PutClient{.client = accepted->client,
                       .expect = store::Expect::present,
                       .presented = registration_token_digest(managed.token)});
  if (!stored) {
    deps.registry.doubt(managed.client->client_id);
    co_return store_unavailable(deps, exchange, stored.error());
  }
  if (*stored != store::PutClient::Outcome::stored) {
    co_return json_refusal(
        exchange, not_authorized(deps, true, rfc7592("2.2"), "the token was just used or removed"));
  }
  const auto shown = co_await deps.registry.refresh(managed.client->client_id);
  if (!shown) co_return store_unavailable(deps, exchange, shown.error());
  exchange.pass("CARDEA-REGISTER-015", rfc7592("2.2"), "the registration was replaced");
  co_return registration_answer(deps, 200, *accepted);
}

Task<http::Response> remove(const Deps& deps, Exchange& exchange, Managed managed) {
  const auto removed = co_await deps.store.perform(
      store::RemoveClient{.client_id = managed.client->client_id,
                          .presented = registration_token_digest(managed.token)});
  if (!removed) {
    deps.registry.doubt(managed.client->client_id);
    co_return store_unavailable(deps, exchange, removed.error());
  }
  if (*removed != store::RemoveClient::Outcome::removed) {
    co_return json_refusal(
        exchange, not_authorized(deps, true, rfc7592("2.3"), "the token was just used or removed"));
  }
  const auto shown = co_await deps.registry.refresh(managed.client->client_id);
  if (!shown) co_return store_unavailable(deps, exchange, shown.error());
  exchange.pass("CARDEA-REGISTER-016", rfc7592("2.3"), "the registration was removed");
  auto response = json_answer(204, std::string());
  response.headers.remove("Content-Type");  // of nothing: a client would look for JSON
  co_return response;
}

}  // namespace

Task<http::Response> registration(const Deps& deps, Exchange& exchange) {
  const auto permitted = co_await permission(deps, exchange);
  if (!permitted) co_return json_refusal(exchange, permitted.error());
  auto body = read_registration_body(exchange.request);
  if (!body) co_return json_refusal(exchange, std::move(body).error());
  const auto accepted = co_await accept_registration(deps, exchange, *std::move(body), nullptr);
  if (!accepted) co_return json_refusal(exchange, accepted.error());
  exchange.client_id = accepted->client.client_id.value();
  const auto kept = co_await keep_registration(deps, exchange, accepted->client, *permitted);
  if (!kept) co_return store_unavailable(deps, exchange, kept.error());
  switch (*kept) {
    case Registered::registered:
      break;
    case Registered::token_not_usable:
      co_return json_refusal(exchange, not_authorized(deps, true, rfc7591("3"),
                                                      "the initial access token was just used up"));
    case Registered::too_many_of_source:
    case Registered::too_many:
    case Registered::already_there:  // of 2^128 identifiers the same one twice
      co_return json_refusal(exchange, too_many(*kept));
  }
  exchange.pass("CARDEA-REGISTER-010", rfc7591("3.2.1"), "the client is registered");
  co_return registration_answer(deps, 201, *accepted);
}

Task<http::Response> client_configuration(const Deps& deps, Exchange& exchange) {
  auto managed = managed_client(deps, exchange);
  if (!managed) co_return json_refusal(exchange, std::move(managed).error());
  if (exchange.request.method == "PUT") {
    co_return co_await update(deps, exchange, *std::move(managed));
  }
  if (exchange.request.method == "DELETE") {
    co_return co_await remove(deps, exchange, *std::move(managed));
  }
  // RFC 7592 2.1. The secret is not kept, so it cannot be shown; the token is the one that came.
  exchange.pass("CARDEA-REGISTER-001", rfc7592("2.1"), "the registration's own token");
  co_return registration_answer(deps, 200,
                                {.client = *managed->client,
                                 .client_secret = {},
                                 .registration_access_token = managed->token});
}

}  // namespace cardea::endpoints
