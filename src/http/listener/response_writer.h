// Responses as one flat string: status line, headers, body; one write (stack.md 3). RFC 9112 4
// to 6. Framing, Date and Connection are the listener's; what a handler says about them is dropped.
// Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "http/listener/request_head.h"
#include "http/message.h"

namespace cardea::http {

// The Date value (RFC 9110 5.6.7), formatted anew only when the second changes. One per thread.
class DateLine {
 public:
  std::string_view at(Instant now);

 private:
  std::int64_t second_ = -1;
  std::string text_;
};

struct ResponseFrame {
  std::string_view date;
  RequestHead::Persistence persistence = RequestHead::Persistence::keep_alive;
  enum class Content {
    whole,
    without_body
  } content = Content::whole;  // without_body: answer to HEAD
};

// The content of the answer to a request with this method.
ResponseFrame::Content content_for(std::string_view method);

// What the listener says itself about a message: what a handler says of it is dropped.
bool is_listeners_own(std::string_view name);
// RFC 9110 6.4.1: a response of that status has no content, and no length of it.
bool has_no_body(int status);
// Whether status and header fields can be written: no CR, LF, NUL or other control character, names
// are tokens, a final status (security corpus I06). A response that cannot is a bug in the handler.
bool is_writable(const Response& response);
// Precondition: is_writable(), which the caller has asked.
std::string write_response(const Response& response, const ResponseFrame& frame);

// A plain-text answer of the listener itself.
Response plain_response(int status, std::string_view sentence);

}  // namespace cardea::http
