// Userinfo; see userinfo.h.
#include "client/userinfo.h"

#include "base/ascii.h"
#include "protocol/www_authenticate.h"

namespace cardea::client {
namespace {

Error refusal_of(const http::Response& response) {
  if (response.status >= 500) {
    return {.code = "issuer.unavailable",
            .message = "the issuer cannot answer now",
            .cause = "status " + std::to_string(response.status)};
  }
  Error error{.code = "userinfo.refused",
              .message = "the userinfo endpoint refused the access token",
              .cause = "status " + std::to_string(response.status)};
  const auto challenge = parse_bearer_challenge(response.headers.first("www-authenticate"));
  if (challenge && !challenge->error.empty()) {
    error.refusal = IssuerRefusal{.error = challenge->error,
                                  .error_description = challenge->description,
                                  .status = response.status};
  }
  return error;
}

Refusal<Error> malformed(std::string cause) {
  return refuse(Error{.code = "userinfo.malformed",
                      .message = "the userinfo answer is malformed",
                      .cause = std::move(cause)});
}

}  // namespace

Result<http::OutgoingRequest, Error> build_userinfo(const ProviderMetadata& metadata,
                                                    const AccessToken& access_token) {
  if (metadata.userinfo_endpoint.empty()) {
    return refuse(
        Error{.code = "userinfo.unsupported", .message = "the issuer has no userinfo endpoint"});
  }
  http::OutgoingRequest request{.method = "GET",
                                .url = metadata.userinfo_endpoint,
                                .headers = {{"Accept", "application/json"}}};
  request.headers.set("Authorization", "Bearer " + std::string(access_token.reveal()));
  return request;
}

Result<json::Object, Error> process_userinfo(const VerifiedIdToken& id_token,
                                             const http::Response& response) {
  if (response.status != 200) return refuse(refusal_of(response));
  // OIDC Core 5.3.2: a signed answer (application/jwt) is only sent to clients that registered one.
  const auto type = response.headers.first("content-type");
  if (!ascii::equal_ignoring_case(ascii::trim(type.substr(0, type.find(';'))), "application/json"))
    return malformed("content type is not application/json");
  auto claims = json::parse_object(response.body);
  if (!claims) return malformed("the body is not a JSON object");
  // OIDC Core 5.3.2
  const auto subject = json::string_member(*claims, "sub");
  if (!subject || *subject != id_token.subject()) {
    return refuse(Error{.code = "userinfo.subject",
                        .message = "the answer is about somebody else",
                        .cause = "sub is \"" + subject.value_or("") + "\", expected \"" +
                                 id_token.subject() + "\""});
  }
  return std::move(*claims);
}

}  // namespace cardea::client
