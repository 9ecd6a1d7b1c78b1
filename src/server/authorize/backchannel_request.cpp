// Resolving backchannel authentication requests; see backchannel_request.h.
#include "server/authorize/backchannel_request.h"

#include <algorithm>
#include <array>
#include <utility>

#include "server/authorize/verify_request_object.h"

namespace cardea {
namespace {

using Taken = Result<BackchannelRequest, JsonRefusal>;

// What authenticates the client, by any method: all that may stand beside the JWT.
constexpr std::array<std::string_view, 5> beside_the_object{
    "request", "client_id", "client_secret", "client_assertion", "client_assertion_type"};

// CIBA Core 4: who registers an algorithm signs each request, and nobody else signs one.
std::optional<JsonRefusal> check_way(const Client& client, const RawParameters& raw) {
  const bool is_signed = raw.contains("request");
  const bool signs = client.backchannel_authentication_request_signing_alg.has_value();
  if (is_signed && !signs) {
    return bad_request(
        "CARDEA-CIBA-002", ciba_core("4"), "The client is not registered to sign requests.",
        "a request parameter, and no backchannel_authentication_request_signing_alg",
        "Register backchannel_authentication_request_signing_alg and the client's keys.");
  }
  if (!is_signed && signs) {
    return bad_request(
        "CARDEA-CIBA-013", ciba_core("7.1.1"), "The client must sign its requests.",
        "no request parameter, and backchannel_authentication_request_signing_alg is set",
        "Send the parameters as claims of a signed JWT, in the request parameter.");
  }
  return std::nullopt;
}

// CIBA Core 7.1.1: nothing of the request stands outside of the JWT.
std::optional<JsonRefusal> check_alone(const RawParameters& raw) {
  for (const auto& [name, value] : raw.pairs()) {
    if (std::ranges::find(beside_the_object, name) != beside_the_object.end()) continue;
    return bad_request(
        "CARDEA-CIBA-015", ciba_core("7.1.1"), "A parameter stands beside the signed request.",
        "beside it: " + name.substr(0, 100), "Put every parameter of the request into the JWT.");
  }
  return std::nullopt;
}

// Q12: what the inspector shows of a signed request is what it says, without its secrets.
void show(Exchange& exchange, const ParameterPairs& pairs) {
  if (exchange.is_shown) exchange.shown_parameters = masked(pairs);
}

}  // namespace

Task<Taken> take_backchannel_request(const Deps& deps, Exchange& exchange, const Client& client,
                                     RawParameters raw) {
  if (auto refused = check_way(client, raw)) co_return refuse(*std::move(refused));
  if (!raw.contains("request")) {
    co_return BackchannelRequest{.parameters = std::move(raw), .used_by = std::nullopt};
  }
  if (auto refused = check_alone(raw)) co_return refuse(*std::move(refused));
  auto read =
      co_await verify_request_object(deps, client, RequestObjectKind::backchannel_authentication,
                                     std::string(raw.get("request")), exchange.now);
  if (!read) {
    co_return refuse(bad_request(
        "CARDEA-CIBA-014", read.error().spec, "The signed request is not valid for this client.",
        std::move(read.error().reason),
        "Sign it by the registered algorithm: iss the client_id, aud the issuer, "
        "iat and nbf now, exp within an hour of nbf, a new jti."));
  }
  show(exchange, read->parameters);
  exchange.pass("CARDEA-CIBA-014", ciba_core("7.1.1"), "the signed request is this client's");
  const auto digest =
      once_digest("backchannel_authentication_request", {client.client_id.value(), read->token_id});
  co_return BackchannelRequest{.parameters = RawParameters(std::move(read->parameters)),
                               .used_by = OneTime{.digest = digest, .until = read->expires_at}};
}

Task<std::optional<JsonRefusal>> use_up(const Deps& deps, Exchange& exchange,
                                        const BackchannelRequest& request) {
  if (!request.used_by) co_return std::nullopt;
  const auto once = co_await deps.store.perform(store::UseOnce{.digest = request.used_by->digest,
                                                               .expires_at = request.used_by->until,
                                                               .now = exchange.now});
  if (!once) co_return unavailable(deps, exchange, once.error());
  if (*once == store::UseOnce::Outcome::first) co_return std::nullopt;
  co_return bad_request("CARDEA-CIBA-016", ciba_core("7.1.1"),
                        "The signed request was used before.", "this jti was used before",
                        "Sign a new request, with a new jti.");
}

}  // namespace cardea
