// The path table; see routes.h.
#include "server/routes.h"

#include <algorithm>
#include <array>
#include <utility>

#include "server/endpoints/endpoints.h"

namespace cardea {
namespace {

constexpr std::string_view openid_configuration = "/.well-known/openid-configuration";
constexpr std::string_view oauth_metadata = "/.well-known/oauth-authorization-server";

// RFC 8414 3.1: the well-known name goes before the issuer's path. OIDC Discovery 4.1 appends it,
// which the table holds like any other path.
bool is_inserted_well_known(const Settings& settings, std::string_view path) {
  const auto is = [&](std::string_view name) {
    return path.starts_with(name) && path.substr(name.size()) == settings.issuer_path;
  };
  return is(openid_configuration) || is(oauth_metadata);
}

constexpr std::array<std::string_view, 4> documents{"discovery", "jwks", "assets", "check_session"};

bool registers_clients(const Settings& settings) {
  return settings.registration.mode != RegistrationSettings::Mode::off;
}

bool manages_sessions(const Settings& settings) {
  return settings.session_management;
}

// Endpoints for clients, and the documents they read. The first row is the discovery document.
std::vector<Route> client_routes() {
  using enum CorsPolicy;
  return {
      // --- documents ---
      {"discovery",
       openid_configuration,
       {"GET", "HEAD"},
       any_origin,
       oidc_discovery("4"),
       endpoints::discovery},
      {"discovery",
       oauth_metadata,
       {"GET", "HEAD"},
       any_origin,
       rfc8414("3"),
       endpoints::discovery},
      {"jwks", "/jwks", {"GET", "HEAD"}, any_origin, oidc_discovery("3"), endpoints::jwks},
      // --- clients ---
      {"token", "/token", {"POST"}, client_origins, rfc6749("3.2"), endpoints::token},
      {"pushed_authorization",
       "/par",
       {"POST"},
       client_origins,
       rfc9126("2"),
       endpoints::pushed_authorization},
      {"userinfo",
       "/userinfo",
       {"GET", "HEAD", "POST"},
       client_origins,
       oidc_core("5.3"),
       endpoints::userinfo},
      {"revocation", "/revoke", {"POST"}, client_origins, rfc7009("2"), endpoints::revocation},
      {"introspection", "/introspect", {"POST"}, none, rfc7662("2"), endpoints::introspection},
      {"device_authorization",
       "/device_authorization",
       {"POST"},
       client_origins,
       rfc8628("3.1"),
       endpoints::device_authorization},
      {"backchannel_authentication",
       "/bc-authorize",
       {"POST"},
       none,
       ciba_core("7"),
       endpoints::backchannel_authentication},
      {"registration",
       "/register",
       {"POST"},
       any_origin,
       rfc7591("3"),
       endpoints::registration,
       registers_clients},
      {"client_configuration",
       "/register/",
       {"GET", "PUT", "DELETE"},
       any_origin,
       rfc7592("2"),
       endpoints::client_configuration,
       registers_clients},
  };
}

// Endpoints for people. No HEAD where a request is taken up (a code is given, an interaction
// begins).
std::vector<Route> people_routes() {
  using enum CorsPolicy;
  return {
      {"authorize", "/authorize", {"GET", "POST"}, none, rfc6749("3.1"), endpoints::authorize},
      {"end_session",
       "/logout",
       {"GET", "POST"},
       none,
       rp_initiated_logout("2"),
       endpoints::end_session},
      {"check_session",
       "/check_session",
       {"GET", "HEAD"},
       none,
       session_management("3.2"),
       endpoints::check_session,
       manages_sessions},
      {"interaction",
       "/interaction/",
       {"GET", "HEAD", "POST"},
       none,
       cardea_policy("P5"),
       endpoints::interaction},
      {"account",
       "/account",
       {"GET", "HEAD", "POST"},
       none,
       cardea_policy("P5"),
       endpoints::account},
      {"account",
       "/account/",
       {"GET", "HEAD", "POST"},
       none,
       cardea_policy("P5"),
       endpoints::account},
      {"password_link",
       "/link/",
       {"GET", "HEAD", "POST"},
       none,
       cardea_policy("P5"),
       endpoints::password_link},
      {"device", "/device", {"GET", "HEAD", "POST"}, none, rfc8628("3.3"), endpoints::device},
      {"device", "/device/", {"GET", "HEAD"}, none, rfc8628("3.3"), endpoints::device},
      {"assets", "/assets/", {"GET", "HEAD"}, none, cardea_policy("P5"), endpoints::assets},
  };
}

bool matches(const Route& route, std::string_view path) {
  if (!route.path.ends_with('/')) return route.path == path;
  return path.starts_with(route.path) && path.size() > route.path.size();
}

}  // namespace

bool Route::allows(std::string_view method) const {
  return std::ranges::find(methods, method) != methods.end();
}

std::string Route::allow() const {
  std::string list;
  for (const auto method : methods) {
    if (!list.empty()) list += ", ";
    list += method;
  }
  return list;
}

const std::vector<Route>& routes() {
  static const auto table = [] {
    auto all = client_routes();
    for (auto& route : people_routes()) {
      route.is_for_people = true;
      all.push_back(std::move(route));
    }
    for (auto& route : all) {
      route.is_document = std::ranges::find(documents, route.endpoint) != documents.end();
    }
    return all;
  }();
  return table;
}

const Route* find_route(const Settings& settings, std::string_view path) {
  const auto& table = routes();
  if (is_inserted_well_known(settings, path)) return &table.front();
  if (!path.starts_with(settings.issuer_path)) return nullptr;
  path.remove_prefix(settings.issuer_path.size());
  const auto at = std::ranges::find_if(table, [&](const Route& r) { return matches(r, path); });
  if (at == table.end() || (at->is_on != nullptr && !at->is_on(settings))) return nullptr;
  return &*at;
}

}  // namespace cardea
