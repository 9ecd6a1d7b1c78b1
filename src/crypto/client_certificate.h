// X.509 certificates that clients present (RFC 8705 2): what they say of their holder, and whether
// an authority that we trust vouches for them. That the holder has the key is the handshake's work.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "crypto/key.h"

namespace cardea::crypto {

struct ClientCertificate {
  std::string subject;  // RFC 4514: the last RDN first, UTF-8 as it is
  // Of subjectAltName (RFC 5280 4.2.1.6), as they stand; may hold any byte.
  std::vector<std::string> dns_names;
  std::vector<std::string> uris;
  std::vector<std::string> emails;
  std::vector<std::string> addresses;  // IP literals
  Instant not_before{};
  Instant not_after{};

  bool is_valid_at(Instant now) const { return not_before <= now && now < not_after + Seconds{1}; }
};
// Nothing when it is no certificate, or something follows it.
std::optional<ClientCertificate> read_client_certificate(std::string_view der);

struct EcCertificateKey {
  Curve curve = Curve::P256;
  EcPublic point;
};
using CertificateKey = std::variant<RsaPublic, EcCertificateKey, OkpPublic>;
// The public key that it speaks of; nothing for a kind that no JWK of ours can hold, or a point
// that is not on its curve.
std::optional<CertificateKey> certificate_key(std::string_view der);

// Who may vouch for clients (RFC 8705 2.1). Immutable and thread-safe; copies share it.
class CertificateAuthorities {
 public:
  CertificateAuthorities() = default;  // vouch for nobody
  // Certificates in PEM, one after another. Refuses: none in it, or one that cannot be read.
  static Result<CertificateAuthorities, std::string> parse(std::string_view pem);

  bool empty() const { return store_ == nullptr; }
  // Why none of them vouches for the first certificate as a TLS client's, by way of the others that
  // came with it (RFC 5280 6); nothing when one does. DER.
  std::optional<std::string> objection(const std::vector<std::string>& certificates,
                                       Instant now) const;

 private:
  struct Store;
  std::shared_ptr<const Store> store_;
};

}  // namespace cardea::crypto
