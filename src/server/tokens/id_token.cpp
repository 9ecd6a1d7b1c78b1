// ID tokens and the choice of claims; see id_token.h.
#include "server/tokens/id_token.h"

#include "jose/jws.h"
#include "protocol/claims_request.h"
#include "protocol/scope.h"
#include "server/tokens/subject.h"

namespace cardea {
namespace {

// Adds a claim that the user has; never null, never a name that we assert ourselves.
void release(json::Object& out, const json::Object& user_claims, const std::string& name) {
  const auto* value = user_claims.find(name);
  if (value == nullptr || value->is_null() || is_reserved_claim(name)) return;
  out.set(name, *value);
}

// OIDC Core 5.5: single claims asked for by name. What the scopes do not release was approved claim
// by claim before the code was issued (server/consent/consent_items.h, oidc-10).
void release_requested(json::Object& out, const User& user, std::string_view claims_request,
                       ClaimsTarget target) {
  if (claims_request.empty()) return;
  const auto request = parse_claims_request(claims_request);
  if (!request) return;
  const auto user_claims = user.claims.read();
  for (const auto& claim :
       target == ClaimsTarget::id_token ? request->id_token : request->userinfo) {
    // 5.5.1: a value that was not asked for is left out, and nothing is an error.
    const auto* value = user_claims.find(claim.name);
    if (value != nullptr && claim.admits(*value)) release(out, user_claims, claim.name);
  }
}

// OIDC Core 2, 3.1.3.6 and 3.3.2.11.
json::ObjectText asserted_claims(const Deps& deps, const IdTokenFacts& facts, Instant now) {
  const auto algorithm = facts.client.id_token_signed_response_alg;
  json::ObjectText claims;
  claims.add_text("iss", deps.settings.issuer);
  claims.add_text("sub", subject_of(deps.seals, facts.client, facts.user.user_id));
  claims.add_text("aud", facts.client.client_id.value());
  claims.add_number("exp", now.unix_seconds() + deps.settings.lifetimes.id_token.count);
  claims.add_number("iat", now.unix_seconds());
  claims.add_number("auth_time", facts.authentication.auth_time.unix_seconds());
  if (!facts.nonce.empty()) claims.add_text("nonce", facts.nonce);
  if (!facts.authentication.acr.empty()) claims.add_text("acr", facts.authentication.acr);
  if (!facts.authentication.amr.empty()) claims.add_texts("amr", facts.authentication.amr);
  if (!facts.session_id.empty()) {
    claims.add_text("sid", sid_of(deps.seals, facts.client, facts.session_id));
  }
  if (!facts.access_token.empty()) {
    claims.add_text("at_hash", jose::half_hash(algorithm, facts.access_token));
  }
  if (!facts.code.empty()) claims.add_text("c_hash", jose::half_hash(algorithm, facts.code));
  return claims;
}

}  // namespace

json::Object released_claims(const Settings& settings, const User& user,
                             const std::vector<std::string>& scopes,
                             std::string_view claims_request, ClaimsTarget target) {
  json::Object out;
  std::optional<json::Object> user_claims;  // not read when the scopes stand for no claims
  for (const auto& scope : scopes) {
    const auto at = settings.scopes.find(scope);
    if (at == settings.scopes.end() || at->second.claims.empty()) continue;
    if (!user_claims) user_claims = user.claims.read();
    for (const auto& claim : at->second.claims) release(out, *user_claims, claim);
  }
  release_requested(out, user, claims_request, target);
  return out;
}

std::string mint_id_token(const Deps& deps, const IdTokenFacts& facts, Instant now) {
  const auto key = deps.keys.signing_key(facts.client.id_token_signed_response_alg);
  ensure(key != nullptr);
  ensure(facts.recipient.has_value() == is_encrypted(facts.client, ClientAnswer::id_token));
  auto claims = asserted_claims(deps, facts, now);
  json::Object about_user;
  if (facts.client.id_token_claims == IdTokenClaims::scopes) {
    about_user = released_claims(deps.settings, facts.user, facts.scopes, facts.claims_request,
                                 ClaimsTarget::id_token);
  } else {
    // Decision Q4, "minimal": only what the `claims` parameter names.
    release_requested(about_user, facts.user, facts.claims_request, ClaimsTarget::id_token);
  }
  // None of these is a name that we assert: release() leaves those out.
  for (const auto& member : about_user.members()) claims.add(member.name, member.value);
  auto signed_token = jose::sign_jwt(key->key, key->kid.value(), "JWT", std::move(claims));
  if (!facts.recipient) return signed_token;
  return encrypt_to(*facts.recipient, signed_token, "JWT", deps.random);
}

}  // namespace cardea
