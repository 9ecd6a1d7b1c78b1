// X.509 for development over OpenSSL; see certificate.h. Everything a certificate says is set here
// in one place, and a leaf is verified against its CA before it is handed out.
#include "crypto/certificate.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "base/ascii.h"
#include "crypto/digest.h"
#include "crypto/owned.h"
#include "crypto/random.h"
#include "crypto/x509.h"

namespace cardea::crypto {
namespace {

using Extension = Owned<X509_EXTENSION, X509_EXTENSION_free>;
using OwnedKey = Owned<EVP_PKEY, EVP_PKEY_free>;

constexpr std::string_view organisation = "Cardea development";
// Not the host name: names belong into subjectAltName (RFC 9525 2), and name constraints read
// host-like CNs.
constexpr std::string_view leaf_common_name = "Cardea development server";
// Browsers refuse more (CA/Browser Forum baseline requirements 6.3.2 at that time).
constexpr Seconds leaf_lifetime_max = days(397);
// How far another clock on the way may be behind ours.
constexpr Seconds clock_slack = minutes(5);
constexpr std::size_t serial_bytes = 16;  // RFC 5280 4.1.2.2: positive, at most 20 octets

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, [](char c) { return ascii::is_alnum(c) || c == '-'; });
}

// RFC 1123 2.1. Also keeps commas and colons out of the extension texts below.
bool is_dns_name(std::string_view name) {
  return name.size() <= 253 && std::ranges::all_of(ascii::Parts(name, '.'), is_label);
}

bool is_ip_literal(const std::string& name) {
  unsigned char address[16];
  return inet_pton(AF_INET, name.c_str(), address) == 1 ||
         inet_pton(AF_INET6, name.c_str(), address) == 1;
}

// "DNS:localhost,IP:127.0.0.1", or nothing when a name is neither.
std::optional<std::string> alternative_names(const std::vector<std::string>& names) {
  std::vector<std::string> entries;
  for (const auto& name : names) {
    const std::string_view host = name.starts_with("*.") ? std::string_view(name).substr(2) : name;
    if (is_ip_literal(name)) {
      entries.push_back("IP:" + name);
    } else if (is_dns_name(host)) {
      entries.push_back("DNS:" + name);
    } else {
      return std::nullopt;
    }
  }
  if (entries.empty()) return std::nullopt;
  return ascii::join(entries, ",");
}

// RFC 5280 4.2.1.10. A name covers itself and what is below it.
std::optional<std::string> constraints(const std::vector<std::string>& dns_names) {
  std::string out = "critical";
  for (const auto& name : dns_names) {
    if (!is_dns_name(name) || is_ip_literal(name)) return std::nullopt;
    out += ",permitted;DNS:" + name;
  }
  out += ",permitted;IP:127.0.0.0/255.0.0.0";
  out += ",permitted;IP:::1/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
  return out;
}

Bio reading(std::string_view text) {
  Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  ensure(bio != nullptr);
  return bio;
}

std::string certificate_pem(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  ensure(bio && PEM_write_bio_X509(bio.get(), certificate) == 1);
  return content(bio.get());
}

PrivateKeyPem key_pem(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_secmem()));
  ensure(bio &&
         PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return PrivateKeyPem(content(bio.get()));
}

// Never asks a person for a passphrase.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

Certificate certificate_from(std::string_view pem) {
  Certificate certificate(PEM_read_bio_X509(reading(pem).get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  return certificate;
}

OwnedKey key_from(const PrivateKeyPem& pem) {
  OwnedKey key(
      PEM_read_bio_PrivateKey(reading(pem.reveal()).get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  return key;
}

void set_serial(X509* certificate) {
  std::string bytes = SystemRandom().bytes(serial_bytes);
  bytes[0] = static_cast<char>((bytes[0] & 0x3f) | 0x40);  // positive and of full length
  const Owned<BIGNUM, BN_free> number(
      BN_bin2bn(octets(bytes), static_cast<int>(bytes.size()), nullptr));
  ensure(number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr);
}

void add_name_entry(X509_NAME* name, const char* field, std::string_view text) {
  ensure(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, octets(text),
                                    static_cast<int>(text.size()), -1, 0) == 1);
}

void set_subject(X509* certificate, std::string_view common_name) {
  X509_NAME* name = X509_get_subject_name(certificate);
  add_name_entry(name, "O", organisation);
  add_name_entry(name, "CN", common_name);
}

struct Period {
  Instant from;
  Instant until;
};

Certificate new_certificate(EVP_PKEY* key, const Period& period, std::string_view common_name) {
  Certificate certificate(X509_new());
  ensure(certificate != nullptr);
  X509* raw = certificate.get();
  ensure(X509_set_version(raw, X509_VERSION_3) == 1 && X509_set_pubkey(raw, key) == 1 &&
         ASN1_TIME_set(X509_getm_notBefore(raw), period.from.unix_seconds()) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(raw), period.until.unix_seconds()) != nullptr);
  set_serial(raw);
  set_subject(raw, common_name);
  return certificate;
}

struct ExtensionText {
  int nid;
  std::string text;  // in the notation of x509v3_config(5)
};

// issuer: the certificate itself for a self-signed one.
void add_extensions(X509* certificate, X509* issuer, const std::vector<ExtensionText>& extensions) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  for (const auto& [nid, text] : extensions) {
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, text.c_str()));
    ensure(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
  }
}

