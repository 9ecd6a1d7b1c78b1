// Making certificates; see client_certificates.h.
#include "support/client_certificates.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <vector>

#include "base/base64url.h"
#include "base/result.h"
#include "crypto/key.h"
#include "jose/jwk.h"

namespace cardea::test {
namespace {

using Extensions = std::vector<std::pair<int, std::string>>;

std::shared_ptr<EVP_PKEY> new_key() {
  std::shared_ptr<EVP_PKEY> key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), EVP_PKEY_free);
  ensure(key != nullptr);
  return key;
}

// issuer: null for a certificate that signs itself.
ClientIdentity make(const CertificateWish& wish, const ClientIdentity* issuer,
                    const Extensions& extensions) {
  static long serial = 1000;
  auto key = new_key();
  std::shared_ptr<X509> made(X509_new(), X509_free);
  X509* raw = made.get();
  X509_set_version(raw, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(raw), ++serial);
  ASN1_TIME_set(X509_getm_notBefore(raw), wish.from.unix_seconds());
  ASN1_TIME_set(X509_getm_notAfter(raw), wish.until.unix_seconds());
  X509_set_pubkey(raw, key.get());
  X509_NAME* name = X509_get_subject_name(raw);
  for (const auto& [field, text] :
       {std::pair<const char*, std::string>{"O", "Example"}, {"CN", wish.common_name}}) {
    ensure(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char*>(text.data()),
                                      static_cast<int>(text.size()), -1, 0) == 1);
  }
  X509* above = issuer == nullptr ? raw : issuer->certificate();
  X509_set_issuer_name(raw, X509_get_subject_name(above));
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, above, raw, nullptr, nullptr, 0);
  for (const auto& [nid, text] : extensions) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, text.c_str());
    ensure(extension != nullptr && X509_add_ext(raw, extension, -1) == 1);
    X509_EXTENSION_free(extension);
  }
  EVP_PKEY* signing = issuer == nullptr ? key.get() : issuer->key();
  ensure(X509_sign(raw, signing, EVP_sha256()) > 0);
  return {made, key};
}

Extensions leaf_extensions(const CertificateWish& wish) {
  Extensions extensions{{NID_basic_constraints, "critical,CA:FALSE"},
                        {NID_key_usage, "critical,digitalSignature"},
                        {NID_ext_key_usage, wish.usage}};
  if (!wish.names.empty()) extensions.emplace_back(NID_subject_alt_name, wish.names);
  return extensions;
}

const Extensions authority_extensions{{NID_basic_constraints, "critical,CA:TRUE"},
                                      {NID_key_usage, "critical,keyCertSign,cRLSign"}};

}  // namespace

std::string ClientIdentity::der() const {
  unsigned char* bytes = nullptr;
  const int size = i2d_X509(certificate(), &bytes);
  std::string out(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return out;
}

std::string ClientIdentity::pem() const {
  BIO* bio = BIO_new(BIO_s_mem());
  ensure(PEM_write_bio_X509(bio, certificate()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string out(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return out;
}

json::Object ClientIdentity::jwk(const std::string& kid) const {
  PKCS8_PRIV_KEY_INFO* info = EVP_PKEY2PKCS8(key());
  unsigned char* bytes = nullptr;
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info, &bytes);
  const auto key = crypto::PrivateKey::from_der(
      crypto::SignatureAlgorithm::ES256,
      crypto::PrivateKeyBytes(
          std::string(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size))));
  OPENSSL_free(bytes);
  PKCS8_PRIV_KEY_INFO_free(info);
  ensure(key.has_value());
  auto jwk = jose::write_jwk(*key, kid);
  jwk.set("x5c", json::Array{base64_encode(der())});
  return jwk;
}

ClientIdentity self_signed(const CertificateWish& wish) {
  return make(wish, nullptr, leaf_extensions(wish));
}

TestAuthority::TestAuthority(const std::string& common_name)
    : own_(make({.common_name = common_name}, nullptr, authority_extensions)) {}

TestAuthority::TestAuthority(const std::string& common_name, const TestAuthority& above)
    : own_(make({.common_name = common_name}, &above.own_, authority_extensions)) {}

ClientIdentity TestAuthority::issue(const CertificateWish& wish) const {
  return make(wish, &own_, leaf_extensions(wish));
}

}  // namespace cardea::test
