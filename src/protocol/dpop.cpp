// The checks of a DPoP proof; see dpop.h. RFC 9449 4.3, whose step numbers are kept.
#include "protocol/dpop.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/base64url.h"
#include "base/url.h"
#include "crypto/hash.h"
#include "jose/jws.h"
#include "protocol/signing_algorithms.h"

namespace cardea {
namespace {

using Refused = DpopRefusal;

constexpr std::size_t token_id_bytes_max = 256;
constexpr std::size_t nonce_bytes_max = 256;

Refused bad(std::string reason) {
  return {rfc9449("4.3"), std::move(reason)};
}

// RFC 3986 6.2.2 and 6.2.3 as far as RFC 9449 4.3 asks for them: scheme and host without case, the
// default port left out, an empty path as "/", query and fragment ignored.
std::optional<std::string> normalized(std::string_view text) {
  const auto colon = text.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  const auto parts =
      url::parse(ascii::lower(text.substr(0, colon)) + std::string(text.substr(colon)));
  if (!parts) return std::nullopt;
  return parts->origin() + (parts->path.empty() ? "/" : parts->path);
}

struct Signed {
  jose::VerifiedJwt jwt;
  std::string thumbprint;
};

// 2., 4. to 7.: a JWT of the right type, signed by the public key in its own header.
Result<Signed, Refused> check_signature(std::string_view proof, std::optional<Profile> profile) {
  const auto unverified = jose::parse_unverified(proof);
  if (!unverified) return refuse(bad(std::string(jose::name_of(unverified.error()))));
  const auto* jwk = unverified->unverified_header.find("jwk");
  if (jwk == nullptr || jwk->if_object() == nullptr) return refuse(bad("the header has no jwk"));
  // 7. A set with a private member is refused as a whole. The key is what counts: a certificate
  // that stands beside it is a stranger's and is not read.
  json::Object bare = *jwk->if_object();
  bare.erase("x5c");
  const auto keys = jose::JwkSet::parse(json::Object{{"keys", json::Array{std::move(bare)}}});
  if (!keys) return refuse(bad("jwk: " + keys.error()));
  const auto jwt = jose::verify_jwt(proof, *keys, dpop_algorithms(profile));
  if (!jwt) return refuse(bad(std::string(jose::name_of(jwt.error()))));
  if (!jose::typ_matches(jwt->typ, "dpop+jwt")) return refuse(bad("typ is not dpop+jwt"));
  auto thumbprint = jose::thumbprint(*jwk->if_object());
  if (!thumbprint) return refuse(bad("jwk: " + thumbprint.error()));
  return Signed{*jwt, *std::move(thumbprint)};
}

// 8. and 9.
std::optional<Refused> check_target(const json::Object& claims, const DpopExpectations& expected) {
  if (json::string_member(claims, "htm") != expected.method) {
    return bad("htm is not " + std::string(expected.method));
  }
  const auto htu = json::string_member(claims, "htu");
  const auto target = htu ? normalized(*htu) : std::nullopt;
  const bool is_alias = !expected.alias.empty() && target == normalized(expected.alias);
  if (!target || (target != normalized(expected.url) && !is_alias)) {
    return bad("htu is not " + std::string(expected.url));
  }
  return std::nullopt;
}

// 11.
std::optional<Refused> check_time(const json::Object& claims, const DpopExpectations& expected,
                                  Instant now) {
  const auto iat = jose::numeric_date(claims, "iat");
  if (!iat) return bad("iat is absent or not a NumericDate");
  const auto age = now.unix_seconds() - *iat;
  if (age > expected.age_max.count) {
    return bad("iat is " + std::to_string(age) + " seconds ago");
  }
  if (-age > expected.ahead_max.count) {
    return bad("iat is " + std::to_string(-age) + " seconds ahead");
  }
  return std::nullopt;
}

}  // namespace

std::vector<jose::SignatureAlgorithm> dpop_algorithms(std::optional<Profile> profile) {
  using enum jose::SignatureAlgorithm;
  std::vector algorithms{ES256, EdDSA, PS256, ES384};
  const auto& accepted = accepted_algorithms(profile);
  std::erase_if(algorithms,
                [&](auto each) { return std::ranges::find(accepted, each) == accepted.end(); });
  return algorithms;
}

std::string dpop_algorithm_names() {
  std::string list;
  for (const auto algorithm : dpop_algorithms()) {
    if (!list.empty()) list += ' ';
    list += jose::name_of(algorithm);
  }
  return list;
}

Result<DpopProof, DpopRefusal> check_dpop_proof(std::string_view proof,
                                                const DpopExpectations& expected, Instant now) {
  auto read = check_signature(proof, expected.profile);
  if (!read) return refuse(std::move(read).error());
  const auto& claims = read->jwt.claims;
  // 3. jti; htm, htu and iat with their own checks.
  const auto token_id = json::string_member(claims, "jti");
  if (!token_id || token_id->empty() || token_id->size() > token_id_bytes_max) {
    return refuse(bad("jti is absent, empty or longer than 256 bytes"));
  }
  if (auto refused = check_target(claims, expected)) return refuse(*std::move(refused));
  // 10. The nonce is looked at by whoever gave it.
  const auto nonce = json::string_member(claims, "nonce");
  if (claims.contains("nonce") && (!nonce || nonce->size() > nonce_bytes_max)) {
    return refuse(bad("nonce is not a short text"));
  }
  if (auto refused = check_time(claims, expected, now)) return refuse(*std::move(refused));
  // 12.
  if (expected.access_token &&
      json::string_member(claims, "ath") != access_token_hash(*expected.access_token)) {
    return refuse(bad("ath is not of this access token"));
  }
  const auto iat = *jose::numeric_date(claims, "iat");
  return DpopProof{.thumbprint = std::move(read->thumbprint),
                   .token_id = *token_id,
                   .nonce = nonce.value_or(""),
                   .usable_until = Instant::from_seconds(iat) + expected.age_max + Seconds{1}};
}

std::string access_token_hash(std::string_view access_token) {
  return base64url_encode(crypto::sha256(access_token));
}

bool is_thumbprint(std::string_view text) {
  const auto bytes = base64url_decode(text);
  return bytes && bytes->size() == 32;
}

}  // namespace cardea
