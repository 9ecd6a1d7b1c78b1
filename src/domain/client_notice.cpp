// Channel, identifiers and pauses; see client_notice.h.
#include "domain/client_notice.h"

#include <algorithm>

#include "base/base64url.h"
#include "crypto/hash.h"

namespace cardea {

std::optional<LogoutChannel> logout_channel(const Client& client) {
  if (!client.backchannel_logout_uri.empty()) return LogoutChannel::back;
  if (!client.frontchannel_logout_uri.empty()) return LogoutChannel::front;
  return std::nullopt;
}

TokenId notice_id_of(const SessionId& session_id, const ClientId& client_id) {
  std::string text = "logout_notice";
  text.append(1, '\0').append(session_id.value()).append(1, '\0').append(client_id.value());
  return TokenId(base64url_encode(crypto::sha256(text)));
}

TokenId notice_id_of(const GrantId& request_id) {
  std::string text = "ping";
  text.append(1, '\0').append(request_id.value());
  return TokenId(base64url_encode(crypto::sha256(text)));
}

Seconds pause_after_attempt(int attempts) {
  constexpr std::int64_t first = 5;
  constexpr int doublings_max = 7;
  return std::min(Seconds{first << std::clamp(attempts - 1, 0, doublings_max)}, minutes(10));
}

}  // namespace cardea
