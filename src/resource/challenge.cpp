// Challenges; see challenge.h.
#include "resource/challenge.h"

#include "base/json.h"
#include "protocol/dpop.h"
#include "protocol/www_authenticate.h"

namespace cardea::resource {

http::Response to_response(const Challenge& challenge) {
  http::Response response{.status = challenge.status, .body = challenge.body};
  response.headers.set("Cache-Control", "no-store");
  if (!challenge.www_authenticate.empty())
    response.headers.set("WWW-Authenticate", challenge.www_authenticate);
  if (challenge.retry_after)
    response.headers.set("Retry-After", std::to_string(*challenge.retry_after));
  if (!challenge.body.empty()) response.headers.set("Content-Type", "application/json");
  return response;
}

Challenger Challenger::for_dpop() const {
  Challenger dpop = *this;
  dpop.is_dpop_ = true;
  return dpop;
}

Challenger Challenger::for_scope(std::vector<std::string> needed) const {
  Challenger scoped = *this;
  scoped.scope_ = std::move(needed);
  return scoped;
}

Challenge Challenger::no_token(std::string reason) const {
  return {.status = 401,
          .www_authenticate = write(BearerChallenge{
              .realm = realm_, .scope = scope_, .resource_metadata = resource_metadata_}),
          .reason = std::move(reason)};
}

Challenge Challenger::invalid_request(std::string reason) const {
  return make(ErrorCode::invalid_request, 400, "The request carries its access token wrongly.",
              std::move(reason));
}

Challenge Challenger::invalid_token(std::string reason) const {
  return make(ErrorCode::invalid_token, 401, "The access token is not valid here.",
              std::move(reason), scope_);
}

Challenge Challenger::insufficient_scope(std::vector<std::string> needed,
                                         std::string reason) const {
  return make(ErrorCode::insufficient_scope, 403, "The access token does not reach this far.",
              std::move(reason), std::move(needed));
}

Challenge Challenger::insufficient_authentication(NeededAuthentication needed,
                                                  std::string reason) const {
  BearerChallenge challenge{.scheme = scheme(),
                            .algs = algs(),
                            .realm = realm_,
                            .error = ErrorCode::insufficient_user_authentication,
                            .description = "A stronger or newer sign-in is needed.",
                            .resource_metadata = resource_metadata_};
  challenge.acr_values = std::move(needed.acr_values);
  challenge.max_age = needed.max_age;
  const json::Object body{{"error", name_of(*challenge.error)},
                          {"error_description", challenge.description}};
  return {.status = 401,
          .www_authenticate = write(challenge),
          .body = json::write(body),
          .reason = std::move(reason)};
}

Challenge Challenger::unavailable(std::string reason) const {
  return {.status = 503,
          .body = json::write(json::Object{{"error", "temporarily_unavailable"}}),
          .retry_after = 5,
          .reason = std::move(reason)};
}

std::string_view Challenger::scheme() const {
  return is_dpop_ ? "DPoP" : "Bearer";
}

std::string Challenger::algs() const {
  return is_dpop_ ? dpop_algorithm_names() : "";
}

Challenge Challenger::make(ErrorCode code, int status, std::string description, std::string reason,
                           std::vector<std::string> scope) const {
  const json::Object body{{"error", name_of(code)}, {"error_description", description}};
  return {.status = status,
          .www_authenticate = write(BearerChallenge{.scheme = scheme(),
                                                    .algs = algs(),
                                                    .realm = realm_,
                                                    .error = code,
                                                    .description = std::move(description),
                                                    .scope = std::move(scope),
                                                    .resource_metadata = resource_metadata_}),
          .body = json::write(body),
          .reason = std::move(reason)};
}

}  // namespace cardea::resource
