// Judging registrations; see register_client.h.
#include "server/registration/register_client.h"

#include <utility>

#include "base/ascii.h"
#include "crypto/hash.h"
#include "domain/client_registration.h"
#include "domain/client_secret.h"
#include "server/client_auth/kept_secret.h"
#include "server/registration/client_documents.h"
#include "server/registration/keep_registration.h"
#include "server/registration/sector_documents.h"
#include "server/settings/client_needs.h"

namespace cardea {
namespace {

JsonRefusal metadata_refusal(std::string_view rule, SpecRef spec, std::string_view description,
                             std::string reason) {
  return {.error = {.code = ErrorCode::invalid_client_metadata,
                    .rule = rule,
                    .spec = spec,
                    .description = description,
                    .reason = std::move(reason)},
          .fix = {},
          .headers = {}};
}

struct AppliedStatement {
  std::string text;  // as it was presented; "" for none
  bool says_scope = false;
};

// RFC 7591 2.3: what the statement says takes precedence over what stands beside it.
Result<AppliedStatement, OAuthError> apply_statement(const Deps& deps, json::Object& metadata,
                                                     Instant now) {
  const json::Value* value = metadata.find("software_statement");
  if (value == nullptr) return AppliedStatement();
  const std::string statement = value->if_string() != nullptr ? *value->if_string() : "";
  auto said =
      check_software_statement(statement, deps.settings.registration.statement_issuers, now);
  if (!said) return refuse(std::move(said).error());
  for (const auto& member : said->members()) metadata.set(member.name, member.value);
  return AppliedStatement{.text = statement, .says_scope = said->contains("scope")};
}

// RFC 7591 2.3: a publisher's word about the scope binds, the client's own is a wish.
RegistrationPolicy registration_policy(const Settings& settings, bool scope_is_of_statement) {
  auto policy = document_policy(settings);
  policy.pkce = settings.registration.pkce;
  if (!scope_is_of_statement) policy.asked_scope = RegistrationPolicy::AskedScope::is_a_wish;
  return policy;
}

// The new client has what the former one had, or a secret of its own where it needs one.
std::string give_secret(const Deps& deps, const Client* former, Client& client, Instant now) {
  if (!client.uses_secret()) return "";
  if (former != nullptr) client.secrets = former->secrets;
  forget_sealed_secrets(client);
  if (!client.secrets.empty() && !lacks_sealed_secret(client)) return "";
  auto secret = generate_client_secret(deps.random);
  client.secrets = {keep_secret(client, secret, deps.seals, deps.random, now)};
  return secret;
}

// Whether somebody changed the client while its sector was asked.
bool has_changed(const Deps& deps, const Client& former) {
  const auto current = deps.registry.find(former.client_id);
  return current == nullptr || write_client(*current) != write_client(former);
}

}  // namespace

Result<json::Object, JsonRefusal> read_registration_body(const http::Request& request) {
  const auto type = request.headers.single("Content-Type");
  if (!type || !ascii::equal_ignoring_case(http::media_type_of(*type), "application/json") ||
      request.headers.contains("Content-Encoding")) {
    return refuse(metadata_refusal("CARDEA-REGISTER-012", rfc7591("3.1"),
                                   "The body must be application/json.",
                                   "another content type, or a coding"));
  }
  auto body = json::parse_object(request.body);
  if (body) return *std::move(body);
  return refuse(metadata_refusal("CARDEA-REGISTER-013", rfc7591("3.1"),
                                 "The body must be one JSON object.",
                                 "the body is no strict JSON object"));
}

Task<Result<AcceptedRegistration, JsonRefusal>> accept_registration(const Deps& deps,
                                                                    const Exchange& exchange,
                                                                    json::Object metadata,
                                                                    const Client* former) {
  const auto refused = [](OAuthError error) {
    return refuse(JsonRefusal{.error = std::move(error), .fix = {}, .headers = {}});
  };
  auto statement = apply_statement(deps, metadata, exchange.now);
  if (!statement) co_return refused(std::move(statement).error());
  auto client =
      read_registration(metadata, registration_policy(deps.settings, statement->says_scope));
  if (!client) co_return refused(std::move(client).error());
  client->software_statement = std::move(statement->text);
  client->client_id = former != nullptr ? former->client_id : ClientId(new_identifier(deps.random));
  client->created_at = former != nullptr ? former->created_at : exchange.now;
  client->owner.by = Ownership::By::registration;
  AcceptedRegistration accepted;
  accepted.client_secret = give_secret(deps, former, *client, exchange.now);
  accepted.registration_access_token = generate_client_secret(deps.random);
  client->registration_access_token = registration_token_digest(accepted.registration_access_token);
  if (former != nullptr && !keep_operators_members(*former, *client)) {
    co_return refuse(metadata_refusal("CARDEA-REGISTER-016", rfc7592("2.2"),
                                      "The metadata does not go with what the operator set.",
                                      "a member of the operator's is refused"));
  }
  if (auto objection = check_registration(*client)) co_return refused(*std::move(objection));
  if (const auto missing = lacking_means(deps, *client)) {
    co_return refuse(metadata_refusal("CARDEA-REGISTER-014", rfc7591("3.2.2"),
                                      "An algorithm of the metadata is not offered here.",
                                      *missing));
  }
  const auto confirmed = co_await check_sector(deps, *client, exchange.now);
  if (!confirmed) {
    co_return refuse(metadata_refusal("CARDEA-SECTOR-002", oidc_registration("5"),
                                      "The sector of the metadata does not confirm the client.",
                                      confirmed.error()));
  }
  if (former != nullptr && has_changed(deps, *former)) {
    co_return refuse(metadata_refusal("CARDEA-REGISTER-017", rfc7592("2.2"),
                                      "The registration was changed meanwhile; read it again.",
                                      "the operator or another request changed the client"));
  }
  accepted.client = *std::move(client);
  co_return accepted;
}

RegistrationTokenDigest registration_token_digest(std::string_view token) {
  return RegistrationTokenDigest(
      crypto::sha256(std::string("registration_access_token") + '\0' + std::string(token)));
}

http::Response registration_answer(const Deps& deps, int status,
                                   const AcceptedRegistration& registration) {
  const Client& client = registration.client;
  json::Object body{{"client_id", client.client_id.value()},
                    {"client_id_issued_at", client.created_at.unix_seconds()}};
  if (!registration.client_secret.empty()) {
    body.set("client_secret", registration.client_secret);
    body.set("client_secret_expires_at", 0);  // RFC 7591 3.2.1: it does not expire
  }
  body.set("registration_access_token", registration.registration_access_token);
  body.set("registration_client_uri",
           deps.settings.endpoint("/register/" + client.client_id.value()));
  const auto metadata = registered_metadata(client);
  for (const auto& member : metadata.members()) body.set(member.name, member.value);
  return json_answer(status, body);
}

}  // namespace cardea
