// Certificates of clients as they come from authorities and from clients themselves, for tests of
// RFC 8705: made with OpenSSL alone, so that what reads them is not what made them.
#pragma once

#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/time.h"

namespace cardea::test {

// A certificate (DER in base64) for the point of P-256 at infinity, which nothing signed.
inline constexpr std::string_view certificate_of_no_point =
    "MIGEMGugAwIBAgIBATAKBggqhkjOPQQDAjAMMQowCAYDVQQDDAF4MB4XDTI1MDEwMTAwMDAwMFoXDTM1MDEwMTAwMDAwMF"
    "ow"
    "DDEKMAgGA1UEAwwBeDAZMBMGByqGSM49AgEGCCqGSM49AwEHAwIAADAKBggqhkjOPQQDAgMJADAGAgEBAgEB";

struct CertificateWish {
  std::string common_name = "app";  // under O=Example
  std::string names;                // "DNS:app.example,URI:urn:app"; "" for none
  std::string usage = "clientAuth";
  Instant from{1'700'000'000'000};
  Instant until{2'500'000'000'000};
};

// A certificate with its EC P-256 key. Copies share them.
class ClientIdentity {
 public:
  ClientIdentity(std::shared_ptr<X509> certificate, std::shared_ptr<EVP_PKEY> key)
      : certificate_(std::move(certificate)), key_(std::move(key)) {}

  X509* certificate() const { return certificate_.get(); }
  EVP_PKEY* key() const { return key_.get(); }
  std::string der() const;
  std::string pem() const;
  // Its public key as a JWK with the certificate in x5c.
  json::Object jwk(const std::string& kid) const;

 private:
  std::shared_ptr<X509> certificate_;
  std::shared_ptr<EVP_PKEY> key_;
};

ClientIdentity self_signed(const CertificateWish& wish = {});

class TestAuthority {
 public:
  explicit TestAuthority(const std::string& common_name = "Test authority");
  // One below another.
  TestAuthority(const std::string& common_name, const TestAuthority& above);
  ClientIdentity issue(const CertificateWish& wish = {}) const;
  std::string pem() const { return own_.pem(); }
  std::string der() const { return own_.der(); }

 private:
  ClientIdentity own_;
};

}  // namespace cardea::test
