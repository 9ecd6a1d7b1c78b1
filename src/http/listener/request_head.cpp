// Scanning and parsing request heads; see request_head.h. The only file that includes Beast.
#include "http/listener/request_head.h"

#include <boost/beast/http/basic_parser.hpp>
#include <optional>
#include <string>
#include <utility>

#include "base/ascii.h"
#include "base/limits.h"

namespace cardea::http {
namespace {

namespace beast = boost::beast;

// "METHOD SP target SP HTTP/1.1" beside the target itself.
constexpr std::size_t request_line_max = limits::target_bytes_max + 64;

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

// Hands the fields of one head to a Request.
class HeadParser final : public beast::http::basic_parser<true> {
 public:
  explicit HeadParser(Request& request) : request_(request) {
    skip(true);  // the body is read by BodyReader
    header_limit(static_cast<std::uint32_t>(limits::header_bytes_max + 1));
  }

 private:
  using Text = beast::string_view;
  using Code = beast::error_code;

  void on_request_impl(beast::http::verb, Text method, Text target, int, Code&) override {
    request_.method.assign(method.data(), method.size());
    request_.target.assign(target.data(), target.size());
  }
  void on_field_impl(beast::http::field, Text name, Text value, Code&) override {
    if (request_.headers.own_count() == 0) request_.headers.reserve(usual_fields);
    request_.headers.add({name.data(), name.size()}, {value.data(), value.size()});
  }
  void on_header_impl(Code&) override {}
  void on_finish_impl(Code&) override {}
  void on_response_impl(int, Text, int, Code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Code&) override {}
  std::size_t on_body_impl(Text body, Code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, Text, Code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, Text body, Code&) override { return body.size(); }

  Request& request_;
};

// RFC 9112 3: method, one space, target, one space, version.
Checked check_request_line(std::string_view line) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return Refused{400, "The request line is malformed."};
  }
  const auto method = line.substr(0, first);
  const auto target = line.substr(first + 1, last - first - 1);
  const auto version = line.substr(last + 1);
  if (const auto refused = check_method_and_target(method, target)) return refused;
  if (version != "HTTP/1.1") {
    if (!version.starts_with("HTTP/")) return Refused{400, "The request line is malformed."};
    return Refused{505, "This server speaks HTTP/1.1. (nginx: proxy_http_version 1.1;)"};
  }
  return check_method_is_ours(method);
}

// RFC 9112 3.2: exactly one Host; an absolute-form target must agree with it and becomes
// origin-form.
Checked check_host_and_target(Request& request) {
  const auto host = request.headers.single("host");
  if (const auto refused = check_host(host)) return refused;
  if (request.target.starts_with('/')) return std::nullopt;

  const std::string_view target = request.target;
  const auto scheme_end = target.find("://");
  const auto scheme = target.substr(0, scheme_end);
  if (scheme_end == std::string_view::npos || !is_http_scheme(scheme)) {
    return Refused{400, "The request target must begin with a slash."};
  }
  const auto rest = target.substr(scheme_end + 3);
  const auto authority = rest.substr(0, rest.find_first_of("/?"));
  if (!ascii::equal_ignoring_case(authority, *host)) {
    return Refused{400, "Host and the request target name different hosts."};
  }
  const auto path = rest.substr(authority.size());
  request.target = path.starts_with('/') ? std::string(path) : "/" + std::string(path);
  return std::nullopt;
}

// RFC 9112 6.1 and 6.3: one framing, stated once (security corpus asvs-4.2.1 to 4).
Checked check_framing(RequestHead& head) {
  const auto& headers = head.request.headers;
  const auto codings = headers.all("transfer-encoding");
  const auto lengths = headers.all("content-length");
  if (codings.size() + lengths.size() > 1) {
    return Refused{400,
                   "Transfer-Encoding and Content-Length may be stated once, and not together."};
  }
  if (!codings.empty()) {
    if (!ascii::equal_ignoring_case(codings.front(), "chunked")) {
      return Refused{501, "The only transfer coding is chunked."};
    }
    head.framing = RequestHead::Framing::chunked;
  }
  if (!lengths.empty()) return read_length(lengths.front(), head);
  return std::nullopt;
}

// RFC 9112 9.3.
void read_persistence(RequestHead& head) {
  for (const auto field : head.request.headers.all("connection")) {
    for (const auto option : ascii::Parts(field, ',')) {
      if (ascii::equal_ignoring_case(ascii::trim(option), "close")) {
        head.persistence = RequestHead::Persistence::close;
      }
    }
  }
}

}  // namespace

HeadScanner::Seen HeadScanner::refuse_with(Refused refusal) {
  refusal_ = refusal;
  return Seen::refused;
}

HeadScanner::Seen HeadScanner::end_line() {
  if (line_size_ == 0) {
    if (lines_ > 0) return Seen::end;
    if (leading_ > 0) return refuse_with({400, "The request line is missing."});
    leading_ = 2;
    return Seen::more;
  }
  line_size_ = 0;
  if (++lines_ > limits::header_count_max + 1) {
    return refuse_with(too_many_fields);
  }
  return Seen::more;
}

std::size_t HeadScanner::take_run(std::string_view bytes) {
  if (line_size_ == 0 || previous_ == '\r') return 0;
  auto room = limits::header_bytes_max - size_;
  if (lines_ == 0) room = std::min(room, request_line_max - line_size_);
  const auto run = ascii::uncontrolled_prefix(bytes.substr(0, room));
  if (run == 0) return 0;
  size_ += run;
  line_size_ += run;
  previous_ = bytes[run - 1];
  return run;
}

HeadScanner::Seen HeadScanner::take(char byte) {
  const char previous = std::exchange(previous_, byte);
  if (++size_ > limits::header_bytes_max) {
    return refuse_with(too_large_header);
  }
  if (byte == '\n') {
    if (previous != '\r') return refuse_with({400, "A line must end with CR LF."});
    return end_line();
  }
  if (previous == '\r') return refuse_with({400, "A line must end with CR LF."});
  if (byte == '\r') return Seen::more;
  if (is_control(byte)) return refuse_with({400, "The request header has a control character."});
  if (line_size_ == 0 && (byte == ' ' || byte == '\t')) {
    return refuse_with({400, "A header line begins with white space."});
  }
  if (++line_size_ > request_line_max && lines_ == 0) {
    return refuse_with(too_long_target);
  }
  return Seen::more;
}

Result<RequestHead, Refused> parse_head(std::string_view block) {
  if (const auto refused = check_request_line(block.substr(0, block.find('\r')))) {
    return refuse(*refused);
  }
  RequestHead head;
  HeadParser parser(head.request);
  beast::error_code error;
  parser.put(boost::asio::const_buffer(block.data(), block.size()), error);
  if (error || !parser.is_done()) return refuse(Refused{400, "The request header is malformed."});

  if (const auto refused = check_host_and_target(head.request)) return refuse(*refused);
  if (const auto refused = check_framing(head)) return refuse(*refused);
  if (const auto refused = check_expectations(head)) return refuse(*refused);
  read_persistence(head);
  return head;
}

}  // namespace cardea::http
