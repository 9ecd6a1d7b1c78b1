// The snippets of docs/resource.md, compiled. tests/tidy compares the two, so edit them together.
#include "base/log.h"
#include "base/time.h"
#include "http/outbound/curl_transport.h"
#include "resource/guard.h"
#include "resource/protected_resource.h"

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

// [protected_resource]
Result<resource::ProtectedResource, std::string> describe_api() {
  return resource::ProtectedResource::make({.resource = "https://api.example",
                                            .authorization_servers = {"https://id.example"},
                                            .scopes_supported = {"calendar.read"},
                                            .resource_name = "Calendar"});
}

http::Response serve(const resource::ProtectedResource& api, resource::Guard& guard,
                     const http::Request& request, Log& log) {
  if (auto document = api.answer(request)) return *std::move(document);
  return events(guard, request, log);
}
// [protected_resource]

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
