// Who is calling: exactly one method of client authentication for each request, before anything
// else of it is looked at (decisions Q2, Q7). RFC 6749 2.3, RFC 7523 2.2, OIDC Core 9, RFC 8705 2.
#pragma once

#include <memory>

#include "domain/client.h"
#include "protocol/parameters.h"
#include "server/deps.h"
#include "server/exchange.h"
#include "server/json_answer.h"
#include "task/task.h"

namespace cardea {

// A client that proved who it is, or a public one that cannot. Only authenticate_client makes it,
// so a function that takes one may rely on it (style rule 9).
class AuthenticatedClient {
 public:
  const Client& client() const { return *client_; }
  const ClientId& client_id() const { return client_->client_id; }
  ClientAuthMethod method() const { return method_; }

 private:
  friend class ClientAuthentication;
  AuthenticatedClient(std::shared_ptr<const Client> client, ClientAuthMethod method)
      : client_(std::move(client)), method_(method) {}
  std::shared_ptr<const Client> client_;
  ClientAuthMethod method_;
};

// Refuses: invalid_request (two methods, repeated header); invalid_client 401 (unknown or disabled
// client, wrong or expired secret, method not registered, bad or replayed assertion, no certificate
// or another one), always with the same sentence, and with WWW-Authenticate when the header was
// used (RFC 6749 5.2); 429 with Retry-After when this address guessed too often (6749-10);
// temporarily_unavailable. Writes: one for an accepted assertion, one for a failed secret. Sets
// exchange.client_id.
Task<Result<AuthenticatedClient, JsonRefusal>> authenticate_client(const Deps& deps,
                                                                   Exchange& exchange,
                                                                   const RawParameters& parameters);

}  // namespace cardea
