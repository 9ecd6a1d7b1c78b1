// Reading the form of a request to a protocol endpoint: content type, syntax, duplicates, and no
// credential in the URL. RFC 6749 3.2, Appendix B.
#pragma once

#include "base/result.h"
#include "protocol/error.h"
#include "protocol/parameters.h"
#include "server/exchange.h"

namespace cardea {

// The parameters of a POSTed form; they are shown on the exchange, credentials masked. Refuses
// invalid_request: another content type or coding, malformed text, a parameter sent twice, or a
// credential in the query (6749-06).
Result<RawParameters, OAuthError> read_form(Exchange& exchange);

// Whether the body is declared as application/x-www-form-urlencoded, parameters of the type aside.
bool has_form_body(const http::Request& request);

}  // namespace cardea
