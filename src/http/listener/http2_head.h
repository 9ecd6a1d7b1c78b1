// The head of an HTTP/2 request out of its fields (RFC 9113 8.2, 8.3), which the session has found
// to be well-formed one by one. What is left is what HTTP/1.1 asks as well: limits, one host, a
// target in origin-form, and the rules of request_rules.h. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/listener/request_rules.h"

namespace cardea::http {

class Http2Head {
 public:
  // The next field, pseudo-header fields (":path") first. Keeps nothing beyond the limits.
  void take(std::string_view name, std::string_view value);
  // Bytes of all fields so far, kept or not, as they would be in HTTP/1.1.
  std::size_t size() const { return size_; }
  std::string_view method() const { return head_.request.method; }

  enum class Body { follows, absent };
  // All fields were taken. Framing is `chunked` for a body whose length is not told.
  // Refuses: 400 malformed, 413 body too large, 414, 415 content coding, 417, 431, 501 method.
  Result<RequestHead, Refused> finish(Body body);

 private:
  bool fits(std::string_view name, std::string_view value);
  void take_pseudo(std::string_view name, std::string_view value);
  Checked check_target() const;
  Checked settle_host();

  RequestHead head_;
  std::string scheme_;
  std::string authority_;
  std::string cookie_;
  std::size_t size_ = 0;
  std::size_t count_ = 0;
  Checked refused_;
};

}  // namespace cardea::http
