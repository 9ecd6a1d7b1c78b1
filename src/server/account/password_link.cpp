// Making and recognising one-time links; see password_link.h.
#include "server/account/password_link.h"

#include "base/base64url.h"
#include "crypto/hash.h"

namespace cardea {

NewPasswordLink new_password_link(const Settings& settings, Random& random, UserId user_id,
                                  Instant now) {
  PasswordLinkToken token(base64url_encode(random.bytes(32)));
  store::PutPasswordLink operation{.digest = digest_of(token),
                                   .user_id = std::move(user_id),
                                   .expires_at = now + settings.lifetimes.password_link};
  return {std::move(token), std::move(operation)};
}

Secret<struct PasswordLinkAddressTag> address_of(const Settings& settings,
                                                 const PasswordLinkToken& token) {
  return Secret<struct PasswordLinkAddressTag>(settings.endpoint("/link/") +
                                               std::string(token.reveal()));
}

LinkDigest digest_of(const PasswordLinkToken& token) {
  return LinkDigest(crypto::sha256(token.reveal()));
}

}  // namespace cardea
