// Reading an id_token_hint: one of our own ID tokens, expired or not, that says whom the client
// means. OIDC Core 3.1.2.1, RP-Initiated Logout 2, decision Q5. It proves nothing about the
// browser.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "jose/jwk.h"

namespace cardea {

struct IdTokenHint {
  std::string subject;
  std::string session_id;  // `sid`, "" when absent
  std::vector<std::string> audience;
  bool expired = false;
};

// The hint, or why it is not one: signature, algorithm, issuer, another kind of token of ours
// (access tokens are typed at+jwt, RFC 9068 2.1), no subject. The reason holds no token text.
using HintReading = Result<IdTokenHint, std::string>;
HintReading read_id_token_hint(std::string_view text, const jose::JwkSet& our_keys,
                               std::string_view issuer, Instant now);

}  // namespace cardea
