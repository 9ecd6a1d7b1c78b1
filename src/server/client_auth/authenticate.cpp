// Judging what a client presents; see authenticate.h.
#include "server/client_auth/authenticate.h"

#include <algorithm>
#include <utility>

#include "crypto/hash.h"
#include "domain/one_time.h"
#include "jose/jws.h"
#include "protocol/client_assertion.h"
#include "server/client_auth/certificate.h"
#include "server/client_auth/kept_secret.h"
#include "server/client_auth/presented.h"
#include "server/outgoing/client_keys.h"
#include "server/registration/client_documents.h"

namespace cardea {
namespace {

using Outcome = Result<AuthenticatedClient, JsonRefusal>;

// Compared when there is nothing to compare with, so that an unknown client costs the same.
const std::vector<ClientSecretDigest> no_secrets{
    {.sha256 = std::string(32, '\0'), .expires_at = std::nullopt}};

bool is_valid(const ClientSecretDigest& secret, Instant now) {
  return !secret.expires_at || now < *secret.expires_at;
}

// Whether any reading of the presented secret is one of the client's, in time that depends on how
// many secrets and readings there are, and not on how near they are. Decision Q2: two may be valid
// at a time.
bool secret_matches(const std::vector<ClientSecretDigest>& kept, const PresentedSecret& presented,
                    Instant now) {
  bool matches = false;
  for (const auto& secret : presented.secrets) {
    const auto digest = crypto::sha256(secret.reveal());
    bool equal = false;
    for (const auto& known : kept) {
      const bool valid = is_valid(known, now);
      equal = (crypto::constant_time_equal(digest, known.sha256) && valid) || equal;
    }
    matches = equal || matches;
  }
  return matches;
}

// Decision Q2: basic and post are both accepted unless one is pinned.
bool is_registered_method(const Client& client, ClientAuthMethod method) {
  if (client.token_endpoint_auth_method) return *client.token_endpoint_auth_method == method;
  return method == ClientAuthMethod::client_secret_basic ||
         method == ClientAuthMethod::client_secret_post;
}

bool is_by_assertion(const std::optional<ClientAuthMethod>& method) {
  return method == ClientAuthMethod::private_key_jwt ||
         method == ClientAuthMethod::client_secret_jwt;
}

// Who the request says it is, where that can be a client with a document: it has no secret.
std::string named_client(const Presented& presented) {
  if (const auto* assertion = std::get_if<PresentedAssertion>(&presented)) {
    return unverified_subject(assertion->assertion.reveal()).value_or("");
  }
  const auto* nothing = std::get_if<PresentedNothing>(&presented);
  return nothing != nullptr ? nothing->client_id : "";
}

}  // namespace

// The methods, one function each; the only maker of AuthenticatedClient.
class ClientAuthentication {
 public:
  ClientAuthentication(const Deps& deps, Exchange& exchange) : deps_(deps), exchange_(exchange) {}

  Task<Outcome> by_secret(PresentedSecret presented) {
    std::shared_ptr<const Client> client;
    for (const auto& id : presented.client_ids) {
      client = usable(id);
      if (client != nullptr) break;
    }
    // 6749-10: counted for the client and the address; unknown clients share one counter, so that
    // invented names make no rows.
    std::string_view account;
    if (client != nullptr) account = client->client_id.value();
    const std::string& address = exchange_.request.peer_address;
    if (deps_.throttle.may_have_to_wait(account, address)) {
      const auto standing = co_await deps_.throttle.check(attempt_of(account), exchange_.now);
      if (!standing) co_return refuse(unavailable(deps_, exchange_, standing.error()));
      if (standing->wait) co_return refuse(too_many_attempts(*standing->wait));
    }
    const bool matches =
        secret_matches(client == nullptr ? no_secrets : client->secrets, presented, exchange_.now);
    if (client != nullptr && matches) {
      if (is_registered_method(*client, presented.method)) {
        co_return accept(std::move(client), presented.method);
      }
      co_return refuse(wrong_method(*client, presented.method));
    }
    const auto counted = co_await deps_.throttle.failed(attempt_of(account), exchange_.now);
    if (!counted) co_return refuse(unavailable(deps_, exchange_, counted.error()));
    co_return refuse(invalid_client(
        exchange_, "CARDEA-CLIENT-005", rfc6749("2.3.1"),
        client == nullptr ? "no enabled client has this client_id" : "the secret does not match",
        "Check client_id and client_secret against `cardea clients show`."));
  }

