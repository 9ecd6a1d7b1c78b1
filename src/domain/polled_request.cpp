// The rules of polled requests; see polled_request.h.
#include "domain/polled_request.h"

namespace cardea {
namespace {

constexpr std::int64_t jitter_ms = 500;

}  // namespace

bool polls_too_soon(const PolledRequest& request, Instant now) {
  if (!request.polled_at) return false;
  return now.unix_ms < request.polled_at->unix_ms + request.interval.count * 1000 - jitter_ms;
}

bool is_answerable(const PolledRequest& request, Instant now) {
  return request.state == PolledRequest::State::pending && now < request.expires_at;
}

}  // namespace cardea
