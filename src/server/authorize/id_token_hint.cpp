// Reading an id_token_hint; see id_token_hint.h.
#include "server/authorize/id_token_hint.h"

#include "jose/jws.h"

namespace cardea {
namespace {

using crypto::SignatureAlgorithm;

std::vector<std::string> audience_of(const json::Object& claims) {
  if (const auto one = json::string_member(claims, "aud")) return {*one};
  return json::strings_member(claims, "aud").value_or(std::vector<std::string>{});
}

}  // namespace

HintReading read_id_token_hint(std::string_view text, const jose::JwkSet& our_keys,
                               std::string_view issuer, Instant now) {
  const auto jwt = jose::verify_jwt(
      text, our_keys,
      {SignatureAlgorithm::RS256, SignatureAlgorithm::PS256, SignatureAlgorithm::ES256,
       SignatureAlgorithm::ES384, SignatureAlgorithm::EdDSA});
  if (!jwt) return refuse("not signed by us: " + std::string(jose::name_of(jwt.error())));
  // RFC 8725 3.11: what is typed as something else is not an ID token.
  if (!jwt->typ.empty() && !jose::typ_matches(jwt->typ, "JWT")) {
    return refuse("it is typed " + jwt->typ);
  }
  const auto says_issuer = json::string_member(jwt->claims, "iss");
  if (says_issuer != issuer) return refuse(std::string("iss is not this issuer"));
  const auto subject = json::string_member(jwt->claims, "sub");
  const auto expires = jose::numeric_date(jwt->claims, "exp");
  if (!subject || subject->empty() || !expires) return refuse(std::string("sub or exp is missing"));
  return IdTokenHint{.subject = *subject,
                     .session_id = json::string_member(jwt->claims, "sid").value_or(""),
                     .audience = audience_of(jwt->claims),
                     .expired = Instant::from_seconds(*expires) <= now};
}

}  // namespace cardea
