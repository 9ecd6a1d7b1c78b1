// Asking an issuer over a transport: its metadata and its keys. What RelyingParty and tools share;
// nothing here needs a client's registration.
#pragma once

#include <string>

#include "base/result.h"
#include "client/configuration.h"
#include "client/error.h"
#include "http/transport.h"
#include "jose/key_source.h"
#include "protocol/provider_metadata.h"

namespace cardea::client {

// One request. Refuses network.unreachable, network.timeout, network.tls, network.other; what a
// transport throws becomes network.other.
Result<http::Response, Error> send(const http::Transport& transport,
                                   const http::OutgoingRequest& request);

// The issuer's metadata, from the first of both well-known places that has it. Blocks.
// Refuses: configuration.invalid (check_issuer), what send() and process_discovery() refuse.
Result<ProviderMetadata, Error> fetch_metadata(const Configuration& configuration,
                                               const http::Transport& transport);

// How a KeySource gets the key set at that address.
jose::KeySource::Fetch fetch_keys(const http::Transport& transport, const std::string& jwks_uri);

}  // namespace cardea::client
