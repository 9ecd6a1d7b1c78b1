// Assertions of trusted issuers as grants (RFC 7523 2.1 and 3). Who is trusted, for whom and for
// how much is configuration. The grant's id is made of issuer and jti, so the write that begins it
// also remembers the assertion: a second use is a replay and revokes what the first gave.
#include <algorithm>
#include <utility>

#include "base/base64url.h"
#include "crypto/hash.h"
#include "jose/jws.h"
#include "protocol/assertion.h"
#include "protocol/scope.h"
#include "server/grants/begin_grant.h"
#include "server/tokens/choose_resources.h"

namespace cardea::grants {
namespace {

constexpr std::size_t identifier_bytes = 16;

JsonRefusal bad(SpecRef spec, std::string reason, std::string_view rule = "CARDEA-BEARER-003") {
  return invalid_grant(rule, spec, std::move(reason),
                       "Let the trusted issuer sign a fresh assertion: aud our issuer, exp near, a "
                       "new jti.");
}

// Who may assert what to whom; nothing that we signed is ever taken (decision Q5).
Result<const TrustedIssuer*, JsonRefusal> find_issuer(const Settings& settings,
                                                      const Client& client,
                                                      std::string_view assertion) {
  const auto name = unverified_text(assertion, "iss");
  if (!name) return refuse(bad(rfc7523("3"), "the assertion is no JWT with an iss"));
  const auto* issuer = *name == settings.issuer ? nullptr : settings.find_trusted_issuer(*name);
  if (issuer == nullptr) {
    return refuse(bad(rfc7521("5.2"), "not trusted: " + name->substr(0, 200), "CARDEA-BEARER-001"));
  }
  if (std::ranges::find(issuer->clients, client.client_id) == issuer->clients.end()) {
    return refuse(bad(cardea_policy("Q5"),
                      "client " + client.client_id.value() + " may not present it",
                      "CARDEA-BEARER-002"));
  }
  return issuer;
}

// The login that the assertion means; nothing when it may mean nobody of ours.
std::optional<std::string> login_of(const TrustedIssuer& issuer, const json::Object& claims) {
  const auto word = json::string_member(claims, issuer.subject_claim);
  if (!word) return std::nullopt;
  if (issuer.subjects.empty()) return canonical_login(*word);
  const auto mapped = issuer.subjects.find(*word);
  if (mapped == issuer.subjects.end()) return std::nullopt;
  return canonical_login(mapped->second);
}

// RFC 6749 3.3: within what the client is registered for and the issuer may give. No refresh token
// can carry offline_access here.
Result<std::vector<std::string>, JsonRefusal> chosen_scopes(const Client& client,
                                                            const TrustedIssuer& issuer,
                                                            const RawParameters& parameters) {
  const auto most = without(narrowed(client.scope, issuer.scopes), "offline_access");
  const auto text = parameters.find("scope");
  if (!text) return without(most, "openid");
  const auto requested = parse_scope(*text);
  if (requested && is_within(without(*requested, "offline_access"), most)) {
    return without(*requested, "offline_access");
  }
  return refuse(JsonRefusal{
      .error = {.code = ErrorCode::invalid_scope,
                .rule = "CARDEA-BEARER-004",
                .spec = rfc7521("4.1"),
                .description = "The scope is not one this assertion can give the client.",
                .reason = "at most: " + write_scope(most) +
                          (requested ? "; requested: " + write_scope(*requested)
                                     : "; requested: " + std::string(name_of(requested.error())))},
      .fix = "Register the scope with the client and with the trusted issuer.",
      .headers = {}});
}

// Other kinds of one-time values, and other issuers, cannot collide with it (security corpus B04).
GrantId grant_id_of(const TrustedIssuer& issuer, const Assertion& assertion) {
  std::string text = "jwt_bearer";
  text.push_back('\0');
  text.append(issuer.issuer).push_back('\0');
  text.append(assertion.token_id);
  return GrantId(base64url_encode(crypto::sha256(text).substr(0, identifier_bytes)));
}

// RFC 7523 3: what the assertion says of when the person proved who they are, never later than now.
Authentication authentication_of(const json::Object& claims, Instant now) {
  const auto said = jose::numeric_date(claims, "auth_time");
  const auto at = std::min(said.value_or(now.unix_seconds()), now.unix_seconds());
  return {.auth_time = Instant::from_seconds(at), .acr = {}, .amr = {}};
}

Approved approved_by(const TrustedIssuer& issuer, const Assertion& assertion, const User& user,
                     Instant now) {
  return {.grant = {.grant_id = grant_id_of(issuer, assertion),
                    .user_id = user.user_id,
                    .security_version = user.security_version,
                    .client_id = {},
                    .session_id = {},
                    .consent_id = {},  // the operator's trust stands for it
                    .session_binding = SessionBinding::outlives_session,
                    .scopes = {},
                    .resources = {},
                    .authentication = authentication_of(assertion.claims, now),
                    .claims_request = {},
                    .code_expires_at = assertion.expires_at},
          .registered_redirect_uri = std::nullopt,
          .session_rule = store::BeginGrant::SessionRule::may_have_ended,
          // RFC 7521 4.1: the assertion stands for it.
          .refresh_tokens = RefreshTokens::never,
          .has_sign_in = false};
}

}  // namespace

Task<Exchanged> jwt_bearer(const Deps& deps, Exchange& exchange, const RawParameters& parameters,
                           const AuthenticatedClient& caller) {
  const auto& client = caller.client();
  if (caller.method() == ClientAuthMethod::none) {
    co_return refuse(JsonRefusal{.error = {.code = ErrorCode::unauthorized_client,
                                           .rule = "CARDEA-BEARER-005",
                                           .spec = rfc7523("2.1"),
                                           .description = "A public client cannot use assertions.",
                                           .reason = "client " + client.client_id.value()},
                                 .fix = {},
                                 .headers = {}});
  }
  const auto text = parameters.find("assertion");
  if (!text) {
    co_return refuse(missing_parameter("CARDEA-BEARER-000", rfc7523("2.1"),
                                       "The assertion parameter is missing."));
  }
  const auto found = find_issuer(deps.settings, client, *text);
  if (!found) co_return refuse(found.error());
  const TrustedIssuer& issuer = **found;
  const auto keys = jose::JwkSet::parse(issuer.jwks);
  if (!keys) co_return refuse(bad(rfc7523("3"), "the issuer's jwks: " + keys.error()));
  const auto assertion =
      check_assertion(*text, *keys,
                      {.issuer = issuer.issuer,
                       .subject = std::nullopt,
                       .audiences = {deps.settings.issuer, deps.settings.endpoint("/token")},
                       .typ = "authorization-grant+jwt",
                       .lifetime_max = issuer.assertion_lifetime_max},
                      exchange.now);
  if (!assertion) co_return refuse(bad(assertion.error().spec, assertion.error().reason));
  const auto scopes = chosen_scopes(client, issuer, parameters);
  if (!scopes) co_return refuse(scopes.error());
  const auto requested = parameters.all("resource");
  auto resources =
      choose_token_resources(deps.settings, client, {.requested = requested, .scopes = *scopes});
  if (!resources) {
    co_return refuse(JsonRefusal{.error = std::move(resources).error(), .fix = {}, .headers = {}});
  }
  const auto login = login_of(issuer, assertion->claims);
  if (!login) co_return refuse(bad(rfc7523("3"), "it means nobody of ours", "CARDEA-BEARER-006"));
  const auto user = co_await deps.store.find_user_by_login(*login);
  if (!user) co_return refuse(unavailable(deps, exchange, user.error()));
  if (!*user) co_return refuse(bad(rfc7523("3"), "it means no user", "CARDEA-BEARER-006"));
  exchange.pass("CARDEA-BEARER-003", rfc7523("3"), "the assertion of ", issuer.issuer, " is good");
  auto approved = approved_by(issuer, *assertion, **user, exchange.now);
  approved.grant.scopes = *scopes;
  approved.grant.resources = *std::move(resources);
  co_return co_await begin_grant(deps, exchange, std::move(approved), client, parameters);
}

}  // namespace cardea::grants
