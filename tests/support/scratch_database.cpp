#include "support/scratch_database.h"

#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cardea::test {
namespace {

const std::string programs = "/usr/lib/postgresql/15/bin/";

// A try is a process of its own, which takes its time.
constexpr int tries_max = 5000;

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "the tests need a PostgreSQL server of their own: %s\n", what.c_str());
  std::abort();
}

// PostgreSQL refuses to run as root; its package brings a user.
const passwd* owner() {
  return geteuid() == 0 ? getpwnam("postgres") : nullptr;
}

// Starts a program that ends with this one, as the server's user, its output in a file.
pid_t spawn(const std::vector<std::string>& command, const std::string& log) {
  const passwd* as = owner();
  const pid_t child = fork();
  if (child < 0) give_up("fork failed");
  if (child > 0) return child;
  std::vector<char*> arguments;
  for (const auto& each : command) arguments.push_back(const_cast<char*>(each.c_str()));
  arguments.push_back(nullptr);
  if (as != nullptr && (setgid(as->pw_gid) != 0 || setuid(as->pw_uid) != 0)) _exit(126);
  prctl(PR_SET_PDEATHSIG, SIGQUIT);
  const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  execv(arguments[0], arguments.data());
  _exit(127);
}

bool run(const std::vector<std::string>& command, const std::string& log) {
  int status = 0;
  return waitpid(spawn(command, log), &status, 0) > 0 && status == 0;
}

}  // namespace

ScratchDatabase& ScratchDatabase::instance() {
  static ScratchDatabase database;
  return database;
}

ScratchDatabase::ScratchDatabase() {
  std::string pattern =
      (std::filesystem::temp_directory_path() / "cardea-postgres-XXXXXX").string();
  folder_ = mkdtemp(pattern.data());
  if (const passwd* as = owner()) {
    if (chown(folder_.c_str(), as->pw_uid, as->pw_gid) != 0) give_up("chown failed");
  }
  const bool made = run({programs + "initdb", "--pgdata", folder_ + "/data", "--username", "cardea",
                         "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync"},
                        folder_ + "/log");
  if (!made) give_up("initdb failed; is the package postgresql-15 installed?");
  start();
}

ScratchDatabase::~ScratchDatabase() {
  kill(process_, SIGQUIT);
  waitpid(process_, nullptr, 0);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void ScratchDatabase::start() {
  process_ = spawn({programs + "postgres", "-D", folder_ + "/data", "-k", folder_, "-c",
                    "listen_addresses=", "-c", "max_connections=300", "-c", "fsync=off", "-c",
                    "max_prepared_transactions=0", "-c", "deadlock_timeout=100ms"},
                   folder_ + "/log");
  for (int tries = 0; tries < tries_max; ++tries) {
    if (run({programs + "pg_isready", "-q", "-h", folder_, "-U", "cardea"}, "/dev/null")) return;
  }
  give_up("the server does not start");
}

void ScratchDatabase::run_sql(const std::string& command) const {
  const bool done =
      run({programs + "psql", "-q", "-X", "-v", "ON_ERROR_STOP=1", "-d", conninfo(), "-c", command},
          folder_ + "/log");
  if (!done) give_up("psql refused: " + command);
}

std::string ScratchDatabase::conninfo() const {
  return "host=" + folder_ + " user=cardea dbname=postgres";
}

std::string ScratchDatabase::new_schema() {
  static std::atomic<int> made = 0;
  const std::string name = "t" + std::to_string(++made);
  run_sql("CREATE SCHEMA " + name);
  return conninfo() + " options=-csearch_path=" + name;
}

void ScratchDatabase::crash() {
  kill(process_, SIGQUIT);
  waitpid(process_, nullptr, 0);
}

}  // namespace cardea::test
