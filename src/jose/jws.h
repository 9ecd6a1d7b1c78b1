// Compact JWS (RFC 7515) and JWT bodies (RFC 7519), under RFC 8725: the algorithm is fixed by the
// caller's keys, `crit` is refused, header hints (jku, jwk, x5u, x5c) are ignored data, members
// must be unique.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/secret.h"
#include "jose/jwk.h"

namespace cardea::jose {

enum class JwsError {
  too_large,
  malformed,
  bad_base64url,
  bad_json,
  unknown_algorithm,
  algorithm_not_allowed,
  critical_header,
  no_key,
  bad_signature
};
std::string_view name_of(JwsError error);

// Signs. The header holds alg, kid and typ, e.g. "at+jwt"; an empty kid or typ is left out.
std::string sign_jwt(const crypto::PrivateKey& key, std::string_view kid, std::string_view typ,
                     const json::Object& claims);
std::string sign_jwt(const crypto::PrivateKey& key, std::string_view kid, std::string_view typ,
                     json::ObjectText claims);

// What a token says before anything is proven. Only for choosing keys and for showing to people.
struct UnverifiedJwt {
  json::Object unverified_header;
  json::Object unverified_claims;
  SignatureAlgorithm algorithm = SignatureAlgorithm::RS256;
  std::string kid;  // "" when absent
};
Result<UnverifiedJwt, JwsError> parse_unverified(std::string_view token);
// Which key it names for its signature; "" for none, or when it is no JWT.
std::string unverified_kid(std::string_view token);

struct VerifiedJwt {
  json::Object header;
  json::Object claims;
  SignatureAlgorithm algorithm = SignatureAlgorithm::RS256;
  std::string typ;  // as sent, "" when absent
};
// Verifies with the keys of `keys` whose algorithm is in `allowed`. Only signature and form are
// checked here; claims are checked by protocol/ (id_token, access_token_jwt, client_assertion).
Result<VerifiedJwt, JwsError> verify_jwt(std::string_view token, const JwkSet& keys,
                                         const std::vector<SignatureAlgorithm>& allowed);

// HS256 (RFC 7518 3.2): a MAC under a secret that both sides hold. A way of its own beside
// verify_jwt: here only secrets are tried and there only keys, so that no public key can be taken
// for a secret, whatever a header says (RFC 8725 2.1).
inline constexpr std::string_view mac_algorithm = "HS256";
inline constexpr std::size_t mac_secret_bytes_min = 32;  // RFC 7518 3.2: as long as the hash
using MacSecret = Secret<struct MacSecretTag>;

// What is left to say of a JWT that somebody was proven to have made.
struct ProvenJwt {
  json::Object claims;
  std::string typ;  // as sent, "" when absent
};
// Verifies with any of the secrets; one that is too short counts for nothing. kid is not looked at.
// Only MAC and form are checked here.
Result<ProvenJwt, JwsError> verify_mac_jwt(std::string_view token,
                                           const std::vector<MacSecret>& secrets);
// With the header alg and, unless empty, typ.
std::string make_mac_jwt(const MacSecret& secret, std::string_view typ, const json::Object& claims);
// The claims of a JWT of either kind, before anything is proven; nothing when it is none.
std::optional<json::Object> unverified_claims(std::string_view token);

// Whether `typ` equals `expected` under RFC 7515 4.1.9: case-insensitive, "application/" may be
// left out.
bool typ_matches(std::string_view typ, std::string_view expected);

// A NumericDate (RFC 7519 2) as whole seconds: integers and fractions (rounded down) between 0 and
// 2^53. Strings, negative, non-finite and larger numbers give nothing.
std::optional<std::int64_t> numeric_date(const json::Object& claims, std::string_view name);

// left-most half of the hash of `value`, base64url: at_hash and c_hash (OIDC
// Core 3.1.3.6, 3.3.2.11). EdDSA uses SHA-512.
std::string half_hash(SignatureAlgorithm algorithm, std::string_view value);

}  // namespace cardea::jose
