// The settings, one row each; see settings_table.h.
#include "app/config/settings_table.h"

#include "app/config/registration_rows.h"
#include "app/config/setting_makers.h"
#include "store/postgres/conninfo.h"

namespace cardea::app {
namespace {

using namespace setting_makers;

constexpr std::int64_t day = 86400;

SettingRow issuer_row() {
  return {.key = "issuer",
          .kind = SettingKind::text,
          .doc =
              "The issuer identifier: the https URL under which browsers and clients reach this "
              "server, "
              "without a trailing slash, query or fragment (OpenID Connect Discovery 3). Required.",
          .apply = [](Config& config, const SettingValue& value) -> Reason {
            config.issuer = std::get<std::string>(value);
            auto filled = with_issuer(config.settings, config.issuer);
            if (!filled) return filled.error();
            config.settings = std::move(*filled);
            return std::nullopt;
          },
          .show = [](const Config& config) { return quoted(config.issuer); }};
}

bool is_database(std::string_view url) {
  return url.starts_with("postgresql://") || url.starts_with("postgres://");
}

Reason set_store(Config& config, const std::string& url) {
  if (is_database(url)) {
    if (!store::postgres::is_conninfo(url)) {
      return "must be a connection URI of PostgreSQL, e.g. "
             "\"postgresql://cardea@db.example/cardea?sslmode=verify-full\"";
    }
    config.store_path.clear();
    config.store_database = url;
    return std::nullopt;
  }
  constexpr std::string_view prefix = "sqlite://";
  if (!url.starts_with(prefix) || url.size() <= prefix.size() + 1 || url[prefix.size()] != '/') {
    return "must be sqlite:// and an absolute path, e.g. "
           "\"sqlite:///var/lib/cardea/cardea.db\", or postgresql://";
  }
  config.store_path = url.substr(prefix.size());
  config.store_database.clear();
  return std::nullopt;
}

SettingRow store_row() {
  return {.key = "store.url",
          .kind = SettingKind::text,
          .standard = "sqlite:///var/lib/cardea/cardea.db",
          .doc =
              "Where everything is kept: sqlite:// followed by the absolute path of a file, or "
              "postgresql://user@host/database, which any number of nodes share "
              "([Several nodes](operating/nodes.md)).",
          .apply = [](Config& config, const SettingValue& value) -> Reason {
            return set_store(config, std::get<std::string>(value));
          },
          .show =
              [](const Config& config) {
                return quoted(config.store_database.empty()
                                  ? "sqlite://" + config.store_path
                                  : store::postgres::without_password(config.store_database));
              }};
}

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      return "error";
  }
  return "info";
}

void set_log_level(Config& config, std::string_view name) {
  for (const auto level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
    if (name_of(level) == name) config.log_level = level;
  }
}

void set_log_format(Config& config, std::string_view name) {
  config.log_format = name == "text"   ? LogFormat::text
                      : name == "json" ? LogFormat::json
                                       : LogFormat::automatic;
}

std::vector<SettingRow> edge_rows() {
  return {
      issuer_row(),
      list_row(
          "listen", R"(["127.0.0.1:9443"])", [](Config& c) -> auto& { return c.listen; },
          "Addresses to listen on: \"address:port\", \"[::1]:port\" or \"unix:/path\". With [tls] "
          "they speak "
          "HTTPS; without, plain HTTP, which is accepted on loopback addresses and Unix sockets "
          "only."),
      list_row(
          "trusted_proxies", "[]", [](Config& c) -> auto& { return c.trusted_proxies; },
          "Addresses, CIDR prefixes or \"unix\" of reverse proxies whose X-Forwarded-For and PROXY "
          "v2 headers "
          "are believed. From anybody else these headers have no effect."),
      text_row(
          "tls.certificate", SettingKind::path, "",
          [](Config& c) -> auto& { return c.tls_certificate; },
          "PEM file with the certificate and its chain. Read again on SIGHUP and when it changes."),
      text_row(
          "tls.key", SettingKind::path, "", [](Config& c) -> auto& { return c.tls_key; },
          "PEM file with the certificate's private key."),
      text_row(
          "management.listen", SettingKind::text, "127.0.0.1:9444",
          [](Config& c) -> auto& { return c.management_listen; },
          "Loopback address of /livez, /readyz and /metrics; empty for none."),
      text_row(
          "management.admin_socket", SettingKind::path, "",
          [](Config& c) -> auto& { return c.admin_socket; },
          "Unix socket of the command line's administration, in a directory that only the server "
          "may write into. By default admin/cardea.sock beside the store, or beside the root key "
          "file where the store is a database."),
  };
}

