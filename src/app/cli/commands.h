// The commands behind the command line, each a function over parsed options that gives the exit
// code. Parsing is cli.cpp's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/cli/output.h"
#include "app/config/config.h"

namespace cardea::app {

struct CommonOptions {
  std::string config_file;  // "": cardea.toml here, else /etc/cardea/cardea.toml
  OutputForm form = OutputForm::people;
};

// The file that --config, CARDEA_CONFIG or the usual places name.
std::string choose_config_file(const CommonOptions& common);
// Loads it and prints every problem; nothing when it is not usable.
std::optional<Config> load_or_explain(const CommonOptions& common, int& exit_code);

// Where the running server answers the command line.
std::string admin_socket_path(const Config& config);

// Asks the running server, or does it under the store's lock where none runs (decision P7).
Result<json::Object, AdminError> administer(const CommonOptions& common, std::string_view call,
                                            const json::Object& arguments);

// Why this user may not open the store where no server runs: a file of another's. Nothing where it
// is a database.
std::optional<AdminError> refused_owner(const Config& config);

int serve(const CommonOptions& common);

int config_validate(const CommonOptions& common);
int config_show(const CommonOptions& common);
int config_schema_command();
int config_reference_command();
int init_command(const CommonOptions& common, const std::string& directory,
                 const std::string& issuer, const std::string& login);
// backup: "" where the store is a database, which was restored by other means.
int restore_command(const CommonOptions& common, const std::string& backup);

// What `migrate` does: tells, tells what would be done, does it.
enum class MigrateStep { status, plan, up };
// try_out: with plan, applies what is pending and takes it back.
int migrate_command(const CommonOptions& common, MigrateStep step, bool try_out);

// token: read from `file`, or from standard input when "" or "-" (secrets are never flags).
int token_decode(const CommonOptions& common, const std::string& file);
struct TokenVerifyOptions {
  std::string file;
  std::string issuer;    // "": the token's
  std::string audience;  // "": not compared
  std::string ca_file;
};
int token_verify(const CommonOptions& common, const TokenVerifyOptions& options);

// The whole program. Exit codes: docs/cli.md.
int run_cli(int argc, const char* const* argv);

}  // namespace cardea::app
