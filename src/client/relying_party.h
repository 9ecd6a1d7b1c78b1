// The client library as one object: everything an app does with its issuer, over a transport of the
// app's choice. The pairs of functions beside it do the same without a network.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "client/authorization.h"
#include "client/callback.h"
#include "client/configuration.h"
#include "client/error.h"
#include "client/logout.h"
#include "client/refresh.h"
#include "client/token_store.h"
#include "client/tokens.h"
#include "http/transport.h"
#include "jose/key_source.h"

namespace cardea::client {

// What a relying party works with. clock, random and log must outlive it.
struct RelyingPartyInputs {
  Configuration configuration;
  http::Transport transport;  // must not follow redirects and must verify TLS (http/transport.h)
  const Clock& clock;
  Random& random;
  Log& log;
  std::shared_ptr<TokenStore> store = std::make_shared<MemoryTokenStore>();
  jose::JwksCacheOptions keys;
};

// Thread-safe. Has no thread of its own; calls that use the network block for as long as the
// transport does. Beyond the codes named below all of them refuse network.unreachable,
// network.timeout, network.tls, network.other and issuer.unavailable.
class RelyingParty {
 public:
  // Checks the configuration and asks the issuer for its metadata, at both well-known places.
  // Refuses: configuration.invalid and what process_discovery refuses.
  static Result<std::unique_ptr<RelyingParty>, Error> discover(RelyingPartyInputs inputs);
  // For an issuer that has no discovery. Metadata that was not checked by process_discovery.
  RelyingParty(RelyingPartyInputs inputs, ProviderMetadata metadata);

  const Configuration& configuration() const { return inputs_.configuration; }
  const ProviderMetadata& metadata() const { return metadata_; }

  // --- signing in -----------------------------------------------------------
  Result<StartedAuthorization, Error> start(const AuthorizationRequest& request = {}) const;
  Result<ValidatedCallback, Error> validate(PendingAuthorization pending,
                                            std::string_view parameters) const;
  // Spends the code.
  Result<Tokens, Error> exchange(ValidatedCallback callback);
  // The claims of the person of the ID token.
  Result<json::Object, Error> userinfo(const Tokens& tokens);

  // --- staying signed in ----------------------------------------------------
  // Puts an exchange's tokens into the store, in place of older ones.
  // Refuses: id_token.missing (whose they are is not known), store.failed.
  Result<GrantKey, Error> keep(const Tokens& tokens, std::string slot = "");
  // Tokens that are good for at least `validity`, refreshed first when they are not.
  // Refuses what Refresher::refresh refuses, and token.expired when there is no refresh token.
  Result<StoredTokens, Error> tokens_for(const GrantKey& key, Seconds validity = Seconds{30});
  // The tokens as they are kept, perhaps expired; for logout's id_token_hint. No network.
  Result<std::optional<StoredTokens>, Error> stored(const GrantKey& key) const;
  // Tokens newer than those seen, e.g. after an API refused these.
  Result<StoredTokens, Error> refresh(const GrantKey& key, std::uint64_t seen_revision);

  // --- signing out ----------------------------------------------------------
  // Forgets the tokens here, whatever the issuer says, and revokes the grant there if it can.
  Status<Error> forget(const GrantKey& key);
  Result<std::string, Error> logout(const LogoutRequest& request) const;

  // --- without a person -----------------------------------------------------
  Result<Tokens, Error> client_credentials(const std::vector<std::string>& scope);

 private:
  Result<http::Response, Error> send(const http::OutgoingRequest& request) const;
  Result<Tokens, Error> send_refresh(const GrantKey& key, const StoredTokens& stored);
  RequestInputs request_inputs() const;

  const RelyingPartyInputs inputs_;
  const ProviderMetadata metadata_;
  jose::KeySource key_source_;
  const Keys keys_;
  Refresher refresher_;
};

}  // namespace cardea::client
