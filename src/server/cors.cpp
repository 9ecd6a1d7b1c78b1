// Cross-origin reading; see cors.h.
#include "server/cors.h"

#include <algorithm>

#include "base/url.h"

namespace cardea {
namespace {

// What clients send beyond the safelist (experience C18).
constexpr std::string_view allowed_headers =
    "Authorization, Content-Type, DPoP, MCP-Protocol-Version";
constexpr std::string_view exposed_headers =
    "WWW-Authenticate, Retry-After, X-Request-Id, DPoP-Nonce";

// The one Origin header; nothing when it is absent, repeated or opaque: `null` is shared by
// sandboxed frames and files, so it names nobody (9700-06).
std::optional<std::string_view> origin_of(const http::Request& request) {
  const auto origin = request.headers.single("Origin");
  if (!origin || origin->empty() || *origin == "null") return std::nullopt;
  return origin;
}

std::string origin_of_redirect(const std::string& redirect_uri) {
  const auto parts = url::parse(redirect_uri);
  return parts ? parts->origin() : std::string();
}

}  // namespace

bool is_origin_of(const Client& client, std::string_view origin) {
  if (!client.allowed_origins.empty()) {
    return std::ranges::find(client.allowed_origins, origin) != client.allowed_origins.end();
  }
  return std::ranges::any_of(client.redirect_uris, [&](const std::string& redirect_uri) {
    return origin_of_redirect(redirect_uri) == origin;
  });
}

bool is_preflight(const Route& route, const http::Request& request) {
  return route.cors != CorsPolicy::none && request.method == "OPTIONS" &&
         request.headers.contains("Origin") &&
         request.headers.contains("Access-Control-Request-Method");
}

http::Response preflight_answer(const Route& route, const http::Request& request) {
  http::Response response{.status = 204, .headers = {}, .body = {}};
  response.headers.add("Vary", "Origin");
  if (route.cors == CorsPolicy::client_origins && !origin_of(request)) return response;
  response.headers.add("Access-Control-Allow-Origin", "*");
  response.headers.add("Access-Control-Allow-Methods", route.allow());
  response.headers.add("Access-Control-Allow-Headers", allowed_headers);
  // Short, so that a removed origin does not linger (10017-04).
  response.headers.add("Access-Control-Max-Age", "300");
  return response;
}

void allow_origins(const Deps& deps, const Route& route, const Exchange& exchange,
                   http::Response& response) {
  if (route.cors == CorsPolicy::none) return;
  auto& headers = response.headers;
  if (route.cors == CorsPolicy::any_origin) {
    headers.set("Access-Control-Allow-Origin", "*");
    headers.set("Access-Control-Expose-Headers", "ETag");
    return;
  }
  headers.add("Vary", "Origin");
  const auto origin = origin_of(exchange.request);
  if (!origin) return;
  if (response.status >= 400) {
    headers.set("Access-Control-Allow-Origin", "*");
  } else {
    const auto client = deps.registry.find(ClientId(exchange.client_id));
    if (client == nullptr || !is_origin_of(*client, *origin)) return;
    headers.set("Access-Control-Allow-Origin", *origin);
  }
  headers.set("Access-Control-Expose-Headers", exposed_headers);
}

}  // namespace cardea
