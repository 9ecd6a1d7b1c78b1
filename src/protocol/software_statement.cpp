// The checks of a software statement; see software_statement.h.
#include "protocol/software_statement.h"

#include <algorithm>
#include <array>
#include <optional>

#include "jose/jws.h"

namespace cardea {
namespace {

const std::vector<jose::SignatureAlgorithm> algorithms{
    jose::SignatureAlgorithm::RS256, jose::SignatureAlgorithm::PS256,
    jose::SignatureAlgorithm::ES256, jose::SignatureAlgorithm::ES384,
    jose::SignatureAlgorithm::EdDSA};

constexpr std::array<std::string_view, 7> claims_of_the_jwt{"iss", "aud", "exp", "nbf",
                                                            "iat", "jti", "sub"};
constexpr std::int64_t clock_tolerance_seconds = 10;

OAuthError invalid(SpecRef spec, std::string reason) {
  return {.code = ErrorCode::invalid_software_statement,
          .rule = "CARDEA-REGISTER-020",
          .spec = spec,
          .description = "The software statement is not valid.",
          .reason = std::move(reason)};
}

OAuthError unapproved(const std::string& issuer) {
  return {.code = ErrorCode::unapproved_software_statement,
          .rule = "CARDEA-REGISTER-021",
          .spec = rfc7591("2.3"),
          .description = "The issuer of the software statement is not approved here.",
          .reason = "iss: " + issuer.substr(0, 200)};
}

// RFC 8725 3.11: another kind of JWT passes for no statement. RFC 7591 names no type.
bool is_statement_typ(std::string_view typ) {
  return typ.empty() || jose::typ_matches(typ, "JWT");
}

std::optional<OAuthError> check_times(const json::Object& claims, Instant now) {
  const auto at = now.unix_seconds();
  for (const auto* name : {"exp", "nbf", "iat"}) {
    if (claims.contains(name) && !jose::numeric_date(claims, name)) {
      return invalid(rfc7519("4.1"), std::string(name) + " is not a NumericDate");
    }
  }
  const auto exp = jose::numeric_date(claims, "exp");
  if (exp && *exp + clock_tolerance_seconds <= at) return invalid(rfc7519("4.1.4"), "expired");
  for (const auto* name : {"nbf", "iat"}) {
    const auto date = jose::numeric_date(claims, name);
    if (date && *date > at + clock_tolerance_seconds) {
      return invalid(rfc7519("4.1.5"), std::string(name) + " is ahead");
    }
  }
  return std::nullopt;
}

}  // namespace

Result<json::Object, OAuthError> check_software_statement(
    std::string_view statement, const std::vector<StatementIssuer>& issuers, Instant now) {
  const auto said = jose::parse_unverified(statement);
  if (!said) {
    return refuse(invalid(rfc7591("2.3"), std::string(jose::name_of(said.error()))));
  }
  // RFC 7591 2.3: a statement MUST say who issued it.
  const auto iss = json::string_member(said->unverified_claims, "iss");
  if (!iss) return refuse(invalid(rfc7591("2.3"), "iss is absent or not a string"));
  const auto issuer = std::ranges::find(issuers, *iss, &StatementIssuer::issuer);
  if (issuer == issuers.end()) return refuse(unapproved(*iss));
  const auto jwt = jose::verify_jwt(statement, issuer->keys, algorithms);
  if (!jwt) return refuse(invalid(rfc7591("2.3"), std::string(jose::name_of(jwt.error()))));
  if (!is_statement_typ(jwt->typ)) {
    return refuse(invalid(rfc8725("3.11"), "typ is " + jwt->typ.substr(0, 60)));
  }
  if (auto refused = check_times(jwt->claims, now)) return refuse(*std::move(refused));
  json::Object metadata;
  for (const auto& member : jwt->claims.members()) {
    if (std::ranges::find(claims_of_the_jwt, member.name) != claims_of_the_jwt.end()) continue;
    metadata.set(member.name, member.value);
  }
  return metadata;
}

}  // namespace cardea
