// Keys for the JOSE targets, made once a process, one for each algorithm, with the public set that
// knows them. The RSA key of RS256 stands in the set without `alg`, so it may verify PS256 as well.
#pragma once

#include <array>
#include <string>
#include <utility>

#include "base/json.h"
#include "base/result.h"
#include "crypto/key.h"
#include "jose/jwk.h"

namespace cardea::fuzz {

using crypto::SignatureAlgorithm;

inline constexpr std::array signing_algorithms{SignatureAlgorithm::ES256, SignatureAlgorithm::RS256,
                                               SignatureAlgorithm::PS256, SignatureAlgorithm::ES384,
                                               SignatureAlgorithm::EdDSA};

struct SigningKeys {
  std::vector<crypto::PrivateKey> keys;  // in the order of signing_algorithms; kid "k0", "k1", ...
  jose::JwkSet set;
};

inline const SigningKeys& signing_keys() {
  static const SigningKeys made = [] {
    SigningKeys out;
    json::Array set;
    for (const auto algorithm : signing_algorithms) {
      out.keys.push_back(crypto::PrivateKey::generate(algorithm));
      auto jwk = jose::write_jwk(out.keys.back(), "k" + std::to_string(set.size()));
      if (algorithm == SignatureAlgorithm::RS256) jwk.erase("alg");
      set.emplace_back(std::move(jwk));
    }
    auto parsed = jose::JwkSet::parse(json::Object{{"keys", std::move(set)}});
    ensure(parsed.ok());
    out.set = *std::move(parsed);
    return out;
  }();
  return made;
}

}  // namespace cardea::fuzz
