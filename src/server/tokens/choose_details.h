// Which authorization_details (RFC 9396) a client may ask for, and which of the granted ones a
// token gets.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/client.h"
#include "protocol/authorization_details.h"
#include "protocol/error.h"
#include "protocol/parameters.h"
#include "server/settings/settings.h"

namespace cardea {

// Why not, for the log: a type that is not registered with the issuer or the client, or an element
// that its schema does not allow (RFC 9396 5).
std::optional<std::string> objection_to_details(const Settings& settings, const Client& client,
                                                const AuthorizationDetails& details);

// As words of a consent row, one for each element, whatever the order of its members:
// "detail:<digest>".
std::vector<std::string> words_of(const AuthorizationDetails& details);

// The details of this token: those granted, or the ones of them that the token request names (RFC
// 9396 6). granted: as text, "" for none. Refuses invalid_authorization_details.
Result<std::string, OAuthError> choose_details(const std::string& granted,
                                               const RawParameters& parameters);

}  // namespace cardea
