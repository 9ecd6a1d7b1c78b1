// The choice of resources; see choose_resources.h.
#include "server/tokens/choose_resources.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "protocol/resource_indicator.h"
#include "protocol/scope.h"

namespace cardea {
namespace {

using Chosen = Result<std::vector<ResourceId>, OAuthError>;

OAuthError no_such_target(std::string_view rule, std::string reason) {
  return {.code = ErrorCode::invalid_target,
          .rule = rule,
          .spec = rfc8707("2"),
          .description = "The resource is not one this server issues tokens for.",
          .reason = std::move(reason)};
}

OAuthError foreign_scope(std::string reason) {
  return {.code = ErrorCode::invalid_target,
          .rule = "CARDEA-RESOURCE-004",
          .spec = rfc8707("2.2"),
          .description = "A requested scope belongs to another resource.",
          .reason = std::move(reason)};
}

// The APIs that define the scope.
std::vector<ResourceId> owners_of(const Settings& settings, const std::string& scope) {
  std::vector<ResourceId> owners;
  for (const auto& resource : settings.resources) {
    if (has_scope(resource.scopes, scope)) owners.push_back(resource.identifier);
  }
  return owners;
}

bool holds(const std::vector<ResourceId>& list, const ResourceId& resource) {
  return std::ranges::find(list, resource) != list.end();
}

// A scope that only other APIs define would mean nothing at the chosen ones.
bool is_foreign(const Settings& settings, const std::string& scope,
                const std::vector<ResourceId>& chosen) {
  bool is_owned = false;
  for (const auto& resource : settings.resources) {
    if (!has_scope(resource.scopes, scope)) continue;
    if (holds(chosen, resource.identifier)) return false;
    is_owned = true;
  }
  return is_owned;
}

// RFC 8707 2: `resource` may be sent several times; the same one again says nothing new.
Chosen each_once(const std::vector<std::string>& requested) {
  if (requested.size() > limits::resources_max) {
    return refuse(OAuthError{.code = ErrorCode::invalid_target,
                             .rule = "CARDEA-RESOURCE-003",
                             .spec = rfc8707("2"),
                             .description = "Too many resource parameters; name at most 10.",
                             .reason = std::to_string(requested.size()) + " resource parameters"});
  }
  std::vector<ResourceId> once;
  for (const auto& text : requested) {
    ResourceId resource(text);
    if (!holds(once, resource)) once.push_back(std::move(resource));
  }
  return once;
}

// RFC 8707 2: what the request (or the registration) names.
Chosen named(const Settings& settings, std::vector<ResourceId> resources,
             const std::vector<std::string>& scopes) {
  for (const auto& resource : resources) {
    if (!is_resource_indicator(resource.value())) {
      return refuse(no_such_target("CARDEA-RESOURCE-001", "not an absolute URI without fragment"));
    }
    if (settings.find_resource(resource) == nullptr) {
      return refuse(no_such_target("CARDEA-RESOURCE-002",
                                   "no resource is registered as " + resource.value()));
    }
  }
  for (const auto& scope : scopes) {
    if (!is_foreign(settings, scope, resources)) continue;
    return refuse(foreign_scope("scope " + scope + " belongs to " +
                                write_resources(owners_of(settings, scope)) +
                                ", asked for: " + write_resources(resources)));
  }
  return resources;
}

Chosen owner_of_all(const Settings& settings, const std::vector<std::string>& scopes) {
  // The owners that all API scopes have in common.
  std::optional<std::vector<ResourceId>> common;
  for (const auto& scope : scopes) {
    auto owners = owners_of(settings, scope);
    if (owners.empty()) continue;
    if (common) {
      std::erase_if(owners, [&](const ResourceId& owner) { return !holds(*common, owner); });
    }
    common = std::move(owners);
  }
  if (!common) return std::vector<ResourceId>();
  if (common->size() == 1) return *std::move(common);
  return refuse(OAuthError{
      .code = ErrorCode::invalid_target,
      .rule = "CARDEA-RESOURCE-005",
      .spec = cardea_policy("Q5"),
      .description = "The scopes do not belong to exactly one resource; name it with resource.",
      .reason = std::to_string(common->size()) + " resources own all of: " + write_scope(scopes)});
}

AccessTokenForm form_for(const Settings& settings, const ResourceId& identifier) {
  const auto* resource = settings.find_resource(identifier);
  if (resource == nullptr || resource->access_token_format == AccessTokenFormat::opaque) return {};
  return {.signed_with = resource->access_token_signing_alg};
}

// A token has one form, and whoever may read one of two APIs' tokens reads it (RFC 8707 3).
std::optional<OAuthError> check_shared_form(const Settings& settings,
                                            const std::vector<ResourceId>& resources) {
  if (shared_form(settings, resources)) return std::nullopt;
  return OAuthError{.code = ErrorCode::invalid_target,
                    .rule = "CARDEA-RESOURCE-007",
                    .spec = rfc8707("3"),
                    .description = "No one token serves these resources; name one of them.",
                    .reason = "they take tokens of different forms: " + write_resources(resources)};
}

}  // namespace

Chosen choose_resources(const Settings& settings, const Client& client, const ResourceWish& wish) {
  if (!wish.requested.empty()) {
    auto requested = each_once(wish.requested);
    if (!requested) return requested;
    return named(settings, *std::move(requested), wish.scopes);
  }
  if (client.default_resource) return named(settings, {*client.default_resource}, wish.scopes);
  return owner_of_all(settings, wish.scopes);
}

Chosen choose_token_resources(const Settings& settings, const Client& client,
                              const ResourceWish& wish) {
  auto resources = choose_resources(settings, client, wish);
  if (!resources) return resources;
  if (auto refused = check_shared_form(settings, *resources)) return refuse(*std::move(refused));
  return resources;
}

Result<TokenTarget, OAuthError> choose_target(const Settings& settings, TokenTarget granted,
                                              const std::vector<std::string>& requested) {
  auto chosen = each_once(requested);
  if (!chosen) return refuse(std::move(chosen).error());
  for (const auto& resource : *chosen) {
    if (holds(granted.resources, resource)) continue;
    return refuse(OAuthError{.code = ErrorCode::invalid_target,
                             .rule = "CARDEA-RESOURCE-006",
                             .spec = rfc8707("2.2"),
                             .description = "The resource is not one that was granted.",
                             .reason = "granted: " + write_resources(granted.resources)});
  }
  TokenTarget target = std::move(granted);
  if (!chosen->empty()) target.resources = *std::move(chosen);
  if (auto refused = check_shared_form(settings, target.resources)) {
    return refuse(*std::move(refused));
  }
  const bool had_scopes = !target.scopes.empty();
  target.scopes = scopes_at(settings, target.resources, std::move(target.scopes));
  // An empty scope cannot be told in the answer (RFC 6749 3.3), so that nobody would notice.
  if (had_scopes && target.scopes.empty()) {
    return refuse(foreign_scope("no scope of this token means anything at " +
                                write_resources(target.resources)));
  }
  return target;
}

std::vector<std::string> scopes_at(const Settings& settings,
                                   const std::vector<ResourceId>& resources,
                                   std::vector<std::string> scopes) {
  if (resources.empty()) return scopes;
  std::erase_if(scopes,
                [&](const std::string& scope) { return is_foreign(settings, scope, resources); });
  return scopes;
}

std::optional<AccessTokenForm> shared_form(const Settings& settings,
                                           const std::vector<ResourceId>& resources) {
  if (resources.empty()) return AccessTokenForm{};
  const auto form = form_for(settings, resources.front());
  for (const auto& other : resources) {
    if (form_for(settings, other) != form) return std::nullopt;
  }
  return form;
}

std::vector<std::string> audience_of(const Settings& settings,
                                     const std::vector<ResourceId>& resources,
                                     const std::vector<std::string>& scopes) {
  if (resources.empty()) return {settings.issuer};
  auto audience = values_of(resources);
  if (has_scope(scopes, "openid")) audience.push_back(settings.issuer);
  return audience;
}

}  // namespace cardea
