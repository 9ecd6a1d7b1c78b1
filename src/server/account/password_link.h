// One-time links by which a person sets a password, so that no installation has a default one:
// made by `cardea users link`, used at /link/<token>. Only the token's digest is kept (security
// corpus 6819-02); it is dead after one use, after its lifetime, and with its user.
#pragma once

#include <string>

#include "server/deps.h"

namespace cardea {

using PasswordLinkToken = Secret<struct PasswordLinkTokenTag>;  // 256 bits, 43 characters

struct NewPasswordLink {
  PasswordLinkToken token;
  store::PutPasswordLink operation;  // to be performed before the link is shown
};

NewPasswordLink new_password_link(const Settings& settings, Random& random, UserId user_id,
                                  Instant now);
// The whole address to hand over. Built from the configured issuer alone, never from a request
// (security corpus I01).
Secret<struct PasswordLinkAddressTag> address_of(const Settings& settings,
                                                 const PasswordLinkToken& token);
LinkDigest digest_of(const PasswordLinkToken& token);

}  // namespace cardea
