// Client certificates (security corpus 7.12): the header in which a proxy passes one on, against
// OpenSSL's own reader of PEM; and what is read of DER. Input: kind, then for "h" the value of the
// header, for "p" PEM as it stands, else base64 of DER.
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <optional>
#include <string>

#include "base/base64url.h"
#include "base/url.h"
#include "crypto/client_certificate.h"
#include "fuzz/bytes.h"
#include "fuzz/finding.h"
#include "http/listener/certificate_header.h"

namespace cardea::fuzz {
namespace {

using http::read_certificate_header;

// The bytes of the first block of the text, as OpenSSL takes them.
std::optional<std::string> by_openssl(const std::string& pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* bytes = nullptr;
  long size = 0;
  std::optional<std::string> der;
  if (PEM_read_bio(bio, &name, &header, &bytes, &size) == 1) {
    der.emplace(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
  }
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_free(bytes);
  BIO_free(bio);
  ERR_clear_error();
  return der;
}

// In lines of 64, as everybody writes it.
std::string to_pem(const std::string& der) {
  std::string pem = "-----BEGIN CERTIFICATE-----\n";
  const auto base64 = base64_encode(der);
  for (std::size_t at = 0; at < base64.size(); at += 64) pem += base64.substr(at, 64) + "\n";
  return pem + "-----END CERTIFICATE-----\n";
}

void check_header(const std::string& value) {
  const auto der = read_certificate_header(value);
  if (!der) return;
  expect(read_certificate_header(":" + base64_encode(*der) + ":") == der, "RFC 9440 reads back");
  expect(read_certificate_header(url::encode(to_pem(*der))) == der, "PEM reads back");
  if (value.starts_with(':')) return;
  const auto text = url::decode(value);
  expect(text && by_openssl(*text) == der, "OpenSSL takes other bytes");
  expect(*text == to_pem(*der) || *text + "\n" == to_pem(*der), "another spelling is taken");
}

void check_der(const std::string& der) {
  const auto header = ":" + base64_encode(der) + ":";
  const auto read = crypto::read_client_certificate(der);
  if (read) {
    expect(read_certificate_header(header) == der, "a certificate that no header can bring");
    expect(!crypto::read_client_certificate(der + "x"), "what follows is overlooked");
  }
  if (crypto::certificate_key(der)) {
    expect(read_certificate_header(header).has_value(), "a key of no certificate");
  }
  expect(crypto::CertificateAuthorities().objection({der}, Instant{0}).has_value(),
         "vouched for by nobody");
}

}  // namespace

void certificate(std::string_view input) {
  Bytes bytes(input);
  const char kind = static_cast<char>(bytes.byte());
  const std::string rest(bytes.rest());
  if (kind == 'h') return check_header(rest);
  if (kind == 'p') return check_header(url::encode(rest));
  if (const auto der = base64_decode(rest)) check_der(*der);
}

}  // namespace cardea::fuzz
