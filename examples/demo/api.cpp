// The demo's API: a calendar that answers whoever brings a good access token with the scope
// calendar.read. All that makes it a resource server is the guard.
#include "base/json.h"
#include "base/time.h"
#include "resource/guard.h"
#include "web.h"

namespace {

using namespace cardea;

http::Response events_of(const resource::Permit& permit) {
  const json::Object body{
      {"calendar_of", permit.subject},
      {"asked_by", permit.client_id},
      {"events",
       json::Array{json::Object{{"at", "09:30"}, {"what", "Stand-up"}},
                   json::Object{{"at", "12:00"}, {"what", "Lunch with Bob"}},
                   json::Object{{"at", "16:00"}, {"what", "Review of the key rotation"}}}}};
  return {.headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}},
          .body = json::write(body)};
}

}  // namespace

int main() {
  demo::TerminalLog log;
  SystemClock clock;
  const auto port = demo::setting("PORT", "3001");
  resource::Guard guard({.issuer = demo::required_setting("OIDC_ISSUER"),
                         .resource = demo::setting("API_RESOURCE", "http://localhost:" + port),
                         .realm = "calendar",
                         .public_origin = demo::setting("API_ORIGIN")},
                        demo::transport(), clock);

  const auto handle = [&](const http::Request& request) -> http::Response {
    if (request.path() == "/livez") return {.body = "ok\n"};
    if (request.path() != "/events" || request.method != "GET") return {.status = 404};
    const auto permit = guard.check(request, {"calendar.read"});
    if (!permit) {
      log.info("request.refused",
               {{"status", permit.error().status}, {"reason", permit.error().reason}});
      return resource::to_response(permit.error());
    }
    return events_of(*permit);
  };
  return demo::serve(port, handle, log);
}