// RFC 8705.
std::vector<SettingRow> mutual_tls_rows() {
  return {
      list_row(
          "mtls.listen", "[]", [](Config& c) -> auto& { return c.mtls_listen; },
          "Addresses, besides those of listen, where TLS asks for a client certificate; needs "
          "[tls] "
          "and mtls.origin. Browsers stay away from them."),
      text_row(
          "mtls.origin", SettingKind::text, "",
          [](Config& c) -> auto& { return c.settings.mtls_origin; },
          "\"https://mtls.example.com\": where clients reach an address that asks for "
          "certificates, published as mtls_endpoint_aliases (RFC 8705 5)."),
      text_row(
          "mtls.ca_file", SettingKind::path, "", [](Config& c) -> auto& { return c.mtls_ca_file; },
          "PEM file with the authorities that vouch for clients of tls_client_auth (RFC 8705 2.1). "
          "Read at start."),
      text_row(
          "mtls.certificate_header", SettingKind::text, "",
          [](Config& c) -> auto& { return c.mtls_certificate_header; },
          "The header in which trusted_proxies pass on a client's certificate: Client-Cert of RFC "
          "9440, or nginx's $ssl_client_escaped_cert. The proxy must remove what clients send "
          "under "
          "that name. From anybody else it is dropped."),
  };
}

std::vector<SettingRow> storage_rows() {
  return {
      store_row(),
      text_row(
          "keys.root_key_file", SettingKind::path, "root.key",
          [](Config& c) -> auto& { return c.root_key_file; },
          "File with the root key that seals every key in the store. Made with mode 0600 when "
          "absent. Keep it "
          "apart from the store and its backups; without it nothing can be opened."),
      duration_row(
          "keys.jwks_max_age", "15m", 60, day,
          [](Config& c) -> auto& { return c.settings.jwks_max_age; },
          "How long clients may cache the key set. A new key is published this long before it "
          "signs."),
  };
}

std::vector<SettingRow> lifetime_rows() {
  const auto at = [](Seconds Lifetimes::* member) {
    return [member](Config& c) -> Seconds& { return c.settings.lifetimes.*member; };
  };
  return {
      duration_row("lifetimes.authorization_code", "60s", 10, 600,
                   at(&Lifetimes::authorization_code),
                   "Life of an authorization code (RFC 6749 4.1.2: at most 10 minutes)."),
      duration_row("lifetimes.access_token", "10m", 60, day, at(&Lifetimes::access_token),
                   "Life of an access token."),
      duration_row("lifetimes.id_token", "10m", 60, day, at(&Lifetimes::id_token),
                   "Life of an ID token."),
      duration_row("lifetimes.session_idle", "12h", 60, 90 * day, at(&Lifetimes::session_idle),
                   "A browser session ends after this time without use."),
      duration_row("lifetimes.session_absolute", "30d", 60, 365 * day,
                   at(&Lifetimes::session_absolute),
                   "A browser session ends after this time whatever happens."),
      duration_row("lifetimes.refresh_idle", "14d", 60, 365 * day, at(&Lifetimes::refresh_idle),
                   "A refresh token ends after this time without use."),
      duration_row("lifetimes.refresh_absolute", "90d", 60, 3650 * day,
                   at(&Lifetimes::refresh_absolute),
                   "A refresh token ends after this time whatever happens; no refresh moves it."),
      duration_row("lifetimes.interaction", "30m", 60, day, at(&Lifetimes::interaction),
                   "How long a person may take on the sign-in and consent pages."),
      duration_row("lifetimes.password_link", "24h", 300, 30 * day, at(&Lifetimes::password_link),
                   "How long a set-password link of `cardea users link` works."),
      duration_row("lifetimes.pushed_request", "60s", 10, 599, at(&Lifetimes::pushed_request),
                   "How long a pushed request may wait for its browser (RFC 9126 2.2)."),
      duration_row("lifetimes.device_code", "10m", 60, 3600, at(&Lifetimes::device_code),
                   "How long a device waits for a person to type its code (RFC 8628)."),
      duration_row("lifetimes.backchannel_request", "5m", 30, 3600,
                   at(&Lifetimes::backchannel_request),
                   "How long a client that asks from elsewhere waits at most (CIBA)."),
  };
}

