// Keys: signing and verifying, keeping, and what happens when many keys and threads share the
// context caches.
#include "crypto/key.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>

namespace cardea::key_test {

using crypto::PrivateKey;
using crypto::PrivateKeyBytes;
using crypto::PublicKey;
using crypto::SignatureAlgorithm;

constexpr std::array<SignatureAlgorithm, 5> algorithms = {
    SignatureAlgorithm::RS256, SignatureAlgorithm::PS256, SignatureAlgorithm::ES256,
    SignatureAlgorithm::ES384, SignatureAlgorithm::EdDSA};

std::optional<PublicKey> rebuilt(const PrivateKey& key) {
  if (const auto rsa = key.rsa_public()) return PublicKey::rsa(key.algorithm(), *rsa);
  if (const auto ec = key.ec_public()) return PublicKey::ec(key.algorithm(), *ec);
  return PublicKey::okp(*key.okp_public());
}

TEST(Key, SignsAndVerifiesWithEveryAlgorithm) {
  for (const auto algorithm : algorithms) {
    const auto key = PrivateKey::generate(algorithm);
    const std::string signature = key.sign("message");
    const auto public_key = rebuilt(key);
    ASSERT_TRUE(public_key);
    EXPECT_EQ(public_key->algorithm(), algorithm);
    EXPECT_TRUE(public_key->verify("message", signature));
    EXPECT_TRUE(key.public_key().verify("message", signature));
    EXPECT_FALSE(public_key->verify("massage", signature));
    EXPECT_FALSE(public_key->verify("message", ""));
    EXPECT_FALSE(public_key->verify("message", signature + '\0'));
    EXPECT_FALSE(public_key->verify("message", signature.substr(1)));
    EXPECT_TRUE(public_key->verify("message", signature)) << "also after failures";
    EXPECT_EQ(
        key.rsa_public().has_value() + key.ec_public().has_value() + key.okp_public().has_value(),
        1);
  }
}

TEST(Key, EveryChangedBitOfASignatureIsRefused) {
  for (const auto algorithm : {SignatureAlgorithm::ES256, SignatureAlgorithm::EdDSA}) {
    const auto key = PrivateKey::generate(algorithm);
    const std::string signature = key.sign("message");
    for (std::size_t bit = 0; bit < signature.size() * 8; bit += 5) {
      std::string changed = signature;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
      EXPECT_FALSE(key.public_key().verify("message", changed)) << bit;
    }
  }
}

TEST(Key, EcdsaSignaturesAlwaysHaveTheirFullLength) {
  const auto key = PrivateKey::generate(SignatureAlgorithm::ES256);
  for (int i = 0; i < 600; ++i) {  // one in 128 has a short r or s
    const std::string signature = key.sign(std::to_string(i));
    EXPECT_EQ(signature.size(), 64u);
    EXPECT_TRUE(key.public_key().verify(std::to_string(i), signature));
  }
}

TEST(Key, ComesBackFromItsDer) {
  for (const auto algorithm : algorithms) {
    const auto key = PrivateKey::generate(algorithm);
    const PrivateKeyBytes der = key.to_der();
    const auto again = PrivateKey::from_der(algorithm, der);
    ASSERT_TRUE(again);
    EXPECT_TRUE(key.public_key().verify("m", again->sign("m")));
    EXPECT_EQ(again->to_der().reveal(), der.reveal());
  }
}

bool same_type(SignatureAlgorithm a, SignatureAlgorithm b) {
  const auto is_rsa = [](SignatureAlgorithm algorithm) {
    return algorithm == SignatureAlgorithm::RS256 || algorithm == SignatureAlgorithm::PS256;
  };
  return a == b || (is_rsa(a) && is_rsa(b));
}

TEST(Key, EachDerFitsExactlyTheAlgorithmsOfItsType) {
  for (const auto algorithm : algorithms) {
    const PrivateKeyBytes der = PrivateKey::generate(algorithm).to_der();
    for (const auto other : algorithms) {
      EXPECT_EQ(PrivateKey::from_der(other, der).has_value(), same_type(algorithm, other));
    }
  }
}

TEST(Key, DamagedDerIsRefused) {
  const std::string der(PrivateKey::generate(SignatureAlgorithm::ES256).to_der().reveal());
  const auto load = [](std::string bytes) {
    return PrivateKey::from_der(SignatureAlgorithm::ES256, PrivateKeyBytes(std::move(bytes)));
  };
  EXPECT_TRUE(load(der));
  EXPECT_FALSE(load(""));
  EXPECT_FALSE(load("not DER"));
  EXPECT_FALSE(load(der + "x"));
  EXPECT_FALSE(load(der.substr(0, der.size() - 1)));
}

TEST(Key, APrivateHalfThatDoesNotBelongToThePublicHalfIsRefused) {
  std::string der(PrivateKey::generate(SignatureAlgorithm::ES256).to_der().reveal());
  const std::string other(PrivateKey::generate(SignatureAlgorithm::ES256).to_der().reveal());
  ASSERT_EQ(der.size(), other.size());
  constexpr std::size_t scalar_at = 36;  // in PKCS#8 of P-256, before the public key
  der.replace(scalar_at, 32, other, scalar_at, 32);
  EXPECT_FALSE(PrivateKey::from_der(SignatureAlgorithm::ES256, PrivateKeyBytes(der)));
}

TEST(Key, FactoriesRefuseTheAlgorithmsOfOtherTypes) {
  const auto rsa = PrivateKey::generate(SignatureAlgorithm::RS256).rsa_public().value();
  const auto p256 = PrivateKey::generate(SignatureAlgorithm::ES256).ec_public().value();
  for (const auto algorithm : algorithms) {
    const bool is_rsa = same_type(algorithm, SignatureAlgorithm::RS256);
    EXPECT_EQ(PublicKey::rsa(algorithm, rsa).has_value(), is_rsa);
    EXPECT_EQ(PublicKey::ec(algorithm, p256).has_value(), algorithm == SignatureAlgorithm::ES256);
  }
}

TEST(Key, MoreKeysThanTheContextCacheHoldsDoNotMixUp) {
  std::vector<PrivateKey> keys;
  for (int i = 0; i < 40; ++i) keys.push_back(PrivateKey::generate(SignatureAlgorithm::ES256));
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const std::string signature = keys[i].sign("m");
      EXPECT_TRUE(keys[i].public_key().verify("m", signature));
      EXPECT_FALSE(keys[(i + 1) % keys.size()].public_key().verify("m", signature));
    }
  }
}

