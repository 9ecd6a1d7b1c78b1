// Installing and removing the development authority; see trust.h.
#include "app/dev/trust.h"

#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "app/dev/banner.h"
#include "app/dev/home.h"
#include "base/time.h"

extern char** environ;

namespace cardea::app::dev {
namespace {

constexpr const char* nickname = "Cardea development CA";
constexpr const char* system_copy = "/usr/local/share/ca-certificates/cardea-development.crt";

// Runs a program without a shell; false when it is missing or fails.
bool runs(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", 1 /* O_WRONLY */, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", 1 /* O_WRONLY */, 0);
  const bool started =
      posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ) == 0;
  posix_spawn_file_actions_destroy(&actions);
  int status = 1;
  return started && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
         WEXITSTATUS(status) == 0;
}

std::string browser_store() {
  const char* home = getenv("HOME");
  return std::string("sql:") + (home == nullptr ? "" : home) + "/.pki/nssdb";
}

Result<std::string, std::string> ca_file(const std::string& home_override) {
  auto home = Home::open(home_directory(home_override));
  if (!home) return refuse(home.error());
  auto authority = home->authority(SystemClock().now());
  if (!authority) return refuse(authority.error());
  return home->ca_file();
}

void report(OutputForm form, bool system, bool browser) {
  if (form == OutputForm::json) {
    print_line(json::write(json::Object{{"system_store", system}, {"browser_store", browser}}));
    return;
  }
  print_line(std::string("system store    ") +
             (system ? "done" : "not changed (needs root and update-ca-certificates)"));
  print_line(std::string("browser store   ") +
             (browser ? "done (Chromium, Chrome)"
                      : "not changed (needs certutil: apt install libnss3-tools)"));
}

}  // namespace

int trust_print(OutputForm form, const std::string& home) {
  const auto file = ca_file(home);
  if (!file) return print_error(form, {ExitCode::failure, file.error()});
  if (form == OutputForm::json) {
    print_line(json::write(json::Object{{"ca_file", *file}}));
    return 0;
  }
  std::ifstream stream(*file, std::ios::binary);
  std::ostringstream pem;
  pem << stream.rdbuf();
  print_line(pem.str());
  print_diagnostic(trust_lines(*file) +
                   "  Java        keytool -importcert -noprompt -cacerts -storepass changeit "
                   "-alias cardea -file " +
                   *file + "\n  .NET        the system store: sudo cardea trust install");
  return 0;
}

int trust_install(OutputForm form, const std::string& home) {
  const auto file = ca_file(home);
  if (!file) return print_error(form, {ExitCode::failure, file.error()});
  std::error_code error;
  bool system = false;
  if (geteuid() == 0) {
    std::filesystem::copy_file(*file, system_copy,
                               std::filesystem::copy_options::overwrite_existing, error);
    system = !error && runs({"update-ca-certificates"});
  }
  const std::string store = browser_store();
  std::filesystem::create_directories(store.substr(4), error);
  if (!std::filesystem::exists(store.substr(4) + "/cert9.db"))
    runs({"certutil", "-d", store, "-N", "--empty-password"});
  const bool browser =
      runs({"certutil", "-d", store, "-A", "-t", "C,,", "-n", nickname, "-i", *file});
  report(form, system, browser);
  return system || browser ? 0 : static_cast<int>(ExitCode::failure);
}

int trust_uninstall(OutputForm form, const std::string&) {
  std::error_code error;
  const bool system = geteuid() == 0 && std::filesystem::remove(system_copy, error) &&
                      runs({"update-ca-certificates", "--fresh"});
  const bool browser = runs({"certutil", "-d", browser_store(), "-D", "-n", nickname});
  report(form, system, browser);
  return system || browser ? 0 : static_cast<int>(ExitCode::failure);
}

}  // namespace cardea::app::dev
