// What an approval is about; see consent_items.h.
#include "server/consent/consent_items.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/url.h"
#include "server/tokens/choose_details.h"

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

// Every plain value under its name, "amount.currency": nothing of what is asked is left out.
void add_facts(DetailView& row, const std::string& name, const json::Value& value) {
  if (const auto* object = value.if_object()) {
    for (const auto& member : object->members()) {
      add_facts(row, name + "." + member.name, member.value);
    }
    return;
  }
  const auto* list = value.if_array();
  const bool is_plain_list = list != nullptr && std::ranges::all_of(*list, [](const auto& each) {
                               return each.if_object() == nullptr && each.if_array() == nullptr;
                             });
  if (list == nullptr || is_plain_list) {
    std::vector<std::string> parts;
    for (const auto& each : list != nullptr ? *list : json::Array{value}) {
      parts.push_back(each.if_string() != nullptr ? *each.if_string() : json::write(each));
    }
    row.facts.emplace_back(name, ascii::join(parts, ", "));
    return;
  }
  for (std::size_t i = 0; i < list->size(); ++i) {
    add_facts(row, name + " " + std::to_string(i + 1), (*list)[i]);
  }
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
  auto approvals = approvals_of(approval.words, values_of(approval.resources));
  return {.consent_id = ConsentId(new_dated_identifier(deps.random, exchange.now)),
          .user_id = std::move(approval.user_id),
          .client_id = std::move(approval.client_id),
          .scopes = std::move(approval.words),
          .approvals = std::move(approvals),
          .created_at = exchange.now,
          .updated_at = exchange.now};
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
    if (!word.starts_with(claim_prefix)) continue;  // authorization_details have rows of their own
    const std::string name = word.substr(claim_prefix.size());
    rows.push_back({.title = name, .value = shown_value(user, name), .known = false});
  }
  return rows;
}

std::vector<DetailView> detail_rows(const Settings& settings, const AuthorizationDetails& details,
                                    const std::vector<std::string>& words) {
  std::vector<DetailView> rows;
  for (const auto& detail : details) {
    const auto word = words_of({detail}).front();
    if (std::ranges::find(words, word) == words.end()) continue;  // approved before
    const auto type = type_of(detail);
    const auto* known = settings.find_details_type(type);
    DetailView row{.title = known != nullptr && !known->title.empty() ? known->title : type};
    for (const auto& member : detail.members()) {
      if (member.name != "type") add_facts(row, member.name, member.value);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace cardea
