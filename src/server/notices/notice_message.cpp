// Logout tokens and pings as requests; see notice_message.h.
#include "server/notices/notice_message.h"

#include <utility>

#include "base/json.h"
#include "http/form.h"
#include "jose/jws.h"
#include "protocol/logout_token.h"
#include "server/notices/ping.h"
#include "server/outgoing/client_keys.h"
#include "server/tokens/subject.h"

namespace cardea {
namespace {

using Message = Result<http::Fetch, Undeliverable>;

constexpr Seconds answer_timeout{5};
// The body of an answer says nothing that we need (Back-Channel Logout 2.8, CIBA Core 10.2).
constexpr std::size_t answer_bytes_max = 16 * 1024;

http::Fetch post(const Client& client, http::FetchPurpose purpose, http::OutgoingRequest request) {
  request.method = "POST";
  return {.request = std::move(request),
          .purpose = purpose,
          .lane = lane_of(client),
          .timeout = answer_timeout,
          .body_bytes_max = answer_bytes_max};
}

// Back-Channel Logout 2.5: a POST with the token and nothing else.
Message logout_message(const NoticeMaterial& material, const Client& client,
                       const ClientNotice& notice, Instant now) {
  if (client.backchannel_logout_uri.empty()) return refuse(Undeliverable::ever);
  const auto key = material.keys.signing_key(client.id_token_signed_response_alg);
  if (key == nullptr) return refuse(Undeliverable::now);
  auto token = jose::sign_jwt(
      key->key, key->kid.value(), logout_token_type,
      logout_claims({.issuer = material.settings.issuer,
                     .client_id = client.client_id.value(),
                     .token_id = notice.notice_id.value(),
                     .subject = subject_of(material.seals, client, notice.user_id),
                     .session_id = sid_of(material.seals, client, notice.session_id)},
                    now));
  return post(client, http::FetchPurpose::backchannel_logout,
              {.url = client.backchannel_logout_uri,
               .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
               .body = http::write_form({{"logout_token", std::move(token)}})});
}

// CIBA Core 10.2: a POST that holds the auth_req_id and nothing else, under the client's own token.
Message ping_message(const NoticeMaterial& material, const Client& client,
                     const ClientNotice& notice) {
  if (client.backchannel_token_delivery_mode != TokenDeliveryMode::ping ||
      client.backchannel_client_notification_endpoint.empty()) {
    return refuse(Undeliverable::ever);
  }
  const auto ping = open_ping(material.seals, client.client_id, notice.sealed);
  if (!ping) return refuse(Undeliverable::ever);
  return post(client, http::FetchPurpose::ciba_ping,
              {.url = client.backchannel_client_notification_endpoint,
               .headers = {{"Content-Type", "application/json"},
                           {"Authorization", "Bearer " + std::string(ping->token.reveal())}},
               .body = json::write(json::Value(json::Object{{"auth_req_id", ping->auth_req_id}}))});
}

// Back-Channel Logout 2.8: 200, for which some frameworks write 204. 400 says that this token will
// never do.
Reception reception_of_logout(int status) {
  if (status == 200 || status == 204) return Reception::taken;
  return status == 400 ? Reception::refused : Reception::failed;
}

// CIBA Core 10.2: 204 or 200. A redirect is refused, never followed; what a client answers with 4xx
// is its own affair, and asking again would not mend it. 429 and 5xx are a client in trouble.
Reception reception_of_ping(int status) {
  if (status >= 200 && status < 300) return Reception::taken;
  return status == 429 || status >= 500 ? Reception::failed : Reception::refused;
}

}  // namespace

Message message_of(const NoticeMaterial& material, const Client& client, const ClientNotice& notice,
                   Instant now) {
  if (!client.enabled) return refuse(Undeliverable::ever);
  if (notice.kind == ClientNotice::Kind::ping) return ping_message(material, client, notice);
  return logout_message(material, client, notice, now);
}

Reception reception_of(ClientNotice::Kind kind, int status) {
  return kind == ClientNotice::Kind::ping ? reception_of_ping(status) : reception_of_logout(status);
}

}  // namespace cardea
