// The `claims` parameter; see claims_request.h.
#include "protocol/claims_request.h"

#include <algorithm>

#include "base/limits.h"

namespace cardea {
namespace {

using Refused = std::string_view;

// Which JSON type a value has, as a number to compare.
int type_of(const json::Value& value) {
  if (value.if_string()) return 1;
  if (value.if_integer() || value.if_double()) return 2;
  if (value.if_bool()) return 3;
  if (value.if_object()) return 4;
  if (value.if_array()) return 5;
  return 0;
}

bool are_of_one_type(const json::Array& values) {
  return std::ranges::all_of(values, [&](const json::Value& value) {
    return type_of(value) != 0 && type_of(value) == type_of(values.front());
  });
}

// OIDC Core 5.5.1: null, or an object with `essential`, `value` or `values`.
Result<ClaimRequest, Refused> read_claim(const json::Member& member) {
  ClaimRequest claim{.name = member.name};
  if (member.value.is_null()) return claim;
  const json::Object* how = member.value.if_object();
  if (!how) return refuse(Refused("a claim is neither null nor an object"));
  if (const json::Value* essential = how->find("essential")) {
    if (!essential->if_bool()) return refuse(Refused("essential is not true or false"));
    claim.essential = *essential->if_bool();
  }
  const json::Value* value = how->find("value");
  const json::Value* values = how->find("values");
  if (value && values) return refuse(Refused("value and values are both given"));
  if (value) {
    if (value->is_null()) return refuse(Refused("value is null"));
    claim.values.push_back(*value);
  }
  if (values) {
    const json::Array* list = values->if_array();
    if (!list || list->empty()) return refuse(Refused("values is not a list"));
    if (!are_of_one_type(*list)) return refuse(Refused("values mixes types"));
    claim.values = *list;
  }
  return claim;
}

Result<std::vector<ClaimRequest>, Refused> read_target(const json::Object& root,
                                                       std::string_view name) {
  std::vector<ClaimRequest> claims;
  const json::Value* target = root.find(name);
  if (!target || target->is_null()) return claims;
  const json::Object* members = target->if_object();
  if (!members) return refuse(Refused("id_token or userinfo is not an object"));
  for (const json::Member& member : members->members()) {
    auto claim = read_claim(member);
    if (!claim) return refuse(claim.error());
    claims.push_back(*std::move(claim));
  }
  return claims;
}

const ClaimRequest* find_claim(const std::vector<ClaimRequest>& claims, std::string_view name) {
  const auto found = std::ranges::find(claims, name, &ClaimRequest::name);
  return found == claims.end() ? nullptr : &*found;
}

}  // namespace

bool ClaimRequest::admits(const json::Value& value) const {
  return values.empty() || std::ranges::find(values, value) != values.end();
}

const ClaimRequest* ClaimsRequest::find_in_id_token(std::string_view name) const {
  return find_claim(id_token, name);
}
const ClaimRequest* ClaimsRequest::find_in_userinfo(std::string_view name) const {
  return find_claim(userinfo, name);
}

std::vector<std::string> ClaimsRequest::names() const {
  std::vector<std::string> names;
  for (const auto* target : {&id_token, &userinfo}) {
    for (const ClaimRequest& claim : *target) {
      if (std::ranges::find(names, claim.name) == names.end()) names.push_back(claim.name);
    }
  }
  return names;
}

Result<ClaimsRequest, std::string_view> parse_claims_request(std::string_view text) {
  if (text.size() > limits::claims_request_bytes_max) return refuse(Refused("it is too long"));
  const auto root = json::parse_object(text);
  if (!root) return refuse(Refused("it is not a strict JSON object"));
  auto id_token = read_target(*root, "id_token");
  if (!id_token) return refuse(id_token.error());
  auto userinfo = read_target(*root, "userinfo");
  if (!userinfo) return refuse(userinfo.error());
  return ClaimsRequest{*std::move(id_token), *std::move(userinfo)};
}

}  // namespace cardea
