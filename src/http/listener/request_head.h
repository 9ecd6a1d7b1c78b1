// The head of a request (RFC 9112 2 to 5, 9.3): scanned byte by byte as it arrives, then parsed as
// a whole. Beast's parser does the grammar; the rules that it leaves out (stack.md 3) are here:
// no obs-fold, no bare CR or LF, `chunked` alone and never beside Content-Length, limits, and those
// of request_rules.h. Pure.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "http/listener/request_rules.h"

namespace cardea::http {

// Finds the end of a head. The verdict on a stream of bytes does not depend on how it was cut.
class HeadScanner {
 public:
  enum class Seen { more, end, refused };
  // Takes the next byte of the stream.
  Seen take(char byte);
  // Takes the bytes at the front that continue a line and decide nothing, and says how many: most
  // of a head, at one go.
  std::size_t take_run(std::string_view bytes);
  // Bytes of the empty line that may stand before a request line (RFC 9112 2.2).
  std::size_t leading() const { return leading_; }
  const Refused& refusal() const { return refusal_; }

 private:
  Seen refuse_with(Refused refusal);
  Seen end_line();

  std::size_t size_ = 0;
  std::size_t line_size_ = 0;
  std::size_t lines_ = 0;
  std::size_t leading_ = 0;
  char previous_ = 0;
  Refused refusal_;
};

// block: from the request line to the empty line, both included.
// Refuses: 400 malformed, 413 body too large, 414, 415 content coding, 417, 431, 501 method or
// coding, 505.
Result<RequestHead, Refused> parse_head(std::string_view block);

}  // namespace cardea::http
