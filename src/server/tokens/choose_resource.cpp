// The choice of a resource; see choose_resource.h.
#include "server/tokens/choose_resource.h"

#include <algorithm>

#include "protocol/resource_indicator.h"
#include "protocol/scope.h"

namespace cardea {
namespace {

OAuthError no_such_target(std::string_view rule, std::string reason) {
  return {.code = ErrorCode::invalid_target,
          .rule = rule,
          .spec = rfc8707("2"),
          .description = "The resource is not one this server issues tokens for.",
          .reason = std::move(reason)};
}

std::vector<const Resource*> owners_of(const Settings& settings, const std::string& scope) {
  std::vector<const Resource*> owners;
  for (const auto& resource : settings.resources) {
    if (has_scope(resource.scopes, scope)) owners.push_back(&resource);
  }
  return owners;
}

// A scope that only other APIs define would mean nothing at the chosen one.
Result<std::optional<ResourceId>, OAuthError> with_fitting_scopes(
    const Settings& settings, const Resource& chosen, const std::vector<std::string>& scopes) {
  for (const auto& scope : scopes) {
    const auto owners = owners_of(settings, scope);
    if (owners.empty() || std::ranges::find(owners, &chosen) != owners.end()) continue;
    return refuse(OAuthError{.code = ErrorCode::invalid_target,
                             .rule = "CARDEA-RESOURCE-004",
                             .spec = rfc8707("2.2"),
                             .description = "A requested scope belongs to another resource.",
                             .reason = "scope " + scope + " belongs to " +
                                       owners.front()->identifier.value() + ", the token is for " +
                                       chosen.identifier.value()});
  }
  return std::optional(chosen.identifier);
}

// RFC 8707 2: what the request (or the registration) names.
Result<std::optional<ResourceId>, OAuthError> named(const Settings& settings,
                                                    const ResourceId& identifier,
                                                    const std::vector<std::string>& scopes) {
  if (!is_resource_indicator(identifier.value())) {
    return refuse(no_such_target("CARDEA-RESOURCE-001", "not an absolute URI without fragment"));
  }
  const auto* resource = settings.find_resource(identifier);
  if (resource == nullptr) {
    return refuse(no_such_target("CARDEA-RESOURCE-002",
                                 "no resource is registered as " + identifier.value()));
  }
  return with_fitting_scopes(settings, *resource, scopes);
}

Result<std::optional<ResourceId>, OAuthError> owner_of_all(const Settings& settings,
                                                           const std::vector<std::string>& scopes) {
  // The owners that all API scopes have in common.
  std::optional<std::vector<const Resource*>> common;
  for (const auto& scope : scopes) {
    auto owners = owners_of(settings, scope);
    if (owners.empty()) continue;
    if (common) {
      std::erase_if(owners, [&](const Resource* owner) {
        return std::ranges::find(*common, owner) == common->end();
      });
    }
    common = std::move(owners);
  }
  if (!common) return std::optional<ResourceId>();
  if (common->size() == 1) return std::optional(common->front()->identifier);
  return refuse(OAuthError{
      .code = ErrorCode::invalid_target,
      .rule = "CARDEA-RESOURCE-005",
      .spec = cardea_policy("Q5"),
      .description = "The scopes do not belong to exactly one resource; name it with resource.",
      .reason = std::to_string(common->size()) + " resources own all of: " + write_scope(scopes)});
}

}  // namespace

Result<std::optional<ResourceId>, OAuthError> choose_resource(const Settings& settings,
                                                              const Client& client,
                                                              const ResourceWish& wish) {
  if (!wish.requested.empty()) {
    const auto& first = wish.requested.front();
    if (std::ranges::any_of(wish.requested, [&](const auto& other) { return other != first; })) {
      return refuse(
          OAuthError{.code = ErrorCode::invalid_target,
                     .rule = "CARDEA-RESOURCE-003",
                     .spec = rfc8707("2"),
                     .description = "A token is for one resource; ask for one at a time.",
                     .reason = std::to_string(wish.requested.size()) + " resource parameters"});
    }
    return named(settings, ResourceId(first), wish.scopes);
  }
  if (client.default_resource) return named(settings, *client.default_resource, wish.scopes);
  return owner_of_all(settings, wish.scopes);
}

std::vector<std::string> audience_of(const Settings& settings,
                                     const std::optional<ResourceId>& resource,
                                     const std::vector<std::string>& scopes) {
  if (!resource) return {settings.issuer};
  if (has_scope(scopes, "openid")) return {resource->value(), settings.issuer};
  return {resource->value()};
}

}  // namespace cardea