  Task<Outcome> by_assertion(PresentedAssertion presented) {
    if (presented.type != client_assertion_type) {
      co_return refuse(bad_assertion(rfc7521("4.2"), "client_assertion_type is not jwt-bearer"));
    }
    const auto subject = unverified_subject(presented.assertion.reveal());
    if (!subject) {
      co_return refuse(bad_assertion(rfc7523("3"), "the assertion is no JWT with a sub"));
    }
    // RFC 7521 4.2: client_id is optional, but must name the same client.
    if (!presented.client_id.empty() && presented.client_id != *subject) {
      co_return refuse(
          bad_assertion(rfc7521("4.2"), "client_id is not the subject of the assertion"));
    }
    auto client = usable(*subject);
    if (client == nullptr || !is_by_assertion(client->token_endpoint_auth_method)) {
      co_return refuse(bad_assertion(rfc7523("3"), "no enabled client with this sub signs"));
    }
    const auto assertion = co_await verified(*client, presented.assertion);
    if (!assertion) {
      co_return refuse(bad_assertion(assertion.error().spec, assertion.error().reason));
    }
    // The last check, because it writes.
    const auto once = co_await deps_.store.perform(store::UseOnce{
        .digest = once_digest("client_assertion", {client->client_id.value(), assertion->token_id}),
        .expires_at = assertion->expires_at,
        .now = exchange_.now});
    if (!once) co_return refuse(unavailable(deps_, exchange_, once.error()));
    if (*once == store::UseOnce::Outcome::replayed) {
      co_return refuse(bad_assertion(rfc7523("3"), "this jti was used before"));
    }
    const auto method = *client->token_endpoint_auth_method;
    co_return accept(std::move(client), method);
  }

  // What is left of a request without credentials in it: the certificate of its connection, where
  // the client that it names has registered that (RFC 8705 2), or a public client.
  Task<Outcome> by_client_id(PresentedNothing presented) {
    auto client = usable(presented.client_id);
    if (client != nullptr && client->is_public()) {
      co_return accept(std::move(client), ClientAuthMethod::none);
    }
    const auto method = client == nullptr ? std::nullopt : client->token_endpoint_auth_method;
    if (method && is_by_certificate(*method)) {
      if (auto objection = co_await certificate_objection(*client)) {
        co_return refuse(invalid_client(
            exchange_, "CARDEA-CLIENT-009", rfc8705("2"), *std::move(objection),
            "Connect to the endpoint of mtls_endpoint_aliases with the registered certificate."));
      }
      co_return accept(std::move(client), *method);
    }
    co_return refuse(invalid_client(exchange_, "CARDEA-CLIENT-004", rfc6749("3.2.1"),
                                    presented.client_id.empty()
                                        ? "no client credentials and no client_id"
                                        : "no enabled public client has this client_id",
                                    "Send the client's credentials; only a client registered with "
                                    "token_endpoint_auth_method = \"none\" may leave them out."));
  }

 private:
  Attempt attempt_of(std::string_view account) const {
    return {.subject = ThrottleSubject::client_secret,
            .account = std::string(account),
            .address = exchange_.request.peer_address};
  }
  // Under what the client registered, which alone decides between keys and secrets (RFC 8725 2.1).
  Task<Result<ClientAssertion, ClientAssertionRefusal>> verified(const Client& client,
                                                                 const ClientSecret& assertion) {
    ClientAssertionExpectations expected{.client_id = client.client_id.value(),
                                         .issuer = deps_.settings.issuer,
                                         .endpoints = endpoint_audiences(),
                                         .profile = client.profile};
    const auto text = assertion.reveal();
    if (client.token_endpoint_auth_method == ClientAuthMethod::client_secret_jwt) {
      co_return check_client_assertion(text, valid_secrets(client), expected, exchange_.now);
    }
    expected.algorithm = jose::algorithm_named(client.token_endpoint_auth_signing_alg);
    const auto kid = jose::unverified_kid(text);
    const auto keys = co_await client_keys(deps_, client, holding_kid(kid), exchange_.now);
    if (!keys) co_return refuse(ClientAssertionRefusal{rfc7523("3"), keys.error()});
    co_return check_client_assertion(text, **keys, expected, exchange_.now);
  }

