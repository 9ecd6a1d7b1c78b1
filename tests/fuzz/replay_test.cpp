// Every seed of every fuzz target, replayed with the target's own oracle; no fuzzer needed
// (security corpus 7). The table of targets is made from targets.txt.
#include <gtest/gtest.h>

#include <string>

#include "fuzz/finding.h"
#include "fuzz/seeds.h"
#include "fuzz/target_table.h"
#include "fuzz/trial.h"
#include "support/source_dir.h"

namespace cardea::fuzz_replay_test {

using fuzz::Target;

class Replay : public testing::TestWithParam<Target> {};

// Every seed passes, and there is at least one. Twice, for an input means the same whatever ran
// before it.
TEST_P(Replay, SeedsPass) {
  const auto [name, run] = GetParam();
  const auto path = support::source_dir() + "/tests/fuzz/seeds/" + std::string(name) + ".txt";
  const auto seeds = fuzz::read_seeds(path);
  ASSERT_TRUE(seeds.has_value()) << path << " is absent or malformed";
  EXPECT_FALSE(seeds->empty());
  for (const auto& seed : *seeds) {
    SCOPED_TRACE(seed.name);
    try {
      run(seed.bytes);
      run(seed.bytes);
    } catch (const std::exception& finding) {
      ADD_FAILURE() << finding.what();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Fuzz, Replay, testing::ValuesIn(fuzz::target_table()),
                         [](const auto& target) { return std::string(target.param.name); });

// When the rule of an oracle does not hold then the target reports it with its place.
TEST(FuzzFinding, NamesTheRuleAndThePlace) {
  EXPECT_NO_THROW(fuzz::expect(true, "holds"));
  try {
    fuzz::expect(false, "one is two");
    ADD_FAILURE() << "nothing was thrown";
  } catch (const fuzz::Finding& finding) {
    EXPECT_NE(std::string(finding.what()).find("replay_test.cpp"), std::string::npos);
    EXPECT_NE(std::string(finding.what()).find("one is two"), std::string::npos);
  }
}

// When an input is over then nothing is left of it: neither rows nor time.
TEST(FuzzTrial, TakesBackWhatAnInputDid) {
  std::string token;
  {
    const fuzz::Trial trial;
    auto& server = trial.server();
    token = server.sign_up_tokens().access_token;
    server.clock.advance(Seconds{9});
    server.edit_user("bob", [](UserRecord& user) { user.enabled = false; });
    EXPECT_EQ(server.userinfo(token).status, 200);
    EXPECT_FALSE(server.user("bob").enabled);
  }
  const fuzz::Trial trial;
  EXPECT_EQ(trial.server().clock.now(), test::start);
  EXPECT_EQ(trial.server().userinfo(token).status, 401);
  EXPECT_TRUE(trial.server().user("bob").enabled);
}

// When a seed is written with escapes then the bytes are those meant; a cut escape is refused.
TEST(FuzzSeeds, EscapesAreRead) {
  EXPECT_EQ(fuzz::unescape_seed(R"(a\n\r\t\\\x00\xff)"), std::string("a\n\r\t\\\0\xff", 7));
  EXPECT_EQ(fuzz::unescape_seed(R"(\x4)"), std::nullopt);
  EXPECT_EQ(fuzz::unescape_seed(R"(\)"), std::nullopt);
  EXPECT_EQ(fuzz::unescape_seed(R"(\q)"), std::nullopt);
}

}  // namespace cardea::fuzz_replay_test
