// The head of a request (RFC 9112 2 to 5, 9.3): scanned byte by byte as it arrives, then parsed as
// a whole. Beast's parser does the grammar; the rules that it leaves out (stack.md 3) are here:
// exactly one Host, no obs-fold, no bare CR or LF, `chunked` alone and never beside Content-Length,
// limits. Pure.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/limits.h"
#include "base/result.h"
#include "http/message.h"

namespace cardea::http {

// Why a request is answered by the listener. The reason is a fixed sentence, fit for client and
// log.
struct Refused {
  int status = 400;
  std::string_view reason;
};

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

struct RequestHead {
  Request request;  // without body and peer_address; target in origin-form
  enum class Framing { none, length, chunked } framing = Framing::none;
  std::size_t length = 0;  // for Framing::length
  enum class Expectation { none, continue_100 } expectation = Expectation::none;
  enum class Persistence { keep_alive, close } persistence = Persistence::keep_alive;
};

// block: from the request line to the empty line, both included.
// Refuses: 400 malformed, 413 body too large, 414, 415 content coding, 417, 431, 501 method or
// coding, 505.
Result<RequestHead, Refused> parse_head(std::string_view block);

}  // namespace cardea::http