std::vector<SettingRow> authorization_rows() {
  return {
      flag_row(
          "authorization.require_pushed_authorization_requests", "false",
          [](Config& c) -> auto& { return c.settings.require_pushed_authorization_requests; },
          "Whether every client must push its authorization requests (RFC 9126 5)."),
      flag_row(
          "authorization.require_signed_request_object", "false",
          [](Config& c) -> auto& { return c.settings.require_signed_request_object; },
          "Whether every client must sign its authorization requests (RFC 9101 10.5)."),
      flag_row(
          "authorization.require_dpop_nonce", "false",
          [](Config& c) -> auto& { return c.settings.require_dpop_nonce; },
          "Whether DPoP proofs must hold a nonce of this server (RFC 9449 8)."),
  };
}

// Devices and backchannel authentication (RFC 8628, CIBA).
std::vector<SettingRow> polled_rows() {
  return {
      integer_row(
          "polled_requests.per_client", "10000", 1, 10000000,
          [](Config& c) -> auto& { return c.settings.polled_requests_per_client_max; },
          "How many device and CIBA requests of one client may wait for an answer."),
      integer_row(
          "polled_requests.per_address", "200", 1, 10000000,
          [](Config& c) -> auto& { return c.settings.polled_requests_per_address_max; },
          "How many of them may come from one address, for public clients."),
      integer_row(
          "polled_requests.per_user", "10", 1, 10000,
          [](Config& c) -> auto& { return c.settings.polled_requests_per_user_max; },
          "How many CIBA requests may wait for one person."),
      integer_row(
          "throttle.user_code_per_address", "20", 1, 100000,
          [](Config& c) -> auto& { return c.settings.throttle.user_code_per_address; },
          "Wrong device codes of one address before it waits (RFC 8628 5.1)."),
      integer_row(
          "throttle.user_code_per_account", "20", 1, 100000,
          [](Config& c) -> auto& { return c.settings.throttle.user_code_per_account; },
          "Wrong device codes of one signed-in account before it waits."),
      integer_row(
          "throttle.user_codes", "2000", 1, 10000000,
          [](Config& c) -> auto& { return c.settings.throttle.user_codes; },
          "Wrong device codes of everybody before each address and account has three tries."),
  };
}

std::vector<SettingRow> sign_in_rows() {
  return {
      text_row(
          "sign_in.operator_name", SettingKind::text, "Cardea",
          [](Config& c) -> auto& { return c.settings.operator_name; },
          "Whose sign-in this is, shown at the top of every page."),
      text_row(
          "sign_in.forgot_password_text", SettingKind::text, "",
          [](Config& c) -> auto& { return c.settings.forgot_password_text; },
          "What the sign-in page says under \"Forgot your password?\"; empty hides it."),
      choice_row(
          "sign_in.session_cookie_same_site", "lax", {"lax", "none"},
          "\"none\" lets an https app renew silently in an iframe (decision Q16).",
          [](Config& c, std::string_view v) {
            c.settings.session_cookie_same_site_none = v == "none";
          },
          [](const Config& c) {
            return c.settings.session_cookie_same_site_none ? "none" : "lax";
          }),
      flag_row(
          "sign_in.session_management", "false",
          [](Config& c) -> auto& { return c.settings.session_management; },
          "Whether apps may watch in a frame of their pages whether the person is still signed in "
          "(OpenID Connect Session Management): check_session_iframe and session_state. Browsers "
          "that hide cookies from frames of other sites make it blind; sign-out notices reach apps "
          "whatever the browser."),
      choice_row(
          "sign_in.second_factor", "optional", {"optional", "required"},
          "\"required\": nobody signs in with a password alone; who has no authenticator app adds "
          "one during the sign-in. \"optional\": people add one on the account page, and are asked "
          "for it from then on.",
          [](Config& c, std::string_view v) {
            c.settings.second_factor = v == "required" ? Settings::SecondFactor::required
                                                       : Settings::SecondFactor::optional;
          },
          [](const Config& c) {
            return c.settings.second_factor == Settings::SecondFactor::required ? "required"
                                                                                : "optional";
          }),
      integer_row(
          "sign_in.open_interactions_per_address", "200", 1, 100000,
          [](Config& c) -> auto& { return c.settings.interactions_per_address_max; },
          "How many unfinished sign-ins one address may have open."),
      integer_row(
          "password.memory_kib", "19456", 19456, 4194304,
          [](Config& c) -> auto& { return c.settings.password_cost.memory_kib; },
          "Memory of one argon2id computation in KiB. Older hashes are made anew at sign-in."),
      integer_row(
          "password.passes", "2", 1, 100,
          [](Config& c) -> auto& { return c.settings.password_cost.passes; },
          "Passes of argon2id."),
      integer_row(
          "password.threads", "0", 0, 256,
          [](Config& c) -> auto& { return c.settings.password_threads; },
          "Threads that hash passwords; 0: one less than the cores, at least one."),
      integer_row(
          "password.queue_max", "64", 1, 10000,
          [](Config& c) -> auto& { return c.settings.password_queue_max; },
          "Sign-ins that may wait for a hashing thread; more are told to try again."),
  };
}

