// Distinct identifiers of what this system remembers. All but ClientId and ResourceId are made by
// us: 22 characters of base64url, unless said otherwise. None of them proves anything by itself:
// what does is sealed, has a MAC, or is kept as a digest.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/tagged.h"
#include "base/time.h"

namespace cardea {

using ClientId = Tagged<struct ClientIdTag>;      // as registered
using ResourceId = Tagged<struct ResourceIdTag>;  // an absolute URI (RFC 8707 2)
using UserId = Tagged<struct UserIdTag>;  // also the public `sub`; never reassigned (OIDC Core 2)
using SessionId = Tagged<struct SessionIdTag>;  // also the `sid` claim; not the cookie's value
using GrantId = Tagged<struct GrantIdTag>;      // the authorization code's own id (decision Q7)
using ConsentId = Tagged<struct ConsentIdTag>;
using ParkedId = Tagged<struct ParkedIdTag>;  // a sealed value that lies in a row
using TokenId = Tagged<struct TokenIdTag>;    // `jti` of an access token
using KeyId = Tagged<struct KeyIdTag>;        // `kid`

// SHA-256 of a bearer value, 32 raw bytes: what is kept instead of the value (security corpus 6.1).
template <class Tag>
using Digest = Tagged<Tag>;
using SessionDigest = Digest<struct SessionHandleTag>;
using InteractionDigest = Digest<struct InteractionHandleTag>;
using BindingDigest = Digest<struct BindingCookieTag>;  // of the browser's binding cookie
using RefreshDigest = Digest<struct RefreshTokenTag>;
using LinkDigest = Digest<struct PasswordLinkTag>;
using OnceDigest = Digest<struct OnceTag>;
using CounterDigest = Digest<struct CounterTag>;
using RecoveryDigest = Digest<struct RecoveryCodeTag>;                // keyed, as few bits need
using RegistrationTokenDigest = Digest<struct RegistrationTokenTag>;  // RFC 7592 1.2
using InitialTokenDigest = Digest<struct InitialTokenTag>;            // RFC 7591 1.2
using RedirectUriDigest = Digest<struct RedirectUriTag>;

// For pages and documents that hold texts.
template <class Tag>
std::vector<std::string> values_of(const std::vector<Tagged<Tag>>& identifiers) {
  std::vector<std::string> values;
  for (const auto& each : identifiers) values.push_back(each.value());
  return values;
}

// Resources as one text, in order and separated by spaces, which no identifier of a resource holds
// (protocol/resource_indicator.h); "" for none. How rows and sealed values keep them.
std::string write_resources(const std::vector<ResourceId>& resources);
std::vector<ResourceId> read_resources(std::string_view text);

// 22 characters of base64url over 128 random bits.
std::string new_identifier(Random& random);

// For what is inserted often: 22 characters of base64url that begin with the millisecond, so that
// they sort by it, and go on with 86 random bits. New rows then lie side by side in an index, and a
// group of them writes one page of it, not one each. It tells everybody who sees it when it was
// made.
std::string new_dated_identifier(Random& random, Instant now);

}  // namespace cardea
