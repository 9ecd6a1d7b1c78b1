// The checks of an assertion, in the order of RFC 7523 3; see assertion.h.
#include "protocol/assertion.h"

#include <algorithm>
#include <utility>

#include "protocol/signing_algorithms.h"

namespace cardea {
namespace {

using Refused = AssertionRefusal;

constexpr std::size_t token_id_bytes_max = 256;

std::string quoted(const std::optional<std::string>& text) {
  return text ? "\"" + text->substr(0, 200) + "\"" : "absent or not a string";
}

// RFC 8725 3.11: no other kind of JWT passes for an assertion. Libraries write JWT or nothing.
bool is_assertion_typ(std::string_view typ, std::string_view own) {
  return typ.empty() || jose::typ_matches(typ, "JWT") || jose::typ_matches(typ, own);
}

// RFC 7523 3 item 3; decision Q13: a second audience would be another server that may replay it.
bool is_for_us(const json::Object& claims, const AssertionExpectations& expected) {
  const auto known = [&](const std::string& audience) {
    return std::ranges::find(expected.audiences, audience) != expected.audiences.end();
  };
  if (const auto one = json::string_member(claims, "aud")) return known(*one);
  // FAPI 2.0 Security Profile 5.3.2.1: accepted as a string only.
  if (expected.profile) return false;
  const auto several = json::strings_member(claims, "aud");
  return several && !several->empty() && std::ranges::all_of(*several, known);
}

// 1. iss; 2. sub.
std::optional<Refused> check_names(const json::Object& claims,
                                   const AssertionExpectations& expected) {
  const auto issuer = json::string_member(claims, "iss");
  if (issuer != expected.issuer) {
    return Refused{rfc7523("3"),
                   "iss is " + quoted(issuer) + ", expected \"" + expected.issuer + "\""};
  }
  const auto subject = json::string_member(claims, "sub");
  if (!subject || subject->empty()) return Refused{rfc7523("3"), "sub is absent or no text"};
  if (expected.subject && subject != expected.subject) {
    return Refused{rfc7523("3"),
                   "sub is " + quoted(subject) + ", expected \"" + *expected.subject + "\""};
  }
  return std::nullopt;
}

std::optional<Refused> check_times(const json::Object& claims,
                                   const AssertionExpectations& expected, Instant now) {
  const auto tolerance = expected.clock_tolerance.count;
  const auto at = now.unix_seconds();
  // 4. exp is required; a far one would fill the memory of used jti (8725-13).
  const auto exp = jose::numeric_date(claims, "exp");
  if (!exp) return Refused{rfc7523("3"), "exp is absent or not a NumericDate"};
  if (*exp + tolerance <= at) return Refused{rfc7523("3"), "expired"};
  if (*exp > at + expected.lifetime_max.count + tolerance) {
    return Refused{rfc7523("3"), "exp is further ahead than " +
                                     std::to_string(expected.lifetime_max.count) + " seconds"};
  }
  // 5. nbf, 6. iat: optional, but what is there must make sense.
  for (const auto* name : {"nbf", "iat"}) {
    if (!claims.contains(name)) continue;
    const auto date = jose::numeric_date(claims, name);
    if (!date) return Refused{rfc7523("3"), std::string(name) + " is not a NumericDate"};
    if (*date > at + tolerance) return Refused{rfc7523("3"), std::string(name) + " is ahead"};
  }
  return std::nullopt;
}

// What follows once it is known to be the issuer's own word.
Result<Assertion, AssertionRefusal> check_proven(jose::ProvenJwt jwt,
                                                 const AssertionExpectations& expected,
                                                 Instant now) {
  if (!is_assertion_typ(jwt.typ, expected.typ)) {
    return refuse(Refused{rfc8725("3.11"), "typ is " + jwt.typ.substr(0, 60)});
  }
  if (auto refused = check_names(jwt.claims, expected)) return refuse(*std::move(refused));
  if (!is_for_us(jwt.claims, expected)) {
    return refuse(Refused{rfc7523("3"), "aud is not the issuer alone"});
  }
  if (auto refused = check_times(jwt.claims, expected, now)) return refuse(*std::move(refused));
  // 7. jti: required here, because replay is refused.
  auto token_id = json::string_member(jwt.claims, "jti");
  if (!token_id || token_id->empty() || token_id->size() > token_id_bytes_max) {
    return refuse(Refused{rfc7523("3"), "jti is absent, empty or longer than 256 bytes"});
  }
  const auto expires_at =
      Instant::from_seconds(*jose::numeric_date(jwt.claims, "exp")) + expected.clock_tolerance;
  return Assertion{*std::move(token_id), expires_at, std::move(jwt.claims)};
}

}  // namespace

std::optional<std::string> unverified_text(std::string_view assertion, std::string_view claim) {
  const auto claims = jose::unverified_claims(assertion);
  if (!claims) return std::nullopt;
  return json::string_member(*claims, claim);
}

Result<Assertion, AssertionRefusal> check_assertion(std::string_view assertion,
                                                    const jose::JwkSet& keys,
                                                    const AssertionExpectations& expected,
                                                    Instant now) {
  // 9. The signature, by a key of the issuer's own.
  auto jwt =
      jose::verify_jwt(assertion, keys, accepted_algorithms(expected.profile, expected.algorithm));
  if (!jwt) return refuse(Refused{rfc7523("3"), std::string(jose::name_of(jwt.error()))});
  return check_proven({std::move(jwt->claims), std::move(jwt->typ)}, expected, now);
}

Result<Assertion, AssertionRefusal> check_assertion(std::string_view assertion,
                                                    const std::vector<jose::MacSecret>& secrets,
                                                    const AssertionExpectations& expected,
                                                    Instant now) {
  // 9. The MAC, by a secret of the issuer's own.
  auto jwt = jose::verify_mac_jwt(assertion, secrets);
  if (!jwt) return refuse(Refused{rfc7523("3"), std::string(jose::name_of(jwt.error()))});
  return check_proven(*std::move(jwt), expected, now);
}

}  // namespace cardea
