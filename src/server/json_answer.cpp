// JSON answers; see json_answer.h.
#include "server/json_answer.h"

#include <utility>

#include "server/pages/page_headers.h"

namespace cardea {
namespace {

std::string_view name_of(store::Failure::Kind kind) {
  switch (kind) {
    case store::Failure::Kind::unavailable:
      return "unavailable";
    case store::Failure::Kind::overloaded:
      return "overloaded";
    case store::Failure::Kind::past_deadline:
      return "past_deadline";
    case store::Failure::Kind::corrupt:
      return "corrupt";
  }
  return "";
}

}  // namespace

http::Response json_answer(int status, const json::Object& body) {
  return json_answer(status, json::write(body));
}

http::Response json_answer(int status, std::string body) {
  static const http::SharedFields fields{{"Content-Type", "application/json"},
                                         {"Cache-Control", "no-store"},
                                         {"Pragma", "no-cache"},
                                         {"X-Content-Type-Options", "nosniff"},
                                         {"Referrer-Policy", "no-referrer"},
                                         {"Content-Security-Policy", inert_policy}};
  http::Response response{
      .status = status, .headers = http::Headers(fields), .body = std::move(body)};
  response.headers.reserve(4);  // what Server::handle adds
  return response;
}

http::Response jwt_answer(std::string_view media_type, std::string jwt) {
  auto response = json_answer(200, std::move(jwt));
  response.headers.set("Content-Type", media_type);
  return response;
}

JsonRefusal bad_request(std::string_view rule, SpecRef spec, std::string_view description,
                        std::string reason, std::string fix) {
  return {.error = {.code = ErrorCode::invalid_request,
                    .rule = rule,
                    .spec = spec,
                    .description = description,
                    .reason = std::move(reason)},
          .fix = std::move(fix),
          .headers = {}};
}

http::Response json_refusal(Exchange& exchange, JsonRefusal refusal) {
  const auto& error = refusal.error;
  const int status = refusal.status == 0 ? http_status(error.code) : refusal.status;
  auto response = json_answer(
      status, {{"error", name_of(error.code)}, {"error_description", error.description}});
  for (const auto& [name, value] : refusal.headers.fields()) {
    response.headers.add(name, value);
  }
  exchange.refuse_with(std::move(refusal.error), std::move(refusal.fix));
  return response;
}

OAuthError unavailable_error(const Deps& deps, const Exchange& exchange,
                             const store::Failure& failure) {
  deps.log.error("store.failed", {{"request_id", exchange.request_id},
                                  {"endpoint", exchange.endpoint},
                                  {"kind", name_of(failure.kind)},
                                  {"reason", failure.reason}});
  return {.code = ErrorCode::temporarily_unavailable,
          .rule = "CARDEA-STORE-001",
          .spec = rfc6749("4.1.2.1"),
          .description = "The server cannot reach its store; try again in a moment.",
          .reason = "store " + std::string(name_of(failure.kind)) + ": " + failure.reason};
}

JsonRefusal unavailable(const Deps& deps, const Exchange& exchange, const store::Failure& failure) {
  return {.error = unavailable_error(deps, exchange, failure), .fix = {}, .headers = {}};
}

http::Response store_unavailable(const Deps& deps, Exchange& exchange,
                                 const store::Failure& failure) {
  return json_refusal(exchange, unavailable(deps, exchange, failure));
}

}  // namespace cardea
