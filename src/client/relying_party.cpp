// The facade; see relying_party.h. Rules are in the functions it calls.
#include "client/relying_party.h"

#include "client/issuer.h"
#include "client/userinfo.h"

namespace cardea::client {
namespace {

void log_relaxations(const RelyingPartyInputs& inputs) {
  for (const auto& entry : inputs.configuration.relaxations.entries()) {
    inputs.log.warning(
        "client.relaxed",
        {{"name", entry.name}, {"reason", entry.reason}, {"issuer", inputs.configuration.issuer}});
  }
}

}  // namespace

Result<std::unique_ptr<RelyingParty>, Error> RelyingParty::discover(RelyingPartyInputs inputs) {
  if (auto fine = check_configuration(inputs.configuration); !fine)
    return refuse(std::move(fine.error()));
  auto metadata = fetch_metadata(inputs.configuration, inputs.transport);
  if (!metadata) return refuse(std::move(metadata.error()));
  return std::make_unique<RelyingParty>(std::move(inputs), std::move(*metadata));
}

RelyingParty::RelyingParty(RelyingPartyInputs inputs, ProviderMetadata metadata)
    : inputs_(std::move(inputs)),
      metadata_(std::move(metadata)),
      key_source_(fetch_keys(inputs_.transport, metadata_.jwks_uri), inputs_.keys),
      keys_(
          [this](std::string_view kid) { return key_source_.keys_for(inputs_.clock.now(), kid); }),
      refresher_(inputs_.store, [this](const GrantKey& key, const StoredTokens& stored) {
        return send_refresh(key, stored);
      }) {
  log_relaxations(inputs_);
}

Result<StartedAuthorization, Error> RelyingParty::start(const AuthorizationRequest& request) const {
  return start_authorization(inputs_.configuration, metadata_, request, inputs_.random,
                             inputs_.clock.now());
}

Result<ValidatedCallback, Error> RelyingParty::validate(PendingAuthorization pending,
                                                        std::string_view parameters) const {
  return validate_callback(inputs_.configuration, metadata_, std::move(pending), parameters,
                           inputs_.clock.now());
}

Result<Tokens, Error> RelyingParty::exchange(ValidatedCallback callback) {
  const auto answer = send(build_exchange(request_inputs(), callback));
  if (!answer) return refuse(answer.error());
  return process_exchange({inputs_.configuration, keys_, inputs_.clock.now()}, callback, *answer);
}

Result<json::Object, Error> RelyingParty::userinfo(const Tokens& tokens) {
  if (!tokens.id_token) {
    return refuse(Error{.code = "id_token.missing",
                        .message = "without an ID token nobody is known to ask about"});
  }
  const auto request = build_userinfo(metadata_, tokens.access_token);
  if (!request) return refuse(request.error());
  const auto answer = send(*request);
  if (!answer) return refuse(answer.error());
  return process_userinfo(*tokens.id_token, *answer);
}

Result<GrantKey, Error> RelyingParty::keep(const Tokens& tokens, std::string slot) {
  if (!tokens.id_token) {
    return refuse(Error{.code = "id_token.missing",
                        .message = "without an ID token nobody is known to keep tokens for"});
  }
  GrantKey key{.issuer = inputs_.configuration.issuer,
               .client_id = inputs_.configuration.client_id,
               .subject = tokens.id_token->subject(),
               .slot = std::move(slot)};
  const auto lock = inputs_.store->lock(key);
  if (!lock) return refuse(lock.error());
  // A record that cannot be read is replaced: the person has just signed in again.
  const auto before = inputs_.store->load(key);
  if (!before && before.error().code != "store.unreadable") return refuse(before.error());
  StoredTokens fresh;
  if (before && *before) fresh.revision = (*before)->revision;
  if (auto saved = inputs_.store->save(key, merge(fresh, tokens)); !saved)
    return refuse(std::move(saved.error()));
  return key;
}

Result<StoredTokens, Error> RelyingParty::tokens_for(const GrantKey& key, Seconds validity) {
  auto stored = inputs_.store->load(key);
  if (!stored) return refuse(std::move(stored.error()));
  if (!*stored) {
    return refuse(Error{.code = "refresh.absent", .message = "no tokens are kept for this person"});
  }
  const auto expiry = (*stored)->access_token_expires_at;
  if (!expiry || inputs_.clock.now() + validity < *expiry) return std::move(**stored);
  if (!(*stored)->refresh_token) {
    return refuse(Error{.code = "token.expired",
                        .message = "the access token has expired; the person must sign in again"});
  }
  return refresh(key, (*stored)->revision);
}

Result<std::optional<StoredTokens>, Error> RelyingParty::stored(const GrantKey& key) const {
  return inputs_.store->load(key);
}

Result<StoredTokens, Error> RelyingParty::refresh(const GrantKey& key,
                                                  std::uint64_t seen_revision) {
  return refresher_.refresh(key, seen_revision);
}

Status<Error> RelyingParty::forget(const GrantKey& key) {
  const auto lock = inputs_.store->lock(key);
  if (!lock) return refuse(lock.error());
  const auto stored = inputs_.store->load(key);
  if (auto erased = inputs_.store->erase(key); !erased) return refuse(std::move(erased.error()));
  if (!stored || !*stored || !(*stored)->refresh_token || metadata_.revocation_endpoint.empty())
    return Unit{};
  const auto request = build_revocation(request_inputs(), *(*stored)->refresh_token);
  if (!request) return refuse(request.error());
  const auto answer = send(*request);
  if (!answer) return refuse(answer.error());
  return process_revocation(*answer);
}

Result<std::string, Error> RelyingParty::logout(const LogoutRequest& request) const {
  return logout_url(inputs_.configuration, metadata_, request);
}

Result<Tokens, Error> RelyingParty::client_credentials(const std::vector<std::string>& scope) {
  const auto answer = send(build_client_credentials(request_inputs(), scope));
  if (!answer) return refuse(answer.error());
  return process_client_credentials({inputs_.configuration, keys_, inputs_.clock.now()}, scope,
                                    *answer);
}

Result<http::Response, Error> RelyingParty::send(const http::OutgoingRequest& request) const {
  return client::send(inputs_.transport, request);
}

Result<Tokens, Error> RelyingParty::send_refresh(const GrantKey& key, const StoredTokens& stored) {
  const auto answer = send(build_refresh(request_inputs(), *stored.refresh_token));
  if (!answer) return refuse(answer.error());
  const RefreshOrigin origin{
      .subject = key.subject, .auth_time = stored.auth_time, .scope = stored.scope};
  return process_refresh({inputs_.configuration, keys_, inputs_.clock.now()}, origin, *answer);
}

RequestInputs RelyingParty::request_inputs() const {
  return {inputs_.configuration, metadata_, inputs_.random, inputs_.clock.now()};
}

}  // namespace cardea::client
