// Minting and reading access tokens; see access_token.h.
#include "server/tokens/access_token.h"

#include <utility>

#include "jose/jws.h"
#include "protocol/access_token_jwt.h"
#include "protocol/scope.h"
#include "server/tokens/choose_resources.h"
#include "server/tokens/fact_bytes.h"
#include "server/tokens/verified_tokens.h"

namespace cardea {
namespace {

constexpr std::string_view opaque_prefix = "at1_";

AccessToken mint_opaque(const Deps& deps, const AccessTokenFacts& facts) {
  FactWriter body;
  body.text(facts.token_id.value());
  body.text(facts.client_id.value());
  body.identifier(facts.subject);
  body.text(write_resources(facts.resources));
  body.words(facts.scopes);
  body.instant(facts.issued_at);
  body.instant(facts.expires_at);
  body.text(text_of(facts.confirmation));
  if (!facts.actor.empty() || !facts.authorization_details.empty()) {
    body.text(facts.actor);
    body.text(facts.authorization_details);
  }
  return AccessToken(std::string(opaque_prefix) +
                     deps.seals.seal(SealPurpose::access_token, body.take(), deps.random));
}

std::optional<AccessTokenFacts> read_opaque(const Deps& deps, std::string_view sealed) {
  const auto opened = deps.seals.open(SealPurpose::access_token, sealed);
  if (!opened) return std::nullopt;
  FactReader body(*opened);
  AccessTokenFacts facts;
  facts.token_id = TokenId(body.text());
  facts.client_id = ClientId(body.text());
  facts.subject = body.identifier();
  facts.resources = read_resources(body.text());
  facts.scopes = body.words();
  facts.issued_at = body.instant();
  facts.expires_at = body.instant();
  auto confirmation = confirmation_of(body.text());
  if (!body.complete()) {
    facts.actor = body.text();
    facts.authorization_details = body.text();
  }
  if (!body.complete() || !confirmation) return std::nullopt;
  facts.confirmation = *std::move(confirmation);
  return facts;
}

// RFC 9068 2.2: every required claim; about the person only how they signed in.
json::ObjectText jwt_claims(const Settings& settings, const AccessTokenFacts& facts) {
  json::ObjectText claims;
  add_token_claims(claims, settings, facts);
  if (facts.authentication) add_authentication_claims(claims, *facts.authentication);
  return claims;
}

// The `aud` members that are resources; the issuer is the other one (decision Q5).
std::vector<ResourceId> resources_in(const json::Object& claims, const std::string& issuer) {
  std::vector<ResourceId> resources;
  for (const auto& audience :
       json::strings_member(claims, "aud").value_or(std::vector<std::string>{})) {
    if (audience != issuer) resources.emplace_back(audience);
  }
  return resources;
}

std::string actor_in(const json::Object& claims) {
  const auto* actor = claims.find("act");
  const auto* object = actor == nullptr ? nullptr : actor->if_object();
  return object == nullptr ? "" : json::write(*object);
}

std::optional<AccessTokenFacts> verify(const Deps& deps, std::string_view text,
                                       const jose::JwkSet& keys) {
  const auto jwt = jose::verify_jwt(text, keys, deps.settings.signing_algorithms);
  // RFC 8725 3.11: our ID tokens are signed by the same keys and must not pass.
  if (!jwt || !jose::typ_matches(jwt->typ, access_token_jwt_typ)) return std::nullopt;
  const auto& claims = jwt->claims;
  if (json::string_member(claims, "iss") != deps.settings.issuer) return std::nullopt;
  const auto token_id = json::string_member(claims, "jti");
  const auto client_id = json::string_member(claims, "client_id");
  const auto subject = json::string_member(claims, "sub");
  const auto exp = jose::numeric_date(claims, "exp");
  const auto iat = jose::numeric_date(claims, "iat");
  auto scopes = parse_scope(json::string_member(claims, "scope").value_or(""));
  auto confirmation = read_confirmation(claims);
  if (!token_id || !client_id || !subject || !exp || !iat || !scopes || !confirmation) {
    return std::nullopt;
  }
  const json::Value* details = claims.find("authorization_details");
  return AccessTokenFacts{.token_id = TokenId(*token_id),
                          .client_id = ClientId(*client_id),
                          .subject = *subject,
                          .resources = resources_in(claims, deps.settings.issuer),
                          .scopes = *std::move(scopes),
                          .authorization_details = details ? json::write(*details) : "",
                          .issued_at = Instant::from_seconds(*iat),
                          .expires_at = Instant::from_seconds(*exp),
                          .authentication = std::nullopt,
                          .confirmation = *std::move(confirmation),
                          .actor = actor_in(claims)};
}

std::optional<AccessTokenFacts> read_jwt(const Deps& deps, std::string_view text) {
  const auto keys = deps.keys.verification_keys();
  if (auto known = deps.verified_tokens.find(text, keys)) return known;
  auto facts = verify(deps, text, *keys);
  if (facts) deps.verified_tokens.remember(text, keys, *facts);
  return facts;
}

}  // namespace

void add_token_claims(json::ObjectText& out, const Settings& settings,
                      const AccessTokenFacts& facts) {
  out.add_text("iss", settings.issuer);
  out.add_text("sub", facts.subject);
  out.add_texts("aud", audience_of(settings, facts.resources, facts.scopes));
  out.add_text("client_id", facts.client_id.value());
  out.add_number("exp", facts.expires_at.unix_seconds());
  out.add_number("iat", facts.issued_at.unix_seconds());
  out.add_text("jti", facts.token_id.value());
  if (!facts.scopes.empty()) out.add_text("scope", write_scope(facts.scopes));
  if (facts.confirmation.binds()) out.add("cnf", write_confirmation(facts.confirmation));
  if (!facts.actor.empty()) {  // RFC 8693 4.1
    out.add("act", json::parse_object(facts.actor).value_or(json::Object{}));
  }
  if (!facts.authorization_details.empty()) {  // RFC 9396 9.1 and 9.2
    const auto details = json::parse(facts.authorization_details);
    if (details) out.add("authorization_details", *details);
  }
}

void add_authentication_claims(json::ObjectText& out, const Authentication& authentication) {
  out.add_number("auth_time", authentication.auth_time.unix_seconds());
  if (!authentication.acr.empty()) out.add_text("acr", authentication.acr);
  if (!authentication.amr.empty()) out.add_texts("amr", authentication.amr);
}

TokenId new_token_id(const GrantId& grant_id, Random& random) {
  auto unique = new_identifier(random);
  return TokenId(grant_id.empty() ? unique : grant_id.value() + "." + unique);
}

GrantId grant_of(const TokenId& token_id) {
  const auto dot = token_id.value().find('.');
  if (dot == std::string::npos) return GrantId();
  return GrantId(token_id.value().substr(0, dot));
}

std::string token_type_of(const Confirmation& confirmation) {
  return confirmation.method == Confirmation::Method::jkt ? "DPoP" : "Bearer";
}

std::optional<AccessToken> mint_access_token(const Deps& deps, const AccessTokenFacts& facts) {
  const auto form = shared_form(deps.settings, facts.resources);
  if (!form) return std::nullopt;
  if (!form->signed_with) return mint_opaque(deps, facts);
  const auto key = deps.keys.signing_key(*form->signed_with);
  if (key == nullptr) return std::nullopt;
  return AccessToken(jose::sign_jwt(key->key, key->kid.value(), access_token_jwt_typ,
                                    jwt_claims(deps.settings, facts)));
}

std::optional<AccessTokenFacts> read_access_token(const Deps& deps, std::string_view text) {
  if (text.starts_with(opaque_prefix)) return read_opaque(deps, text.substr(opaque_prefix.size()));
  return read_jwt(deps, text);
}

}  // namespace cardea
