// The state of a browser; see browser_state.h.
#include "server/sessions/browser_state.h"

#include "base/base64url.h"
#include "base/url.h"
#include "crypto/hash.h"
#include "protocol/session_state.h"

namespace cardea {
namespace {

constexpr std::size_t seed_bytes = 16;
constexpr std::size_t salt_bytes = 16;

std::string browser_state(std::string_view seed, const std::vector<SessionHandle>& handles) {
  // The label keeps the digest apart from that by which the store finds a session.
  std::string text = "browser_state";
  text.append(1, '\0').append(seed);
  for (const auto& handle : handles) text.append(1, '\0').append(handle.reveal());
  return std::string(seed) + "." + base64url_encode(crypto::sha256(text));
}

std::optional<std::string> presented_state(const Settings& settings, const Exchange& exchange) {
  return http::cookie(exchange.request.headers, settings.browser_state_cookie_name);
}

// Whether it is one that was made here for a browser with these sessions.
bool is_state_of(std::string_view presented, const std::vector<SessionHandle>& handles) {
  const auto seed = presented.substr(0, presented.find('.'));
  std::array<char, seed_bytes> bytes{};
  return base64url_decode_to(bytes, seed) &&
         crypto::constant_time_equal(presented, browser_state(seed, handles));
}

}  // namespace

void note_sessions(const Deps& deps, Exchange& exchange,
                   const std::vector<SessionHandle>& handles) {
  if (!deps.settings.session_management) return;
  auto presented = presented_state(deps.settings, exchange);
  exchange.browser_state =
      presented && is_state_of(*presented, handles)
          ? *std::move(presented)
          : browser_state(base64url_encode(deps.random.bytes(seed_bytes)), handles);
}

void keep_browser_state(const Settings& settings, const Exchange& exchange,
                        http::Response& response) {
  if (exchange.browser_state.empty()) return;
  if (presented_state(settings, exchange) == exchange.browser_state) return;
  http::SetCookie cookie = cookie_of(settings, settings.browser_state_cookie_name);
  cookie.value = exchange.browser_state;
  cookie.http_only = false;
  // The frame is on pages of other sites. Without https there is no such cookie (decision Q16).
  if (settings.issuer_is_https) cookie.same_site = http::SetCookie::SameSite::none;
  response.headers.add("Set-Cookie", http::write_set_cookie(cookie));
}

std::optional<std::string> session_state_for(const Deps& deps, const Exchange& exchange,
                                             const ClientId& client_id,
                                             std::string_view redirect_uri) {
  if (exchange.browser_state.empty()) return std::nullopt;
  const auto address = url::parse(redirect_uri);
  if (!address) return std::nullopt;
  return session_state({.client_id = client_id.value(),
                        .origin = address->origin(),
                        .browser_state = exchange.browser_state,
                        .salt = base64url_encode(deps.random.bytes(salt_bytes))});
}

}  // namespace cardea
