// A browser session: one account signed in in one browser. The cookie holds handles; the store
// their digests.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "domain/identifiers.h"

namespace cardea {

// How and when the person proved who they are; frozen onto codes and grants. OIDC Core 2
// (auth_time, acr, amr).
struct Authentication {
  Instant auth_time{};
  std::string acr;
  std::vector<std::string> amr;
  friend bool operator==(const Authentication&, const Authentication&) = default;
};

// What a sign-in here can reach; a session with the second factor meets both.
inline constexpr std::string_view acr_password = "urn:cardea:acr:password";
inline constexpr std::string_view acr_mfa = "urn:cardea:acr:mfa";

// By a password alone, and by a password together with a one-time code (RFC 8176 2). auth_time is
// rounded down to the second, as tokens carry it.
Authentication by_password(Instant now);
Authentication by_password_and_code(Instant now);
bool has_two_factors(const Authentication& authentication);

// What requests need to know of a session.
struct Session {
  SessionId session_id;
  UserId user_id;
  std::int64_t security_version = 0;  // the user's when the session began
  Authentication authentication;
  Instant last_seen{};  // coalesced: up to 5 minutes behind (decision Q6)
  Instant absolute_end{};
  Seconds idle_lifetime{};
};

// All that is kept of it: what it is found by, and what the account page shows.
struct SessionRecord : Session {
  SessionRecord() = default;

  SessionDigest handle;
  Instant created_at{};
  std::string user_agent;  // shown on the account page; at most 200 bytes, sanitised
  std::string address;
};

// Whether neither end has come: idle (last_seen + idle_lifetime) nor absolute. Pure.
bool is_alive(const Session& session, Instant now);

}  // namespace cardea
