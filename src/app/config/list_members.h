// The members of [[clients]], [[users]], [[resources]], [[software_statement_issuers]] and
// [scopes.NAME], as data: one table each,
// read by the loader, the command line (`cardea clients add`), JSON Schema and docs/settings.md.
// Those of clients are domain/client_members.h and the secret.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/config.h"
#include "base/json.h"
#include "domain/client_members.h"

namespace cardea::app {

template <class Target>
struct MemberRow {
  std::string_view name;
  MemberKind kind = MemberKind::text;
  std::string_view standard;
  std::string_view doc;
  // Gives a reason when the value is refused. Its JSON type was checked against `kind`; a duration
  // is an integer.
  std::function<std::optional<std::string>(Target&, const json::Value&)> apply;
};

std::span<const MemberRow<ConfiguredClient>> configured_client_members();
std::span<const MemberRow<ConfiguredUser>> user_members();
std::span<const MemberRow<Resource>> resource_members();
std::span<const MemberRow<TrustedIssuer>> trusted_issuer_members();
std::span<const MemberRow<StatementIssuer>> statement_issuer_members();
std::span<const MemberRow<ScopeDescription>> scope_members();
std::span<const MemberRow<AuthorizationDetailsType>> details_type_members();

struct MemberProblem {
  std::string member;
  std::string reason;
};

// Applies the object's members to the target: unknown names, wrong types and refused values give a
// problem each and change nothing else. Members that end in _file are read from that file (absolute
// by then) with one final newline dropped.
template <class Target>
std::vector<MemberProblem> apply_members(std::span<const MemberRow<Target>> rows,
                                         const json::Object& members, Target& target);

// apply_members() for a client: a profile among the members settles first what it asks for.
std::vector<MemberProblem> apply_client_members(const json::Object& members,
                                                ConfiguredClient& client);

// The client with what stands in for the secret that reconciliation will digest.
Client as_reconciled(const ConfiguredClient& configured);

// Fills what follows from the members (a public client without method, default post-processing),
// then check_client.
std::vector<ClientProblem> complete_client(ConfiguredClient& client);

}  // namespace cardea::app
