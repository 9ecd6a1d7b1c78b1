// Client authentication; see authentication.h.
#include "client/authentication.h"

#include "base/base64url.h"
#include "base/url.h"
#include "jose/jws.h"

namespace cardea::client {
namespace {

// Adds one method's proof to a request: headers, or parameters.
struct Prover {
  const RequestInputs& inputs;
  http::OutgoingRequest& request;
  http::FormPairs& parameters;

  const std::string& client_id() const { return inputs.configuration.client_id; }

  void operator()(const NoAuthentication&) const {
    parameters.emplace_back("client_id", client_id());
  }
  // RFC 6749 2.3.1: both halves are form-encoded before they are joined.
  void operator()(const SecretBasic& method) const {
    const std::string pair =
        url::form_encode(client_id()) + ":" + url::form_encode(method.secret.reveal());
    request.headers.set("Authorization", "Basic " + base64_encode(pair));
  }
  void operator()(const SecretPost& method) const {
    parameters.emplace_back("client_id", client_id());
    parameters.emplace_back("client_secret", method.secret.reveal());
  }
  // OIDC Core 9
  void operator()(const ClientSecretJwt& method) const {
    const jose::MacSecret secret(std::string(method.secret.reveal()));
    assert_by(jose::make_mac_jwt(secret, "JWT", assertion_claims()));
  }
  void operator()(const PrivateKeyJwt& method) const {
    assert_by(jose::sign_jwt(method.key, method.kid, "JWT", assertion_claims()));
  }
  // RFC 8705 2: the certificate is the connection's; client_id says whose it is to be.
  void operator()(const TlsCertificate&) const {
    parameters.emplace_back("client_id", client_id());
  }

  // RFC 7523 3; decision Q13: the audience is the issuer, so no other endpoint can replay it.
  json::Object assertion_claims() const {
    const std::int64_t issued_at = inputs.now.unix_seconds();
    return {{"iss", client_id()},
            {"sub", client_id()},
            {"aud", inputs.configuration.issuer},
            {"jti", base64url_encode(inputs.random.bytes(16))},
            {"iat", issued_at},
            {"exp", issued_at + 60}};
  }
  void assert_by(std::string assertion) const {
    parameters.emplace_back("client_id", client_id());
    parameters.emplace_back("client_assertion_type",
                            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    parameters.emplace_back("client_assertion", std::move(assertion));
  }
};

}  // namespace

http::OutgoingRequest authenticated_post(const RequestInputs& inputs, std::string_view endpoint,
                                         http::FormPairs parameters) {
  http::OutgoingRequest request{.method = "POST",
                                .url = std::string(endpoint),
                                .headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                                            {"Accept", "application/json"}}};
  std::visit(Prover{inputs, request, parameters}, inputs.configuration.authentication);
  request.body = http::write_form(parameters);
  return request;
}

}  // namespace cardea::client
