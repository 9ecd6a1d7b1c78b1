// DPoP proofs for tests (RFC 9449 4.2): right ones, and every way to be wrong.
#pragma once

#include <string>

#include "base/base64url.h"
#include "base/json.h"
#include "crypto/hash.h"
#include "http/message.h"
#include "jose/jwk.h"

namespace cardea::test {

// A key that a client holds, and what it signs.
class DpopKey {
 public:
  explicit DpopKey(crypto::SignatureAlgorithm algorithm = crypto::SignatureAlgorithm::ES256)
      : key_(crypto::PrivateKey::generate(algorithm)) {}

  std::string thumbprint() const { return jose::thumbprint(key_); }
  json::Object jwk() const { return jose::write_jwk(key_, ""); }

  struct Wish {
    std::string method = "POST";
    std::string url = "https://id.example/token";
    std::string access_token;
    json::Object claims;  // over the usual ones; null takes one out
    json::Object header;  // the same
  };
  // world: a Harness, a FakeIssuer: whatever has a clock and a random source.
  template <class World>
  std::string proof(World& world, const Wish& wish) const {
    json::Object claims{{"jti", base64url_encode(world.random.bytes(16))},
                        {"htm", wish.method},
                        {"htu", wish.url},
                        {"iat", world.clock.now().unix_seconds()}};
    if (!wish.access_token.empty()) {
      claims.set("ath", base64url_encode(crypto::sha256(wish.access_token)));
    }
    json::Object header{
        {"typ", "dpop+jwt"}, {"alg", jose::name_of(key_.algorithm())}, {"jwk", jwk()}};
    change(claims, wish.claims);
    change(header, wish.header);
    const auto signed_part =
        base64url_encode(json::write(header)) + "." + base64url_encode(json::write(claims));
    return signed_part + "." + base64url_encode(key_.sign(signed_part));
  }
  template <class World>
  std::string proof(World& world) const {
    return proof(world, Wish{});
  }

 private:
  static void change(json::Object& object, const json::Object& changes) {
    for (const auto& member : changes.members()) {
      if (member.value.is_null()) {
        object.erase(member.name);
      } else {
        object.set(member.name, member.value);
      }
    }
  }
  crypto::PrivateKey key_;
};

inline http::Request with_proof(http::Request request, const std::string& proof) {
  request.headers.add("DPoP", proof);
  return request;
}

}  // namespace cardea::test