TEST(Key, AKeyMadeWhereAnotherEndedHasContextsOfItsOwn) {
  for (int i = 0; i < 60; ++i) {  // the allocator soon hands out an address again
    const auto key = PrivateKey::generate(SignatureAlgorithm::ES256);
    EXPECT_TRUE(rebuilt(key)->verify("m", key.sign("m")));
  }
}

TEST(Key, ManyThreadsShareOneKey) {
  const auto key = PrivateKey::generate(SignatureAlgorithm::ES256);
  const auto public_key = key.public_key();
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 50; ++k) {
        const std::string message = std::to_string(k);
        if (!public_key.verify(message, key.sign(message))) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Key, AKeyMayEndBeforeTheThreadThatUsedIt) {
  auto key = std::make_optional(PrivateKey::generate(SignatureAlgorithm::PS256));
  std::atomic<int> stage = 0;
  std::thread user([&] {
    (void)key->sign("m");
    stage = 1;
    stage.notify_all();
    stage.wait(1);
    const auto next = PrivateKey::generate(SignatureAlgorithm::ES256);
    EXPECT_TRUE(next.public_key().verify("m", next.sign("m")));
  });
  stage.wait(0);
  key.reset();
  stage = 2;
  stage.notify_all();
  user.join();
}

}  // namespace cardea::key_test
