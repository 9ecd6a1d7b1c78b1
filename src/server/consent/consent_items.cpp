// What an approval is about; see consent_items.h.
#include "server/consent/consent_items.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/url.h"

namespace cardea {
namespace {

constexpr std::string_view claim_prefix = "claim:";

bool is_released_by(const Settings& settings, const std::string& claim,
                    const std::vector<std::string>& scopes) {
  return std::ranges::any_of(scopes, [&](const std::string& scope) {
    const auto found = settings.scopes.find(scope);
    if (found == settings.scopes.end()) return false;
    const auto& claims = found->second.claims;
    return std::ranges::find(claims, claim) != claims.end();
  });
}

// One claim's value as text for the page; "" for what is not a plain value.
std::string shown_value(const User& user, const std::string& claim) {
  const auto claims = user.claims.read();
  const json::Value* value = claims.find(claim);
  if (!value) return {};
  if (const std::string* text = value->if_string()) return *text;
  const json::Array* list = value->if_array();
  if (!list) return {};
  std::vector<std::string> parts;
  for (const json::Value& each : *list) {
    if (const std::string* text = each.if_string()) parts.push_back(*text);
  }
  return ascii::join(parts, ", ");
}

ScopeView row_of_scope(const Settings& settings, const User& user, const std::string& scope) {
  const auto found = settings.scopes.find(scope);
  const bool of_an_api = std::ranges::any_of(settings.resources, [&](const Resource& resource) {
    return std::ranges::find(resource.scopes, scope) != resource.scopes.end();
  });
  if (found == settings.scopes.end()) return {.title = scope, .known = of_an_api};
  ScopeView row{.title = found->second.title, .description = found->second.description};
  if (row.title.empty()) row.title = scope;
  // "See your e-mail address: a@example.com": the first claim says it best.
  if (!found->second.claims.empty()) row.value = shown_value(user, found->second.claims.front());
  return row;
}

}  // namespace

std::vector<std::string> claims_beyond_scopes(const Settings& settings, const ClaimsRequest& claims,
                                              const std::vector<std::string>& scopes) {
  std::vector<std::string> words;
  for (const std::string& name : claims.names()) {
    if (is_reserved_claim(name) || is_released_by(settings, name, scopes)) continue;
    // Consent rows hold words: a name with a space must not pass for two.
    words.push_back(std::string(claim_prefix) + url::encode(name));
  }
  return words;
}

Consent new_consent(const Deps& deps, const Exchange& exchange, Approval approval) {
  Consent consent{.consent_id = ConsentId(new_dated_identifier(deps.random, exchange.now)),
                  .user_id = std::move(approval.user_id),
                  .client_id = std::move(approval.client_id),
                  .scopes = std::move(approval.words),
                  .resources = {},
                  .created_at = exchange.now,
                  .updated_at = exchange.now};
  if (approval.resource) consent.resources.push_back(approval.resource->value());
  return consent;
}

std::vector<ScopeView> consent_rows(const Settings& settings, const User& user,
                                    const std::vector<std::string>& scopes,
                                    const std::vector<std::string>& claims_words) {
  std::vector<ScopeView> rows;
  for (const std::string& scope : scopes) {
    if (scope == "openid" || scope == "offline_access") continue;
    rows.push_back(row_of_scope(settings, user, scope));
  }
  for (const std::string& word : claims_words) {
    const std::string name = word.substr(claim_prefix.size());
    rows.push_back({.title = name, .value = shown_value(user, name), .known = false});
  }
  return rows;
}

}  // namespace cardea
