// Reading and writing the table of a client's token exchange policy; see token_exchange_member.h.
#include "domain/token_exchange_member.h"

#include <utility>
#include <vector>

#include "domain/client_member_rows.h"

namespace cardea {
namespace {

using Mode = TokenExchangePolicy::Mode;
using Reason = std::optional<std::string>;

template <class Id>
Reason set_ids(std::vector<Id>& target, const json::Object& table, std::string_view name) {
  const auto texts = json::strings_member(table, name);
  if (!texts || texts->empty()) return std::string(name) + " must be a list of at least one text";
  target.clear();
  for (auto& text : client_member_rows::once_each(*texts)) target.emplace_back(std::move(text));
  return std::nullopt;
}

template <class Id>
json::Value texts(const std::vector<Id>& ids) {
  json::Array out;
  for (const auto& id : ids) out.emplace_back(id.value());
  return json::Value(std::move(out));
}

}  // namespace

Reason set_token_exchange(Client& client, const json::Object& table) {
  TokenExchangePolicy policy;
  for (const auto& member : table.members()) {
    if (member.name != "subject_clients" && member.name != "resources" && member.name != "mode") {
      return member.name + " is not a known member";
    }
  }
  if (auto reason = set_ids(policy.subject_clients, table, "subject_clients")) return reason;
  if (auto reason = set_ids(policy.resources, table, "resources")) return reason;
  const auto mode = json::string_member(table, "mode");
  const bool impersonates = mode == "impersonation";
  if (table.contains("mode") && !impersonates && mode != "delegation") {
    return "mode must be \"delegation\" or \"impersonation\"";
  }
  policy.mode = impersonates ? Mode::impersonation : Mode::delegation;
  client.token_exchange = std::move(policy);
  return std::nullopt;
}

json::Value token_exchange_of(const Client& client) {
  if (!client.token_exchange) return {};
  const auto& policy = *client.token_exchange;
  return json::Value(
      json::Object{{"subject_clients", texts(policy.subject_clients)},
                   {"resources", texts(policy.resources)},
                   {"mode", policy.mode == Mode::impersonation ? "impersonation" : "delegation"}});
}

}  // namespace cardea
