// The configuration of one server: what the TOML file, the environment and the defaults say
// together. Every setting is one row of settings_table.cpp; lists (clients, users, resources,
// trusted_issuers, scopes) have a member table each.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/log.h"
#include "base/secret.h"
#include "domain/client.h"
#include "domain/user.h"
#include "server/settings/settings.h"

namespace cardea::app {

// What is wrong, where, and what to write instead. place: "cardea.toml:12" or "CARDEA_ISSUER".
struct ConfigProblem {
  std::string place;
  std::string key;
  std::string reason;
  bool is_warning = false;

  std::string text() const;  // "cardea.toml:12: issuer: must be ..."
};

using ConfiguredSecret = Secret<struct ConfiguredSecretTag>;

// A client as the file describes it; its secret is digested when it is reconciled (decision Q22).
struct ConfiguredClient {
  Client client;
  std::optional<ConfiguredSecret> secret;
};
struct ConfiguredUser {
  UserRecord user;  // user_id empty: taken from the row of that login, or made
  std::optional<ConfiguredSecret> password;
};

enum class LogFormat { automatic, text, json };

struct Config {
  std::string file;  // as given; "" when there is none
  Settings settings;
  std::string issuer;
  std::vector<std::string> listen{"127.0.0.1:9443"};
  std::string management_listen = "127.0.0.1:9444";
  std::vector<std::string> trusted_proxies;
  std::string tls_certificate;  // both or none
  std::string tls_key;
  std::vector<std::string> mtls_listen;  // where TLS asks for client certificates
  std::string mtls_ca_file;              // who vouches for clients of tls_client_auth
  std::string mtls_certificate_header;   // of trusted proxies; "" for none
  std::string store_path;                // of sqlite:///path; "" with a database
  std::string store_database;            // postgresql://...; "" with a file; may hold a password
  std::string root_key_file;
  std::string admin_socket;  // "": "admin/cardea.sock" beside the store
  LogLevel log_level = LogLevel::info;
  LogFormat log_format = LogFormat::automatic;
  std::vector<ConfiguredClient> clients;
  std::vector<ConfiguredUser> users;

  // Where each setting's value comes from: "default", "cardea.toml:3", "CARDEA_ISSUER".
  std::map<std::string, std::string, std::less<>> origins;
};

struct LoadedConfig {
  Config config;
  std::vector<ConfigProblem>
      problems;  // the configuration is usable when none is more than a warning
  bool usable() const;
};

// Variables by name, so that tests need no process environment.
using Environment = std::map<std::string, std::string, std::less<>>;
// The process's variables that begin with CARDEA_. The only reader of the environment besides the
// dev banner.
Environment read_environment();

// file: path of the TOML file; "" for none. Reads it, applies the environment, checks everything at
// once.
LoadedConfig load_config(const std::string& file, const Environment& environment);
// The same over a text; file names it in messages and anchors relative paths.
LoadedConfig parse_config(std::string_view toml, const std::string& file,
                          const Environment& environment);
// Only [[clients]], [[users]], [[resources]] and [scopes]: the --clients and --users files of
// `cardea dev`. complete: called with each client before it is judged, to add what the file may
// leave out.
using CompleteClient = std::function<void(ConfiguredClient&)>;
LoadedConfig parse_lists(std::string_view toml, const std::string& file,
                         const CompleteClient& complete);

// JSON Schema of the file, and the reference page docs/settings.md; both from the tables.
json::Object config_schema();
std::string settings_reference();

}  // namespace cardea::app
