// Draws are never repeated: not in a row, not by threads, not by a process and its child.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <thread>

#include "crypto/random.h"

namespace cardea::random_test {

constexpr std::size_t draw_bytes = 16;

std::vector<std::string> draws(int count) {
  crypto::SystemRandom random;
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) out.push_back(random.bytes(draw_bytes));
  return out;
}

TEST(SystemRandom, NoTwoDrawsOfManyThreadsAreTheSame) {
  std::array<std::vector<std::string>, 4> drawn;
  std::vector<std::thread> threads;
  for (auto& mine : drawn) threads.emplace_back([&] { mine = draws(5000); });
  for (auto& thread : threads) thread.join();
  std::set<std::string> all;
  for (const auto& mine : drawn) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), 20000u);
}

// FX42; 6749-25: what was drawn ahead does not go to a child process as well
TEST(SystemRandom, AChildProcessDrawsItsOwn) {
  crypto::SystemRandom random;
  random.bytes(draw_bytes);  // something is drawn ahead
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    std::string text;
    for (const auto& each : draws(64)) text += each;
    ::_exit(::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0
                                                                                            : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(WEXITSTATUS(status), 0);
  std::string text(64 * draw_bytes, '\0');
  ASSERT_EQ(::read(ends[0], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  ::close(ends[0]);
  ::close(ends[1]);
  const auto mine = draws(64);
  std::set<std::string> all(mine.begin(), mine.end());
  for (std::size_t at = 0; at < text.size(); at += draw_bytes) {
    all.insert(text.substr(at, draw_bytes));
  }
  EXPECT_EQ(all.size(), 128u);
}

TEST(SystemRandom, EverySizeIsFilledWhole) {
  crypto::SystemRandom random;
  for (const std::size_t size : {1u, 16u, 63u, 64u, 65u, 4096u}) {
    // A byte that stays zero in sixteen draws was not filled.
    std::string seen(size, '\0');
    for (int draw = 0; draw < 16; ++draw) {
      const auto bytes = random.bytes(size);
      for (std::size_t at = 0; at < size; ++at) seen[at] = static_cast<char>(seen[at] | bytes[at]);
    }
    EXPECT_EQ(seen.find('\0'), std::string::npos) << size;
  }
}

}  // namespace cardea::random_test
