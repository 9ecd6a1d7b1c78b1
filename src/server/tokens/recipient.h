// To whom an answer is encrypted (OIDC Core 10.2, RFC 9701 6, JARM 2.2): the client's key, found
// before anything is spent or minted.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/client.h"
#include "jose/jwe.h"
#include "protocol/error.h"
#include "server/deps.h"
#include "task/task.h"

namespace cardea {

// What a client may have encrypted.
enum class ClientAnswer { id_token, userinfo, introspection, authorization };

struct Recipient {
  jose::RecipientKey key;
  jose::KeyManagement management = jose::KeyManagement::RSA_OAEP_256;
  jose::ContentEncryption encryption = jose::ContentEncryption::A256GCM;
};

bool is_encrypted(const Client& client, ClientAnswer answer);

// Nothing where the client wants the answer readable. Refuses invalid_request when none of its keys
// fits. client: outlives the call.
Task<Result<std::optional<Recipient>, OAuthError>> find_recipient(const Deps& deps,
                                                                  const Client& client,
                                                                  ClientAnswer answer, Instant now);

// RFC 7519 5.2: what is inside a nested JWT is said by cty "JWT"; "" for plain claims.
std::string encrypt_to(const Recipient& recipient, std::string_view content, std::string_view cty,
                       Random& random);

}  // namespace cardea
