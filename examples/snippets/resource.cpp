// The snippets of docs/resource.md, compiled. tests/tidy compares the two, so edit them together.
#include "base/log.h"
#include "base/time.h"
#include "http/outbound/curl_transport.h"
#include "resource/guard.h"

namespace snippets {

using namespace cardea;

// [guard]
std::unique_ptr<resource::Guard> make_guard(const Clock& clock) {
  return std::make_unique<resource::Guard>(
      resource::GuardOptions{.issuer = "https://localhost:9443",
                             .resource = "https://api.example",  // what `aud` must hold
                             .realm = "calendar"},
      http::curl_transport(), clock);
}
// [guard]

// [check]
http::Response events(resource::Guard& guard, const http::Request& request, Log& log) {
  const auto permit = guard.check(request, {"calendar.read"});
  if (!permit) {
    log.info("request.refused", {{"reason", permit.error().reason}});  // never holds the token
    return resource::to_response(permit.error());
  }
  return {.headers = {{"Content-Type", "text/plain"}}, .body = "events of " + permit->subject};
}
// [check]

// [step_up]
http::Response transfer(resource::Guard& guard, const http::Request& request) {
  auto permit = guard.check(request, {"transfers.write"});
  if (!permit) return resource::to_response(permit.error());
  permit = guard.require_authentication(
      std::move(*permit), {.acr_values = {"urn:cardea:acr:mfa"}, .max_age = Seconds{300}});
  if (!permit) return resource::to_response(permit.error());
  return {.status = 204};
}
// [step_up]

// [introspection]
std::unique_ptr<resource::Guard> make_introspecting_guard(const Clock& clock,
                                                          const std::string& secret) {
  resource::GuardOptions options{.issuer = "https://localhost:9443",
                                 .resource = "https://api.example"};
  options.introspection = {.credentials = {.client_id = "calendar-api",
                                           .secret = resource::IntrospectionSecret(secret)}};
  return std::make_unique<resource::Guard>(std::move(options), http::curl_transport(), clock);
}
// [introspection]

}  // namespace snippets
