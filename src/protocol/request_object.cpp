// The checks of a request object; see request_object.h.
#include "protocol/request_object.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "jose/jws.h"
#include "protocol/signing_algorithms.h"

namespace cardea {
namespace {

using Refused = RequestObjectRefusal;

constexpr Seconds signed_request_life_max = hours(1);
constexpr std::size_t token_id_bytes_max = 256;

constexpr std::array<std::string_view, 7> claims_of_the_jwt{"iss", "aud", "exp", "nbf",
                                                            "iat", "jti", "sub"};

// RFC 9101 10.8: libraries write oauth-authz-req+jwt, JWT or nothing; everything else is another
// kind of JWT.
bool is_request_typ(std::string_view typ) {
  return typ.empty() || jose::typ_matches(typ, "JWT") ||
         jose::typ_matches(typ, "oauth-authz-req+jwt");
}

// RFC 9101 4: aud is the issuer, or a list that holds it.
bool is_for(const json::Object& claims, const std::string& issuer) {
  if (const auto one = json::string_member(claims, "aud")) return *one == issuer;
  const auto several = json::strings_member(claims, "aud");
  return several && std::ranges::find(*several, issuer) != several->end();
}

std::optional<Refused> check_parties(const json::Object& claims,
                                     const RequestObjectExpectations& expected) {
  if (json::string_member(claims, "iss") != expected.client_id) {
    return Refused{rfc9101("4"), "iss is not the client_id"};
  }
  if (!is_for(claims, expected.issuer)) return Refused{rfc9101("4"), "aud is not this issuer"};
  // CIBA Core 7.1.1 does not ask for it: the client has authenticated.
  const bool may_lack_client_id = expected.kind == RequestObjectKind::backchannel_authentication;
  if (!(may_lack_client_id && !claims.contains("client_id")) &&
      json::string_member(claims, "client_id") != expected.client_id) {
    return Refused{rfc9101("5"), "client_id is not the one of the request"};
  }
  // RFC 9101 10.8 (c): an assertion has the client as its subject, a request object has none.
  if (json::string_member(claims, "sub") == expected.client_id) {
    return Refused{rfc9101("10.8"), "sub is the client_id, as in a client assertion"};
  }
  for (const auto* name : {"request", "request_uri"}) {
    if (claims.contains(name)) {
      return Refused{rfc9101("4"), std::string(name) + " is in the object"};
    }
  }
  return std::nullopt;
}

// What a signature proves later has a narrow window of time: FAPI 2.0 Message Signing 5.3.1, and of
// every backchannel authentication request FAPI CIBA 5.2.2.
std::optional<Refused> check_window(const RequestObjectExpectations& expected,
                                    std::optional<std::int64_t> nbf,
                                    std::optional<std::int64_t> exp, std::int64_t at) {
  const bool is_backchannel = expected.kind == RequestObjectKind::backchannel_authentication;
  if (!is_backchannel && expected.profile != Profile::fapi2_message_signing) return std::nullopt;
  const auto spec = is_backchannel ? fapi_ciba("5.2.2") : fapi2_message_signing("5.3.1");
  if (!nbf) return Refused{spec, "nbf is absent"};
  if (!exp) return Refused{spec, "exp is absent"};
  const auto life_max = signed_request_life_max.count;
  if (*nbf < at - life_max) return Refused{spec, "nbf is more than 60 minutes ago"};
  if (*exp > *nbf + life_max) return Refused{spec, "exp is more than 60 minutes after nbf"};
  return std::nullopt;
}

std::optional<Refused> check_times(const json::Object& claims,
                                   const RequestObjectExpectations& expected, Instant now) {
  const auto tolerance = expected.clock_tolerance.count;
  const auto at = now.unix_seconds();
  for (const auto* name : {"exp", "nbf", "iat"}) {
    if (claims.contains(name) && !jose::numeric_date(claims, name)) {
      return Refused{rfc7519("4.1"), std::string(name) + " is not a NumericDate"};
    }
  }
  const auto exp = jose::numeric_date(claims, "exp");
  const auto nbf = jose::numeric_date(claims, "nbf");
  const auto iat = jose::numeric_date(claims, "iat");
  if (exp && *exp + tolerance <= at) return Refused{rfc7519("4.1.4"), "expired"};
  if (nbf && *nbf > at + tolerance) return Refused{rfc7519("4.1.5"), "nbf is ahead"};
  if (iat && *iat > at + tolerance) return Refused{rfc7519("4.1.6"), "iat is ahead"};
  return check_window(expected, nbf, exp, at);
}

// CIBA Core 7.1.1: iat and jti are required beside exp and nbf; the jti is what is taken once.
std::optional<Refused> name_use(const json::Object& claims,
                                const RequestObjectExpectations& expected, RequestObject& object) {
  if (expected.kind != RequestObjectKind::backchannel_authentication) return std::nullopt;
  if (!claims.contains("iat")) return Refused{ciba_core("7.1.1"), "iat is absent"};
  auto token_id = json::string_member(claims, "jti");
  if (!token_id || token_id->empty() || token_id->size() > token_id_bytes_max) {
    return Refused{ciba_core("7.1.1"), "jti is absent, empty or longer than 256 bytes"};
  }
  object.token_id = *std::move(token_id);
  object.expires_at =
      Instant::from_seconds(*jose::numeric_date(claims, "exp")) + expected.clock_tolerance;
  return std::nullopt;
}

// A member as the parameter's text; nothing when no parameter can be like that.
std::optional<std::string> text_of(const json::Value& value) {
  if (const auto* text = value.if_string()) return *text;
  if (const auto* number = value.if_integer()) return std::to_string(*number);
  if (value.if_object() != nullptr || value.if_array() != nullptr) return json::write(value);
  return std::nullopt;
}

bool is_of_the_jwt(std::string_view name) {
  return std::ranges::find(claims_of_the_jwt, name) != claims_of_the_jwt.end();
}

Result<ParameterPairs, Refused> parameters_of(const json::Object& claims) {
  ParameterPairs pairs;
  for (const auto& member : claims.members()) {
    if (is_of_the_jwt(member.name)) continue;
    const auto* list = member.name == "resource" ? member.value.if_array() : nullptr;
    if (list != nullptr) {
      for (const auto& each : *list) {
        if (each.if_string() == nullptr) {
          return refuse(Refused{rfc8707("2"), "resource holds something else than text"});
        }
        pairs.emplace_back(member.name, *each.if_string());
      }
      continue;
    }
    auto text = text_of(member.value);
    if (!text) return refuse(Refused{rfc9101("4"), "a member is neither text nor number nor JSON"});
    pairs.emplace_back(member.name, *std::move(text));
  }
  return pairs;
}

}  // namespace

Result<RequestObject, RequestObjectRefusal> check_request_object(
    std::string_view object, const jose::JwkSet& keys, const RequestObjectExpectations& expected,
    Instant now) {
  const auto jwt =
      jose::verify_jwt(object, keys, accepted_algorithms(expected.profile, expected.algorithm));
  if (!jwt) return refuse(Refused{rfc9101("6.2"), std::string(jose::name_of(jwt.error()))});
  if (!is_request_typ(jwt->typ)) {
    return refuse(Refused{rfc9101("10.8"), "typ is " + jwt->typ.substr(0, 60)});
  }
  if (auto refused = check_parties(jwt->claims, expected)) return refuse(*std::move(refused));
  if (auto refused = check_times(jwt->claims, expected, now)) return refuse(*std::move(refused));
  RequestObject read;
  if (auto refused = name_use(jwt->claims, expected, read)) return refuse(*std::move(refused));
  auto parameters = parameters_of(jwt->claims);
  if (!parameters) return refuse(std::move(parameters).error());
  read.parameters = *std::move(parameters);
  return read;
}

}  // namespace cardea
