// The token endpoint's two answers as values: tokens (RFC 6749 5.1, OIDC Core 3.1.3.3) and refusals
// (RFC 6749 5.2). The server writes them, the client reads them strictly.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"

namespace cardea {

using AccessToken = Secret<struct AccessTokenTag>;
using RefreshToken = Secret<struct RefreshTokenTextTag>;
using IdTokenText = Secret<struct IdTokenTextTag>;  // compact JWS; a hint at logout, so kept

struct TokenResponse {
  AccessToken access_token;
  std::string token_type = "Bearer";
  std::optional<Seconds> expires_in;
  std::optional<RefreshToken> refresh_token;
  // Absent: what was asked for was granted (RFC 6749 5.1).
  std::optional<std::vector<std::string>> scope;
  std::optional<IdTokenText> id_token;
  std::string_view issued_token_type = {};  // a literal; of a token exchange alone (RFC 8693 2.2.1)
  std::string authorization_details;        // RFC 9396 7: a JSON array as text; "" for none
};

// The body of a 200 answer: JSON.
std::string write(const TokenResponse& response);
// Reads it. Refuses, with the member at fault: a missing or empty access_token or token_type, wrong
// types, a negative or absurd (over ten years) expires_in, tokens with characters outside VSCHAR
// (RFC 6749 Appendix A.12). Unknown members are ignored.
Result<TokenResponse, std::string> parse_token_response(std::string_view body);

// A refusal as it was received: the words are the server's.
struct TokenErrorResponse {
  std::string error;
  std::string error_description;  // "" when absent
};
// The body of an error answer; nothing when it is not one (an HTML page of a proxy, say).
std::optional<TokenErrorResponse> parse_token_error(std::string_view body);

}  // namespace cardea
