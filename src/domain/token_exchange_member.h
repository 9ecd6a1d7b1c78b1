// The member `token_exchange` of a client: a table of its own (decision Q22, RFC 8693).
#pragma once

#include <optional>
#include <string>

#include "base/json.h"
#include "domain/client.h"

namespace cardea {

// Sets the policy from its table, or says in a sentence what is wrong, and changes nothing then.
std::optional<std::string> set_token_exchange(Client& client, const json::Object& table);

// The table as it is kept; null for a client that exchanges nothing.
json::Value token_exchange_of(const Client& client);

}  // namespace cardea
