// The browser behind a request; see browser.h. Session renewal: ASVS 7.2.4; cookies: decision Q16.
#include "server/sessions/browser.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/base64url.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "server/sessions/browser_state.h"

namespace cardea {
namespace {

constexpr std::size_t bearer_bytes = 32;
constexpr std::size_t user_agent_bytes_max = 200;
// How far behind last_seen may be (decision Q6).
constexpr Seconds touch_interval = minutes(5);

bool is_bearer_text(std::string_view text) {
  std::array<char, bearer_bytes> value{};
  return base64url_decode_to(value, text);
}

SessionDigest digest_of(const SessionHandle& handle) {
  return SessionDigest(crypto::sha256(handle.reveal()));
}

// In cookie order; at most limits::accounts_per_browser_max, each once, each well formed.
std::vector<SessionHandle> handles_in(const http::Request& request, const Settings& settings) {
  std::vector<SessionHandle> handles;
  const auto value = http::cookie(request.headers, settings.session_cookie_name);
  if (!value) return handles;
  for (const std::string_view part : ascii::Parts(*value, '.')) {
    if (handles.size() == limits::accounts_per_browser_max) break;
    const bool is_known = std::ranges::any_of(handles, [&](const SessionHandle& handle) {
      return crypto::constant_time_equal(handle.reveal(), part);
    });
    if (is_bearer_text(part) && !is_known) handles.emplace_back(std::string(part));
  }
  return handles;
}

bool is_usable(const store::SessionView& view, Instant now) {
  return is_alive(view.session, now) && view.user.enabled &&
         view.session.security_version == view.user.security_version;
}

Task<Unit> touch(store::Store& store, SessionId session_id, Instant now) {
  // A lost touch only shortens the idle time that is left; the next one makes up for it.
  [[maybe_unused]] const auto outcome =
      co_await store.perform(store::TouchSession{std::move(session_id), now});
  co_return Unit{};
}

void touch_when_due(const Deps& deps, const Session& session, Instant now) {
  if (now < session.last_seen + touch_interval) return;
  deps.background.start(touch(deps.store, session.session_id, now));
}

// What the account page shows of a browser: printable ASCII, bounded.
std::string shown_user_agent(std::string_view header) {
  std::string shown;
  for (const char c : header.substr(0, user_agent_bytes_max)) {
    shown += ascii::is_vschar(c) ? c : '?';
  }
  return shown;
}

std::string new_bearer_text(Random& random) {
  return base64url_encode(random.bytes(bearer_bytes));
}

}  // namespace

Task<store::Answer<Browser>> identify_browser(const Deps& deps, Exchange& exchange) {
  Browser browser;
  const auto binding = http::cookie(exchange.request.headers, deps.settings.binding_cookie_name);
  if (binding && is_bearer_text(*binding)) browser.binding = BindingValue(*binding);
  for (const SessionHandle& handle : handles_in(exchange.request, deps.settings)) {
    auto view = co_await deps.store.find_session(digest_of(handle));
    if (!view) co_return refuse(view.error());
    if (!*view || !is_usable(**view, exchange.now)) continue;
    touch_when_due(deps, (*view)->session, exchange.now);
    browser.sessions.push_back(**std::move(view));
    browser.handles.push_back(handle);
  }
  note_sessions(deps, exchange, browser.handles);
  co_return browser;
}

http::SetCookie cookie_of(const Settings& settings, const std::string& name) {
  http::SetCookie cookie{.name = name, .secure = settings.issuer_is_https};
  if (!settings.issuer_is_loopback) cookie.max_age = settings.lifetimes.session_absolute;
  return cookie;
}

std::string session_cookie(const Deps& deps, Exchange& exchange,
                           const std::vector<SessionHandle>& handles) {
  note_sessions(deps, exchange, handles);
  const Settings& settings = deps.settings;
  http::SetCookie cookie = cookie_of(settings, settings.session_cookie_name);
  // Silent renewal in an iframe needs it; never on an http issuer (decision Q16).
  if (settings.session_cookie_same_site_none && settings.issuer_is_https) {
    cookie.same_site = http::SetCookie::SameSite::none;
  }
  if (handles.empty()) cookie.max_age = Seconds{0};
  for (const SessionHandle& handle : handles) {
    if (!cookie.value.empty()) cookie.value += '.';
    cookie.value += handle.reveal();
  }
  return http::write_set_cookie(cookie);
}

std::string binding_cookie(const Settings& settings, const BindingValue& value) {
  http::SetCookie cookie = cookie_of(settings, settings.binding_cookie_name);
  cookie.value = value.reveal();
  return http::write_set_cookie(cookie);
}

BindingValue new_binding(Random& random) {
  return BindingValue(new_bearer_text(random));
}

BindingDigest digest_of(const BindingValue& value) {
  return BindingDigest(crypto::sha256(value.reveal()));
}

std::string csrf_value(const Seals& seals, const BindingValue& binding, std::string_view place) {
  // The digest has a fixed size, so value and place cannot run into each other.
  return base64url_encode(
      seals.mac(SealPurpose::csrf, digest_of(binding).value() + std::string(place)));
}

bool csrf_matches(const Seals& seals, const BindingValue& binding, std::string_view place,
                  std::string_view presented) {
  return crypto::constant_time_equal(csrf_value(seals, binding, place), presented);
}

NewSession begin_session(const Deps& deps, const Exchange& exchange, const User& user,
                         Authentication how) {
  NewSession made{.session = {}, .handle = SessionHandle(new_bearer_text(deps.random))};
  const Lifetimes& lifetimes = deps.settings.lifetimes;
  SessionRecord& session = made.session;
  session.session_id = SessionId(new_dated_identifier(deps.random, exchange.now));
  session.handle = digest_of(made.handle);
  session.user_id = user.user_id;
  session.security_version = user.security_version;
  session.authentication = std::move(how);
  session.created_at = exchange.now;
  session.last_seen = exchange.now;
  session.absolute_end = exchange.now + lifetimes.session_absolute;
  session.idle_lifetime = lifetimes.session_idle;
  session.user_agent = shown_user_agent(exchange.request.headers.first("User-Agent"));
  session.address = exchange.request.peer_address;
  return made;
}

}  // namespace cardea
