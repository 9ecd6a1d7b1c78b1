// Compact JWS, made and checked; see jws.h. The order of checks is size, form, algorithm,
// signature, and only then the claims.
#include "jose/jws.h"

#include <algorithm>
#include <cmath>

#include "base/ascii.h"
#include "base/base64url.h"
#include "base/limits.h"
#include "crypto/hash.h"

namespace cardea::jose {
namespace {

// Signatures that one token can make us compute: a token without kid fits every key of its
// algorithm, and a set may hold limits::jwks_keys_max of them.
constexpr std::size_t keys_tried_max = 16;

struct Header {
  json::Object object;
  std::string alg;
  std::string kid;
  std::string typ;
};

// Views into the token.
struct Segments {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view signed_part;  // header '.' payload, RFC 7515 5.2 step 8
};

Result<Segments, JwsError> split_token(std::string_view token) {
  if (token.size() > limits::jwt_bytes_max) return refuse(JwsError::too_large);
  const auto first = token.find('.');
  if (first == std::string_view::npos) return refuse(JwsError::malformed);
  const auto second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return refuse(JwsError::malformed);
  }
  return Segments{.header = token.substr(0, first),
                  .payload = token.substr(first + 1, second - first - 1),
                  .signature = token.substr(second + 1),
                  .signed_part = token.substr(0, second)};
}

Result<json::Object, JwsError> decode_object(std::string_view segment) {
  const auto text = base64url_decode(segment);
  if (!text) return refuse(JwsError::bad_base64url);
  auto object = json::parse_object(*text);  // RFC 8725 2.9: duplicate members are refused
  if (!object) return refuse(JwsError::bad_json);
  return std::move(*object);
}

// A string member that may be absent; false when it is there with another type.
bool take_string(const json::Object& object, std::string_view name, std::string& out) {
  const json::Value* value = object.find(name);
  if (value == nullptr) return true;
  const std::string* text = value->if_string();
  if (text == nullptr) return false;
  out = *text;
  return true;
}

Result<Header, JwsError> decode_header(std::string_view segment) {
  auto object = decode_object(segment);
  if (!object) return refuse(object.error());
  Header header{.object = std::move(*object)};
  // RFC 7515 4.1.11: we understand no extension, so every crit is refused. b64 (RFC 7797) would
  // change what is signed, and is refused even without crit.
  if (header.object.contains("crit") || header.object.contains("b64")) {
    return refuse(JwsError::critical_header);
  }
  header.alg = json::string_member(header.object, "alg").value_or("");
  if (!take_string(header.object, "kid", header.kid) ||
      !take_string(header.object, "typ", header.typ)) {
    return refuse(JwsError::malformed);
  }
  return header;
}

struct SignedHeader : Header {
  SignatureAlgorithm algorithm = SignatureAlgorithm::RS256;
};

Result<SignedHeader, JwsError> decode_signed_header(std::string_view segment) {
  auto header = decode_header(segment);
  if (!header) return refuse(header.error());
  const auto algorithm = algorithm_named(header->alg);
  if (!algorithm) return refuse(JwsError::unknown_algorithm);  // RFC 8725 3.1, 3.2: also "none"
  return SignedHeader{std::move(*header), *algorithm};
}

// RFC 7515 4.1.9: "application/" is left out where no other '/' appears.
std::string_view without_application(std::string_view typ) {
  constexpr std::string_view prefix = "application/";
  if (typ.size() <= prefix.size()) return typ;
  if (!ascii::equal_ignoring_case(typ.substr(0, prefix.size()), prefix)) return typ;
  const std::string_view rest = typ.substr(prefix.size());
  return rest.find('/') == std::string_view::npos ? rest : typ;
}

std::string sign_text(const crypto::PrivateKey& key, std::string_view kid, std::string_view typ,
                      std::string_view claims) {
  json::ObjectText header;
  header.add_text("alg", name_of(key.algorithm()));
  if (!kid.empty()) header.add_text("kid", kid);
  if (!typ.empty()) header.add_text("typ", typ);
  std::string token;
  token.reserve(512 + claims.size() * 4 / 3);  // header and signature are shorter than that
  append_base64url(token, std::move(header).take());
  token += '.';
  append_base64url(token, claims);
  const std::string signature = key.sign(token);
  token += '.';
  append_base64url(token, signature);
  return token;
}

}  // namespace

std::string_view name_of(JwsError error) {
  switch (error) {
    case JwsError::too_large:
      return "too_large";
    case JwsError::malformed:
      return "malformed";
    case JwsError::bad_base64url:
      return "bad_base64url";
    case JwsError::bad_json:
      return "bad_json";
    case JwsError::unknown_algorithm:
      return "unknown_algorithm";
    case JwsError::algorithm_not_allowed:
      return "algorithm_not_allowed";
    case JwsError::critical_header:
      return "critical_header";
    case JwsError::no_key:
      return "no_key";
    case JwsError::bad_signature:
      return "bad_signature";
  }
  return "unknown";
}

std::string sign_jwt(const crypto::PrivateKey& key, std::string_view kid, std::string_view typ,
                     const json::Object& claims) {
  return sign_text(key, kid, typ, json::write(claims));
}

std::string sign_jwt(const crypto::PrivateKey& key, std::string_view kid, std::string_view typ,
                     json::ObjectText claims) {
  return sign_text(key, kid, typ, std::move(claims).take());
}

