// RSA and EC keys of OpenSSL out of parameters and PKCS#8, and back: what keys that sign and keys
// that decrypt have in common. A public key is checked once, here. Internal to crypto/.
#pragma once

#include <openssl/evp.h>

#include "crypto/ecdsa_form.h"
#include "crypto/key.h"
#include "crypto/owned.h"

namespace cardea::crypto {

using OwnedKey = Owned<EVP_PKEY, EVP_PKEY_free>;
using PkeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;

// Null when the parameters are not a sound key: RSA below 2048 or above 8192 bits, even or small
// exponents, leading zero octets; coordinates of another length than the field's, a point off the
// curve.
OwnedKey rsa_public_key(const RsaPublic& parameters);
OwnedKey ec_public_key(Curve curve, const EcPublic& parameters);

RsaPublic rsa_parameters(const EVP_PKEY* key);
// key: sound, see is_on_curve(): the point at infinity has no coordinates.
EcPublic ec_parameters(const EVP_PKEY* key, Curve curve);
// Whether the point of an EC key is one of its curve, and not the one at infinity. What came out of
// a certificate was not looked at by anybody.
bool is_on_curve(const EVP_PKEY* key);
bool is_of_curve(const EVP_PKEY* key, Curve curve);  // also false for a key that is not EC
const CurveForm& form_of(Curve curve);

// Null for a size that OpenSSL refuses.
OwnedKey generate_rsa(unsigned bits);
OwnedKey generate_ec(Curve curve);

// Null when it is not PKCS#8, or something follows it.
OwnedKey decode_pkcs8(std::string_view der);
PrivateKeyBytes encode_pkcs8(const EVP_PKEY* key);

}  // namespace cardea::crypto
