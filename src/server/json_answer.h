// The JSON answers of protocol endpoints and the headers every one of them carries: uncacheable,
// exactly `application/json` (RFC 6749 5.1), inert in a browser.
#pragma once

#include "base/json.h"
#include "http/message.h"
#include "server/deps.h"
#include "server/exchange.h"

namespace cardea {

// status with the object, or the text of one, as body.
http::Response json_answer(int status, const json::Object& body);
http::Response json_answer(int status, std::string body);
// 200 with a JWT, under the same headers but its own media type.
http::Response jwt_answer(std::string_view media_type, std::string jwt);
// A refusal on its way to the wire. Grants, client authentication and endpoints give it; one place
// writes it.
struct JsonRefusal {
  OAuthError error;
  std::string fix;        // what the caller should change, for the inspector; "" for none
  int status = 0;         // 0: as the code says (http_status)
  http::Headers headers;  // WWW-Authenticate, Retry-After
};
// invalid_request; reason and fix as above.
JsonRefusal bad_request(std::string_view rule, SpecRef spec, std::string_view description,
                        std::string reason, std::string fix);
// RFC 6749 5.2: {"error","error_description"}. Records the refusal on the exchange.
http::Response json_refusal(Exchange& exchange, JsonRefusal refusal);
// 503 temporarily_unavailable: the store did not answer. Logged here, once; Server::handle adds
// Retry-After.
JsonRefusal unavailable(const Deps& deps, const Exchange& exchange, const store::Failure& failure);
http::Response store_unavailable(const Deps& deps, Exchange& exchange,
                                 const store::Failure& failure);
// The same refusal as a value, for callers that answer with a page.
OAuthError unavailable_error(const Deps& deps, const Exchange& exchange,
                             const store::Failure& failure);

}  // namespace cardea
