// The `claims` parameter: which claims are asked for, one by one, and where they should come. OIDC
// Core 5.5. What is released is the server's decision.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace cardea {

struct ClaimRequest {
  std::string name;
  bool essential = false;
  std::vector<json::Value> values;  // of `value` or `values`; empty: any value will do

  bool admits(const json::Value& value) const;
};

struct ClaimsRequest {
  std::vector<ClaimRequest> id_token;
  std::vector<ClaimRequest> userinfo;

  // Null when not asked for.
  const ClaimRequest* find_in_id_token(std::string_view name) const;
  const ClaimRequest* find_in_userinfo(std::string_view name) const;
  // Every name asked for, each once, in order.
  std::vector<std::string> names() const;
};

// Refuses, with a sentence that holds no input: text longer than limits::claims_request_bytes_max,
// strict JSON it is not, a target or a claim that is not an object (or null), `essential` that is
// not true or false, `value` that is null, `values` that is not a list of one JSON type, both at
// once. Unknown members are ignored at every level (OIDC Core 5.5, 5.5.1).
Result<ClaimsRequest, std::string_view> parse_claims_request(std::string_view text);

}  // namespace cardea