  // Decision Q13, and at its own endpoint CIBA Core 7.1; an alias is the same endpoint (RFC 8705
  // 5).
  std::vector<std::string> endpoint_audiences() {
    const Settings& settings = deps_.settings;
    std::vector<std::string_view> paths{"/token"};
    if (exchange_.endpoint == "backchannel_authentication") paths.emplace_back("/bc-authorize");
    std::vector<std::string> audiences;
    for (const auto path : paths) {
      audiences.push_back(settings.endpoint(path));
      if (!settings.mtls_origin.empty()) audiences.push_back(settings.mtls_endpoint(path));
    }
    return audiences;
  }

  std::vector<jose::MacSecret> valid_secrets(const Client& client) {
    std::vector<jose::MacSecret> secrets;
    for (const auto& kept : client.secrets) {
      if (!is_valid(kept, exchange_.now)) continue;
      if (auto secret = open_secret(client, kept, deps_.seals)) {
        secrets.push_back(*std::move(secret));
      }
    }
    return secrets;
  }

  Task<std::optional<std::string>> certificate_objection(const Client& client) {
    const auto& certificates = exchange_.request.client_certificates;
    if (client.token_endpoint_auth_method == ClientAuthMethod::tls_client_auth) {
      co_return pki_objection(client, certificates, deps_.client_authorities, exchange_.now);
    }
    if (certificates.empty()) co_return self_signed_objection({}, certificates, exchange_.now);
    const auto keys = co_await client_keys(deps_, client, holding_certificate(certificates.front()),
                                           exchange_.now);
    if (!keys) co_return keys.error();
    co_return self_signed_objection((*keys)->certificates(), certificates, exchange_.now);
  }

  JsonRefusal bad_assertion(SpecRef spec, std::string reason) {
    return invalid_client(exchange_, "CARDEA-CLIENT-006", spec, std::move(reason),
                          "Sign a fresh assertion: iss and sub the client_id, aud the issuer, "
                          "exp within an hour, a new jti.");
  }

  std::shared_ptr<const Client> usable(const std::string& client_id) {
    auto client = deps_.registry.find(ClientId(client_id));
    if (client == nullptr) return nullptr;
    exchange_.client_id = client_id;
    return client->enabled ? client : nullptr;
  }

  Outcome accept(std::shared_ptr<const Client> client, ClientAuthMethod method) {
    exchange_.pass("CARDEA-CLIENT-010", rfc6749("2.3"), "client ", client->client_id.value(),
                   " by ", name_of(method));
    return AuthenticatedClient(std::move(client), method);
  }

  JsonRefusal wrong_method(const Client& client, ClientAuthMethod method) {
    const auto registered =
        client.token_endpoint_auth_method ? name_of(*client.token_endpoint_auth_method) : "";
    return invalid_client(
        exchange_, "CARDEA-CLIENT-007", rfc6749("2.3"),
        "used " + std::string(name_of(method)) + ", registered " + std::string(registered),
        "Use the registered method, or remove token_endpoint_auth_method to accept basic and "
        "post.");
  }

  JsonRefusal too_many_attempts(Seconds wait) {
    auto refusal = invalid_client(exchange_, "CARDEA-CLIENT-008", rfc6749("2.3.1"),
                                  "too many wrong secrets from this address",
                                  "Wait, then use the right secret.");
    refusal.status = 429;
    refusal.error.description = "Too many failed attempts; wait before the next.";
    refusal.headers = {{"Retry-After", std::to_string(wait.count)}};
    return refusal;
  }

  const Deps& deps_;
  Exchange& exchange_;
};

Task<Outcome> authenticate_client(const Deps& deps, Exchange& exchange,
                                  const RawParameters& parameters) {
  auto presented = read_presented(exchange, parameters);
  if (!presented) co_return refuse(std::move(presented).error());
  // A client that nobody registered is what its document says. Where that cannot be had, what it
  // said before is there to be compared with, or nobody.
  const auto adopted = co_await adopt_client_document(deps, exchange, named_client(*presented));
  if (!adopted) co_return refuse(unavailable(deps, exchange, adopted.error()));
  ClientAuthentication authentication(deps, exchange);
  if (auto* secret = std::get_if<PresentedSecret>(&*presented)) {
    co_return co_await authentication.by_secret(std::move(*secret));
  }
  if (auto* assertion = std::get_if<PresentedAssertion>(&*presented)) {
    co_return co_await authentication.by_assertion(std::move(*assertion));
  }
  co_return co_await authentication.by_client_id(std::get<PresentedNothing>(*presented));
}

}  // namespace cardea
