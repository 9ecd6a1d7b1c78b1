// Choosing authorization_details; see choose_details.h. RFC 9396 5, 6.
#include "server/tokens/choose_details.h"

#include <algorithm>

#include "base/base64url.h"
#include "crypto/hash.h"

namespace cardea {

std::optional<std::string> objection_to_details(const Settings& settings, const Client& client,
                                                const AuthorizationDetails& details) {
  for (const auto& detail : details) {
    const auto type = type_of(detail);
    const auto* known = settings.find_details_type(type);
    if (known == nullptr) return "no type <" + type + "> is registered with the issuer";
    if (std::ranges::find(client.authorization_details_types, type) ==
        client.authorization_details_types.end()) {
      return "the type <" + type + "> is not registered for the client";
    }
    if (auto reason = known->schema.objection(detail)) return reason;
  }
  return std::nullopt;
}

std::vector<std::string> words_of(const AuthorizationDetails& details) {
  std::vector<std::string> words;
  for (const auto& detail : details) {
    words.push_back("detail:" + base64url_encode(crypto::sha256(canonical(detail))));
  }
  return words;
}

Result<std::string, OAuthError> choose_details(const std::string& granted,
                                               const RawParameters& parameters) {
  const auto text = parameters.find("authorization_details");
  if (!text) return granted;
  const auto asked = parse_authorization_details(*text);
  const auto all = parse_authorization_details(granted);
  if (asked && all && is_within(*asked, *all)) return write_details(*asked);
  return refuse(OAuthError{
      .code = ErrorCode::invalid_authorization_details,
      .rule = "CARDEA-DETAILS-002",
      .spec = rfc9396("6"),
      .description = "The authorization_details were not granted.",
      .reason = asked ? "an element is none of those granted" : std::string(asked.error())});
}

}  // namespace cardea
