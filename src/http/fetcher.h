// How the server fetches: one interface for everything it asks of others (key sets of clients,
// and the like). An implementation guards the address that it connects to, follows no
// redirect, and bounds time, size and number (security corpus 2.E). Values and a callback only;
// server/outgoing/outgoing.h makes a task of it.
#pragma once

#include <functional>
#include <string_view>

#include "base/limits.h"
#include "base/time.h"
#include "http/message.h"
#include "http/transport.h"

namespace cardea::http {

// What a request is for; the word for log and metrics.
enum class FetchPurpose {
  client_keys,
  client_metadata,
  sector_identifier,
  request_object,
  backchannel_logout,
  ciba_ping
};
std::string_view name_of(FetchPurpose purpose);

// Who named the address: a registration, or whoever sent us a request (fewer at once, E10).
enum class FetchLane { registered, anybody };

struct Fetch {
  OutgoingRequest request;
  FetchPurpose purpose = FetchPurpose::client_keys;
  FetchLane lane = FetchLane::registered;
  Seconds timeout{3};  // in total, from the moment it is sent
  std::size_t body_bytes_max = limits::fetched_bytes_max;
};

class Fetcher {
 public:
  virtual ~Fetcher() = default;
  using Done = std::function<void(TransportResult)>;
  // Thread-safe. Calls done exactly once, from any thread, also when it stops.
  virtual void submit(Fetch fetch, Done done) = 0;
};

}  // namespace cardea::http
