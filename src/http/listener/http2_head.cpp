// Taking fields; see http2_head.h.
#include "http/listener/http2_head.h"

#include <utility>

#include "base/ascii.h"
#include "base/limits.h"

namespace cardea::http {
namespace {

constexpr std::size_t line_overhead = 4;  // ": " and the line's end in HTTP/1.1

}  // namespace

// A cookie that comes in pieces (RFC 9113 8.2.3) is one field, as it is in HTTP/1.1.
bool Http2Head::fits(std::string_view name, std::string_view value) {
  size_ += name.size() + value.size() + line_overhead;
  if (!name.starts_with(':') && (name != "cookie" || cookie_.empty())) ++count_;
  if (refused_) return false;
  if (name == ":path" && value.size() > limits::target_bytes_max) {
    refused_ = too_long_target;
  } else if (size_ > limits::header_bytes_max) {
    refused_ = too_large_header;
  } else if (count_ > limits::header_count_max) {
    refused_ = too_many_fields;
  }
  return !refused_;
}

void Http2Head::take(std::string_view name, std::string_view value) {
  if (!fits(name, value)) return;
  if (name.starts_with(':')) return take_pseudo(name, value);
  if (name == "cookie") {
    if (!cookie_.empty()) cookie_ += "; ";
    cookie_ += value;
    return;
  }
  auto& headers = head_.request.headers;
  if (headers.own_count() == 0) headers.reserve(usual_fields);
  headers.add(name, value);
}

void Http2Head::take_pseudo(std::string_view name, std::string_view value) {
  if (name == ":method") head_.request.method = value;
  if (name == ":path") head_.request.target = value;
  if (name == ":scheme") scheme_ = value;
  if (name == ":authority") authority_ = value;
}

Checked Http2Head::check_target() const {
  const auto& method = head_.request.method;
  const auto& target = head_.request.target;
  if (const auto refused = check_method_is_ours(method)) return refused;
  if (const auto refused = check_method_and_target(method, target)) return refused;
  if (!is_http_scheme(scheme_)) return Refused{400, "The scheme is neither http nor https."};
  if (!target.starts_with('/')) {
    return Refused{400, "The request target must begin with a slash."};
  }
  return std::nullopt;
}

// RFC 9113 8.3.1: `:authority` says the host; a Host beside it must name the same, and one alone is
// what a proxy makes of HTTP/1.1. The handler sees exactly one Host.
Checked Http2Head::settle_host() {
  auto& headers = head_.request.headers;
  if (authority_.empty()) return check_host(headers.single("host"));
  if (headers.contains("host")) {
    const auto host = headers.single("host");
    if (!host || !ascii::equal_ignoring_case(*host, authority_)) {
      return Refused{400, "Host and the request target name different hosts."};
    }
    return check_host(host);
  }
  if (const auto refused = check_host(authority_)) return refused;
  headers.add("host", authority_);
  return std::nullopt;
}

Result<RequestHead, Refused> Http2Head::finish(Body body) {
  if (refused_) return refuse(*refused_);
  if (const auto refused = check_target()) return refuse(*refused);
  if (const auto refused = settle_host()) return refuse(*refused);
  auto& headers = head_.request.headers;
  if (body == Body::follows) head_.framing = RequestHead::Framing::chunked;
  const auto lengths = headers.all("content-length");
  if (lengths.size() > 1) return refuse(Refused{400, "Content-Length is malformed."});
  if (!lengths.empty()) {
    if (const auto refused = read_length(lengths.front(), head_)) return refuse(*refused);
  }
  if (const auto refused = check_expectations(head_)) return refuse(*refused);
  if (!cookie_.empty()) headers.add("cookie", cookie_);
  return std::move(head_);
}

}  // namespace cardea::http
