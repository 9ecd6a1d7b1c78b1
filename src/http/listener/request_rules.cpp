// The rules of every request; see request_rules.h.
#include "http/listener/request_rules.h"

#include "base/ascii.h"
#include "base/limits.h"

namespace cardea::http {
namespace {

constexpr std::size_t method_bytes_max = 32;

bool is_host(std::string_view host) {
  if (const auto colon = host.rfind(':'); colon != std::string_view::npos && !host.ends_with(']')) {
    const auto port = host.substr(colon + 1);
    if (port.empty() || port.size() > 5) return false;
    for (const char c : port) {
      if (!ascii::is_digit(c)) return false;
    }
    host = host.substr(0, colon);
  }
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.empty()) return false;
  for (const char c : host) {
    const bool ok =
        bracketed ? ascii::is_alnum(c) || c == ':' || c == '.' : ascii::is_unreserved(c);
    if (!ok) return false;
  }
  return true;
}

}  // namespace

Checked check_method_and_target(std::string_view method, std::string_view target) {
  if (method.empty() || method.size() > method_bytes_max) {
    return Refused{400, "The method is malformed."};
  }
  if (target.empty()) return Refused{400, "The request target is empty."};
  if (target.size() > limits::target_bytes_max) return too_long_target;
  for (const char c : target) {
    if (c <= 0x20 || c >= 0x7f || c == '#') {
      return Refused{400, "The request target has a character that is not allowed there."};
    }
  }
  return std::nullopt;
}

Checked check_method_is_ours(std::string_view method) {
  if (method == "CONNECT" || method == "TRACE") {
    return Refused{501, "The method is not implemented."};
  }
  return std::nullopt;
}

Checked check_host(std::optional<std::string_view> host) {
  if (!host) return Refused{400, "A request needs exactly one Host."};
  if (!is_host(*host)) return Refused{400, "Host is malformed."};
  return std::nullopt;
}

bool is_http_scheme(std::string_view scheme) {
  return ascii::equal_ignoring_case(scheme, "http") || ascii::equal_ignoring_case(scheme, "https");
}

Checked read_length(std::string_view text, RequestHead& head) {
  if (text.empty()) return Refused{400, "Content-Length is malformed."};
  std::size_t length = 0;
  for (const char c : text) {
    if (!ascii::is_digit(c)) return Refused{400, "Content-Length is malformed."};
    if (length <= limits::body_bytes_max) length = length * 10 + static_cast<std::size_t>(c - '0');
  }
  if (length > limits::body_bytes_max) return too_large_body;
  head.framing = length == 0 ? RequestHead::Framing::none : RequestHead::Framing::length;
  head.length = length;
  return std::nullopt;
}

Checked check_expectations(RequestHead& head) {
  const auto& headers = head.request.headers;
  for (const auto coding : headers.all("content-encoding")) {
    if (!ascii::equal_ignoring_case(coding, "identity")) {
      return Refused{415, "Encoded bodies are not accepted."};
    }
  }
  const auto expectations = headers.all("expect");
  if (expectations.empty()) return std::nullopt;
  if (expectations.size() > 1 || !ascii::equal_ignoring_case(expectations[0], "100-continue")) {
    return Refused{417, "The only expectation is 100-continue."};
  }
  if (head.framing != RequestHead::Framing::none) {
    head.expectation = RequestHead::Expectation::continue_100;
  }
  return std::nullopt;
}

}  // namespace cardea::http
