// Reading and judging client certificates with OpenSSL; see client_certificate.h.
#include "crypto/client_certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "crypto/digest.h"
#include "crypto/openssl_key.h"
#include "crypto/owned.h"
#include "crypto/x509.h"

namespace cardea::crypto {
namespace {

void free_names(STACK_OF(X509) * chain) {
  sk_X509_pop_free(chain, X509_free);
}
using Chain = Owned<STACK_OF(X509), free_names>;

Certificate decode(std::string_view der) {
  const auto* at = octets(der);
  Certificate certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  // What follows would be hashed with it and read by nobody.
  if (certificate && at != octets(der) + der.size()) return nullptr;
  return certificate;
}

void read_names(const X509* certificate, ClientCertificate& out) {
  const auto names = alternative_names_of(certificate);
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    auto [kind, bytes] = alternative_name(names.get(), i);
    if (kind == GEN_DNS) out.dns_names.push_back(std::move(bytes));
    if (kind == GEN_URI) out.uris.push_back(std::move(bytes));
    if (kind == GEN_EMAIL) out.emails.push_back(std::move(bytes));
    if (kind == GEN_IPADD) out.addresses.push_back(ip_text(bytes));
  }
}

std::string raw_ed25519(const EVP_PKEY* key) {
  std::string raw(32, '\0');
  std::size_t size = raw.size();
  ensure(EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(raw.data()), &size) ==
         1);
  return raw;
}

}  // namespace

std::optional<ClientCertificate> read_client_certificate(std::string_view der) {
  const Certificate certificate = decode(der);
  if (!certificate) return std::nullopt;
  const auto not_before = instant_of(X509_get0_notBefore(certificate.get()));
  const auto not_after = instant_of(X509_get0_notAfter(certificate.get()));
  if (!not_before || !not_after) return std::nullopt;
  ClientCertificate out{.subject = subject_of(certificate.get()),
                        .dns_names = {},
                        .uris = {},
                        .emails = {},
                        .addresses = {},
                        .not_before = *not_before,
                        .not_after = *not_after};
  read_names(certificate.get(), out);
  ERR_clear_error();
  return out;
}

std::optional<CertificateKey> certificate_key(std::string_view der) {
  const Certificate certificate = decode(der);
  const EVP_PKEY* key = certificate ? X509_get0_pubkey(certificate.get()) : nullptr;
  ERR_clear_error();
  if (key == nullptr) return std::nullopt;
  if (EVP_PKEY_is_a(key, "RSA") == 1) return rsa_parameters(key);
  for (const auto curve : {Curve::P256, Curve::P384}) {
    if (!is_of_curve(key, curve)) continue;
    if (!is_on_curve(key)) return std::nullopt;
    return EcCertificateKey{curve, ec_parameters(key, curve)};
  }
  if (EVP_PKEY_is_a(key, "ED25519") == 1) return OkpPublic{.x = raw_ed25519(key)};
  return std::nullopt;
}

// OpenSSL counts references in it and locks itself; nothing is added after parse().
struct CertificateAuthorities::Store {
  CertificateStore native;
};

Result<CertificateAuthorities, std::string> CertificateAuthorities::parse(std::string_view pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  CertificateStore store(X509_STORE_new());
  ensure(bio && store);
  int count = 0;
  while (true) {
    const Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (!certificate) break;
    ensure(X509_STORE_add_cert(store.get(), certificate.get()) == 1);
    ++count;
  }
  const auto error = ERR_peek_last_error();
  const bool is_end =
      ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!is_end) return refuse("certificate " + std::to_string(count + 1) + " cannot be read");
  if (count == 0) return refuse(std::string("there is no certificate in it"));
  CertificateAuthorities authorities;
  authorities.store_ = std::make_shared<const Store>(Store{std::move(store)});
  return authorities;
}

std::optional<std::string> CertificateAuthorities::objection(
    const std::vector<std::string>& certificates, Instant now) const {
  if (empty()) return "no authority is trusted";
  if (certificates.empty()) return "there is no certificate";
  const Certificate leaf = decode(certificates.front());
  const Chain others(sk_X509_new_null());
  ensure(others != nullptr);
  for (std::size_t at = 1; at < certificates.size(); ++at) {
    Certificate other = decode(certificates[at]);
    if (!other) return "a certificate of the chain cannot be read";
    ensure(sk_X509_push(others.get(), other.release()) > 0);
  }
  if (!leaf) return "the certificate cannot be read";
  const StoreContext context(X509_STORE_CTX_new());
  ensure(context &&
         X509_STORE_CTX_init(context.get(), store_->native.get(), leaf.get(), others.get()) == 1);
  X509_STORE_CTX_set_time(context.get(), 0, now.unix_seconds());
  X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_CLIENT);
  X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(context.get()), 2);
  const bool is_good = X509_verify_cert(context.get()) == 1;
  const int error = X509_STORE_CTX_get_error(context.get());
  ERR_clear_error();
  if (is_good) return std::nullopt;
  return X509_verify_cert_error_string(error);
}

}  // namespace cardea::crypto
