// config validate|show|schema|reference and init; see commands.h.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "app/cli/commands.h"
#include "app/config/settings_table.h"

namespace cardea::app {
namespace {

// The file that `cardea init` writes: at most 40 lines, every line explained.
std::string initial_config(const std::string& issuer) {
  return "# Cardea; every setting: docs/settings.md or `cardea config reference`\n"
         "\n"
         "# The https URL of this server, as browsers and apps see it. No trailing slash.\n"
         "issuer = \"" +
         issuer +
         "\"\n"
         "\n"
         "# Where to listen. Behind a reverse proxy keep loopback and leave out [tls];\n"
         "# to serve HTTPS directly set [tls] and, for example, \"0.0.0.0:443\".\n"
         "listen = [\"127.0.0.1:9443\"]\n"
         "# The proxy whose X-Forwarded-For is believed.\n"
         "trusted_proxies = [\"127.0.0.1\"]\n"
         "\n"
         "# [tls]\n"
         "# certificate = \"cert.pem\"\n"
         "# key = \"key.pem\"\n"
         "\n"
         "[store]\n"
         "url = \"sqlite://@STORE@\"\n"
         "\n"
         "# Seals every key in the store. Keep it apart from the store and its backups.\n"
         "[keys]\n"
         "root_key_file = \"root.key\"\n"
         "\n"
         "# An app. Or: cardea clients add web --set redirect_uris=https://app.example/cb\n"
         "# [[clients]]\n"
         "# client_id = \"web\"\n"
         "# client_name = \"Calendar\"\n"
         "# client_secret_file = \"web.secret\"      # openssl rand -hex 32 > web.secret\n"
         "# redirect_uris = [\"https://app.example/cb\"]\n"
         "# scope = \"openid profile email\"\n"
         "\n"
         "# An API that takes our access tokens.\n"
         "# [[resources]]\n"
         "# identifier = \"https://api.example\"\n"
         "# scopes = [\"calendar.read\"]\n";
}

bool write_new_file(const std::string& path, std::string_view text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
  if (file < 0) return false;
  const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       fsync(file) == 0;
  close(file);
  return written;
}

}  // namespace

std::string choose_config_file(const CommonOptions& common) {
  if (!common.config_file.empty()) return common.config_file;
  if (std::filesystem::exists("cardea.toml")) return "cardea.toml";
  return "/etc/cardea/cardea.toml";
}

std::optional<Config> load_or_explain(const CommonOptions& common, int& exit_code) {
  auto loaded = load_config(choose_config_file(common), read_environment());
  for (const auto& problem : loaded.problems) {
    print_diagnostic("cardea: " + std::string(problem.is_warning ? "warning: " : "") +
                     problem.text());
  }
  if (!loaded.usable()) {
    exit_code = static_cast<int>(ExitCode::config_invalid);
    return std::nullopt;
  }
  return std::move(loaded.config);
}

int config_validate(const CommonOptions& common) {
  const auto loaded = load_config(choose_config_file(common), read_environment());
  if (common.form == OutputForm::json) {
    json::Array problems;
    for (const auto& problem : loaded.problems) {
      problems.emplace_back(json::Object{{"place", problem.place},
                                         {"key", problem.key},
                                         {"reason", problem.reason},
                                         {"level", problem.is_warning ? "warning" : "error"}});
    }
    print_line(
        json::write(json::Object{{"valid", loaded.usable()}, {"problems", std::move(problems)}}));
  } else {
    for (const auto& problem : loaded.problems) {
      print_line((problem.is_warning ? "warning: " : "error: ") + problem.text());
    }
    if (loaded.usable()) print_line(choose_config_file(common) + " is valid.");
  }
  return static_cast<int>(loaded.usable() ? ExitCode::ok : ExitCode::config_invalid);
}

int config_show(const CommonOptions& common) {
  int exit_code = 0;
  const auto config = load_or_explain(common, exit_code);
  if (!config) return exit_code;
  json::Array settings;
  for (const auto& row : setting_rows()) {
    const auto origin = config->origins.find(row.key);
    settings.emplace_back(
        json::Object{{"key", row.key},
                     {"value", row.show(*config)},
                     {"origin", origin == config->origins.end() ? "default" : origin->second}});
  }
  print_table(common.form, json::Object{{"settings", std::move(settings)}}, "settings",
              {"key", "value", "origin"}, "No settings.");
  return 0;
}

int config_schema_command() {
  print_line(json::write_pretty(json::Value(config_schema())));
  return 0;
}

int config_reference_command() {
  const std::string text = settings_reference();
  print_line(std::string_view(text).substr(0, text.size() - 1));
  return 0;
}

int init_command(const CommonOptions& common, const std::string& directory,
                 const std::string& issuer, const std::string& login) {
  namespace fs = std::filesystem;
  std::error_code failed;
  const fs::path where = fs::absolute(directory).lexically_normal();
  fs::create_directories(where / "data", failed);
  const std::string file = (where / "cardea.toml").string();
  std::string text = initial_config(issuer);
  const std::string mark = "@STORE@";
  text.replace(text.find(mark), mark.size(),
               (where / "data" / "cardea.db").lexically_normal().string());
  const auto checked = parse_config(text, file, {});
  for (const auto& problem : checked.problems) {
    if (!problem.is_warning) return print_error(common.form, {ExitCode::usage, problem.text()});
  }
  if (failed || chmod((where / "data").c_str(), 0700) != 0) {
    return print_error(common.form,
                       {ExitCode::failure, "cannot make " + (where / "data").string()});
  }
  if (!write_new_file(file, text)) {
    return print_error(common.form,
                       {ExitCode::failure, "cannot write " + file + "; it may exist already"});
  }
  CommonOptions made = common;
  made.config_file = file;
  auto added = administer(
      made, "users.add",
      {{"user", json::Object{{"login", login}, {"claims", json::Object{{"name", login}}}}}});
  if (!added) return print_error(common.form, added.error());
  const auto link = json::string_member(*added, "link").value_or("");
  if (common.form == OutputForm::json) {
    print_line(json::write(json::Object{{"config", file}, {"login", login}, {"link", link}}));
    return 0;
  }
  print_line("Wrote " + file);
  print_line("Start the server:    cardea serve --config " + file);
  print_line("Then set the password of \"" + login + "\" (works once, within a day):");
  print_line("  " + link);
  return 0;
}

}  // namespace cardea::app
