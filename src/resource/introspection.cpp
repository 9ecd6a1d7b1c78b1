// Token introspection; see introspection.h.
#include "resource/introspection.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/base64url.h"
#include "base/url.h"
#include "http/form.h"
#include "jose/jws.h"

namespace cardea::resource {
namespace {

Refusal<IntrospectionRefusal> bad_token(std::string reason) {
  return refuse(IntrospectionRefusal{IntrospectionRefusal::Kind::token, std::move(reason)});
}

Refusal<IntrospectionRefusal> bad_surroundings(std::string reason) {
  return refuse(IntrospectionRefusal{IntrospectionRefusal::Kind::surroundings, std::move(reason)});
}

std::vector<std::string> audience_of(const json::Object& claims) {
  if (auto one = json::string_member(claims, "aud")) return {*one};
  return json::strings_member(claims, "aud").value_or(std::vector<std::string>());
}

// What an active answer must say for the token to be good here. "" when it is.
std::string defect_of(const json::Object& claims, const IntrospectionExpectations& expected,
                      Instant now) {
  // iss is optional (RFC 7662 2.2): the endpoint is the issuer's own.
  if (claims.contains("iss") && json::string_member(claims, "iss") != expected.issuer)
    return "iss is another issuer";
  const auto audience = audience_of(claims);
  if (std::ranges::find(audience, expected.audience) == audience.end())
    return "aud is \"" + ascii::join(audience, " ") + "\", expected \"" + expected.audience + "\"";
  const auto type = json::string_member(claims, "token_type");
  const auto confirmation = read_confirmation(claims);
  if (!confirmation || (confirmation->binds() && *confirmation != expected.proven))
    return "it is bound (cnf) to what the request does not prove";
  const bool is_dpop = confirmation->method == Confirmation::Method::jkt;
  if (type && !ascii::equal_ignoring_case(*type, is_dpop ? "DPoP" : "Bearer"))
    return "token_type is neither Bearer nor, with a key, DPoP";
  for (const std::string_view name : {"exp", "nbf"}) {
    if (claims.contains(name) && !jose::numeric_date(claims, name))
      return std::string(name) + " is not a date";
  }
  const auto exp = jose::numeric_date(claims, "exp");
  if (exp && now >= Instant::from_seconds(*exp) + expected.clock_tolerance) return "it has expired";
  const auto nbf = jose::numeric_date(claims, "nbf");
  if (nbf && Instant::from_seconds(*nbf) > now + expected.clock_tolerance)
    return "it is not valid yet";
  return "";
}

}  // namespace

http::OutgoingRequest build_introspection(std::string_view endpoint,
                                          const IntrospectionCredentials& credentials,
                                          const AccessToken& token) {
  // RFC 6749 2.3.1
  const std::string pair =
      url::form_encode(credentials.client_id) + ":" + url::form_encode(credentials.secret.reveal());
  return {.method = "POST",
          .url = std::string(endpoint),
          .headers = {{"Authorization", "Basic " + base64_encode(pair)},
                      {"Content-Type", "application/x-www-form-urlencoded"},
                      {"Accept", "application/json"}},
          .body = http::write_form(
              {{"token", std::string(token.reveal())}, {"token_type_hint", "access_token"}})};
}

Result<IntrospectedToken, IntrospectionRefusal> process_introspection(
    const IntrospectionExpectations& expected, const http::Response& response, Instant now) {
  if (response.status != 200)
    return bad_surroundings("introspection answered with status " +
                            std::to_string(response.status));
  auto claims = json::parse_object(response.body);
  if (!claims) return bad_surroundings("introspection answered no JSON object");
  // RFC 7662 2.2
  const auto active = json::bool_member(*claims, "active");
  if (!active) return bad_surroundings("introspection answered no boolean \"active\"");
  if (!*active) return bad_token("the issuer says that it is not active");
  if (auto defect = defect_of(*claims, expected, now); !defect.empty())
    return bad_token(std::move(defect));
  IntrospectedToken token{
      .subject = json::string_member(*claims, "sub").value_or(""),
      .client_id = json::string_member(*claims, "client_id").value_or(""),
      .scope = ascii::words(json::string_member(*claims, "scope").value_or(""))};
  if (const auto exp = jose::numeric_date(*claims, "exp"))
    token.expires_at = Instant::from_seconds(*exp);
  token.confirmation = read_confirmation(*claims).value_or(Confirmation{});
  token.claims = std::move(*claims);
  return token;
}

}  // namespace cardea::resource
