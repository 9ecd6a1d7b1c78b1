// Everything that the server asks of others goes through here: one log line and one count for each
// request, which name the host and nothing else of the address (security corpus 2.E).
#pragma once

#include "base/log.h"
#include "http/fetcher.h"
#include "server/exchange.h"
#include "task/task.h"

namespace cardea {

class Outgoing {
 public:
  // All outlive it.
  Outgoing(http::Fetcher& fetcher, Log& log, Observer& observer)
      : fetcher_(fetcher), log_(log), observer_(observer) {}

  // Any answer is a success, redirects too, which nobody follows. What went wrong is for log and
  // operator: towards the outside every failure reads the same (E09). Thread-safe.
  Task<http::TransportResult> fetch(http::Fetch fetch);

 private:
  http::Fetcher& fetcher_;
  Log& log_;
  Observer& observer_;
};

}  // namespace cardea
