// The snippets of docs/client.md, compiled. tests/tidy compares the two, so edit them together.
#include <iostream>

#include "base/time.h"
#include "client/encrypted_file_token_store.h"
#include "client/relying_party.h"
#include "crypto/random.h"
#include "http/outbound/curl_transport.h"

namespace snippets {

using namespace cardea;

// [discover]
struct Surroundings {
  SystemClock clock;
  crypto::SystemRandom random;
  NullLog log;  // yours: it is told of every relaxed rule
};

std::unique_ptr<client::RelyingParty> discover(Surroundings& around, const std::string& secret) {
  auto store = client::EncryptedFileTokenStore::open(
      {.directory = "/var/lib/app/tokens", .key_file = "/etc/app/tokens.key"}, around.random);
  if (!store) return nullptr;  // store.error() has code, message and cause

  auto party = client::RelyingParty::discover(
      {.configuration = {.issuer = "https://localhost:9443",
                         .client_id = "web",
                         .authentication = client::SecretBasic{client::ClientSecret(secret)},
                         .redirect_uri = "https://app.example/callback",
                         .post_logout_redirect_uri = "https://app.example/",
                         .scope = {"openid", "profile", "email"}},
       .transport = http::curl_transport(),
       .clock = around.clock,
       .random = around.random,
       .log = around.log,
       .store = std::move(*store)});
  return party ? std::move(*party) : nullptr;
}
// [discover]

// [start]
// Redirect the browser to `url`; keep `kept` in the session, under `state`.
struct ToKeep {
  std::string url;
  std::string state;
  std::string kept;  // a secret: it stays on the server
};

std::optional<ToKeep> start(client::RelyingParty& party) {
  const auto started = party.start();
  if (!started) return std::nullopt;
  return ToKeep{started->url, started->pending.state(), started->pending.serialise()};
}
// [start]

// [callback]
// `kept` was taken out of the session by client::state_of(query).
Result<client::GrantKey, client::Error> finish(client::RelyingParty& party, const std::string& kept,
                                               std::string_view query) {
  auto pending = client::PendingAuthorization::parse(kept);
  if (!pending) return refuse(client::Error{.code = "app.session", .message = "start again"});
  auto validated = party.validate(std::move(*pending), query);
  if (!validated) return refuse(validated.error());  // state, iss, or the issuer said no
  const auto tokens = party.exchange(std::move(*validated));
  if (!tokens) return refuse(tokens.error());  // every rule of the ID token has its own code
  std::cout << "signed in: " << tokens->id_token->subject() << "\n";
  return party.keep(*tokens);
}
// [callback]

// [use]
http::TransportResult call_api(client::RelyingParty& party, const client::GrantKey& grant,
                               const http::Transport& transport) {
  // Refreshed when it runs out; however many threads ask, one request goes out.
  const auto tokens = party.tokens_for(grant);
  if (!tokens) return refuse(http::TransportFailure{.reason = tokens.error().message});
  const std::string bearer = "Bearer " + std::string(tokens->access_token.reveal());
  return transport({.url = "https://api.example/events", .headers = {{"Authorization", bearer}}});
}
// [use]

// [step_up]
// The API wants a stronger or newer sign-in: the person is sent to the issuer once more.
std::optional<ToKeep> step_up(client::RelyingParty& party, const http::Response& from_api) {
  const auto request = client::step_up_for(from_api);
  if (!request) return std::nullopt;
  const auto started = party.start(*request);
  if (!started) return std::nullopt;
  return ToKeep{started->url, started->pending.state(), started->pending.serialise()};
}
// [step_up]

// [sign_out]
std::string sign_out(client::RelyingParty& party, const client::GrantKey& grant) {
  const auto stored = party.stored(grant);
  static_cast<void>(party.forget(grant));  // erased here, revoked there
  const auto url =
      party.logout({.id_token_hint = stored && *stored ? (*stored)->id_token : std::nullopt});
  return url ? *url : "/";
}
// [sign_out]

// [sans_io]
// The same without a transport: a request is a value, an answer is judged by a function.
struct Exchange {
  const client::Configuration& configuration;
  const ProviderMetadata& metadata;
  const jose::JwkSet& keys;
  std::function<http::Response(const http::OutgoingRequest&)> send;  // your network
};

Result<client::Tokens, client::Error> exchange(const Exchange& with,
                                               const client::ValidatedCallback& callback,
                                               Random& random, Instant now) {
  const auto request =
      client::build_exchange({with.configuration, with.metadata, random, now}, callback);
  return client::process_exchange({with.configuration, client::fixed_keys(with.keys), now},
                                  callback, with.send(request));
}
// [sans_io]

// [relax]
void relax(client::Configuration& configuration) {
  configuration.relaxations.accept_plain_http_issuer("tests against an issuer on this machine");
}
// [relax]

}  // namespace snippets
