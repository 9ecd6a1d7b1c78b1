// Configuration checks; see configuration.h.
#include "client/configuration.h"

#include <algorithm>

#include "base/url.h"
#include "jose/jws.h"
#include "protocol/provider_metadata.h"

namespace cardea::client {
namespace {

Refusal<Error> invalid(std::string message) {
  return refuse(Error{.code = "configuration.invalid", .message = std::move(message)});
}

// RFC 7518 3.2: as long as the hash at least.
bool has_short_mac_secret(const Authentication& authentication) {
  const auto* mac = std::get_if<ClientSecretJwt>(&authentication);
  return mac != nullptr && mac->secret.reveal().size() < jose::mac_secret_bytes_min;
}

bool has_empty_secret(const Authentication& authentication) {
  if (const auto* basic = std::get_if<SecretBasic>(&authentication)) return basic->secret.empty();
  if (const auto* post = std::get_if<SecretPost>(&authentication)) return post->secret.empty();
  return false;
}

}  // namespace

Relaxations& Relaxations::accept_plain_http_issuer(std::string reason) {
  return add("accept_plain_http_issuer", std::move(reason));
}

Relaxations& Relaxations::accept_callback_without_iss_although_advertised(std::string reason) {
  return add("accept_callback_without_iss_although_advertised", std::move(reason));
}

Relaxations& Relaxations::accept_issuer_that_does_not_advertise_s256(std::string reason) {
  return add("accept_issuer_that_does_not_advertise_s256", std::move(reason));
}

bool Relaxations::holds(std::string_view name) const {
  return std::ranges::any_of(entries_, [&](const Entry& entry) { return entry.name == name; });
}

Relaxations& Relaxations::add(std::string_view name, std::string reason) {
  ensure(!reason.empty());
  entries_.push_back({name, std::move(reason)});
  return *this;
}

Status<Error> check_issuer(const Configuration& configuration) {
  if (!well_known_urls(configuration.issuer))
    return invalid("issuer is not an http(s) URL without query and fragment");
  if (!is_acceptable_endpoint(configuration, configuration.issuer))
    return invalid("issuer is http; use https, or accept_plain_http_issuer(reason)");
  return Unit{};
}

Status<Error> check_configuration(const Configuration& configuration) {
  if (auto fine = check_issuer(configuration); !fine) return fine;
  if (configuration.client_id.empty()) return invalid("client_id is empty");
  // A native client may have a private-use scheme (RFC 8252 7.1), so only the form is looked at.
  if (!configuration.redirect_uri.empty() &&
      (configuration.redirect_uri.find(':') == std::string::npos ||
       configuration.redirect_uri.find('#') != std::string::npos))
    return invalid("redirect_uri is not an absolute URI without fragment");
  if (has_empty_secret(configuration.authentication)) return invalid("client secret is empty");
  if (has_short_mac_secret(configuration.authentication))
    return invalid("client secret is shorter than 32 bytes, which HS256 needs");
  if (configuration.id_token_algorithms.empty())
    return invalid("id_token_algorithms is empty, so no ID token could pass");
  return Unit{};
}

bool is_acceptable_endpoint(const Configuration& configuration, std::string_view url) {
  const auto parts = url::parse(url);
  if (!parts || parts->fragment) return false;
  return parts->scheme == "https" || configuration.relaxations.plain_http_issuer();
}

}  // namespace cardea::client
