// Registered or fetched; see client_keys.h.
#include "server/outgoing/client_keys.h"

#include <algorithm>
#include <utility>

namespace cardea {
namespace {

using Keys = Result<std::shared_ptr<const jose::JwkSet>, std::string>;

Keys registered_keys(const json::Object& jwks) {
  auto keys = jose::JwkSet::parse(jwks);
  if (!keys) return refuse("the client's jwks: " + keys.error());
  return std::make_shared<const jose::JwkSet>(*std::move(keys));
}

}  // namespace

http::FetchLane lane_of(const Client& client) {
  return client.registered_itself() ? http::FetchLane::anybody : http::FetchLane::registered;
}

ClientKeySets::ClientKeySets(Outgoing& outgoing)
    : FetchedDocuments(
          outgoing, DocumentRules{.bytes_max = limits::jwks_bytes_max},
          [](const std::string&, std::string_view body) { return jose::JwkSet::parse(body); }) {}

HoldsWhatIsNeeded holding_kid(std::string kid) {
  return [kid = std::move(kid)](const jose::JwkSet& keys) {
    return kid.empty() || keys.contains_kid(kid);
  };
}

HoldsWhatIsNeeded holding_certificate(std::string der) {
  return [der = std::move(der)](const jose::JwkSet& keys) {
    return std::ranges::find(keys.certificates(), der) != keys.certificates().end();
  };
}

Task<Keys> client_keys(const Deps& deps, const Client& client, HoldsWhatIsNeeded holds,
                       Instant now) {
  if (client.jwks) co_return registered_keys(*client.jwks);
  if (client.jwks_uri.empty()) co_return refuse(std::string("the client has no keys"));
  const auto lane = lane_of(client);
  using Wish = ClientKeySets::Wish;
  auto keys = co_await deps.client_key_sets.find(client.jwks_uri, now, Wish::usable, lane);
  if (keys && !holds(**keys)) {
    keys = co_await deps.client_key_sets.find(client.jwks_uri, now, Wish::newer, lane);
  }
  if (!keys) co_return refuse("the client's jwks_uri: " + keys.error());
  co_return *std::move(keys);
}

}  // namespace cardea
