// Accounts: logins, claims we keep to ourselves, entitlement. Decision Q19.
#include "domain/user.h"

#include <gtest/gtest.h>

#include <set>

#include "base/base64url.h"
#include "domain/identifiers.h"

namespace cardea::user_test {

TEST(CanonicalLogin, LowersAndTrims) {
  EXPECT_EQ(canonical_login("  Alice@Example.ORG "), "alice@example.org");
  EXPECT_EQ(canonical_login("\xc3\x84nne"), "\xc3\x84nne");
}

TEST(CanonicalLogin, RefusesWhatIsNoLogin) {
  EXPECT_FALSE(canonical_login("").has_value());
  EXPECT_FALSE(canonical_login("   ").has_value());
  EXPECT_FALSE(canonical_login("a\nb").has_value());
  EXPECT_FALSE(canonical_login(std::string_view("a\0b", 3)).has_value());
  EXPECT_FALSE(canonical_login("a\x7f").has_value());
  EXPECT_FALSE(canonical_login("a\xc2\x85").has_value());
  EXPECT_FALSE(canonical_login("a\xff").has_value());
  EXPECT_FALSE(canonical_login(std::string(321, 'a')).has_value());
  EXPECT_TRUE(canonical_login(std::string(320, 'a')).has_value());
}

TEST(User, NameAndGroupsComeFromTheClaims) {
  User user;
  user.login = "alice";
  EXPECT_EQ(user.display_name(), "alice");
  EXPECT_TRUE(user.groups().empty());
  user.claims = {{"name", "Alice A."}, {"groups", std::vector<std::string>{"staff", "admin"}}};
  EXPECT_EQ(user.display_name(), "Alice A.");
  EXPECT_EQ(user.groups(), (std::vector<std::string>{"staff", "admin"}));
  user.claims = {{"name", ""}, {"groups", "staff"}};
  EXPECT_EQ(user.display_name(), "alice");
  EXPECT_TRUE(user.groups().empty());
}

// RFC9068-2.2; OIDCC-2; F04: what we assert is not configurable
TEST(ReservedClaims, AreThoseThatWeAssert) {
  for (const char* name : {"iss",   "sub", "aud", "exp",     "iat",     "nonce", "auth_time",
                           "acr",   "amr", "azp", "at_hash", "c_hash",  "sid",   "client_id",
                           "scope", "jti", "cnf", "act",     "may_act", "events"}) {
    EXPECT_TRUE(is_reserved_claim(name)) << name;
  }
  for (const char* name : {"email", "groups", "name", "", "ISS", "department"}) {
    EXPECT_FALSE(is_reserved_claim(name)) << name;
  }
}

// SC16; OIDCCORE-5.1: a standard claim has its type, others are free
TEST(UserClaims, HaveTheTypesThatClientsCompare) {
  const std::vector<std::string> staff{"staff"};
  const std::pair<const char*, json::Value> fine[] = {
      {"email_verified", true}, {"phone_number_verified", false}, {"updated_at", 1'700'000'000},
      {"name", "Ada"},          {"address", json::Object{}},      {"groups", staff},
      {"department", 7},        {"badge", json::Array{1, "x"}},   {"email", "ada@example.com"},
  };
  for (const auto& [name, value] : fine) EXPECT_FALSE(claim_problem(name, value)) << name;
  const std::pair<const char*, json::Value> wrong[] = {
      {"email_verified", "true"},
      {"email_verified", 1},
      {"phone_number_verified", "false"},
      {"updated_at", "now"},
      {"name", true},
      {"phone_number", 123456},
      {"address", "Berlin"},
      {"groups", "staff"},
      {"groups", json::Array{1}},
      {"sub", "root"},
      {"department", nullptr},
  };
  for (const auto& [name, value] : wrong) EXPECT_TRUE(claim_problem(name, value)) << name;
}

// Q19: a client may admit some groups only
TEST(Entitlement, IsEverybodyOrTheNamedGroups) {
  Client client;
  User user;
  EXPECT_TRUE(is_entitled(client, user));
  client.allowed_groups = {"staff", "admin"};
  EXPECT_FALSE(is_entitled(client, user));
  user.claims = {{"groups", std::vector<std::string>{"admin"}}};
  EXPECT_TRUE(is_entitled(client, user));
  user.claims = {{"groups", std::vector<std::string>{"Admin"}}};
  EXPECT_FALSE(is_entitled(client, user));
}

class Counting final : public Random {
 public:
  void fill(std::span<std::byte> out) override {
    for (std::byte& byte : out) byte = std::byte{next_++};
  }

 private:
  unsigned char next_ = 0;
};

TEST(Identifiers, Are22CharactersOf128Bits) {
  Counting random;
  EXPECT_EQ(new_identifier(random), "AAECAwQFBgcICQoLDA0ODw");
  EXPECT_NE(new_identifier(random), new_identifier(random));
}

// Decision Q7's grants are inserted at each exchange: their ids sort by the millisecond.
TEST(Identifiers, DatedOnesSortByTheirTimeAndAreCanonicalBase64url) {
  Counting random;
  const Instant first{1'764'104'400'000};
  std::string before;
  for (const std::int64_t later : {0, 1, 62, 63, 64, 4095, 86'400'000}) {
    const auto id = new_dated_identifier(random, {first.unix_ms + later});
    EXPECT_LT(before, id);
    const auto bytes = base64url_decode(id);
    ASSERT_TRUE(bytes.has_value());
    EXPECT_EQ(bytes->size(), 16U);
    EXPECT_EQ(base64url_encode(*bytes), id);
    before = id;
  }
  EXPECT_NE(new_dated_identifier(random, first), new_dated_identifier(random, first));
}

}  // namespace cardea::user_test
