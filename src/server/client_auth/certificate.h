// Whether a certificate is the one that a client registered: RFC 8705 2.1 (an authority vouches for
// it, and it says what was registered) and 2.2 (it is one of the registered ones). Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "crypto/client_certificate.h"
#include "domain/client.h"

namespace cardea {

// certificates: of http::Request. Each gives the private reason why it is not; nothing when it is.
//
// RFC 8705 2.1, for a client of tls_client_auth.
std::optional<std::string> pki_objection(const Client& client,
                                         const std::vector<std::string>& certificates,
                                         const crypto::CertificateAuthorities& authorities,
                                         Instant now);
// RFC 8705 2.2, for one of self_signed_tls_client_auth. registered: DER, of its key set.
std::optional<std::string> self_signed_objection(const std::vector<std::string>& registered,
                                                 const std::vector<std::string>& certificates,
                                                 Instant now);

}  // namespace cardea
