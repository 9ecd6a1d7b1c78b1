// X.509 for development: a certificate authority constrained to loopback names, and leaf
// certificates.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"

namespace cardea::crypto {

using PrivateKeyPem = Secret<struct PrivateKeyPemTag>;

struct CertificateAndKey {
  std::string certificate_pem;
  PrivateKeyPem key_pem;  // EC P-256, PKCS#8
};

// A self-signed CA (RFC 5280 4.2.1.9, 4.2.1.10): path length 0, name constraints permitted to the
// given DNS names (and names below them) and to 127.0.0.0/8 and ::1, critical.
Result<CertificateAndKey, std::string> make_certificate_authority(
    std::string_view common_name, const std::vector<std::string>& dns_names, Instant now,
    Seconds lifetime);
// A server certificate signed by that CA. names: DNS names and IP literals, all become
// subjectAltNames.
Result<CertificateAndKey, std::string> make_server_certificate(
    const CertificateAndKey& authority, const std::vector<std::string>& names, Instant now,
    Seconds lifetime);

struct CertificateFacts {
  std::string subject;
  Instant not_before;
  Instant not_after;
  std::vector<std::string> names;  // subjectAltNames: DNS names and IP literals
};
std::optional<CertificateFacts> read_certificate(std::string_view pem);

}  // namespace cardea::crypto
