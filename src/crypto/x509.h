// X.509 over OpenSSL, as far as making and reading certificates have it in common. Internal to
// crypto/.
#pragma once

#include <openssl/bio.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "crypto/owned.h"

namespace cardea::crypto {

using Bio = Owned<BIO, BIO_free_all>;
using Certificate = Owned<X509, X509_free>;
using CertificateStore = Owned<X509_STORE, X509_STORE_free>;
using StoreContext = Owned<X509_STORE_CTX, X509_STORE_CTX_free>;
using AlternativeNames = Owned<GENERAL_NAMES, GENERAL_NAMES_free>;

// What was written into a memory BIO.
std::string content(BIO* bio);
std::optional<Instant> instant_of(const ASN1_TIME* time);
// RFC 4514: the last RDN first, UTF-8 as it is.
std::string subject_of(const X509* certificate);
// The literal of 4 or 16 bytes; "" for any other number.
std::string ip_text(std::string_view address);
AlternativeNames alternative_names_of(const X509* certificate);  // null where there are none

// One name of them: its kind (GEN_DNS, GEN_URI, ...) and its bytes; no bytes for kinds that are no
// text or address.
struct AlternativeName {
  int kind = 0;
  std::string bytes;
};
AlternativeName alternative_name(const GENERAL_NAMES* names, int at);

}  // namespace cardea::crypto
