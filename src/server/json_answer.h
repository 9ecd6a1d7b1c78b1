// The JSON answers of protocol endpoints and the headers every one of them carries: uncacheable,
// exactly `application/json` (RFC 6749 5.1), inert in a browser.
#pragma once

#include "base/json.h"
#include "http/message.h"
#include "server/deps.h"
#include "server/exchange.h"

namespace cardea {

// status with the object as body.
http::Response json_answer(int status, const json::Object& body);
// RFC 6749 5.2: {"error","error_description"}. Records the refusal on the exchange, with the
// sentence that says what to change ("" for none).
http::Response json_refusal(Exchange& exchange, OAuthError error, std::string fix = {});
// 503 temporarily_unavailable: the store did not answer. Logged here, once; Server::handle adds
// Retry-After.
http::Response store_unavailable(const Deps& deps, Exchange& exchange,
                                 const store::Failure& failure);
// The same refusal as a value, for callers that answer with a page.
OAuthError unavailable_error(const Deps& deps, const Exchange& exchange,
                             const store::Failure& failure);

}  // namespace cardea
