// What a notice says, to which address, and what the client's answer means: one function for each
// kind, and nothing here sends. OIDC Back-Channel Logout 1.0 2.5 and 2.8; CIBA Core 10.2.
#pragma once

#include "domain/client_notice.h"
#include "http/fetcher.h"
#include "server/keys/key_ring.h"
#include "server/seals/seals.h"
#include "server/settings/settings.h"

namespace cardea {

// All outlive the call.
struct NoticeMaterial {
  const Settings& settings;
  const KeyRing& keys;
  const Seals& seals;
};

enum class Undeliverable {
  now,   // tried again later
  ever,  // the client does not want it any more, or it cannot be made
};

// The request to be sent. Refuses as said. Nothing in it is for a log.
Result<http::Fetch, Undeliverable> message_of(const NoticeMaterial& material, const Client& client,
                                              const ClientNotice& notice, Instant now);

enum class Reception {
  taken,
  refused,  // sending it again would change nothing
  failed,   // tried again later
};
// By the status alone: bodies are ignored and redirects are not followed. Pure.
Reception reception_of(ClientNotice::Kind kind, int status);

}  // namespace cardea