Result<UnverifiedJwt, JwsError> parse_unverified(std::string_view token) {
  const auto segments = split_token(token);
  if (!segments) return refuse(segments.error());
  auto header = decode_signed_header(segments->header);
  if (!header) return refuse(header.error());
  auto claims = decode_object(segments->payload);
  if (!claims) return refuse(claims.error());
  if (!base64url_decode(segments->signature)) return refuse(JwsError::bad_base64url);
  return UnverifiedJwt{.unverified_header = std::move(header->object),
                       .unverified_claims = std::move(*claims),
                       .algorithm = header->algorithm,
                       .kid = std::move(header->kid)};
}

std::string unverified_kid(std::string_view token) {
  const auto parsed = parse_unverified(token);
  return parsed ? parsed->kid : "";
}

Result<VerifiedJwt, JwsError> verify_jwt(std::string_view token, const JwkSet& keys,
                                         const std::vector<SignatureAlgorithm>& allowed) {
  const auto segments = split_token(token);
  if (!segments) return refuse(segments.error());
  auto header = decode_signed_header(segments->header);
  if (!header) return refuse(header.error());
  if (std::ranges::count(allowed, header->algorithm) == 0) {
    return refuse(JwsError::algorithm_not_allowed);  // RFC 8725 3.1
  }
  const auto signature = base64url_decode(segments->signature);
  if (!signature) return refuse(JwsError::bad_base64url);
  auto candidates = keys.candidates(header->algorithm, header->kid);
  if (candidates.empty()) return refuse(JwsError::no_key);
  candidates.resize(std::min(candidates.size(), keys_tried_max));
  const bool good = std::ranges::any_of(candidates, [&](const crypto::PublicKey* key) {
    return key->verify(segments->signed_part, *signature);
  });
  if (!good) return refuse(JwsError::bad_signature);
  auto claims = decode_object(segments->payload);
  if (!claims) return refuse(claims.error());
  return VerifiedJwt{.header = std::move(header->object),
                     .claims = std::move(*claims),
                     .algorithm = header->algorithm,
                     .typ = std::move(header->typ)};
}

Result<ProvenJwt, JwsError> verify_mac_jwt(std::string_view token,
                                           const std::vector<MacSecret>& secrets) {
  const auto segments = split_token(token);
  if (!segments) return refuse(segments.error());
  auto header = decode_header(segments->header);
  if (!header) return refuse(header.error());
  // RFC 8725 3.1: not what the header asks for, but what a secret is for.
  if (header->alg != mac_algorithm) return refuse(JwsError::algorithm_not_allowed);
  const auto mac = base64url_decode(segments->signature);
  if (!mac) return refuse(JwsError::bad_base64url);
  bool is_good = false;
  for (const MacSecret& secret : secrets) {
    // RFC 8725 3.5; an empty secret would let everybody in.
    if (secret.reveal().size() < mac_secret_bytes_min) continue;
    const auto expected = crypto::hmac_sha256(secret.reveal(), segments->signed_part);
    is_good = crypto::constant_time_equal(expected, *mac) || is_good;
  }
  if (!is_good) return refuse(JwsError::bad_signature);
  auto claims = decode_object(segments->payload);
  if (!claims) return refuse(claims.error());
  return ProvenJwt{.claims = std::move(*claims), .typ = std::move(header->typ)};
}

std::string make_mac_jwt(const MacSecret& secret, std::string_view typ,
                         const json::Object& claims) {
  json::ObjectText header;
  header.add_text("alg", mac_algorithm);
  if (!typ.empty()) header.add_text("typ", typ);
  std::string token =
      base64url_encode(std::move(header).take()) + "." + base64url_encode(json::write(claims));
  const auto mac = crypto::hmac_sha256(secret.reveal(), token);
  return token + "." + base64url_encode(mac);
}

std::optional<json::Object> unverified_claims(std::string_view token) {
  const auto segments = split_token(token);
  if (!segments || !decode_header(segments->header)) return std::nullopt;
  auto claims = decode_object(segments->payload);
  if (!claims) return std::nullopt;
  return std::move(*claims);
}

bool typ_matches(std::string_view typ, std::string_view expected) {
  return ascii::equal_ignoring_case(without_application(typ), without_application(expected));
}

std::optional<std::int64_t> numeric_date(const json::Object& claims, std::string_view name) {
  constexpr std::int64_t seconds_max = std::int64_t{1} << 53;  // above it a double skips seconds
  const json::Value* value = claims.find(name);
  if (value == nullptr) return std::nullopt;
  if (const auto* integer = value->if_integer()) {
    if (*integer < 0 || *integer > seconds_max) return std::nullopt;
    return *integer;
  }
  const double* number = value->if_double();
  // Written so that a NaN is refused, and before the conversion, which is undefined out of range.
  if (number == nullptr || !(*number >= 0 && *number <= static_cast<double>(seconds_max))) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(std::floor(*number));
}

std::string half_hash(SignatureAlgorithm algorithm, std::string_view value) {
  std::string hash;
  switch (algorithm) {
    case SignatureAlgorithm::RS256:
    case SignatureAlgorithm::PS256:
    case SignatureAlgorithm::ES256:
      hash = crypto::sha256(value);
      break;
    case SignatureAlgorithm::ES384:
      hash = crypto::sha384(value);
      break;
    case SignatureAlgorithm::EdDSA:
      hash = crypto::sha512(value);
      break;
  }
  return base64url_encode(std::string_view(hash).substr(0, hash.size() / 2));
}

}  // namespace cardea::jose
