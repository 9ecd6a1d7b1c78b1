// JWKs and key sets (security corpus 7.9): what an accepted key must be, judged from its members
// and by OpenSSL itself; thumbprints against a text written by hand (RFC 7638 3). Input: the set.
#include "jose/jwk.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <memory>
#include <set>
#include <string>

#include "base/base64url.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "fuzz/finding.h"

namespace cardea::fuzz {
namespace {

std::string octets(const json::Object& jwk, std::string_view name) {
  return base64url_decode(json::string_member(jwk, name).value_or("")).value_or("");
}

unsigned bits_of(std::string_view number) {
  unsigned bits = 0;
  for (const char c : number) {
    const auto byte = static_cast<unsigned char>(c);
    if (bits != 0) bits += 8;
    for (unsigned left = byte; bits < 8 && left != 0 && bits == 0;) {
      for (; left != 0; left >>= 1) ++bits;
    }
  }
  return bits;
}

// Whether OpenSSL takes x and y for a point of the curve.
bool is_point(const std::string& crv, const std::string& x, const std::string& y) {
  using Context = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;
  using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
  std::string group = crv;
  std::string point = "\x04" + x + y;
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
      OSSL_PARAM_construct_end()};
  const Context making(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr), EVP_PKEY_CTX_free);
  EVP_PKEY* raw = nullptr;
  if (EVP_PKEY_fromdata_init(making.get()) != 1 ||
      EVP_PKEY_fromdata(making.get(), &raw, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
    return false;
  }
  const Key key(raw, EVP_PKEY_free);
  const Context checking(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr),
                         EVP_PKEY_CTX_free);
  return EVP_PKEY_public_check(checking.get()) == 1;
}

// Whether the members describe a key that may be accepted.
bool is_sound(const json::Object& jwk) {
  const auto kty = json::string_member(jwk, "kty").value_or("");
  const auto crv = json::string_member(jwk, "crv").value_or("");
  if (kty == "RSA") {
    const auto n = octets(jwk, "n");
    const auto e = octets(jwk, "e");
    const auto bits = bits_of(n);
    return bits >= 2048 && bits <= 8192 && n[0] != '\0' && (n.back() & 1) == 1 && !e.empty() &&
           e[0] != '\0' && (e.back() & 1) == 1 && bits_of(e) >= 17 && bits_of(e) <= 64;
  }
  if (kty == "EC" && (crv == "P-256" || crv == "P-384")) {
    const std::size_t size = crv == "P-256" ? 32 : 48;
    const auto x = octets(jwk, "x");
    const auto y = octets(jwk, "y");
    return x.size() == size && y.size() == size && is_point(crv, x, y);
  }
  return kty == "OKP" && crv == "Ed25519" && octets(jwk, "x").size() == 32;
}

void check_key(const json::Object& object, const jose::Jwk& jwk) {
  for (const auto* name : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}) {
    expect(!object.contains(name), "a private member passed");
  }
  expect(is_sound(object), "a key passed that is not sound");
  expect(!jwk.keys.empty() && jwk.keys.size() <= 2, "not one or two prepared keys");
  expect(jwk.kid == json::string_member(object, "kid").value_or(""), "another kid");
  expect(!object.contains("use") || json::string_member(object, "use") == "sig", "another use");
  for (const auto& key : jwk.keys) {
    expect(!key.verify("message", std::string(64, '\1')), "a made-up signature passed");
    expect(!key.verify("message", ""), "an empty signature passed");
  }
}

// RFC 7638 3.2, 3.3: required members only, in this order, no white space.
void check_thumbprint(const json::Object& object) {
  const auto ours = jose::thumbprint(object);
  const auto kty = json::string_member(object, "kty").value_or("");
  std::vector<std::string> names;
  if (kty == "EC") names = {"crv", "kty", "x", "y"};
  if (kty == "OKP") names = {"crv", "kty", "x"};
  if (kty == "RSA") names = {"e", "kty", "n"};
  std::string text;
  for (const auto& name : names) {
    const auto value = json::string_member(object, name);
    if (!value) return expect(!ours.ok(), "a thumbprint of an incomplete key");
    text += (text.empty() ? "{\"" : ",\"") + name + "\":" + json::write(json::Value(*value));
  }
  expect(ours.ok() == !names.empty(), "a thumbprint of an unknown type");
  if (ours) expect(*ours == base64url_encode(crypto::sha256(text + "}")), "another thumbprint");
}

}  // namespace

void jwk(std::string_view input) {
  const auto object = json::parse_object(input);
  const auto set = jose::JwkSet::parse(input);
  expect(object.has_value() || !set, "a set that is no JSON object");
  if (!object) return;
  check_thumbprint(*object);
  if (const auto one = jose::parse_jwk(*object)) check_key(*object, *one);
  if (!set) return;
  const auto* array = object->find("keys")->if_array();
  expect(array->size() <= limits::jwks_keys_max, "too many keys");
  std::set<std::string> kids;
  std::size_t accepted = 0;
  for (const auto& element : *array) {
    const auto parsed = jose::parse_jwk(*element.if_object());
    if (!parsed) continue;
    check_key(*element.if_object(), *parsed);
    expect(accepted < set->keys().size() && set->keys()[accepted].kid == parsed->kid,
           "the set has other keys than its members");
    expect(parsed->kid.empty() || kids.insert(parsed->kid).second, "a kid twice");
    ++accepted;
  }
  expect(accepted == set->keys().size(), "the set has more keys than its members");
}

}  // namespace cardea::fuzz
