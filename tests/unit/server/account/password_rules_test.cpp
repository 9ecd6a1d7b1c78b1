// Which new passwords are taken, and how devices and times are named on the account page.
#include "server/account/password_rules.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "server/account/device_name.h"

namespace cardea::password_rules_test {

std::optional<PasswordProblem> judge(const std::string& password,
                                     const std::vector<std::string>& own_words = {}) {
  return judge_password({Password(password), Password(password)}, own_words);
}

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

// asvs-6.2.1; asvs-6.2.5: length counts, kinds of characters do not.
TEST(PasswordRules, LengthCountsAndKindsOfCharactersDoNot) {
  EXPECT_EQ(judge(""), PasswordProblem::too_short);
  EXPECT_EQ(judge("kX9#vq2"), PasswordProblem::too_short);
  EXPECT_EQ(judge("kX9#vq2m"), std::nullopt);
  EXPECT_EQ(judge("wlxqzmvgtrbnkdpyhsfc"), std::nullopt);  // 20 lower-case letters
  EXPECT_EQ(judge("قرد يشرب قهوة الغيم"), std::nullopt);
  EXPECT_EQ(judge("قردقرد"), PasswordProblem::too_short);  // 6 characters, 12 bytes
  EXPECT_EQ(judge("🦉🌋🪐🎻🦀🧭🪁🏺"), std::nullopt);
}

// asvs-6.2.9: 64 characters and far more are taken; the cap is counted in bytes.
TEST(PasswordRules, LongPassphrasesAreTakenUpToTheCap) {
  const std::string phrase = "a lighthouse eats purple gravel and sings about it, at length, ";
  EXPECT_EQ(judge(phrase + phrase), std::nullopt);
  const std::string longest = phrase + std::string(limits::password_bytes_max - phrase.size(), 'x');
  EXPECT_EQ(judge(longest), std::nullopt);
  EXPECT_EQ(judge(longest + "x"), PasswordProblem::too_long);
}

// asvs-6.2.4: what is guessed first is refused.
TEST(PasswordRules, CommonPasswordsAreRefused) {
  for (const auto* common : {"password", "12345678", "qwertyuiop", "iloveyou", "football1",
                             "password1", "letmein123", "sunshine", "princess", "trustno1",
                             "aaaaaaaaaaaaaaaaaaaa", "abcdefgh", "P@ssw0rd", "11111111"}) {
    EXPECT_EQ(judge(common), PasswordProblem::too_weak) << common;
  }
}

TEST(PasswordRules, APersonsOwnWordsAreEasyToGuess) {
  EXPECT_EQ(judge("zbigniewska7"), std::nullopt);
  EXPECT_EQ(judge("zbigniewska7", {"zbigniewska"}), PasswordProblem::too_weak);
}

TEST(PasswordRules, BothMustBeTheSame) {
  const NewPassword chosen{Password("a lighthouse eats"), Password("a lighthouse eatz")};
  EXPECT_EQ(judge_password(chosen, {}), PasswordProblem::mismatch);
  const NewPassword trailing{Password("a lighthouse eats"), Password("a lighthouse eats ")};
  EXPECT_EQ(judge_password(trailing, {}), PasswordProblem::mismatch);
}

TEST(DeviceName, SaysBrowserAndSystem) {
  const std::pair<const char*, const char*> rows[] = {
      {"Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0", "Firefox, Linux"},
      {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
       "Chrome/129.0.0.0 Safari/537.36 Edg/129.0.0.0",
       "Edge, Windows"},
      {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
       "Version/18.0 Safari/605.1.15",
       "Safari, macOS"},
      {"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
       "Gecko) CriOS/129.0 Mobile/15E148 Safari/604.1",
       "Chrome, iPhone"},
      {"Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 "
       "Mobile Safari/537.36",
       "Chrome, Android"},
      {"curl/8.5.0", "curl"},
      {"", ""},
  };
  for (const auto& [user_agent, name] : rows) EXPECT_EQ(device_name(user_agent), name);
  EXPECT_LE(device_name(repeated("x", 1000)).size(), 40u);
}

TEST(DeviceName, TimesAreInUtc) {
  EXPECT_EQ(utc_minute(Instant{0}), "1970-01-01 00:00 UTC");
  EXPECT_EQ(utc_minute(Instant{1'800'000'000'000}), "2027-01-15 08:00 UTC");
  EXPECT_EQ(utc_minute(Instant::from_seconds(951'782'399)), "2000-02-28 23:59 UTC");
  EXPECT_EQ(utc_day(Instant::from_seconds(951'782'400)), "2000-02-29");
}

}  // namespace cardea::password_rules_test
