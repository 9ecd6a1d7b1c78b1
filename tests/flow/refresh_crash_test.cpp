// A server killed at any moment of a refresh leaves the client with a token that works. Security
// corpus RT09; the crash harness of a later issue visits every write call, this one kills a real
// process at moments of a fixed sequence.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "support/harness.h"

namespace cardea::refresh_crash_test {

using test::Harness;

// The child refreshes without end and writes every token it was given to the pipe, one a line.
[[noreturn]] void refresh_forever(const std::string& store_path, std::string token, int out) {
  Harness server({.store_path = store_path});
  while (true) {
    const auto tokens = server.refresh("cA", token);
    if (tokens.status != 200) _exit(3);
    token = tokens.refresh_token;
    const std::string line = token + "\n";
    if (::write(out, line.data(), line.size()) < 0) _exit(4);
  }
}

// The last whole line that the child wrote before it was killed after `lines` of them.
std::string killed_after(const std::string& store_path, const std::string& token, int lines,
                         int* status) {
  int ends[2];
  if (pipe(ends) != 0) return "";
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    refresh_forever(store_path, token, ends[1]);
  }
  close(ends[1]);
  std::string text;
  char byte = 0;
  for (int seen = 0; seen < lines && read(ends[0], &byte, 1) == 1;) {
    text += byte;
    if (byte == '\n') ++seen;
  }
  kill(child, SIGKILL);
  // What was under way when the signal came may still be in the pipe.
  while (read(ends[0], &byte, 1) == 1) text += byte;
  close(ends[0]);
  waitpid(child, status, 0);
  text.resize(text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n'));
  return text.substr(text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1);
}

// RT09: a client that retries with the newest token it was given is never logged out, wherever the
// server was killed
TEST(RefreshCrash, TheNewestTokenWorksAfterKillNine) {
  char folder[] = "/tmp/cardea-crash-XXXXXX";
  ASSERT_NE(mkdtemp(folder), nullptr);
  const std::string path = std::string(folder) + "/cardea.db";
  std::string token;
  {
    Harness server({.store_path = path});
    token = server.redeem("cA", server.issue_code()).refresh_token;
    ASSERT_FALSE(token.empty());
  }
  for (int lines = 1; lines <= 12; ++lines) {
    int status = 0;
    const auto newest = killed_after(path, token, lines, &status);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        << "the child ended by itself: " << status;
    ASSERT_FALSE(newest.empty());
    Harness server({.store_path = path});
    const auto again = server.refresh("cA", newest);
    ASSERT_EQ(again.status, 200) << "killed after " << lines << ": " << again.error;
    token = again.refresh_token;
  }
  std::filesystem::remove_all(folder);
}

}  // namespace cardea::refresh_crash_test
