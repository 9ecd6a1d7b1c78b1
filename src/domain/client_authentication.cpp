// Rules of client authentication; see client_authentication.h.
#include "domain/client_authentication.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ip_address.h"
#include "jose/jws.h"

namespace cardea {
namespace {

class AuthenticationCheck {
 public:
  AuthenticationCheck(const Client& client, std::vector<ClientProblem>& problems)
      : client_(client), problems_(problems) {}

  void run() {
    check_method();
    check_assertion_algorithm();
    check_certificate_names();
    check_binding();
  }

 private:
  void problem(std::string member, std::string reason) {
    problems_.push_back({std::move(member), std::move(reason), false});
  }
  void warning(std::string member, std::string reason) {
    problems_.push_back({std::move(member), std::move(reason), true});
  }

  // Decision Q2; OIDC Core 9; RFC 8705 2.
  void check_method() {
    const auto method = client_.token_endpoint_auth_method;
    if (method == ClientAuthMethod::private_key_jwt) check_jwks();
    if (method == ClientAuthMethod::self_signed_tls_client_auth) check_certificates();
    if (client_.uses_secret()) {
      if (client_.secrets.empty()) {
        problem("client_secret",
                "is missing; a public client says token_endpoint_auth_method = \"none\"");
      } else if (method == ClientAuthMethod::client_secret_jwt &&
                 std::ranges::all_of(client_.secrets, &std::string::empty,
                                     &ClientSecretDigest::sealed)) {
        warning("client_secret",
                "is kept as a digest alone, which verifies no assertion; make a new one with "
                "`cardea clients rotate-secret`");
      }
    } else if (!client_.secrets.empty()) {
      problem("token_endpoint_auth_method",
              client_.is_public() ? "none is for public clients, which have no secret"
                                  : std::string(name_of(*method)) + " uses no client secret");
    }
  }

  // OIDC Registration 2; RFC 8725 3.1: an algorithm that fits the method.
  void check_assertion_algorithm() {
    const std::string& alg = client_.token_endpoint_auth_signing_alg;
    if (alg.empty()) return;
    const auto method = client_.token_endpoint_auth_method;
    const auto fitting = alg == jose::mac_algorithm ? ClientAuthMethod::client_secret_jwt
                                                    : ClientAuthMethod::private_key_jwt;
    if (method != fitting) {
      problem("token_endpoint_auth_signing_alg",
              alg + " is for " + std::string(name_of(fitting)) + " (OIDC Registration 2)");
    }
  }

  // RFC 8705 2.1.2: a client of tls_client_auth has exactly one of the names, and no other has any.
  void check_certificate_names() {
    const auto count = std::ranges::count_if(
        std::array{&client_.tls_client_auth_subject_dn, &client_.tls_client_auth_san_dns,
                   &client_.tls_client_auth_san_uri, &client_.tls_client_auth_san_ip,
                   &client_.tls_client_auth_san_email},
        [](const std::string* name) { return !name->empty(); });
    const bool is_needed = client_.token_endpoint_auth_method == ClientAuthMethod::tls_client_auth;
    if (count != (is_needed ? 1 : 0)) {
      problem("token_endpoint_auth_method",
              "tls_client_auth, and no other, needs exactly one of tls_client_auth_subject_dn, "
              "_san_dns, _san_uri, _san_ip and _san_email (RFC 8705 2.1.2)");
    }
    const std::string& ip = client_.tls_client_auth_san_ip;
    if (!ip.empty() && !parse_ip(ip)) {
      problem("tls_client_auth_san_ip", "must be an IPv4 or IPv6 address (RFC 8705 2.1.2)");
    }
  }

  // RFC 9449 5.2, RFC 8705 3.4: a token has one confirmation.
  void check_binding() {
    if (client_.tls_client_certificate_bound_access_tokens && client_.dpop_bound_access_tokens) {
      problem("dpop_bound_access_tokens",
              "is given besides tls_client_certificate_bound_access_tokens; a token is bound once");
    }
  }

  // RFC 8705 2.2.2; what a jwks_uri holds is seen when it is needed.
  void check_certificates() {
    if (!client_.jwks_uri.empty()) return;
    const auto keys = client_.jwks ? jose::JwkSet::parse(*client_.jwks)
                                   : Result<jose::JwkSet, std::string>(jose::JwkSet());
    if (!keys) return problem("jwks", keys.error());
    if (keys->certificates().empty()) {
      problem("jwks",
              "or jwks_uri must hold a key with its certificate in x5c for "
              "self_signed_tls_client_auth (RFC 8705 2.2.2)");
    }
  }

  void check_jwks() {
    if (!client_.jwks_uri.empty()) return;
    if (!client_.jwks) {
      return problem("jwks", "or jwks_uri is needed for private_key_jwt (OIDC Core 9)");
    }
    const auto keys = jose::JwkSet::parse(*client_.jwks);
    if (!keys) return problem("jwks", keys.error());
    if (keys->keys().empty()) problem("jwks", "holds no key that this server can verify with");
  }

  const Client& client_;
  std::vector<ClientProblem>& problems_;
};

}  // namespace

void check_authentication_of(const Client& client, std::vector<ClientProblem>& problems) {
  AuthenticationCheck(client, problems).run();
}

}  // namespace cardea
