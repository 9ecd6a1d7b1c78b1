// What an app says about itself once: who it is at which issuer, and what it relaxes. Plain data
// with the strictest defaults; each relaxation has a long name and takes a reason.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "client/error.h"
#include "crypto/key.h"
#include "jose/jwk.h"

namespace cardea::client {

using ClientSecret = Secret<struct ClientSecretTag>;

// How the client proves at the token endpoint who it is (OIDC Core 9).
struct NoAuthentication {};  // a public client: PKCE alone
struct SecretBasic {
  ClientSecret secret;
};
struct SecretPost {
  ClientSecret secret;
};
struct ClientSecretJwt {  // the secret signs by HMAC and never travels
  ClientSecret secret;    // 32 bytes at least (RFC 7518 3.2)
};
struct PrivateKeyJwt {
  crypto::PrivateKey key;
  std::string kid;  // "" when the issuer knows one key only
};
// RFC 8705 2: by the certificate that the transport presents (http::CurlOptions). Endpoints are
// those that the issuer names for it (mtls_endpoint_aliases).
struct TlsCertificate {};
using Authentication = std::variant<NoAuthentication, SecretBasic, SecretPost, ClientSecretJwt,
                                    PrivateKeyJwt, TlsCertificate>;

// What is given up, and why. RelyingParty logs every entry when it starts.
class Relaxations {
 public:
  struct Entry {
    std::string_view name;
    std::string reason;
  };

  // The issuer and its endpoints may be http: whoever is on the path reads codes, tokens, secrets.
  Relaxations& accept_plain_http_issuer(std::string reason);
  // RFC 9207 2.4: an advertised `iss` may be missing, which lets another issuer's answer pass.
  Relaxations& accept_callback_without_iss_although_advertised(std::string reason);
  // RFC 9700 2.1.1: the issuer names PKCE methods, and S256 is not among them. The nonce alone then
  // stands against injected codes.
  Relaxations& accept_issuer_that_does_not_advertise_s256(std::string reason);

  bool plain_http_issuer() const { return holds("accept_plain_http_issuer"); }
  bool callback_without_iss() const {
    return holds("accept_callback_without_iss_although_advertised");
  }
  bool issuer_without_s256() const { return holds("accept_issuer_that_does_not_advertise_s256"); }
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  bool holds(std::string_view name) const;
  Relaxations& add(std::string_view name, std::string reason);
  std::vector<Entry> entries_;
};

struct Configuration {
  std::string issuer;  // compared byte for byte everywhere
  std::string client_id;
  Authentication authentication = NoAuthentication{};
  std::string redirect_uri;
  std::string post_logout_redirect_uri;  // "" when the app does not use RP-initiated logout
  std::vector<std::string> scope{"openid"};
  std::string resource;  // RFC 8707: whom access tokens are for; "" leaves it to the issuer
  std::vector<jose::SignatureAlgorithm> id_token_algorithms{jose::SignatureAlgorithm::RS256};
  std::vector<std::string> trusted_audiences;  // other members that an ID token's aud may have
  Seconds clock_tolerance{30};
  Seconds sign_in_lifetime = minutes(30);  // from the authorization URL to its callback
  Relaxations relaxations;
};

// Refuses configuration.invalid: issuer or redirect_uri that is no URL, http without the
// relaxation, an empty client_id, a confidential client with an empty secret or, for HMACs, a short
// one.
Status<Error> check_configuration(const Configuration& configuration);

// Its part about the issuer alone, for callers who are no client of it. Refuses
// configuration.invalid.
Status<Error> check_issuer(const Configuration& configuration);

// Whether the URL is https, or http where that was relaxed.
bool is_acceptable_endpoint(const Configuration& configuration, std::string_view url);

}  // namespace cardea::client
