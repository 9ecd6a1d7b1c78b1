// The claims of the kinds of JWT we judge (security corpus 7.7, 1.12): access token, ID token,
// client assertion and request object, signed by a good key, against rules written down anew; no
// token passes for another kind by its typ. Input: a byte of the time, the typ line, then the
// claims.
#include <cmath>
#include <set>
#include <string>

#include "fuzz/bytes.h"
#include "fuzz/finding.h"
#include "fuzz/signing_keys.h"
#include "jose/jws.h"
#include "protocol/access_token_jwt.h"
#include "protocol/client_assertion.h"
#include "protocol/id_token.h"
#include "protocol/request_object.h"

namespace cardea::fuzz {
namespace {

constexpr std::int64_t clock_start = 1'800'000'000;
const std::string issuer = "https://id.example";
const std::string audience = "https://api.example";
const std::string client = "cA";

// The claims as a reference reads them.
class Claims {
 public:
  explicit Claims(const json::Object& claims) : claims_(claims) {}

  bool has(std::string_view name) const { return claims_.contains(name); }
  std::string text(std::string_view name) const {
    return json::string_member(claims_, name).value_or("");
  }
  // Rounded down; nothing where it is no date (RFC 7519 2).
  std::optional<std::int64_t> date(std::string_view name) const {
    const auto* value = claims_.find(name);
    if (value == nullptr) return std::nullopt;
    double number = -1;
    if (const auto* integer = value->if_integer()) number = static_cast<double>(*integer);
    if (const auto* real = value->if_double()) number = *real;
    if (!(number >= 0 && number <= 9007199254740992.0)) return std::nullopt;
    if (const auto* integer = value->if_integer()) return *integer;
    return static_cast<std::int64_t>(std::floor(number));
  }
  std::multiset<std::string> audiences() const {
    const auto* value = claims_.find("aud");
    if (value == nullptr) return {};
    if (const auto* one = value->if_string()) return {*one};
    const auto several = json::strings_member(claims_, "aud");
    if (!several) return {};
    return {several->begin(), several->end()};
  }
  bool absent_or_text(std::string_view name) const {
    const auto* value = claims_.find(name);
    return value == nullptr || value->if_string() != nullptr;
  }
  bool absent_or_not_after(std::string_view name, std::int64_t latest) const {
    return !has(name) || (date(name) && *date(name) <= latest);
  }

