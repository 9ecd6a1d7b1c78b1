// Rules about the form of the request and the way it came: nothing twice, pushed or signed where
// that is required. RFC 6749 3.1, RFC 9126 5, RFC 9101 10.5.
#include "server/authorize/checks.h"

namespace cardea::checks {

Finding nothing_repeated(const CheckInput& input) {
  if (input.request.repeated.empty()) return passed("no parameter is repeated");
  return refused({ErrorCode::invalid_request, "A parameter was sent more than once.",
                  "repeated: " + input.request.repeated, "Send every parameter once."});
}

Finding state_fits(const CheckInput& input) {
  if (!input.request.is_malformed("state")) return passed("state fits");
  return refused({ErrorCode::invalid_request, "The state parameter is too long.",
                  "state is longer than 4096 bytes",
                  "Keep what belongs to the request in a cookie, and a random value in state."});
}

Finding pushed_where_required(const CheckInput& input) {
  const bool required = must_push(input.settings, input.client);
  if (!required || input.asked.way == AskedRequest::Way::pushed) {
    return passed("the request came as the client registers");
  }
  return refused({ErrorCode::invalid_request, "The request must be pushed first.",
                  "pushed requests are required and this one came through the browser",
                  "Push the request to the pushed_authorization_request_endpoint, and send the "
                  "request_uri it gives."});
}

Finding signed_where_required(const CheckInput& input) {
  const bool required =
      input.client.require_signed_request_object || input.settings.require_signed_request_object;
  if (!required || input.asked.is_signed) return passed("the request is signed where it must be");
  return refused({ErrorCode::invalid_request, "The request must be signed.",
                  "a request object is required and there is none",
                  "Send the request as a request object in the request parameter."});
}

Finding registration_not_used(const CheckInput& input) {
  if (!input.request.has_registration) return passed("registration is not used");
  return refused({ErrorCode::registration_not_supported,
                  "The registration parameter is not supported.",
                  "the registration parameter was sent", "Register the client."});
}

}  // namespace cardea::checks
