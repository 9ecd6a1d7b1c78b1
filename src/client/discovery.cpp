// Discovery; see discovery.h.
#include "client/discovery.h"

#include <algorithm>

#include "base/limits.h"

namespace cardea::client {
namespace {

// What every app of this library needs, and where it is.
Status<Error> check_endpoints(const Configuration& configuration,
                              const ProviderMetadata& metadata) {
  struct Endpoint {
    std::string_view name;
    const std::string& url;
    enum class Need { required, optional } need;
  };
  using Need = Endpoint::Need;
  for (const auto& endpoint :
       {Endpoint{"authorization_endpoint", metadata.authorization_endpoint, Need::required},
        Endpoint{"token_endpoint", metadata.token_endpoint, Need::required},
        Endpoint{"jwks_uri", metadata.jwks_uri, Need::required},
        Endpoint{"userinfo_endpoint", metadata.userinfo_endpoint, Need::optional},
        Endpoint{"revocation_endpoint", metadata.revocation_endpoint, Need::optional},
        Endpoint{"end_session_endpoint", metadata.end_session_endpoint, Need::optional}}) {
    if (endpoint.url.empty() && endpoint.need == Need::optional) continue;
    if (!is_acceptable_endpoint(configuration, endpoint.url)) {
      return refuse(Error{.code = "discovery.unusable",
                          .message = "an endpoint is missing, malformed or not https",
                          .cause = std::string(endpoint.name) + " is \"" + endpoint.url + "\""});
    }
  }
  return Unit{};
}

// RFC 8705 5: a client that means to present its certificate goes where one is asked for.
void use_mtls_aliases(ProviderMetadata& metadata) {
  const auto* aliases = metadata.others.find("mtls_endpoint_aliases");
  if (aliases == nullptr || aliases->if_object() == nullptr) return;
  const auto use = [&](std::string_view name, std::string& url) {
    if (auto alias = json::string_member(*aliases->if_object(), name)) url = *std::move(alias);
  };
  use("token_endpoint", metadata.token_endpoint);
  use("userinfo_endpoint", metadata.userinfo_endpoint);
  use("revocation_endpoint", metadata.revocation_endpoint);
}

}  // namespace

http::OutgoingRequest build_discovery(const Configuration& configuration, DiscoveryPlace place) {
  const auto urls = well_known_urls(configuration.issuer);
  ensure(urls.has_value());
  return {.method = "GET",
          .url = place == DiscoveryPlace::openid_configuration ? urls->openid_configuration
                                                               : urls->oauth_authorization_server,
          .headers = {{"Accept", "application/json"}}};
}

Result<ProviderMetadata, Error> process_discovery(const Configuration& configuration,
                                                  const http::Response& response) {
  if (response.status != 200) {
    return refuse(Error{.code = "discovery.status",
                        .message = "the issuer did not answer discovery with 200",
                        .cause = "status " + std::to_string(response.status)});
  }
  // OIDC Discovery 4.3; RFC 8414 3.3
  auto metadata = parse_provider_metadata(response.body, configuration.issuer);
  if (!metadata) {
    return refuse(Error{.code = "discovery.malformed",
                        .message = "the discovery document is not that of the issuer",
                        .cause = metadata.error()});
  }
  if (std::holds_alternative<TlsCertificate>(configuration.authentication)) {
    use_mtls_aliases(*metadata);
  }
  if (auto usable = check_endpoints(configuration, *metadata); !usable)
    return refuse(std::move(usable.error()));
  // RFC 9700 2.1.1: silence is common and harmless (PKCE is sent anyway), a list without S256 is a
  // statement.
  const auto& methods = metadata->code_challenge_methods_supported;
  if (!methods.empty() && std::ranges::find(methods, "S256") == methods.end() &&
      !configuration.relaxations.issuer_without_s256()) {
    return refuse(Error{.code = "discovery.unusable",
                        .message = "the issuer does not offer PKCE with S256",
                        .cause = "code_challenge_methods_supported lacks S256"});
  }
  return std::move(*metadata);
}

}  // namespace cardea::client
