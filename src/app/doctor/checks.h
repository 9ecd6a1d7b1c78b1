// The checks of `cardea doctor`, each from a failure that people had. Those over values are pure;
// look_at_files reads the disk, look_at_issuer asks over the network; none changes anything.
#pragma once

#include <span>

#include "app/config/config.h"
#include "app/doctor/finding.h"
#include "http/transport.h"
#include "server/keys/key_ring.h"

namespace cardea::app {

// Issuer, proxies, cookies, registration, outgoing requests. Pure.
Findings check_settings(const Config& config);

// Registration rules and what is at risk, for one client; a single ok where nothing is. Pure.
Findings check_client_at(const Client& client, Instant now);

// Age of the keys that sign. Pure.
Findings check_keys(std::span<const PublishedKey> keys, Instant now);

// One password hash of `milliseconds`. Pure.
Finding check_hash_time(std::int64_t milliseconds);

// A server certificate: dates, and whether it names the issuer's host. Pure. path: for the text.
Finding check_certificate(std::string_view pem, const std::string& path, std::string_view host,
                          Instant now);

// Permissions, certificate, room on the disk.
Findings look_at_files(const Config& config, Instant now);

// The documents under the issuer's address as browsers and apps get them, and the server's clock.
// runs: whether the server is known to run, so that silence is a failure. Blocks.
Findings look_at_issuer(const Settings& settings, const http::Transport& transport, Instant now,
                        bool runs);

}  // namespace cardea::app
