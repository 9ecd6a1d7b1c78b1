// Rules about the form of the request: nothing twice, nothing by reference. RFC 6749 3.1, OIDC Core
// 6 (request objects are not supported yet, and say so).
#include <algorithm>

#include "server/authorize/checks.h"

namespace cardea::checks {
namespace {

bool is_used(const CheckInput& input, std::string_view name) {
  const auto& sent = input.request.unsupported;
  return std::ranges::find(sent, name) != sent.end();
}

}  // namespace

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

Finding request_not_used(const CheckInput& input) {
  if (!is_used(input, "request")) return passed("request is not used");
  return refused({ErrorCode::request_not_supported, "Request objects are not supported.",
                  "the request parameter was sent", "Send plain parameters."});
}

Finding request_uri_not_used(const CheckInput& input) {
  if (!is_used(input, "request_uri")) return passed("request_uri is not used");
  return refused({ErrorCode::request_uri_not_supported, "The request_uri is not supported.",
                  "the request_uri parameter was sent", "Send plain parameters."});
}

Finding registration_not_used(const CheckInput& input) {
  if (!is_used(input, "registration")) return passed("registration is not used");
  return refused({ErrorCode::registration_not_supported,
                  "The registration parameter is not supported.",
                  "the registration parameter was sent", "Register the client."});
}

}  // namespace cardea::checks
