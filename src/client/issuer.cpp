// Requests to an issuer; see issuer.h.
#include "client/issuer.h"

#include <exception>
#include <string_view>
#include <utility>

#include "client/discovery.h"

namespace cardea::client {
namespace {

Error network_error(const http::TransportFailure& failure) {
  using Kind = http::TransportFailure::Kind;
  std::string_view code = "network.other";
  if (failure.kind == Kind::connect) code = "network.unreachable";
  if (failure.kind == Kind::timeout) code = "network.timeout";
  if (failure.kind == Kind::tls) code = "network.tls";
  return {.code = code, .message = "the issuer cannot be reached", .cause = failure.reason};
}

// A transport is the app's own code: what it throws becomes a value here.
http::TransportResult call(const http::Transport& transport, const http::OutgoingRequest& request) {
  try {
    return transport(request);
  } catch (const std::exception& thrown) {
    return refuse(http::TransportFailure{.reason = thrown.what()});
  } catch (...) {
    return refuse(http::TransportFailure{.reason = "the transport threw"});
  }
}

}  // namespace

Result<http::Response, Error> send(const http::Transport& transport,
                                   const http::OutgoingRequest& request) {
  auto answer = call(transport, request);
  if (!answer) return refuse(network_error(answer.error()));
  return std::move(*answer);
}

Result<ProviderMetadata, Error> fetch_metadata(const Configuration& configuration,
                                               const http::Transport& transport) {
  if (auto fine = check_issuer(configuration); !fine) return refuse(std::move(fine.error()));
  auto answer = send(transport, build_discovery(configuration));
  if (answer && answer->status == 404) {
    answer =
        send(transport, build_discovery(configuration, DiscoveryPlace::oauth_authorization_server));
  }
  if (!answer) return refuse(std::move(answer.error()));
  return process_discovery(configuration, *answer);
}

jose::KeySource::Fetch fetch_keys(const http::Transport& transport, const std::string& jwks_uri) {
  return [transport, jwks_uri](std::string_view etag) -> Result<jose::FetchedJwks, std::string> {
    http::OutgoingRequest request{
        .method = "GET", .url = jwks_uri, .headers = {{"Accept", "application/json"}}};
    if (!etag.empty()) request.headers.set("If-None-Match", etag);
    const auto answer = call(transport, request);
    if (!answer) return refuse(answer.error().reason);
    return jose::read_jwks_answer({.status = answer->status,
                                   .etag = answer->headers.first("etag"),
                                   .cache_control = answer->headers.first("cache-control"),
                                   .body = answer->body});
  };
}

}  // namespace cardea::client
