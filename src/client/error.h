// Failures of the client library as values: a stable code for programs, a sentence for people, the
// compared values as cause. No text ever holds a credential.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cardea::client {

// A refusal in the issuer's own words (RFC 6749 4.1.2.1, 5.2; OIDC Core 3.1.2.6). Data from
// outside: escape it before it is shown.
struct IssuerRefusal {
  std::string error;              // "access_denied", "invalid_grant", ...
  std::string error_description;  // "" when absent
  int status = 0;                 // HTTP status; 0 for an authorization response
};

struct Error {
  // Stable, a string literal: the part of the library, a dot, what went wrong. docs/client.md lists
  // them all.
  std::string_view code;
  std::string message;
  std::string cause;                     // "" when the message says it all
  std::optional<IssuerRefusal> refusal;  // present when the issuer said no
};

// Whether the same request may succeed a moment later: the network failed, or the issuer answered
// with a 5xx status. Nothing was proven about the credential that was sent.
inline bool is_transient(const Error& error) {
  return error.code == "network.unreachable" || error.code == "network.timeout" ||
         error.code == "issuer.unavailable";
}

}  // namespace cardea::client
