// The keys that others encrypt to: made where settings ask for them, published, kept sealed and
// rotated like those that sign, and never in their place.
#include "support/harness.h"

namespace cardea::decryption_keys_test {

using namespace cardea::test;
using crypto::SignatureAlgorithm;
using jose::KeyManagement;

HarnessOptions with_decryption(std::vector<KeyManagement> algorithms) {
  return {.settings = [algorithms = std::move(algorithms)](Settings& settings) {
    settings.signing_algorithms = {SignatureAlgorithm::ES256};
    settings.decryption_algorithms = algorithms;
  }};
}

std::vector<json::Object> published(Harness& server, std::string_view use) {
  std::vector<json::Object> out;
  const auto set = json::parse_object(server.keys->jwks()->body).value();
  for (const auto& element : *set.find("keys")->if_array()) {
    if (json::string_member(*element.if_object(), "use") == use) {
      out.push_back(*element.if_object());
    }
  }
  return out;
}

Result<jose::Decrypted, jose::JweError> round_trip(Harness& server, const json::Object& jwk,
                                                   KeyManagement management) {
  const auto key = jose::parse_recipient_key(jwk).value();
  const auto token = jose::encrypt("text", {.key = key, .management = management}, server.random);
  return jose::decrypt(token, *server.keys->decryption_keys(),
                       {{management}, {jose::ContentEncryption::A256GCM}});
}

TEST(DecryptionKeys, ThereAreNoneUnlessSettingsAskForThem) {
  Harness server(with_decryption({}));
  EXPECT_TRUE(published(server, "enc").empty());
  EXPECT_TRUE(server.keys->decryption_keys()->empty());
  EXPECT_EQ(server.stored(server.store->server_keys()).size(), 1U);
}

// 7516-07: our keys for encryption are published with their use, and open what is encrypted to
// them.
TEST(DecryptionKeys, AnybodyCanEncryptToThePublishedKeys) {
  Harness server(with_decryption(
      {KeyManagement::RSA_OAEP_256, KeyManagement::ECDH_ES, KeyManagement::ECDH_ES_A256KW}));
  const auto keys = published(server, "enc");
  ASSERT_EQ(keys.size(), 2U);  // one EC key serves both agreements
  for (const auto& jwk : keys) {
    const auto parsed = jose::parse_recipient_key(jwk);
    ASSERT_TRUE(parsed) << parsed.error();
    EXPECT_EQ(parsed->kid, jose::thumbprint(jwk).value());
    for (const auto management : jose::every_key_management) {
      if (parsed->fits(management)) EXPECT_TRUE(round_trip(server, jwk, management).ok());
    }
  }
  for (const auto& row : server.stored(server.store->server_keys())) {
    EXPECT_TRUE(server.seals->open(SealPurpose::server_key, row.sealed_private).has_value());
  }
}

// 7516-07: a key does one of the two.
TEST(DecryptionKeys, NeverSignAndNeverVerify) {
  Harness server(with_decryption({KeyManagement::RSA_OAEP_256, KeyManagement::ECDH_ES}));
  EXPECT_EQ(server.keys->signing_keys().size(), 1U);
  EXPECT_EQ(server.keys->verification_keys()->keys().size(), 1U);
  EXPECT_EQ(server.keys->decryption_keys()->size(), 2U);
  for (const auto algorithm : {SignatureAlgorithm::RS256, SignatureAlgorithm::PS256}) {
    EXPECT_EQ(server.keys->signing_key(algorithm), nullptr);
    EXPECT_TRUE(server.keys->verification_keys()->candidates(algorithm, "").empty());
  }
  const auto signer = server.keys->signing_key(SignatureAlgorithm::ES256);
  for (const auto& key : *server.keys->decryption_keys()) EXPECT_NE(key.kid, signer->kid.value());
}

TEST(DecryptionKeys, AreRotatedAndOpenUntilTheyAreRemoved) {
  Harness server(with_decryption({KeyManagement::ECDH_ES}));
  const auto old = published(server, "enc").at(0);
  ASSERT_TRUE(server.await(server.keys->ensure_next(server.clock.now())).ok());
  EXPECT_EQ(published(server, "enc").size(), 2U);
  EXPECT_EQ(server.keys->algorithms().size(), 2U);
  const auto early = server.await(server.keys->rotate(
      KeyManagement::ECDH_ES, RotateWhen::published_long_enough, server.clock.now()));
  EXPECT_FALSE(early.ok());
  server.clock.advance(server.settings.jwks_max_age);
  ASSERT_TRUE(server
                  .await(server.keys->rotate(KeyManagement::ECDH_ES,
                                             RotateWhen::published_long_enough, server.clock.now()))
                  .ok());
  EXPECT_EQ(published(server, "enc").size(), 3U);
  EXPECT_TRUE(round_trip(server, old, KeyManagement::ECDH_ES).ok());
  server.clock.advance(hours(1));
  ASSERT_TRUE(server.await(server.keys->remove_expired(server.clock.now())).ok());
  EXPECT_EQ(published(server, "enc").size(), 2U);
  EXPECT_EQ(round_trip(server, old, KeyManagement::ECDH_ES).error(), jose::JweError::no_key);
}

TEST(DecryptionKeys, AreTheSameAfterARestart) {
  Harness server(with_decryption({KeyManagement::RSA_OAEP_256, KeyManagement::ECDH_ES}));
  KeyRing again(*server.store, *server.seals, server.settings, server.random);
  ASSERT_TRUE(server.await(again.load(server.clock.now())).ok());
  EXPECT_EQ(again.jwks()->body, server.keys->jwks()->body);
}

}  // namespace cardea::decryption_keys_test
