// `cardea doctor --profile`: row by row what FAPI 2.0, OAuth 2.1 or MCP authorization asks of an
// issuer and its clients, and what holds. Pure: settings and clients in, rows out; a person or a
// program reads the rows, nothing here decides about a request.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/settings/settings.h"

namespace cardea::app {

enum class ConformanceProfile { fapi2, oauth21, mcp };
std::string_view name_of(ConformanceProfile profile);
std::string_view title_of(ConformanceProfile profile);  // "FAPI 2.0 Security Profile"
std::optional<ConformanceProfile> conformance_profile_named(std::string_view name);

enum class Verdict {
  holds,    // by these settings and clients; others could break it
  always,   // by construction: no setting changes it
  unused,   // there is no client that it is about
  advised,  // what the profile recommends, and is not so
  fails,    // what the profile demands, and is not so
};
std::string_view name_of(Verdict verdict);
std::optional<Verdict> verdict_named(std::string_view name);

struct ProfileRow {
  std::string id;           // "fapi2.sender_constrained"; stays the same between versions
  std::string section;      // "5.3.2.1 (4)" or "RFC 8414 3"
  std::string requirement;  // a sentence without its full stop
  Verdict verdict = Verdict::fails;
  std::string found;       // what these settings and clients say; "" where always
  std::string fix;         // where it fails or is advised
  std::string ensured_by;  // where always: ids of docs/requirements.tsv, ", " between them
};

// clients: those to judge; disabled ones count for nothing and are left out.
std::vector<ProfileRow> judge_profile(ConformanceProfile profile, const Settings& settings,
                                      std::span<const Client> clients);

}  // namespace cardea::app
