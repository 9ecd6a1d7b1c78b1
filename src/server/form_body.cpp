// Reading forms; see form_body.h.
#include "server/form_body.h"

#include "base/ascii.h"
#include "http/form.h"

namespace cardea {
namespace {

OAuthError invalid(std::string_view rule, SpecRef spec, std::string_view description,
                   std::string reason) {
  return {.code = ErrorCode::invalid_request,
          .rule = rule,
          .spec = spec,
          .description = description,
          .reason = std::move(reason)};
}

// RFC 6749 2.3.1: parameters with credentials MUST NOT be in the request URI. A query that cannot
// be read may hold anything.
bool query_holds_credential(const http::Request& request) {
  const auto query = request.query();
  if (!query || query->empty()) return false;
  const auto pairs = http::parse_form(*query);
  if (!pairs) return true;
  for (const auto& [name, value] : *pairs) {
    if (is_secret_parameter(name)) return true;
  }
  return false;
}

}  // namespace

bool has_form_body(const http::Request& request) {
  const auto type = request.headers.single("Content-Type");
  return type && ascii::equal_ignoring_case(http::media_type_of(*type),
                                            "application/x-www-form-urlencoded");
}

Result<RawParameters, OAuthError> read_form(Exchange& exchange) {
  const auto& request = exchange.request;
  if (query_holds_credential(request)) {
    return refuse(invalid("CARDEA-FORM-001", rfc6749("2.3.1"),
                          "Credentials belong in the body, never in the URL.",
                          "the query names a credential"));
  }
  if (!has_form_body(request) || request.headers.contains("Content-Encoding")) {
    const auto type = request.headers.first("Content-Type");
    return refuse(invalid("CARDEA-FORM-002", rfc6749("3.2"),
                          "The body must be application/x-www-form-urlencoded.",
                          "media type: " + std::string(http::media_type_of(type).substr(0, 100))));
  }
  auto pairs = http::parse_form(request.body);
  if (!pairs) {
    return refuse(invalid("CARDEA-FORM-003", rfc6749("B"), "The form cannot be read.",
                          "form error " + std::to_string(static_cast<int>(pairs.error()))));
  }
  RawParameters parameters(*std::move(pairs));
  if (exchange.is_shown) exchange.shown_parameters = masked(parameters.pairs());
  if (const auto name = parameters.first_repeated()) {
    return refuse(invalid("CARDEA-FORM-004", rfc6749("3.2"), "A parameter was sent more than once.",
                          "repeated: " + std::string(name->substr(0, 100))));
  }
  return parameters;
}

}  // namespace cardea