std::vector<SettingRow> throttle_rows() {
  return {
      duration_row(
          "throttle.window", "15m", 60, day,
          [](Config& c) -> auto& { return c.settings.throttle.window; },
          "Failures are counted over this time."),
      integer_row(
          "throttle.per_account_and_address", "10", 1, 100000,
          [](Config& c) -> auto& { return c.settings.throttle.per_account_and_address; },
          "Wrong passwords of one address for one account before that address waits."),
      integer_row(
          "throttle.per_account", "100", 1, 1000000,
          [](Config& c) -> auto& { return c.settings.throttle.per_account; },
          "Wrong passwords for one account from everywhere before attempts are slowed down."),
      integer_row(
          "throttle.per_address", "100", 1, 1000000,
          [](Config& c) -> auto& { return c.settings.throttle.per_address; },
          "Wrong passwords of one address for all accounts before it waits."),
      integer_row(
          "throttle.second_factor_per_account", "10", 3, 100,
          [](Config& c) -> auto& { return c.settings.throttle.second_factor_per_account; },
          "Wrong codes of the second factor for one account from everywhere before it waits."),
      integer_row(
          "throttle.client_per_address", "100", 1, 1000000,
          [](Config& c) -> auto& { return c.settings.throttle.client_per_address; },
          "Wrong client credentials of one address for one client before it waits."),
  };
}

std::vector<SettingRow> outgoing_rows() {
  return {
      {.key = "outgoing.private_addresses",
       .kind = SettingKind::flag,
       .standard = "false",
       .doc = "Lets the server send requests into its own network (key sets of "
              "clients on loopback or private addresses). For tests only: whoever may register an "
              "address could reach services that trust this network.",
       .apply = [](Config& config, const SettingValue& value) -> Reason {
         config.settings.outgoing_reach =
             std::get<bool>(value) ? OutgoingReach::private_too : OutgoingReach::open_internet;
         return std::nullopt;
       },
       .show =
           [](const Config& config) {
             return config.settings.outgoing_reach == OutgoingReach::private_too ? "true" : "false";
           }},
      text_row(
          "outgoing.ca_file", SettingKind::path, "",
          [](Config& c) -> auto& { return c.settings.outgoing_ca_file; },
          "PEM file with certificates that outgoing requests trust besides the system's."),
  };
}

std::vector<SettingRow> log_rows() {
  return {
      choice_row("log.level", "info", {"debug", "info", "warning", "error"},
                 "The least important events that are written. No level writes a secret.",
                 set_log_level, [](const Config& c) { return std::string(name_of(c.log_level)); }),
      choice_row("log.format", "auto", {"auto", "text", "json"},
                 "auto: text on a terminal, else JSON.", set_log_format,
                 [](const Config& c) {
                   return c.log_format == LogFormat::text   ? "text"
                          : c.log_format == LogFormat::json ? "json"
                                                            : "auto";
                 }),
  };
}

std::vector<SettingRow> all_rows() {
  std::vector<SettingRow> rows;
  for (const auto& part :
       {edge_rows(), mutual_tls_rows(), storage_rows(), lifetime_rows(), authorization_rows(),
        registration_rows(), client_document_rows(), sign_in_rows(), throttle_rows(), polled_rows(),
        outgoing_rows(), log_rows()}) {
    for (const auto& row : part) rows.push_back(row);
  }
  return rows;
}

}  // namespace

std::span<const SettingRow> setting_rows() {
  static const std::vector<SettingRow> rows = all_rows();
  return rows;
}

const SettingRow* find_setting(std::string_view key) {
  for (const auto& row : setting_rows()) {
    if (row.key == key) return &row;
  }
  return nullptr;
}

}  // namespace cardea::app
