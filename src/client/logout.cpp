// Logout URLs; see logout.h.
#include "client/logout.h"

#include "http/form.h"

namespace cardea::client {

Result<std::string, Error> logout_url(const Configuration& configuration,
                                      const ProviderMetadata& metadata,
                                      const LogoutRequest& request) {
  if (metadata.end_session_endpoint.empty()) {
    return refuse(
        Error{.code = "logout.unsupported", .message = "the issuer has no end_session_endpoint"});
  }
  http::FormPairs parameters;
  if (request.id_token_hint)
    parameters.emplace_back("id_token_hint", request.id_token_hint->reveal());
  parameters.emplace_back("client_id", configuration.client_id);
  if (!configuration.post_logout_redirect_uri.empty())
    parameters.emplace_back("post_logout_redirect_uri", configuration.post_logout_redirect_uri);
  if (!request.state.empty()) parameters.emplace_back("state", request.state);
  const std::string& endpoint = metadata.end_session_endpoint;
  const char separator = endpoint.find('?') == std::string::npos ? '?' : '&';
  return endpoint + separator + http::write_form(parameters);
}

}  // namespace cardea::client
