// The members of a client as data, each described once: the stored document, the configuration
// file, the command line, dynamic registration and the reference page all read this table. Names
// and meanings are those of RFC 7591 2 and OIDC Registration 2 where those have one.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "domain/client.h"
#include "domain/member_value.h"

namespace cardea {

struct ClientMember {
  std::string_view name;
  MemberKind kind = MemberKind::text;
  // Who may set it: a client that registers itself, or the operator alone (security corpus F01).
  enum class By { client, operator_alone } by = By::operator_alone;
  std::vector<std::string_view> choices;  // the closed list of words; empty: any
  std::string_view standard;              // the default, as a person writes it
  std::string_view doc;
  // The value has the kind and is among the choices. Gives a reason when it is refused.
  std::optional<std::string> (*set)(Client& client, const json::Value& value) = nullptr;
  // Null when the client does not have the member.
  json::Value (*get)(const Client& client) = nullptr;
};

// In the order of the reference page. Without secrets, owner and created_at, which nobody sets by
// name.
std::span<const ClientMember> client_members();

// Checks kind and choices, then sets. The client is unchanged when a reason is given.
std::optional<std::string> set_member(const ClientMember& member, Client& client,
                                      const json::Value& value);

}  // namespace cardea
