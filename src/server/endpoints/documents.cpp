// The public documents: cheap to fetch again (ETag, Cache-Control). OIDC Discovery 4, RFC 8414 3,
// RFC 7517 5. What is in them: server/settings/metadata.h and server/keys/key_ring.h.
#include <utility>

#include "base/ascii.h"
#include "server/endpoints/endpoints.h"
#include "server/pages/page_headers.h"

namespace cardea::endpoints {
namespace {

// Old enough to spare us, young enough for a changed setting.
constexpr Seconds discovery_max_age = minutes(5);

// In development settings change from one request to the next, and an issuer that was begun anew
// has other keys under the same address: what a browser keeps is asked about every time (RFC 9111
// 5.2.2.4).
std::string cache_control(const Settings& settings, Seconds max_age) {
  if (settings.is_dev) return "no-cache";
  return "public, max-age=" + std::to_string(max_age.count);
}

// RFC 9110 13.1.2: weak comparison of any member, or "*".
bool none_match_fails(std::string_view if_none_match, std::string_view etag) {
  for (auto candidate : ascii::Parts(if_none_match, ',')) {
    candidate = ascii::trim(candidate);
    if (candidate == "*") return true;
    if (candidate.starts_with("W/")) candidate.remove_prefix(2);
    if (candidate == etag) return true;
  }
  return false;
}

http::Response cached_answer(const Deps& deps, const Exchange& exchange,
                             const PublishedDocument& document, Seconds max_age) {
  static const http::SharedFields fields{{"Content-Type", "application/json"},
                                         {"X-Content-Type-Options", "nosniff"},
                                         {"Referrer-Policy", "no-referrer"},
                                         {"Content-Security-Policy", inert_policy}};
  http::Response response{.status = 200, .headers = http::Headers(fields), .body = document.body};
  response.headers.reserve(6);  // with what Server::handle adds
  response.headers.add("Cache-Control", cache_control(deps.settings, max_age));
  response.headers.add("ETag", document.etag);
  if (none_match_fails(exchange.request.headers.first("If-None-Match"), document.etag)) {
    response.status = 304;
    response.body.clear();
  }
  return response;
}

}  // namespace

Task<http::Response> discovery(const Deps& deps, Exchange& exchange) {
  co_return cached_answer(deps, exchange, deps.discovery, discovery_max_age);
}

Task<http::Response> jwks(const Deps& deps, Exchange& exchange) {
  co_return cached_answer(deps, exchange, *deps.keys.jwks(), deps.settings.jwks_max_age);
}

}  // namespace cardea::endpoints
