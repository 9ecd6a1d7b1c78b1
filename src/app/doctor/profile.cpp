// Rules put to settings and clients; see profile.h.
#include "app/doctor/profile.h"

#include <algorithm>
#include <array>

#include "app/doctor/profile_rule.h"
#include "protocol/redirect_uri.h"

namespace cardea::app {
namespace {

struct ProfileEntry {
  ConformanceProfile profile;
  std::string_view name;
  std::string_view title;
  std::vector<ProfileRule> (*rules)();
};

constexpr std::array<ProfileEntry, 3> profiles{{
    {ConformanceProfile::fapi2, "fapi2", "FAPI 2.0 Security Profile", fapi2_rules},
    {ConformanceProfile::oauth21, "oauth21", "OAuth 2.1 (draft 15)", oauth21_rules},
    {ConformanceProfile::mcp, "mcp", "MCP authorization (2025-11-25)", mcp_rules},
}};

const ProfileEntry& entry_of(ConformanceProfile profile) {
  return *std::ranges::find(profiles, profile, &ProfileEntry::profile);
}

// More names than these help nobody: --client tells of any one.
constexpr std::size_t named_clients_max = 8;

std::string counted(std::size_t count) {
  return count == 1 ? "1 client" : std::to_string(count) + " clients";
}

void judge_issuer(const ProfileRule& rule, const Settings& settings,
                  std::span<const Client> clients, ProfileRow& row) {
  if (rule.concerns_issuer && !rule.concerns_issuer(settings)) {
    row.verdict = Verdict::unused;
    row.found = "no setting that this is about";
    return;
  }
  const auto lack = rule.issuer_lacks(settings, clients);
  row.verdict = !lack ? Verdict::holds : rule.is_advice ? Verdict::advised : Verdict::fails;
  row.found = lack.value_or("so configured");
}

void judge_clients(const ProfileRule& rule, const Settings& settings,
                   std::span<const Client> clients, ProfileRow& row) {
  std::size_t concerned = 0;
  std::size_t lacking_count = 0;
  std::string lacking;
  for (const Client& client : clients) {
    if (!client.enabled || !rule.concerns(client)) continue;
    ++concerned;
    const auto lack = rule.client_lacks(settings, client);
    if (!lack) continue;
    if (++lacking_count > named_clients_max) continue;
    lacking += (lacking.empty() ? "" : "; ") + client.client_id.value() + ": " + *lack;
  }
  if (concerned == 0) {
    row.verdict = Verdict::unused;
    row.found = "no client that this is about";
  } else if (lacking.empty()) {
    row.verdict = Verdict::holds;
    row.found = counted(concerned);
  } else {
    row.verdict = rule.is_advice ? Verdict::advised : Verdict::fails;
    if (lacking_count > named_clients_max) {
      lacking += "; and " + counted(lacking_count - named_clients_max) + " more";
    }
    row.found = std::move(lacking);
  }
}

ProfileRow judge(const ProfileRule& rule, const Settings& settings,
                 std::span<const Client> clients) {
  ProfileRow row{.id = std::string(rule.id),
                 .section = rule.section,
                 .requirement = rule.requirement,
                 .verdict = Verdict::always,
                 .found = {},
                 .fix = {},
                 .ensured_by = std::string(rule.ensured_by)};
  if (!rule.ensured_by.empty()) return row;
  if (rule.issuer_lacks) {
    judge_issuer(rule, settings, clients, row);
  } else {
    judge_clients(rule, settings, clients, row);
  }
  if (row.verdict == Verdict::fails || row.verdict == Verdict::advised) row.fix = rule.fix;
  return row;
}

}  // namespace

std::string_view name_of(ConformanceProfile profile) {
  return entry_of(profile).name;
}

std::string_view title_of(ConformanceProfile profile) {
  return entry_of(profile).title;
}

std::optional<ConformanceProfile> conformance_profile_named(std::string_view name) {
  const auto at = std::ranges::find(profiles, name, &ProfileEntry::name);
  if (at == profiles.end()) return std::nullopt;
  return at->profile;
}

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds:
      return "holds";
    case Verdict::always:
      return "always";
    case Verdict::unused:
      return "unused";
    case Verdict::advised:
      return "advised";
    case Verdict::fails:
      return "fails";
  }
  return "";
}

std::optional<Verdict> verdict_named(std::string_view name) {
  for (const auto each :
       {Verdict::holds, Verdict::always, Verdict::unused, Verdict::advised, Verdict::fails}) {
    if (name_of(each) == name) return each;
  }
  return std::nullopt;
}

std::vector<ProfileRow> judge_profile(ConformanceProfile profile, const Settings& settings,
                                      std::span<const Client> clients) {
  std::vector<ProfileRow> rows;
  for (const auto& rule : entry_of(profile).rules()) rows.push_back(judge(rule, settings, clients));
  return rows;
}

bool every_client(const Client&) {
  return true;
}

bool uses_codes(const Client& client) {
  return client.allows(GrantType::authorization_code);
}

bool keeps_public_refresh_tokens(const Client& client) {
  return client.is_public() && client.allows(GrantType::refresh_token);
}

Lack issuer_without_tls(const Settings& settings, std::span<const Client>) {
  if (settings.issuer_is_https) return std::nullopt;
  return "the issuer is " + settings.issuer;
}

Lack pkce_left_out(const Settings&, const Client& client) {
  if (client.pkce == PkcePolicy::required) return std::nullopt;
  return "pkce is optional";
}

Lack open_redirect_uri(const Settings&, const Client& client) {
  for (const auto& uri : client.redirect_uris) {
    for (const auto& problem : check_redirect_uri_registration(
             uri, {.application_type = client.application_type, .development = false})) {
      if (!problem.is_warning) return uri;
    }
  }
  return std::nullopt;
}

Lack refresh_token_that_a_thief_can_use(const Settings&, const Client& client) {
  const bool is_bound =
      client.dpop_bound_access_tokens || client.tls_client_certificate_bound_access_tokens;
  if (is_bound || client.refresh_rotation == RefreshRotation::on) return std::nullopt;
  return "refresh_rotation is off, and no key binds the token";
}

}  // namespace cardea::app
