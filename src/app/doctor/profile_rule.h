// What a row of a profile is made of: one rule, judged on the settings, on every client that it is
// about, or not at all because no setting can change it.
#pragma once

#include <functional>

#include "app/doctor/profile.h"

namespace cardea::app {

// What is missing, in words ("pkce is optional"); nothing when the rule is met.
using Lack = std::optional<std::string>;

struct ProfileRule {
  std::string_view id;
  std::string section;
  std::string requirement;
  std::string fix{};
  bool is_advice = false;         // a SHOULD: not met, it is advised
  std::string_view ensured_by{};  // set: holds always
  // Judged on the settings, where they are of the kind that the rule is about (empty: always).
  std::function<bool(const Settings&)> concerns_issuer{};
  std::function<Lack(const Settings&, std::span<const Client>)> issuer_lacks{};
  // Whom the rule is about, and what such a client lacks.
  std::function<bool(const Client&)> concerns{};
  std::function<Lack(const Settings&, const Client&)> client_lacks{};
};

std::vector<ProfileRule> fapi2_rules();
std::vector<ProfileRule> oauth21_rules();
std::vector<ProfileRule> mcp_rules();

// --- whom a rule is about ---
bool every_client(const Client&);
bool uses_codes(const Client& client);
bool keeps_public_refresh_tokens(const Client& client);

// --- rules that more than one profile has ---
Lack issuer_without_tls(const Settings& settings, std::span<const Client>);
Lack pkce_left_out(const Settings&, const Client& client);
// A redirect URI that is refused of clients that are not marked development.
Lack open_redirect_uri(const Settings&, const Client& client);
// RFC 9700 2.2.2: neither bound to a key or certificate nor used once.
Lack refresh_token_that_a_thief_can_use(const Settings&, const Client& client);

}  // namespace cardea::app
