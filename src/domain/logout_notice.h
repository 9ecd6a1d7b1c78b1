// Telling clients that a session ended (OIDC Back-Channel Logout 1.0 2.3): which clients took part
// in it, and the notices that wait to be delivered. A notice is a row written together with the end
// of its session, so the session is dead before anybody is told.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "domain/client.h"
#include "domain/identifiers.h"

namespace cardea {

// How a client learns that a session ended: by a notice from the server, or by a frame in the
// browser alone.
enum class LogoutChannel { back, front };
// Nothing when the client registered neither.
std::optional<LogoutChannel> logout_channel(const Client& client);

// A client that holds a code or token of a session.
struct SessionClient {
  SessionId session_id;
  UserId user_id;
  ClientId client_id;
  LogoutChannel channel = LogoutChannel::back;
  friend bool operator==(const SessionClient&, const SessionClient&) = default;
};

struct LogoutNotice {
  TokenId notice_id;  // the `jti`, the same at every attempt
  ClientId client_id;
  UserId user_id;
  SessionId session_id;
  Instant created_at{};
  int attempts = 0;
};

// One for each session and client, since a session ends once.
TokenId notice_id_of(const SessionId& session_id, const ClientId& client_id);

// Attempts after the first: 5 s later, then twice as long each time, at most 10 minutes. After 12
// attempts or two hours the notice is given up.
inline constexpr int logout_attempts_max = 12;
inline constexpr Seconds logout_notice_lifetime = hours(2);
Seconds pause_after_attempt(int attempts);
// Notices that may wait for one client; more are not written. A client that is away for two hours
// loses the ends of sessions beyond that.
inline constexpr int logout_notices_per_client_max = 5000;

}  // namespace cardea