 private:
  const json::Object& claims_;
};

bool is_access_token(const Claims& claims, std::string_view typ, std::int64_t now) {
  const auto exp = claims.date("exp");
  const auto iat = claims.date("iat");
  return jose::typ_matches(typ, "at+jwt") && claims.text("iss") == issuer &&
         claims.audiences().contains(audience) && exp && now < *exp + 10 && iat &&
         *iat <= now + 10 && claims.absent_or_not_after("nbf", now + 10) &&
         !claims.text("sub").empty() && !claims.text("client_id").empty() &&
         !claims.text("jti").empty() && claims.absent_or_text("scope") && !claims.has("cnf");
}

bool is_id_token(const Claims& claims, std::string_view typ, std::int64_t now) {
  const auto exp = claims.date("exp");
  const auto iat = claims.date("iat");
  const auto audiences = claims.audiences();
  const auto sub = claims.text("sub");
  const bool is_ascii = sub.find_first_of("\x80") == sub.npos &&
                        std::ranges::all_of(sub, [](char c) { return (c & 0x80) == 0; });
  return (typ.empty() || jose::typ_matches(typ, "JWT")) && !claims.has("events") &&
         claims.text("iss") == issuer && !audiences.empty() &&
         audiences.count(client) == audiences.size() &&
         (claims.has("azp") ? claims.text("azp") == client : audiences.size() == 1) && exp &&
         now < *exp + 30 && iat && *iat <= now + 30 && now <= *iat + 630 &&
         claims.text("nonce") == "n" && claims.has("nonce") &&
         (!claims.has("auth_time") || claims.date("auth_time")) && !sub.empty() &&
         sub.size() <= 255 && is_ascii;
}

bool is_assertion(const Claims& claims, std::string_view typ, std::int64_t now) {
  const auto exp = claims.date("exp");
  const auto audiences = claims.audiences();
  const auto jti = claims.text("jti");
  return (typ.empty() || jose::typ_matches(typ, "JWT") ||
          jose::typ_matches(typ, "client-authentication+jwt")) &&
         claims.text("iss") == client && claims.text("sub") == client && !audiences.empty() &&
         audiences.count(issuer) == audiences.size() && exp && now < *exp + 10 &&
         *exp <= now + 3600 + 10 && claims.absent_or_not_after("nbf", now + 10) &&
         claims.absent_or_not_after("iat", now + 10) && !jti.empty() && jti.size() <= 256;
}

bool is_parameter(const json::Member& member) {
  if (member.name == "resource" && member.value.if_array() != nullptr) {
    return json::strings_member(json::Object{{"x", member.value}}, "x").has_value();
  }
  return member.value.if_string() != nullptr || member.value.if_integer() != nullptr ||
         member.value.if_object() != nullptr || member.value.if_array() != nullptr;
}

// What every request object has in common, whoever is asked by it.
bool is_object(const json::Object& all, std::string_view typ, std::int64_t now) {
  const Claims claims(all);
  const auto is_own = [](std::string_view name) {
    return std::set<std::string_view>{"iss", "aud", "exp", "nbf", "iat", "jti", "sub"}.contains(
        name);
  };
  const auto is_date = [&](std::string_view name) {
    return !claims.has(name) || claims.date(name);
  };
  return (typ.empty() || jose::typ_matches(typ, "JWT") ||
          jose::typ_matches(typ, "oauth-authz-req+jwt")) &&
         claims.text("iss") == client && claims.text("sub") != client &&
         claims.audiences().contains(issuer) && is_date("exp") &&
         (!claims.has("exp") || now < *claims.date("exp") + 10) &&
         claims.absent_or_not_after("nbf", now + 10) &&
         claims.absent_or_not_after("iat", now + 10) && !claims.has("request") &&
         !claims.has("request_uri") && std::ranges::all_of(all.members(), [&](const auto& member) {
           return is_own(member.name) || is_parameter(member);
         });
}

bool is_request_object(const json::Object& all, std::string_view typ, std::int64_t now) {
  return is_object(all, typ, now) && Claims(all).text("client_id") == client;
}

// CIBA Core 7.1.1, FAPI CIBA 5.2.2.
bool is_backchannel_request(const json::Object& all, std::string_view typ, std::int64_t now) {
  const Claims claims(all);
  const auto exp = claims.date("exp");
  const auto nbf = claims.date("nbf");
  const auto jti = claims.text("jti");
  return is_object(all, typ, now) &&
         (!claims.has("client_id") || claims.text("client_id") == client) && exp && nbf &&
         claims.date("iat") && *nbf >= now - 3600 && *exp <= *nbf + 3600 && !jti.empty() &&
         jti.size() <= 256;
}

}  // namespace

void jwt(std::string_view input) {
  Bytes bytes(input);
  const auto now = Instant::from_seconds(clock_start + bytes.byte() * 16 - 2048);
  const std::string typ(bytes.line());
  const auto claims = json::parse_object(bytes.rest());
  if (!claims) return;
  const json::Object header = typ.empty() ? json::Object{} : json::Object{{"typ", typ}};
  if (!json::parse_object(json::write(header))) return;  // typ is not UTF-8
  const auto token = jose::sign_jwt(signing_keys().keys[0], "k0", typ, *claims);
  if (token.size() > 8000) return;
  const auto& keys = signing_keys().set;
  const Claims read(*claims);
  const auto at = now.unix_seconds();
  expect(check_access_token_jwt(token, keys, {.issuer = issuer, .audience = audience}, now).ok() ==
             is_access_token(read, typ, at),
         "the reference judges the access token otherwise");
  const IdTokenExpectations id_token{.issuer = issuer,
                                     .client_id = client,
                                     .algorithms = {SignatureAlgorithm::ES256},
                                     .nonce = "n"};
  expect(check_id_token(token, keys, id_token, now).ok() == is_id_token(read, typ, at),
         "the reference judges the ID token otherwise");
  expect(check_client_assertion(token, keys, {.client_id = client, .issuer = issuer}, now).ok() ==
             is_assertion(read, typ, at),
         "the reference judges the client assertion otherwise");
  const auto object =
      check_request_object(token, keys, {.client_id = client, .issuer = issuer}, now);
  expect(object.ok() == is_request_object(*claims, typ, at),
         "the reference judges the request object otherwise");
  const auto backchannel =
      check_request_object(token, keys,
                           {.kind = RequestObjectKind::backchannel_authentication,
                            .client_id = client,
                            .issuer = issuer},
                           now);
  expect(backchannel.ok() == is_backchannel_request(*claims, typ, at),
         "the reference judges the backchannel request otherwise");
  expect(!(object.ok() || backchannel.ok()) || !is_assertion(read, typ, at),
         "an object that authenticates");
  expect(!jose::typ_matches(typ, "at+jwt") || !is_id_token(read, typ, at), "two kinds at once");
}

}  // namespace cardea::fuzz
