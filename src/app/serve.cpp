// `cardea serve`: configuration, node, listeners, administration, signals; and the offline way to
// administer.
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "app/admin/socket.h"
#include "app/cli/commands.h"
#include "app/log_sink.h"
#include "app/metrics.h"
#include "app/notify.h"
#include "app/running.h"
#include "crypto/random.h"
#include "store/postgres/postgres_store.h"
#include "store/sqlite/restore.h"

namespace cardea::app {
namespace {

// Where the node keeps what is its own: the store's folder, or that of the root key where the store
// is a database.
std::filesystem::path home_of(const Config& config) {
  const bool has_file = config.store_database.empty();
  return std::filesystem::path(has_file ? config.store_path : config.root_key_file).parent_path();
}

// A store that is there is sealed with a root key that must be there too.
Result<RootKey, std::string> root_key_for(const Config& config, Random& random) {
  std::error_code ignored;
  const auto bytes = std::filesystem::file_size(config.store_path, ignored);
  const bool has_store = !ignored && bytes > 0;
  if (has_store && !std::filesystem::exists(config.root_key_file, ignored)) {
    return refuse("the root key " + config.root_key_file + " is missing, and the store " +
                  config.store_path + " opens with no other; put it back from where you keep it");
  }
  return load_root_key(config.root_key_file, random);
}

constexpr const char* void_now =
    "codes, opaque access tokens and parked sign-ins from before the restore are void";

// A database is restored by its own tools; what is left to do is that nothing sealed before counts.
int note_restored_database(const CommonOptions& common, const Config& config,
                           const std::string& backup) {
  const auto failed = [&](ExitCode code, std::string reason) {
    return print_error(common.form, {code, std::move(reason)});
  };
  if (!backup.empty()) {
    return failed(ExitCode::usage,
                  "the store is a database: restore it with PostgreSQL's own tools, with every "
                  "node stopped, then run `cardea restore` without a backup");
  }
  const store::postgres::LinkOptions link{.conninfo = config.store_database};
  const auto others = store::postgres::count_nodes(link);
  if (!others) return failed(ExitCode::failure, others.error().reason);
  if (*others > 0) {
    return failed(ExitCode::denied, "nodes are connected to the database; stop every node first");
  }
  auto store = store::postgres::open({.link = link});
  if (!store) return failed(ExitCode::failure, store.error().reason);
  crypto::SystemRandom random;
  ManualExecutor executor;
  const auto renewed =
      run_blocking(executor, (*store)->perform(store::RenewEpoch{.epoch = random.bytes(16)}));
  if (!renewed) return failed(ExitCode::failure, renewed.error().reason);
  print_answer(common.form, {{"restored", "the database"}, {"note", void_now}});
  return 0;
}

AdminError as_admin_error(const NodeError& error) {
  const bool is_denied = error.kind == NodeError::Kind::store_locked;
  return {is_denied ? ExitCode::denied : ExitCode::failure, error.reason};
}

}  // namespace

// Administration without a server works as the store's owner only, so that no file of root's is
// left behind (P7).
std::optional<AdminError> refused_owner(const Config& config) {
  if (!config.store_database.empty()) return std::nullopt;
  const std::string& store_path = config.store_path;
  struct stat facts{};
  const auto directory = std::filesystem::path(store_path).parent_path();
  const bool is_there =
      stat(store_path.c_str(), &facts) == 0 || stat(directory.c_str(), &facts) == 0;
  if (!is_there || facts.st_uid == geteuid()) return std::nullopt;
  const passwd* owner = getpwuid(facts.st_uid);
  const std::string name = owner != nullptr ? owner->pw_name : std::to_string(facts.st_uid);
  return AdminError{ExitCode::denied, "no server runs and " + store_path + " belongs to " + name +
                                          "; start the server, or run as that user"};
}

std::string admin_socket_path(const Config& config) {
  if (!config.admin_socket.empty()) return config.admin_socket;
  return (home_of(config) / "admin" / "cardea.sock").string();
}

Result<json::Object, AdminError> administer(const CommonOptions& common, std::string_view call,
                                            const json::Object& arguments) {
  int exit_code = 0;
  const auto config = load_or_explain(common, exit_code);
  if (!config)
    return refuse(AdminError{ExitCode::config_invalid, "the configuration is not usable"});
  if (auto answer = ask_server(admin_socket_path(*config), call, arguments))
    return std::move(*answer);
  if (!config->store_database.empty()) {
    // Its nodes hold what they read in memory, so a change goes through one of them (P7).
    return refuse(AdminError{ExitCode::denied,
                             "no server runs here, and the store is a database that others may "
                             "serve from; ask on a machine where one runs"});
  }
  if (auto error = refused_owner(*config)) return refuse(std::move(*error));

  crypto::SystemRandom random;
  auto root_key = root_key_for(*config, random);
  if (!root_key) return refuse(AdminError{ExitCode::failure, root_key.error()});
  NullLog log;
  Metrics metrics;
  ManualExecutor executor;
  auto node = Node::open({.config = *config,
                          .store_path = config->store_path,
                          .root_key = std::move(*root_key),
                          .made_by = "serve",
                          .log = log,
                          .observer = metrics,
                          .random = random,
                          .background_executor = executor,
                          .relaxations = {},
                          .imported_keys = {}});
  if (!node) return refuse(as_admin_error(node.error()));
  return perform_admin(**node, executor, call, arguments);
}

int serve(const CommonOptions& common) {
  int exit_code = 0;
  const auto config = load_or_explain(common, exit_code);
  if (!config) return exit_code;
  forbid_core_dumps();
  SystemClock clock;
  const auto log = make_log(face_for(config->log_format), config->log_level, clock);
  crypto::SystemRandom random;
  Metrics metrics;
  auto root_key = root_key_for(*config, random);
  if (!root_key) return print_error(common.form, {ExitCode::failure, root_key.error()});

  http::ListenerOptions options;
  options.trusted_proxies = config->trusted_proxies;
  std::shared_ptr<const http::TlsFiles> tls;
  if (!config->tls_certificate.empty()) {
    tls =
        std::make_shared<http::TlsFiles>(http::TlsFiles{config->tls_certificate, config->tls_key});
  }
  for (const auto& address : config->listen) {
    options.endpoints.push_back({address, address.starts_with("unix:") ? nullptr : tls});
  }
  for (const auto& address : config->mtls_listen) {
    options.endpoints.push_back({address, tls, http::Endpoint::ClientCertificates::asked});
  }
  options.client_certificate_header = config->mtls_certificate_header;
  auto running = Running::start({.config = *config,
                                 .listener = std::move(options),
                                 .store_path = config->store_path,
                                 .database = config->store_database,
                                 .root_key = std::move(*root_key),
                                 .made_by = "serve",
                                 .owner = Ownership::By::file,
                                 .log = *log,
                                 .metrics = metrics,
                                 .random = random,
                                 .relaxations = {},
                                 .imported_keys = {},
                                 .admin_socket = admin_socket_path(*config),
                                 .before = {}});
  if (!running) return print_error(common.form, running.error());
  notify("READY=1");
  return (*running)->until_stopped();
}

int restore_command(const CommonOptions& common, const std::string& backup) {
  int exit_code = 0;
  const auto config = load_or_explain(common, exit_code);
  if (!config) return exit_code;
  const auto failed = [&](ExitCode code, std::string reason) {
    return print_error(common.form, {code, std::move(reason)});
  };
  if (!config->store_database.empty()) return note_restored_database(common, *config, backup);
  if (backup.empty()) return failed(ExitCode::usage, "name the backup that is to be put back");
  if (auto error = refused_owner(*config)) return print_error(common.form, *error);
  if (ask_server(admin_socket_path(*config), "keys.list", {})) {
    return failed(ExitCode::denied, "the server runs; stop it before you restore");
  }
  const std::string store = config->store_path;
  if (const auto restored = store::sqlite::restore(backup, {.path = store}); !restored) {
    const bool is_locked = restored.error().kind == store::sqlite::OpenError::Kind::locked;
    return failed(is_locked ? ExitCode::denied : ExitCode::failure, restored.error().reason);
  }
  print_answer(common.form,
               {{"restored", store}, {"kept", store + ".before-restore"}, {"note", void_now}});
  return 0;
}

}  // namespace cardea::app
