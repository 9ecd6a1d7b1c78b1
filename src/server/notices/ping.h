// What a ping needs until it is sent: the auth_req_id that the client knows its request by, and the
// token by which the client knows the server (CIBA Core 7.1, 10.2). Both are good for something,
// so they are kept sealed, with their client inside so that nobody gains by moving rows about.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "domain/identifiers.h"
#include "server/seals/seals.h"

namespace cardea {

using NotificationToken = Secret<struct NotificationTokenTag>;  // client_notification_token

struct Ping {
  std::string auth_req_id;
  NotificationToken token;
};

// The text for store::PutPolledRequest::sealed_ping.
std::string seal_ping(const Seals& seals, const ClientId& client_id, const Ping& ping,
                      Random& random);
// Nothing when it was sealed for another client, or before a restore.
std::optional<Ping> open_ping(const Seals& seals, const ClientId& client_id,
                              std::string_view sealed);

}  // namespace cardea
