// The members that hold a key's parameters (RFC 7518 6), read and written in one place for keys
// that sign and keys that decrypt. Internal to jose/.
#pragma once

#include <optional>

#include "base/json.h"
#include "crypto/key.h"

namespace cardea::jose {

// RFC 7518 6.2.2, 6.3.2, 6.4; RFC 8037 2.
bool has_private_member(const json::Object& jwk);

// A string member that is strict base64url.
std::optional<std::string> octets_member(const json::Object& object, std::string_view name);
// Read without a look at kty and crv; nothing when a member is missing.
std::optional<crypto::RsaPublic> rsa_members(const json::Object& jwk);
std::optional<crypto::EcPublic> ec_members(const json::Object& jwk);

std::string_view name_of(crypto::Curve curve);  // "P-256"
json::Object write_members(const crypto::RsaPublic& rsa);
json::Object write_members(crypto::Curve curve, const crypto::EcPublic& ec);

}  // namespace cardea::jose
