// Comparing certificates with registrations; see certificate.h.
#include "server/client_auth/certificate.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/ip_address.h"

namespace cardea {
namespace {

using Names = std::vector<std::string>;

bool holds(const Names& names, const std::string& expected) {
  return std::ranges::find(names, expected) != names.end();
}

// RFC 4343: without case. A wildcard of the certificate is a name like any other, and no client's.
bool holds_dns(const Names& names, const std::string& expected) {
  return std::ranges::any_of(
      names, [&](const std::string& name) { return ascii::equal_ignoring_case(name, expected); });
}

// RFC 8705 2.1.2, RFC 5952 8: as addresses, whatever their spelling.
bool holds_address(const Names& names, const std::string& expected) {
  const auto address = parse_ip(expected);
  return address && std::ranges::any_of(
                        names, [&](const std::string& name) { return parse_ip(name) == address; });
}

// RFC 8705 2.1.2: the one name that was registered. A client that has none is never meant.
bool is_named(const Client& client, const crypto::ClientCertificate& certificate) {
  if (!client.tls_client_auth_subject_dn.empty()) {
    return certificate.subject == client.tls_client_auth_subject_dn;
  }
  if (!client.tls_client_auth_san_dns.empty()) {
    return holds_dns(certificate.dns_names, client.tls_client_auth_san_dns);
  }
  if (!client.tls_client_auth_san_uri.empty()) {
    return holds(certificate.uris, client.tls_client_auth_san_uri);
  }
  if (!client.tls_client_auth_san_ip.empty()) {
    return holds_address(certificate.addresses, client.tls_client_auth_san_ip);
  }
  if (!client.tls_client_auth_san_email.empty()) {
    return holds(certificate.emails, client.tls_client_auth_san_email);
  }
  return false;
}

}  // namespace

std::optional<std::string> pki_objection(const Client& client, const Names& certificates,
                                         const crypto::CertificateAuthorities& authorities,
                                         Instant now) {
  if (certificates.empty()) return "the connection has no client certificate";
  if (auto objection = authorities.objection(certificates, now)) return objection;
  const auto certificate = crypto::read_client_certificate(certificates.front());
  if (!certificate) return "the certificate cannot be read";
  if (is_named(client, *certificate)) return std::nullopt;
  return "the certificate of \"" + certificate->subject.substr(0, 200) +
         "\" does not say what the client registered";
}

std::optional<std::string> self_signed_objection(const Names& registered, const Names& certificates,
                                                 Instant now) {
  if (certificates.empty()) return "the connection has no client certificate";
  if (!holds(registered, certificates.front())) {
    return "the certificate is not one of the client's keys (x5c)";
  }
  // No chain is judged (RFC 8705 2.2), but what the client itself says of its life counts.
  const auto certificate = crypto::read_client_certificate(certificates.front());
  if (certificate && certificate->is_valid_at(now)) return std::nullopt;
  return "the certificate is not valid at this time";
}

}  // namespace cardea
