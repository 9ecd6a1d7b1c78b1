// A request that waits for a person while its client polls for the answer: a device authorization
// request (RFC 8628) or a backchannel authentication request (CIBA Core 1.0). One row; the tokens
// are given by the grant that begins under its id, so it gives them once.
//
//   pending --allow--> approved --the client's next poll--> a grant of the same id
//   pending --deny---> denied
//   and whatever its state is, it is over at expires_at
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "domain/grant.h"
#include "domain/identifiers.h"
#include "domain/session.h"

namespace cardea {

// MAC of what a person types, so that a stolen store gives no code to type.
using UserCodeDigest = Digest<struct UserCodeTag>;

// Who allowed it, and in which session; frozen onto the grant.
struct PolledApproval {
  UserId user_id;
  std::int64_t security_version = 0;
  SessionId session_id;
  ConsentId consent_id;
  Authentication authentication;
  friend bool operator==(const PolledApproval&, const PolledApproval&) = default;
};

struct PolledRequest {
  enum class Kind { device, ciba };
  enum class State { pending, approved, denied };

  GrantId request_id;
  Kind kind = Kind::device;
  State state = State::pending;
  ClientId client_id;
  std::optional<UserCodeDigest> user_code;  // of a device; each once
  std::optional<UserId> asked_user;         // of CIBA: who alone may answer
  std::vector<std::string> scopes;
  std::vector<ResourceId> resources;
  std::string binding_message;  // of CIBA; "" for none
  std::string address;          // where the request came from
  Seconds interval{5};          // between two polls; grows with each that comes too soon
  std::optional<Instant> polled_at;
  Instant created_at{};
  Instant expires_at{};
  std::optional<PolledApproval> approval;  // there when approved
};

// Whether a poll at `now` is too soon after the one before. RFC 8628 3.5, CIBA Core 11. Half a
// second is the network's. Pure.
bool polls_too_soon(const PolledRequest& request, Instant now);
// What a poll that came too soon adds to the interval, for good (RFC 8628 3.5).
inline constexpr Seconds slow_down_step{5};

// Whether a person may still answer it. Pure.
bool is_answerable(const PolledRequest& request, Instant now);

}  // namespace cardea
