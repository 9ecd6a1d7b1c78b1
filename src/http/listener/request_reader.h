// Requests out of a stream of bytes, without I/O: feed what arrived, take what is complete. The
// result is the same for any cut of the stream (security corpus 7.5). One reader per connection;
// RFC 9112 6 and 7.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/listener/request_head.h"

namespace cardea::http {

// The chunked coding, RFC 9112 7.1. Extensions are skipped up to a limit, trailer fields are
// refused: nothing that a sender puts behind the checks of the head may reach a handler.
class ChunkedDecoder {
 public:
  enum class Seen { more, end, refused };
  // Takes bytes up to the end of the body, appends the data to `body`; `used` says how many it
  // took.
  Seen feed(std::string_view bytes, std::string& body, std::size_t& used);
  const Refused& refusal() const { return refusal_; }

 private:
  enum class At : std::uint8_t {
    first_digit,
    digit,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    last_cr,
    last_lf
  };
  Seen take(char byte, std::size_t body_size);
  Seen take_size(char byte);
  Seen end_size(std::size_t body_size);
  Seen refuse_with(Refused refusal);

  At at_ = At::first_digit;
  unsigned digits_ = 0;
  std::size_t left_ = 0;
  std::size_t extension_bytes_ = 0;
  Refused refusal_;
};

class RequestReader {
 public:
  enum class State {
    empty,     // between requests: no byte of the next one has come
    head,      // in its head
    body,      // in its body
    complete,  // take() it
    refused,   // refusal() says why; the connection cannot go on
  };

  // Takes bytes in order and returns how many it used: all, unless a request became complete or was
  // refused.
  std::size_t feed(std::string_view bytes);
  State state() const { return state_; }
  const Refused& refusal() const { return refusal_; }
  // True once, when the head asked for "100 Continue" and no byte of the body has come yet (RFC
  // 9110 10.1.1).
  bool take_continue();
  // Only when complete. The reader is empty afterwards.
  RequestHead take();

 private:
  std::size_t feed_head(std::string_view bytes);
  std::size_t feed_body(std::string_view bytes);
  void refuse_with(Refused refusal);

  State state_ = State::empty;
  HeadScanner scanner_;
  std::string head_bytes_;
  RequestHead head_;
  ChunkedDecoder chunked_;
  bool body_begun_ = false;
  Refused refusal_;
};

}  // namespace cardea::http
