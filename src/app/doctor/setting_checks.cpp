// What the settings say, and what follows for people and apps; see checks.h.
#include <algorithm>

#include "app/doctor/checks.h"
#include "base/url.h"
#include "store/postgres/conninfo.h"

namespace cardea::app {
namespace {

using Level = Finding::Level;

Finding check_issuer(const Settings& settings) {
  Finding finding{.level = Level::ok,
                  .check = "issuer",
                  .text = settings.issuer,
                  .why = "Apps compare it byte for byte with what tokens and metadata say.",
                  .fix = ""};
  if (!settings.issuer_is_https) {
    finding.level = Level::warning;
    finding.why = "Passwords and codes travel in clear, and several libraries refuse http.";
    finding.fix = "set an https issuer";
  } else if (!settings.issuer_path.empty()) {
    finding.level = Level::warning;
    finding.why =
        "RFC 8414 puts the well-known name before the path: a proxy that forwards the path alone "
        "hides that document.";
    finding.fix = "forward /.well-known/oauth-authorization-server" + settings.issuer_path + " too";
  }
  return finding;
}

// Where we speak TLS ourselves, the issuer's port is one of ours.
std::optional<Finding> check_port(const Config& config) {
  const auto issuer = url::parse(config.issuer);
  if (!issuer || config.tls_certificate.empty()) return std::nullopt;
  const std::string port = ":" + std::to_string(issuer->effective_port());
  const bool listens = std::ranges::any_of(
      config.listen, [&](const std::string& address) { return address.ends_with(port); });
  std::string addresses;
  for (const auto& address : config.listen) addresses += (addresses.empty() ? "" : ", ") + address;
  return Finding{.level = listens ? Level::ok : Level::warning,
                 .check = "listen",
                 .text = addresses,
                 .why = listens ? "The issuer's port is one of these."
                                : "Browsers go to port " + port.substr(1) +
                                      " of the issuer, where this server does not listen.",
                 .fix = listens ? "" : "listen on that port, or name the port in the issuer"};
}

bool is_everybody(const std::string& prefix) {
  return prefix.ends_with("/0");
}

Finding check_proxies(const Config& config) {
  const bool is_behind = config.tls_certificate.empty() && config.settings.issuer_is_https;
  Finding finding{.level = Level::ok,
                  .check = "proxies",
                  .text = is_behind                        ? "TLS ends at a proxy"
                          : config.tls_certificate.empty() ? "there is no TLS"
                                                           : "TLS ends here",
                  .why =
                      "Limits count by the address that a trusted proxy names; the issuer never "
                      "comes from a header.",
                  .fix = ""};
  if (std::ranges::any_of(config.trusted_proxies, is_everybody)) {
    finding.level = Level::failure;
    finding.text = "trusted_proxies names every address";
    finding.why = "Anybody may then say which address they come from, and no limit holds.";
    finding.fix = "list the proxy's own address";
  } else if (is_behind && config.trusted_proxies.empty()) {
    finding.level = Level::warning;
    finding.text = "an https issuer without [tls] and without trusted_proxies";
    finding.why = "Every visitor seems to be the proxy: one who types wrong passwords slows all.";
    finding.fix = "set trusted_proxies to the proxy's address, and let it send X-Forwarded-For";
  }
  return finding;
}

std::optional<Finding> check_database(const Config& config) {
  if (config.store_database.empty()) return std::nullopt;
  if (store::postgres::is_way_protected(config.store_database)) {
    return Finding{.level = Level::ok,
                   .check = "database",
                   .text = "nobody on the way to the database reads or changes what passes",
                   .why = "It stays on this machine, or the database proves which host it is.",
                   .fix = ""};
  }
  return Finding{.level = Level::warning,
                 .check = "database",
                 .text = "the database need not prove which host it is",
                 .why = "Whoever sits between may answer for it, and learns what the store holds.",
                 .fix = "add sslmode=verify-full and sslrootcert to store.url"};
}

Finding check_cookie(const Settings& settings) {
  Finding finding{.level = Level::ok,
                  .check = "cookie",
                  .text = "the session cookie is SameSite=Lax",
                  .why = "It survives the way back from an app and stays out of frames.",
                  .fix = ""};
  if (!settings.session_cookie_same_site_none) return finding;
  finding.text = "the session cookie is SameSite=None";
  finding.fix = "set sign_in.session_cookie_same_site = \"lax\"";
  if (!settings.issuer_is_https) {
    finding.level = Level::failure;
    finding.why = "Browsers drop such a cookie over http: nobody stays signed in.";
  } else {
    finding.level = Level::warning;
    finding.why =
        "Renewal in an iframe needs it, but Safari blocks it there, and other sites' "
        "requests carry it.";
  }
  return finding;
}

Finding check_registration(const Settings& settings) {
  using Mode = RegistrationSettings::Mode;
  const auto& documents = settings.client_documents;
  const bool anybody = settings.registration.mode == Mode::open ||
                       (documents.enabled && documents.admitted_hosts.empty());
  return {.level = anybody ? Level::warning : Level::ok,
          .check = "registration",
          .text = anybody ? "anybody may bring a client" : "clients come by the operator's word",
          .why = anybody ? "People are asked by apps that nobody here has looked at."
                         : "Nobody here is asked by an app that nobody has looked at.",
          .fix = anybody ? "set registration.mode = \"token\" and client_documents.admitted_hosts, "
                           "unless strangers' apps are welcome"
                         : ""};
}

std::optional<Finding> check_registered_pkce(const Settings& settings) {
  const auto& registration = settings.registration;
  if (registration.pkce == PkcePolicy::required) return std::nullopt;
  return Finding{.level = Level::warning,
                 .check = "registration",
                 .text = "registration.pkce is optional",
                 .why =
                     "A code that is stolen from a client which registered itself and sends no "
                     "challenge can be injected into another sign-in (RFC 9700 2.1.1).",
                 .fix = "set registration.pkce = \"required\"; certification runs alone need less"};
}

Findings check_outgoing(const Settings& settings) {
  Findings out;
  const bool is_private = settings.outgoing_reach == OutgoingReach::private_too;
  out.push_back({.level = is_private ? Level::warning : Level::ok,
                 .check = "outgoing",
                 .text = is_private ? "outgoing.private_addresses is true"
                                    : "outgoing requests go to public addresses only",
                 .why = "Whoever may register an address could reach services that trust this "
                        "network.",
                 .fix = is_private ? "set outgoing.private_addresses = false" : ""});
  if (!settings.outgoing_ca_file.empty()) {
    out.push_back({.level = Level::warning,
                   .check = "outgoing",
                   .text = "outgoing.ca_file is " + settings.outgoing_ca_file,
                   .why = "Whoever holds that authority's key can pose as any client's host.",
                   .fix = "remove it in production"});
  }
  return out;
}

}  // namespace

Findings check_settings(const Config& config) {
  const Settings& settings = config.settings;
  Findings out{check_issuer(settings)};
  if (auto port = check_port(config)) out.push_back(*std::move(port));
  out.push_back(check_proxies(config));
  if (auto database = check_database(config)) out.push_back(*std::move(database));
  out.push_back(check_cookie(settings));
  out.push_back(check_registration(settings));
  if (auto pkce = check_registered_pkce(settings)) out.push_back(*std::move(pkce));
  append(out, check_outgoing(settings));
  return out;
}

}  // namespace cardea::app
