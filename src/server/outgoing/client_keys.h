// The public keys of a client: registered with it (jwks), or fetched from the address that it
// registered (jwks_uri). The one place for client authentication, request objects and encryption.
// OIDC Registration 2; OIDC Core 10.1.1, 10.2.1.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "domain/client.h"
#include "jose/jwk.h"
#include "server/deps.h"
#include "server/outgoing/fetched_documents.h"

namespace cardea {

// In which lane addresses of this client are called: whoever registered itself is a stranger (E10).
http::FetchLane lane_of(const Client& client);

class ClientKeySets : public FetchedDocuments<jose::JwkSet> {
 public:
  explicit ClientKeySets(Outgoing& outgoing);
};

// Whether a set is as new as what is at hand: the kid of a header ("" for none: any set is), or a
// certificate in DER.
using HoldsWhatIsNeeded = std::function<bool(const jose::JwkSet&)>;
HoldsWhatIsNeeded holding_kid(std::string kid);
HoldsWhatIsNeeded holding_certificate(std::string der);

// client: outlives the task. A fetched set that does not hold what is needed is fetched once more,
// so a client may rotate its keys without a word to the operator; how often is throttled (as RFC
// 9068 resource servers do, 9068-07). Refuses, with a private reason: the client has no keys, or
// they cannot be had.
Task<Result<std::shared_ptr<const jose::JwkSet>, std::string>> client_keys(const Deps& deps,
                                                                           const Client& client,
                                                                           HoldsWhatIsNeeded holds,
                                                                           Instant now);

}  // namespace cardea
