// Bearer token extraction; see bearer.h.
#include "resource/bearer.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "base/limits.h"
#include "http/form.h"

namespace cardea::resource {
namespace {

// b64token of RFC 6750 2.1.
bool is_b64token(std::string_view text) {
  const auto padding = std::min(text.find('='), text.size());
  const auto is_char = [](char c) { return ascii::is_unreserved(c) || c == '+' || c == '/'; };
  return padding > 0 && std::ranges::all_of(text.substr(0, padding), is_char) &&
         std::ranges::all_of(text.substr(padding), [](char c) { return c == '='; });
}

// Every access_token of a form or query, in order.
std::vector<std::string> parameters(std::string_view form) {
  std::vector<std::string> values;
  auto pairs = http::parse_form(form);
  if (!pairs) return values;
  for (auto& [name, value] : *pairs) {
    if (name == "access_token") values.push_back(std::move(value));
  }
  return values;
}

// RFC 6750 2.2: a form, sent with a method that gives a body meaning.
std::vector<std::string> form_tokens(const http::Request& request) {
  if (request.method == "GET" || request.method == "HEAD") return {};
  const auto type = request.headers.first("content-type");
  const auto media = ascii::trim(type.substr(0, type.find(';')));
  if (!ascii::equal_ignoring_case(media, "application/x-www-form-urlencoded")) return {};
  return parameters(request.body);
}

struct HeaderToken {
  std::string_view token;
  bool by_dpop = false;
};

// The token of an Authorization header; nothing when the scheme is another. RFC 9110 11.4.
Result<std::optional<HeaderToken>, Challenge> header_token(const http::Request& request,
                                                           const Challenger& challenger) {
  const auto values = request.headers.all("authorization");
  if (values.empty()) return std::optional<HeaderToken>();
  if (values.size() > 1) return refuse(challenger.invalid_request("two Authorization headers"));
  const auto value = values.front();
  const auto space = std::min(value.find_first_of(" \t"), value.size());
  const bool by_dpop = ascii::equal_ignoring_case(value.substr(0, space), "DPoP");
  if (!by_dpop && !ascii::equal_ignoring_case(value.substr(0, space), "Bearer"))
    return std::optional<HeaderToken>();
  // Exactly one space, then a b64token to the end.
  if (space == value.size() || value[space] != ' ' || !is_b64token(value.substr(space + 1)))
    return refuse(challenger.invalid_request("Authorization is not a scheme and one b64token"));
  return std::optional(HeaderToken{value.substr(space + 1), by_dpop});
}

}  // namespace

Result<PresentedToken, Challenge> find_access_token(const http::Request& request,
                                                    const Challenger& challenger,
                                                    FormBodyTokens form_body) {
  const auto from_header = header_token(request, challenger);
  if (!from_header) return refuse(from_header.error());
  const auto from_form = form_tokens(request);
  const bool in_query = request.query() && !parameters(*request.query()).empty();
  // RFC 6750 2: one way at a time, and 3.1: no repeated parameter.
  if (from_header->has_value() + from_form.size() + in_query > 1)
    return refuse(challenger.invalid_request("the token is sent more than once"));
  const auto in_header = from_header->value_or(HeaderToken{});
  std::string_view token = in_header.token;
  if (!from_form.empty() && form_body == FormBodyTokens::accepted) token = from_form.front();
  if (token.empty()) {
    // RFC 6750 2.3: a query ends up in logs and histories; a token in it counts as none.
    return refuse(challenger.no_token(in_query             ? "the token is in the query"
                                      : !from_form.empty() ? "the token is in the body"
                                                           : "there is no token"));
  }
  if (token.size() > limits::jwt_bytes_max)
    return refuse(challenger.invalid_token("the token is too large"));
  return PresentedToken{AccessToken(std::string(token)), in_header.by_dpop};
}

}  // namespace cardea::resource
