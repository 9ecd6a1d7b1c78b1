// session_state: what a client keeps of the person's login at the issuer, and asks the issuer's
// frame about later. OIDC Session Management 2 and 3.2; web/scripts/check_session.js computes the
// same.
#pragma once

#include <string>
#include <string_view>

namespace cardea {

struct SessionStateParts {
  std::string_view client_id;
  std::string_view origin;         // of the client's pages (RFC 6454 6.2), never empty
  std::string_view browser_state;  // what the issuer's frame finds in its cookie
  std::string_view salt;           // fresh for every answer; no space, no '.'
};

// base64url(SHA-256(client_id SP origin SP browser_state SP salt)) "." salt: no space in it
// (section 2), and nothing by which two clients, or two answers, recognise one person (3.2).
std::string session_state(const SessionStateParts& parts);

}  // namespace cardea
