// JWK parsing, writing and thumbprints; see jwk.h. Parameters are decoded strictly, because two
// spellings of one key would have two thumbprints (RFC 7638 7).
#include "jose/jwk.h"

#include <algorithm>
#include <array>

#include "base/base64url.h"
#include "base/limits.h"
#include "crypto/client_certificate.h"
#include "crypto/hash.h"
#include "jose/jwk_members.h"

namespace cardea::jose {
namespace {

using crypto::PrivateKey;
using crypto::PublicKey;
using json::string_member;

struct AlgorithmName {
  SignatureAlgorithm algorithm;
  std::string_view name;
};
constexpr std::array<AlgorithmName, 5> algorithm_names = {{{SignatureAlgorithm::RS256, "RS256"},
                                                           {SignatureAlgorithm::PS256, "PS256"},
                                                           {SignatureAlgorithm::ES256, "ES256"},
                                                           {SignatureAlgorithm::ES384, "ES384"},
                                                           {SignatureAlgorithm::EdDSA, "EdDSA"}}};

// RFC 7517 4.2, 4.3: what the key may be used for, where it says so.
Status<std::string> check_use(const json::Object& object) {
  if (object.contains("use") && string_member(object, "use") != "sig") {
    return refuse(std::string("use is not sig"));
  }
  if (!object.contains("key_ops")) return Unit{};
  const auto operations = json::strings_member(object, "key_ops");
  if (!operations || std::ranges::count(*operations, "verify") != 1) {
    return refuse(std::string("key_ops does not hold verify"));
  }
  return Unit{};
}

// The algorithms that the key's type and curve allow.
std::vector<SignatureAlgorithm> algorithms_of_type(const json::Object& object) {
  const auto kty = string_member(object, "kty");
  const auto crv = string_member(object, "crv");
  if (kty == "RSA") return {SignatureAlgorithm::RS256, SignatureAlgorithm::PS256};
  if (kty == "EC" && crv == "P-256") return {SignatureAlgorithm::ES256};
  if (kty == "EC" && crv == "P-384") return {SignatureAlgorithm::ES384};
  if (kty == "OKP" && crv == "Ed25519") return {SignatureAlgorithm::EdDSA};
  return {};
}

std::optional<PublicKey> build_key(SignatureAlgorithm algorithm, const json::Object& object) {
  switch (algorithm) {
    case SignatureAlgorithm::RS256:
    case SignatureAlgorithm::PS256: {
      const auto rsa = rsa_members(object);
      return rsa ? PublicKey::rsa(algorithm, *rsa) : std::nullopt;
    }
    case SignatureAlgorithm::ES256:
    case SignatureAlgorithm::ES384: {
      const auto ec = ec_members(object);
      return ec ? PublicKey::ec(algorithm, *ec) : std::nullopt;
    }
    case SignatureAlgorithm::EdDSA: {
      auto x = octets_member(object, "x");
      if (!x) return std::nullopt;
      return PublicKey::okp({.x = std::move(*x)});
    }
  }
  return std::nullopt;
}

// RFC 7517 4.4. Gives the one algorithm that the key names or its type allows; nothing for an RSA
// key without alg.
Result<std::optional<SignatureAlgorithm>, std::string> fixed_algorithm(
    const json::Object& object, const std::vector<SignatureAlgorithm>& possible) {
  using Fixed = std::optional<SignatureAlgorithm>;
  if (!object.contains("alg")) return possible.size() == 1 ? Fixed(possible.front()) : Fixed();
  const auto name = string_member(object, "alg");
  const auto algorithm = name ? algorithm_named(*name) : std::nullopt;
  if (!algorithm) return refuse(std::string("alg is not a signature algorithm in use here"));
  if (std::ranges::count(possible, *algorithm) == 0) {
    return refuse(std::string("alg does not fit kty and crv"));  // RFC 8725 3.1
  }
  return Fixed(algorithm);
}

// The required members of RFC 7638 3.2 in lexicographic order; nothing for an unknown key type.
std::optional<json::Object> required_members(const json::Object& jwk) {
  const auto kty = string_member(jwk, "kty");
  std::vector<std::string_view> names;
  if (kty == "EC") names = {"crv", "kty", "x", "y"};
  if (kty == "OKP") names = {"crv", "kty", "x"};  // RFC 8037 2
  if (kty == "RSA") names = {"e", "kty", "n"};
  json::Object out;
  for (const std::string_view name : names) {
    auto text = string_member(jwk, name);
    if (!text) return std::nullopt;
    out.set(std::string(name), std::move(*text));
  }
  if (out.empty()) return std::nullopt;
  return out;
}

json::Object okp_members(const crypto::OkpPublic& okp) {
  return {{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", base64url_encode(okp.x)}};
}

json::Object public_members(const PrivateKey& key) {
  if (const auto rsa = key.rsa_public()) return write_members(*rsa);
  if (const auto ec = key.ec_public()) {
    const bool is_p384 = key.algorithm() == SignatureAlgorithm::ES384;
    return write_members(is_p384 ? crypto::Curve::P384 : crypto::Curve::P256, *ec);
  }
  return okp_members(*key.okp_public());
}

json::Object members_of(const crypto::CertificateKey& key) {
  if (const auto* rsa = std::get_if<crypto::RsaPublic>(&key)) return write_members(*rsa);
  if (const auto* ec = std::get_if<crypto::EcCertificateKey>(&key)) {
    return write_members(ec->curve, ec->point);
  }
  return okp_members(std::get<crypto::OkpPublic>(key));
}

// The certificate of the key; nothing where there is none, or it is another key's: x5c repeats what
// the other members say, and must not contradict them (RFC 7517 4.7).
std::optional<std::string> certificate_of(const json::Object& jwk) {
  const auto chain = json::strings_member(jwk, "x5c");
  if (!chain || chain->empty()) return std::nullopt;
  auto der = base64_decode(chain->front());
  const auto key = der ? crypto::certificate_key(*der) : std::nullopt;
  if (!key) return std::nullopt;
  const auto said = thumbprint(members_of(*key));
  const auto own = thumbprint(jwk);
  if (!said || !own || *said != *own) return std::nullopt;
  return der;
}

}  // namespace

std::string_view name_of(SignatureAlgorithm algorithm) {
  return std::ranges::find(algorithm_names, algorithm, &AlgorithmName::algorithm)->name;
}

std::optional<SignatureAlgorithm> algorithm_named(std::string_view name) {
  const auto* row = std::ranges::find(algorithm_names, name, &AlgorithmName::name);
  if (row == algorithm_names.end()) return std::nullopt;
  return row->algorithm;
}

Result<Jwk, std::string> parse_jwk(const json::Object& object) {
  if (has_private_member(object)) return refuse(std::string("the key holds a private member"));
  if (auto use = check_use(object); !use) return refuse(use.error());
  Jwk jwk;
  if (object.contains("kid")) {
    auto kid = string_member(object, "kid");
    if (!kid) return refuse(std::string("kid is not a string"));
    jwk.kid = std::move(*kid);
  }
  auto possible = algorithms_of_type(object);
  if (possible.empty()) return refuse(std::string("kty or crv is unknown"));
  const auto fixed = fixed_algorithm(object, possible);
  if (!fixed) return refuse(fixed.error());
  jwk.alg = *fixed;
  if (jwk.alg) possible = {*jwk.alg};
  for (const SignatureAlgorithm algorithm : possible) {
    auto key = build_key(algorithm, object);
    if (!key) return refuse(std::string("the key's parameters are not valid for its type"));
    jwk.keys.push_back(std::move(*key));
  }
  return jwk;
}

json::Object write_jwk(const PrivateKey& key, std::string_view kid) {
  json::Object out = public_members(key);
  if (!kid.empty()) out.set("kid", kid);
  out.set("use", "sig");
  out.set("alg", name_of(key.algorithm()));
  return out;
}

std::string thumbprint(const PrivateKey& key) {
  return thumbprint(public_members(key)).value();
}

Result<std::string, std::string> thumbprint(const json::Object& public_jwk) {
  const auto members = required_members(public_jwk);
  if (!members) return refuse(std::string("kty is unknown, or a required member is not a string"));
  return base64url_encode(crypto::sha256(json::write(*members)));
}

Result<JwkSet, std::string> JwkSet::parse(std::string_view text) {
  if (text.size() > limits::jwks_bytes_max) return refuse(std::string("the key set is too large"));
  const auto object = json::parse_object(text);
  if (!object) return refuse(std::string("the key set is not a JSON object"));
  return parse(*object);
}

Result<JwkSet, std::string> JwkSet::parse(const json::Object& object) {
  const json::Value* keys = object.find("keys");
  const json::Array* array = keys != nullptr ? keys->if_array() : nullptr;
  if (array == nullptr) return refuse(std::string("the key set has no keys array"));
  if (array->size() > limits::jwks_keys_max)
    return refuse(std::string("the key set has too many keys"));
  JwkSet set;
  for (const auto& element : *array) {
    const json::Object* jwk = element.if_object();
    if (jwk == nullptr) return refuse(std::string("a member of keys is not an object"));
    if (has_private_member(*jwk)) return refuse(std::string("the key set holds a private member"));
    auto parsed = parse_jwk(*jwk);
    if (!parsed) {  // RFC 7517 5: not understood, out of the supported range, or to encrypt to
      if (auto recipient = parse_recipient_key(*jwk)) {
        set.recipients_.push_back(*std::move(recipient));
      }
      continue;
    }
    if (!parsed->kid.empty() && set.contains_kid(parsed->kid)) {
      return refuse(std::string("two keys of the set have the same kid"));
    }
    set.keys_.push_back(std::move(*parsed));
    if (auto certificate = certificate_of(*jwk)) {
      set.certificates_.push_back(*std::move(certificate));
    }
  }
  return set;
}

std::vector<const PublicKey*> JwkSet::candidates(SignatureAlgorithm algorithm,
                                                 std::string_view kid) const {
  std::vector<const PublicKey*> out;
  for (const Jwk& jwk : keys_) {
    if (!kid.empty() && !jwk.kid.empty() && jwk.kid != kid) continue;
    for (const PublicKey& key : jwk.keys) {
      if (key.algorithm() == algorithm) out.push_back(&key);
    }
  }
  return out;
}

bool JwkSet::contains_kid(std::string_view kid) const {
  return std::ranges::find(keys_, kid, &Jwk::kid) != keys_.end();
}

}  // namespace cardea::jose
