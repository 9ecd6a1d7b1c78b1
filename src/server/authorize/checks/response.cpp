// Rules about what is answered and how. RFC 6749 3.1.1, Multiple Response Types 2.1 and 5, decision
// Q10: no access token ever leaves the authorization endpoint.
#include "server/authorize/checks.h"
#include "server/authorize/reply_target.h"

namespace cardea::checks {

Finding response_type_present(const CheckInput& input) {
  if (!input.request.response_type_text.empty()) return passed("response_type is present");
  return refused({ErrorCode::invalid_request, "The response_type parameter is missing.",
                  "response_type is absent", "Send response_type=code."});
}

Finding response_type_supported(const CheckInput& input) {
  if (input.request.response_type) return passed("response_type is supported");
  return refused({ErrorCode::unsupported_response_type, "The response_type is not supported.",
                  "response_type is <" + input.request.response_type_text + ">",
                  "Send response_type=code; tokens are given by the token endpoint alone."});
}

Finding response_type_registered(const CheckInput& input) {
  if (input.client.allows(*input.request.response_type)) {
    return passed("response_type is registered");
  }
  return refused({ErrorCode::unsupported_response_type,
                  "The response_type is not registered for this client.",
                  "response_type <" + std::string(name_of(*input.request.response_type)) +
                      "> is not in response_types of the client",
                  "Send response_type=code, or add the type to response_types."});
}

Finding response_mode_supported(const CheckInput& input) {
  if (input.request.response_mode_text.empty() || input.request.response_mode) {
    return passed("response_mode is supported");
  }
  return refused(
      {ErrorCode::invalid_request, "The response_mode is not supported.",
       "response_mode is <" + input.request.response_mode_text + ">",
       "Leave response_mode out, or send query, fragment, form_post, or one of them with "
       ".jwt."});
}

// Security corpus 9700-14: the mode is part of what was registered.
Finding response_mode_allowed(const CheckInput& input) {
  if (input.client.allows(reply_mode(input.request, input.client)) &&
      (!input.request.response_mode || input.client.allows(*input.request.response_mode))) {
    return passed("response_mode is allowed for the client");
  }
  return refused({ErrorCode::invalid_request, "The response_mode is not allowed for this client.",
                  "response_mode is <" + input.request.response_mode_text +
                      ">, and response_modes of the client has others",
                  "Send a response_mode that the client registers."});
}

Finding response_mode_fits_type(const CheckInput& input) {
  if (!input.request.response_mode ||
      carries(*input.request.response_mode, *input.request.response_type)) {
    return passed("response_mode fits response_type");
  }
  return refused({ErrorCode::invalid_request, "An ID token is not sent in a query.",
                  "response_mode is query and response_type holds id_token",
                  "Send response_mode=fragment or form_post."});
}

Finding code_grant_registered(const CheckInput& input) {
  if (!input.request.asks_for_code() || input.client.allows(GrantType::authorization_code)) {
    return passed("the client may use codes");
  }
  return refused({ErrorCode::unauthorized_client, "The client may not use authorization codes.",
                  "grant_types of the client lacks authorization_code",
                  "Add authorization_code to grant_types."});
}

}  // namespace cardea::checks
