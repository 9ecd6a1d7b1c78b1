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

int serve(const CommonOptions& common);

int config_validate(const CommonOptions& common);
int config_show(const CommonOptions& common);
int config_schema_command();
int config_reference_command();
int init_command(const CommonOptions& common, const std::string& directory,
                 const std::string& issuer, const std::string& login);
int restore_command(const CommonOptions& common, const std::string& backup);

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
