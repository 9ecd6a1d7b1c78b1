// The text of refresh tokens and the seal around a successor. Decision Q8, security corpus 4.4.
//
//   rt1_<key id 4>_<grant id 22>_<generation>_<secret 43>_<MAC 43>
//
// The MAC covers all before it: a forged string fails without a read, and an authentic token of any
// older generation is known as one. What the store keeps is the digest of the whole text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/secret.h"
#include "domain/grant.h"
#include "protocol/token_response.h"
#include "server/seals/seals.h"

namespace cardea {

using RefreshSecret = Secret<struct RefreshSecretTag>;

RefreshToken mint_refresh_token(const Seals& seals, const GrantId& grant_id,
                                std::int64_t generation, Random& random);
RefreshDigest digest_of(const RefreshToken& token);

// A text whose MAC was checked.
struct ReadRefreshToken {
  PresentedRefresh presented;
  RefreshSecret secret;
};
// Nothing for anything that is not an authentic token of this server.
std::optional<ReadRefreshToken> read_refresh_token(const Seals& seals, std::string_view text);

// The successor's text, openable only by whoever holds the token it replaces: the key is derived
// (HKDF) from the replaced token's secret, which is not stored.
std::string seal_successor(const ReadRefreshToken& replaced, const RefreshToken& successor,
                           Random& random);
std::optional<RefreshToken> open_successor(const ReadRefreshToken& replaced,
                                           std::string_view sealed);

}  // namespace cardea