OwnedKey new_key() {
  OwnedKey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  ensure(key != nullptr);
  return key;
}

// Why the CA does not vouch for the leaf, or nothing when it does.
std::optional<std::string> objection(X509* authority, X509* leaf, Instant now) {
  const CertificateStore store(X509_STORE_new());
  const StoreContext context(X509_STORE_CTX_new());
  ensure(store && context && X509_STORE_add_cert(store.get(), authority) == 1 &&
         X509_STORE_CTX_init(context.get(), store.get(), leaf, nullptr) == 1);
  X509_STORE_CTX_set_time(context.get(), 0, now.unix_seconds());
  X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_SERVER);
  if (X509_verify_cert(context.get()) == 1) return std::nullopt;
  const int error = X509_STORE_CTX_get_error(context.get());
  ERR_clear_error();
  return X509_verify_cert_error_string(error);
}

std::vector<std::string> names_of(const X509* certificate) {
  std::vector<std::string> out;
  const auto names = alternative_names_of(certificate);
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    auto [kind, bytes] = alternative_name(names.get(), i);
    if (kind == GEN_DNS) out.push_back(std::move(bytes));
    if (kind == GEN_IPADD) out.push_back(ip_text(bytes));
  }
  return out;
}

}  // namespace

Result<CertificateAndKey, std::string> make_certificate_authority(
    std::string_view common_name, const std::vector<std::string>& dns_names, Instant now,
    Seconds lifetime) {
  const auto permitted = constraints(dns_names);
  if (!permitted) return refuse(std::string("a name constraint is not a DNS name"));
  if (common_name.empty() || common_name.size() > 64 || !ascii::is_utf8(common_name)) {
    return refuse(std::string("the common name must be 1 to 64 bytes of UTF-8"));  // RFC 5280 A.1
  }
  if (lifetime <= Seconds{0}) return refuse(std::string("the lifetime must be positive"));
  const OwnedKey key = new_key();
  const Certificate certificate =
      new_certificate(key.get(), {.from = now - clock_slack, .until = now + lifetime}, common_name);
  X509* raw = certificate.get();
  ensure(X509_set_issuer_name(raw, X509_get_subject_name(raw)) == 1);
  add_extensions(raw, raw,
                 {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                  {NID_key_usage, "critical,keyCertSign,cRLSign"},
                  {NID_subject_key_identifier, "hash"},
                  {NID_authority_key_identifier, "keyid:always"},
                  {NID_name_constraints, *permitted}});
  ensure(X509_sign(raw, key.get(), fetched(Digest::sha256)) > 0);
  return CertificateAndKey{.certificate_pem = certificate_pem(raw), .key_pem = key_pem(key.get())};
}

Result<CertificateAndKey, std::string> make_server_certificate(
    const CertificateAndKey& authority, const std::vector<std::string>& names, Instant now,
    Seconds lifetime) {
  const auto alternatives = alternative_names(names);
  if (!alternatives)
    return refuse(std::string("no name, or one that is no DNS name or IP address"));
  if (lifetime <= Seconds{0} || lifetime.count + clock_slack.count > leaf_lifetime_max.count) {
    return refuse(std::string("the lifetime must be between 1 second and 396 days"));
  }
  const Certificate issuer = certificate_from(authority.certificate_pem);
  const OwnedKey issuer_key = key_from(authority.key_pem);
  if (!issuer || !issuer_key || X509_check_private_key(issuer.get(), issuer_key.get()) != 1) {
    ERR_clear_error();
    return refuse(std::string(
        "the authority's certificate and key cannot be read or do not belong together"));
  }
  const OwnedKey key = new_key();
  const Certificate certificate = new_certificate(
      key.get(), {.from = now - clock_slack, .until = now + lifetime}, leaf_common_name);
  X509* raw = certificate.get();
  ensure(X509_set_issuer_name(raw, X509_get_subject_name(issuer.get())) == 1);
  add_extensions(raw, issuer.get(),
                 {{NID_basic_constraints, "critical,CA:FALSE"},
                  {NID_key_usage, "critical,digitalSignature"},
                  {NID_ext_key_usage, "serverAuth"},
                  {NID_subject_key_identifier, "hash"},
                  {NID_authority_key_identifier, "keyid:always"},
                  {NID_subject_alt_name, *alternatives}});
  ensure(X509_sign(raw, issuer_key.get(), fetched(Digest::sha256)) > 0);
  if (const auto why = objection(issuer.get(), raw, now)) {
    return refuse("the authority may not vouch for these names now: " + *why);
  }
  return CertificateAndKey{.certificate_pem = certificate_pem(raw), .key_pem = key_pem(key.get())};
}

std::optional<CertificateFacts> read_certificate(std::string_view pem) {
  const Certificate certificate = certificate_from(pem);
  if (!certificate) return std::nullopt;
  const auto not_before = instant_of(X509_get0_notBefore(certificate.get()));
  const auto not_after = instant_of(X509_get0_notAfter(certificate.get()));
  if (!not_before || !not_after) return std::nullopt;
  return CertificateFacts{.subject = subject_of(certificate.get()),
                          .not_before = *not_before,
                          .not_after = *not_after,
                          .names = names_of(certificate.get())};
}

}  // namespace cardea::crypto
