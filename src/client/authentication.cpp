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
  // RFC 7523 3; decision Q13: the audience is the issuer, so no other endpoint can replay it.
  void operator()(const PrivateKeyJwt& method) const {
    const std::int64_t issued_at = inputs.now.unix_seconds();
    const json::Object claims{{"iss", client_id()},
                              {"sub", client_id()},
                              {"aud", inputs.configuration.issuer},
                              {"jti", base64url_encode(inputs.random.bytes(16))},
                              {"iat", issued_at},
                              {"exp", issued_at + 60}};
    parameters.emplace_back("client_id", client_id());
    parameters.emplace_back("client_assertion_type",
                            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    parameters.emplace_back("client_assertion",
                            jose::sign_jwt(method.key, method.kid, "JWT", claims));
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
