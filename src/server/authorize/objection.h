// Why an authorization or logout request is refused: the protocol error, and how to mend it. How it
// reaches anybody depends on what was proven before: a PageError is shown by us, anything else goes
// to a ReplyTarget.
#pragma once

#include <string>

#include "protocol/error.h"

namespace cardea {

struct Objection {
  OAuthError error;
  std::string fix;  // what to change; for operators and the inspector
};

// Answered in place, never redirected (RFC 6749 4.1.2.1).
struct PageError {
  OAuthError error;
  std::string fix;
  int status = 400;
};

}  // namespace cardea
