// What the server tells clients on its own: that a session ended (OIDC Back-Channel Logout 1.0
// 2.3), or that a person answered what they were asked (CIBA Core 10.2). A notice is a row written
// together with what it tells of, so that is done before anybody is told.
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

struct ClientNotice {
  enum class Kind { logout, ping };

  TokenId notice_id;  // of a logout the `jti`, the same at every attempt
  Kind kind = Kind::logout;
  ClientId client_id;
  UserId user_id;        // whose session ended; "" for a ping
  SessionId session_id;  // which one; "" for a ping
  // Of a ping: the auth_req_id and the client's notification token, sealed under a key of the
  // server (server/notices/ping.h); "" for a logout.
  std::string sealed;
  Instant created_at{};
  int attempts = 0;
};

// Notices that wait for one another: those of one kind for one client. The kinds go to different
// addresses, so one that does not answer holds up nothing of the other.
struct NoticeLane {
  ClientId client_id;
  ClientNotice::Kind kind = ClientNotice::Kind::logout;
  friend auto operator<=>(const NoticeLane&, const NoticeLane&) = default;
};

// One for each session and client, since a session ends once; one for each request.
TokenId notice_id_of(const SessionId& session_id, const ClientId& client_id);
TokenId notice_id_of(const GrantId& request_id);

// How long a lane is taken for at once, where several nodes deliver. One that is left by a node
// that died is taken by another after that.
inline constexpr Seconds notice_lane_hold = minutes(1);

// Attempts after the first: 5 s later, then twice as long each time, at most 10 minutes. After 12
// attempts or its lifetime a notice is given up.
inline constexpr int notice_attempts_max = 12;
inline constexpr Seconds logout_notice_lifetime = hours(2);
// From the end of the request that it is about. After that a client can only learn that it is over.
inline constexpr Seconds ping_lifetime = minutes(10);
Seconds pause_after_attempt(int attempts);
// Logout notices that may wait for one client; more are not written. A client that is away for two
// hours loses the ends of sessions beyond that.
inline constexpr int notices_per_client_max = 5000;

}  // namespace cardea
