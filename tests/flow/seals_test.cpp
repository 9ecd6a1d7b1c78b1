// Purpose keys over a real store: what one purpose sealed no other opens, the root key is checked,
// and a renewed epoch voids what was sealed before. Decisions Q6, Q7, T4.
#include <gtest/gtest.h>

#include "support/harness.h"

namespace cardea::seals_test {

using test::Harness;

std::unique_ptr<Seals> load(Harness& server, const std::string& root, const std::string& issuer) {
  auto loaded = server.await(
      Seals::load(*server.store, RootKey(root), issuer, server.random, server.clock.now()));
  return loaded ? *std::move(loaded) : nullptr;
}

const std::string root(32, 'r');

// Q6; Q7: a seal is for one purpose, issuer and epoch
TEST(Seals, EachPurposeIssuerAndEpochOpensItsOwn) {
  Harness server;
  const auto& issuer = server.settings.issuer;
  const auto sealed = server.seals->seal(SealPurpose::access_token, "facts", server.random);
  EXPECT_EQ(server.seals->open(SealPurpose::access_token, sealed), "facts");
  for (const auto purpose :
       {SealPurpose::authorization_code, SealPurpose::interaction, SealPurpose::server_key}) {
    EXPECT_FALSE(server.seals->open(purpose, sealed).has_value());
  }
  EXPECT_EQ(load(server, root, issuer)->open(SealPurpose::access_token, sealed), "facts");
  EXPECT_FALSE(
      load(server, root, "https://other.example")->open(SealPurpose::access_token, sealed));
  server.stored(server.store->perform(store::RenewEpoch{std::string(16, 'e')}));
  EXPECT_FALSE(load(server, root, issuer)->open(SealPurpose::access_token, sealed));
}

// T4: another root key refuses to start
TEST(Seals, AnotherRootKeyIsRefused) {
  Harness server;
  // Said of the root key itself, not of the first key that it does not open.
  const auto refused =
      server.await(Seals::load(*server.store, RootKey(std::string(32, 'x')), server.settings.issuer,
                               server.random, server.clock.now()));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error(), "this root key is not the one the store was made with");
  EXPECT_EQ(load(server, "short", server.settings.issuer), nullptr);
  EXPECT_NE(load(server, root, server.settings.issuer), nullptr);
}

TEST(Seals, OneSpellingForEachValue) {
  Harness server;
  const auto sealed = server.seals->seal(SealPurpose::access_token, "facts", server.random);
  for (const auto& changed :
       {sealed + "=", sealed + "A", " " + sealed, sealed.substr(5),
        sealed.substr(0, sealed.size() - 1), std::string("."), std::string()}) {
    EXPECT_FALSE(server.seals->open(SealPurpose::access_token, changed).has_value());
  }
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto flipped = sealed;
    flipped[i] = flipped[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(server.seals->open(SealPurpose::access_token, flipped).has_value()) << i;
  }
}

// Security corpus 6.4; signing keys in the store are sealed, and survive a restore.
TEST(Seals, SigningKeysSurviveARenewedEpoch) {
  Harness server;
  for (const auto& row : server.stored(server.store->server_keys())) {
    EXPECT_EQ(row.sealed_private.find("PRIVATE"), std::string::npos);
    EXPECT_TRUE(server.seals->open(SealPurpose::server_key, row.sealed_private).has_value());
  }
  server.stored(server.store->perform(store::RenewEpoch{std::string(16, 'e')}));
  const auto seals = load(server, root, server.settings.issuer);
  KeyRing ring(*server.store, *seals, server.settings, server.random);
  EXPECT_TRUE(server.await(ring.load(server.clock.now())).ok());
  EXPECT_EQ(ring.jwks()->body, server.keys->jwks()->body);
}

}  // namespace cardea::seals_test
