// The guard; see guard.h. Rules about tokens are in protocol/access_token_jwt.h and
// introspection.h.
#include "resource/guard.h"

#include <algorithm>
#include <exception>

#include "base/ascii.h"
#include "base/url.h"
#include "jose/jws.h"

namespace cardea::resource {
namespace {

// Keys and verdicts must come over TLS; plain http only where no network is crossed.
bool is_protected(std::string_view url) {
  const auto parts = url::parse(url);
  return parts && (parts->scheme == "https" || url::is_loopback_host(parts->host));
}

// A transport is the app's own code: what it throws becomes a value here.
Result<http::Response, std::string> send(const http::Transport& transport,
                                         const http::OutgoingRequest& request) {
  try {
    auto answer = transport(request);
    if (!answer) return refuse(answer.error().reason);
    return std::move(*answer);
  } catch (const std::exception& thrown) {
    return refuse(std::string(thrown.what()));
  } catch (...) {
    return refuse(std::string("the transport threw"));
  }
}

// RFC 8705 3: what a token that comes as a bearer token may be bound to.
Confirmation certificate_of(const http::Request& request) {
  if (request.client_certificates.empty()) return {};
  return confirmation_of_certificate(request.client_certificates.front());
}

}  // namespace

bool Permit::has_scope(std::string_view name) const {
  return std::ranges::find(scope, name) != scope.end();
}

Guard::Guard(GuardOptions options, http::Transport transport, const Clock& clock)
    : options_(std::move(options)),
      transport_(std::move(transport)),
      clock_(clock),
      challenger_(options_.realm, options_.resource_metadata),
      keys_([this](std::string_view etag) { return fetch_keys(etag); }, options_.keys) {
  ensure(!options_.issuer.empty() && !options_.resource.empty());
}

Result<Permit, Challenge> Guard::check(const http::Request& request) {
  return check_token(request, challenger_);
}

Result<Permit, Challenge> Guard::check_token(const http::Request& request,
                                             const Challenger& challenger) {
  const auto found = find_access_token(request, challenger, options_.form_body);
  if (!found) return refuse(found.error());
  if (found->by_dpop) return judge_bound(request, found->token, challenger);
  auto permit = judge(found->token, certificate_of(request), challenger);
  if (permit && options_.require_bound_tokens && !permit->confirmation.binds())
    return refuse(
        challenger.for_dpop().invalid_token("a bearer token where bound ones are needed"));
  return permit;
}

// RFC 9449 7.1: the scheme is for tokens that are bound to a key, and comes with a proof of it.
Result<Permit, Challenge> Guard::judge_bound(const http::Request& request, const AccessToken& token,
                                             const Challenger& unbound) {
  const auto challenger = unbound.for_dpop();
  // A scheme that this API does not take is as good as none (RFC 6750 3.1).
  if (options_.public_origin.empty())
    return refuse(unbound.no_token("DPoP, and public_origin is not set: no proof can be judged"));
  const Instant now = clock_.now();
  const auto url = options_.public_origin + std::string(request.path());
  const auto proof = find_proof(request, url, token.reveal(), now);
  if (!proof) return refuse(challenger.invalid_token(proof.error()));
  auto permit = judge(token, {Confirmation::Method::jkt, proof->thumbprint}, unbound);
  if (!permit) {
    auto refused = std::move(permit).error();
    if (refused.status == 401) refused = challenger.invalid_token(std::move(refused.reason));
    return refuse(std::move(refused));
  }
  if (!permit->confirmation.binds())
    return refuse(challenger.invalid_token("a token bound to no key came as DPoP"));
  // The last check, because it remembers: only who holds a good token can fill the memory.
  if (!used_proofs_.use(*proof, now))
    return refuse(challenger.invalid_token("the proof was used before"));
  return permit;
}

Result<Permit, Challenge> Guard::judge(const AccessToken& token, const Confirmation& proven,
                                       const Challenger& challenger) {
  const auto& introspection = options_.introspection;
  if (!introspection) return judge_jwt(token, proven, challenger);
  if (introspection->of == Introspection::Of::all_tokens)
    return introspect(token, proven, challenger);
  return jose::parse_unverified(token.reveal()) ? judge_jwt(token, proven, challenger)
                                                : introspect(token, proven, challenger);
}

Result<Permit, Challenge> Guard::check(const http::Request& request,
                                       const std::vector<std::string>& needed_scope) {
  auto permit = check_token(request, challenger_.for_scope(needed_scope));
  if (!permit) return permit;
  return require_scope(std::move(*permit), needed_scope);
}

Result<Permit, Challenge> Guard::require_scope(Permit permit,
                                               const std::vector<std::string>& needed_scope) const {
  for (const auto& name : needed_scope) {
    if (!permit.has_scope(name)) {
      return refuse(challenger_for(permit).insufficient_scope(needed_scope,
                                                              "the token lacks the scope " + name));
    }
  }
  return permit;
}

// RFC 9449 7.1: who came with DPoP is told in its words, whatever is missing.
Challenger Guard::challenger_for(const Permit& permit) const {
  const auto& proven = permit.confirmation;
  const bool is_dpop = proven.binds() && proven.method == Confirmation::Method::jkt;
  return is_dpop ? challenger_.for_dpop() : challenger_;
}

Result<Permit, Challenge> Guard::require_authentication(Permit permit,
                                                        const NeededAuthentication& needed) const {
  // RFC 9470 6: `acr` and `auth_time` of the token, or of the introspection answer.
  const auto acr = json::string_member(permit.claims, "acr");
  const bool reached =
      needed.acr_values.empty() ||
      (acr && std::ranges::find(needed.acr_values, *acr) != needed.acr_values.end());
  if (!reached) {
    return refuse(challenger_for(permit).insufficient_authentication(
        needed, "acr is " + acr.value_or("absent") + ", one of " +
                    ascii::join(needed.acr_values, " ") + " is needed"));
  }
  if (!needed.max_age) return permit;
  const auto auth_time = json::integer_member(permit.claims, "auth_time");
  const Instant now = clock_.now();
  const bool is_new =
      auth_time && *auth_time >= 0 &&
      *auth_time <= (now + options_.clock_tolerance).unix_seconds() &&
      *auth_time >= (now - *needed.max_age - options_.clock_tolerance).unix_seconds();
  if (is_new) return permit;
  return refuse(challenger_for(permit).insufficient_authentication(
      needed, "auth_time is " + (auth_time ? std::to_string(*auth_time) : "absent") + ", now is " +
                  std::to_string(now.unix_seconds())));
}

Result<Permit, Challenge> Guard::judge_jwt(const AccessToken& token, const Confirmation& proven,
                                           const Challenger& challenger) {
  const auto unverified = jose::parse_unverified(token.reveal());
  if (!unverified) {
    return refuse(challenger.invalid_token("the token is no JWT: " +
                                           std::string(jose::name_of(unverified.error()))));
  }
  // Whose token it claims to be is looked at before keys are fetched for it.
  if (json::string_member(unverified->unverified_claims, "iss") != options_.issuer)
    return refuse(challenger.invalid_token("iss is another issuer"));
  const Instant now = clock_.now();
  const auto keys = keys_.keys_for(now, unverified->kid);
  if (!keys) return refuse(challenger.unavailable("keys: " + keys.error()));
  const auto verified = check_access_token_jwt(token.reveal(), **keys,
                                               {.issuer = options_.issuer,
                                                .audience = options_.resource,
                                                .algorithms = options_.algorithms,
                                                .clock_tolerance = options_.clock_tolerance,
                                                .proven = proven},
                                               now);
  if (!verified) {
    const auto& refusal = verified.error();
    return refuse(challenger.invalid_token(std::string(name_of(refusal.rule)) + " (" +
                                           refusal.spec.text() + "): " + refusal.reason));
  }
  return Permit{.subject = verified->subject(),
                .client_id = verified->client_id(),
                .scope = verified->scope(),
                .expires_at = verified->expires_at(),
                .confirmation = verified->confirmation(),
                .claims = verified->claims()};
}

Result<Permit, Challenge> Guard::introspect(const AccessToken& token, const Confirmation& proven,
                                            const Challenger& challenger) {
  const auto issuer = metadata();
  if (!issuer) return refuse(challenger.unavailable("metadata: " + issuer.error()));
  const auto& endpoint = (*issuer)->introspection_endpoint;
  if (endpoint.empty())
    return refuse(challenger.unavailable("the issuer has no introspection endpoint"));
  const auto answer =
      send(transport_, build_introspection(endpoint, options_.introspection->credentials, token));
  if (!answer) return refuse(challenger.unavailable("introspection: " + answer.error()));
  auto read = process_introspection({.issuer = options_.issuer,
                                     .audience = options_.resource,
                                     .clock_tolerance = options_.clock_tolerance,
                                     .proven = proven},
                                    *answer, clock_.now());
  if (!read) {
    const auto& refusal = read.error();
    return refuse(refusal.kind == IntrospectionRefusal::Kind::token
                      ? challenger.invalid_token(refusal.reason)
                      : challenger.unavailable(refusal.reason));
  }
  return Permit{.subject = std::move(read->subject),
                .client_id = std::move(read->client_id),
                .scope = std::move(read->scope),
                .expires_at = read->expires_at,
                .confirmation = std::move(read->confirmation),
                .claims = std::move(read->claims)};
}

Result<Guard::Metadata, std::string> Guard::metadata() {
  // Held over the fetch: the first callers need the answer anyway, later ones find it there.
  const std::scoped_lock alone(mutex_);
  if (metadata_) return metadata_;
  const Instant now = clock_.now();
  if (now < next_discovery_ && next_discovery_ <= now + options_.discovery_cooldown)
    return refuse(discovery_failure_);
  auto fetched = fetch_metadata();
  if (fetched) {
    metadata_ = *fetched;
  } else {
    discovery_failure_ = fetched.error();
    next_discovery_ = now + options_.discovery_cooldown;
  }
  return fetched;
}

Result<Guard::Metadata, std::string> Guard::fetch_metadata() const {
  const auto urls = well_known_urls(options_.issuer);
  if (!urls || !is_protected(options_.issuer))
    return refuse(std::string("the issuer is no https URL"));
  std::string failure;
  for (const auto& url : {urls->openid_configuration, urls->oauth_authorization_server}) {
    const auto answer = send(
        transport_, {.method = "GET", .url = url, .headers = {{"Accept", "application/json"}}});
    if (!answer) return refuse(answer.error());
    if (answer->status != 200) {
      failure = "status " + std::to_string(answer->status);
      continue;
    }
    auto parsed = parse_provider_metadata(answer->body, options_.issuer);
    if (!parsed) return refuse(std::move(parsed.error()));
    const auto& introspection = parsed->introspection_endpoint;
    if (!is_protected(parsed->jwks_uri) || (!introspection.empty() && !is_protected(introspection)))
      return refuse(std::string("an endpoint of the issuer is missing or not https"));
    return std::make_shared<const ProviderMetadata>(std::move(*parsed));
  }
  return refuse(std::move(failure));
}

Result<jose::FetchedJwks, std::string> Guard::fetch_keys(std::string_view etag) {
  const auto issuer = metadata();
  if (!issuer) return refuse(issuer.error());
  http::OutgoingRequest request{
      .method = "GET", .url = (*issuer)->jwks_uri, .headers = {{"Accept", "application/json"}}};
  if (!etag.empty()) request.headers.set("If-None-Match", etag);
  const auto answer = send(transport_, request);
  if (!answer) return refuse(answer.error());
  return jose::read_jwks_answer({.status = answer->status,
                                 .etag = answer->headers.first("etag"),
                                 .cache_control = answer->headers.first("cache-control"),
                                 .body = answer->body});
}

}  // namespace cardea::resource
