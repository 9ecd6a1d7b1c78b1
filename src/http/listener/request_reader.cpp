// Heads and bodies out of bytes; see request_reader.h.
#include "http/listener/request_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/limits.h"
#include "base/result.h"

namespace cardea::http {
namespace {

constexpr unsigned chunk_digits_max = 8;
constexpr std::size_t extension_bytes_max = 1024;  // in all chunks of a body
constexpr Refused malformed_chunk{400, "The chunked body is malformed."};

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

}  // namespace

ChunkedDecoder::Seen ChunkedDecoder::refuse_with(Refused refusal) {
  refusal_ = refusal;
  return Seen::refused;
}

ChunkedDecoder::Seen ChunkedDecoder::take_size(char byte) {
  if (const auto digit = hex_digit(byte)) {
    if (++digits_ > chunk_digits_max) return refuse_with(malformed_chunk);
    left_ = left_ * 16 + *digit;
    at_ = At::digit;
    return Seen::more;
  }
  if (at_ == At::first_digit) return refuse_with(malformed_chunk);
  if (byte == '\r') return at_ = At::size_lf, Seen::more;
  if (byte == ';') return at_ = At::extension, Seen::more;
  return refuse_with(malformed_chunk);
}

ChunkedDecoder::Seen ChunkedDecoder::end_size(std::size_t body_size) {
  digits_ = 0;
  if (left_ == 0) return at_ = At::last_cr, Seen::more;
  if (left_ + body_size > limits::body_bytes_max) return refuse_with(too_large_body);
  at_ = At::data;
  return Seen::more;
}

ChunkedDecoder::Seen ChunkedDecoder::take(char byte, std::size_t body_size) {
  switch (at_) {
    case At::first_digit:
    case At::digit:
      return take_size(byte);
    case At::extension:
      if (byte == '\r') return at_ = At::size_lf, Seen::more;
      if (static_cast<unsigned char>(byte) < 0x20 && byte != '\t')
        return refuse_with(malformed_chunk);
      if (byte == 0x7f || ++extension_bytes_ > extension_bytes_max)
        return refuse_with(malformed_chunk);
      return Seen::more;
    case At::size_lf:
      return byte == '\n' ? end_size(body_size) : refuse_with(malformed_chunk);
    case At::data_cr:
      if (byte != '\r') return refuse_with(malformed_chunk);
      return at_ = At::data_lf, Seen::more;
    case At::data_lf:
      if (byte != '\n') return refuse_with(malformed_chunk);
      return at_ = At::first_digit, Seen::more;
    case At::last_cr:
      if (byte != '\r') return refuse_with(trailer_fields);
      return at_ = At::last_lf, Seen::more;
    case At::last_lf:
      return byte == '\n' ? Seen::end : refuse_with(malformed_chunk);
    case At::data:
      break;
  }
  ensure(false);  // data is taken in pieces by feed()
  return Seen::more;
}

ChunkedDecoder::Seen ChunkedDecoder::feed(std::string_view bytes, std::string& body,
                                          std::size_t& used) {
  used = 0;
  while (used < bytes.size()) {
    if (at_ == At::data) {
      const auto size = std::min(left_, bytes.size() - used);
      body.append(bytes.substr(used, size));
      used += size;
      left_ -= size;
      if (left_ == 0) at_ = At::data_cr;
      continue;
    }
    const auto seen = take(bytes[used++], body.size());
    if (seen != Seen::more) return seen;
  }
  return Seen::more;
}

void RequestReader::refuse_with(Refused refusal) {
  refusal_ = refusal;
  state_ = State::refused;
}

std::size_t RequestReader::feed(std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size()) {
    if (state_ == State::complete || state_ == State::refused) break;
    const auto rest = bytes.substr(used);
    used += state_ == State::body ? feed_body(rest) : feed_head(rest);
  }
  return used;
}

std::size_t RequestReader::feed_head(std::string_view bytes) {
  if (state_ == State::empty) state_ = State::head;
  for (std::size_t at = scanner_.take_run(bytes); at < bytes.size();
       at += 1 + scanner_.take_run(bytes.substr(at + 1))) {
    const auto seen = scanner_.take(bytes[at]);
    if (seen == HeadScanner::Seen::more) continue;
    if (seen == HeadScanner::Seen::refused) {
      refuse_with(scanner_.refusal());
      return at + 1;
    }
    head_bytes_.append(bytes.substr(0, at + 1));
    auto head = parse_head(std::string_view(head_bytes_).substr(scanner_.leading()));
    head_bytes_.clear();
    if (!head) {
      refuse_with(head.error());
      return at + 1;
    }
    head_ = std::move(*head);
    state_ = head_.framing == RequestHead::Framing::none ? State::complete : State::body;
    return at + 1;
  }
  head_bytes_.append(bytes);
  return bytes.size();
}

std::size_t RequestReader::feed_body(std::string_view bytes) {
  body_begun_ = true;
  auto& body = head_.request.body;
  if (head_.framing == RequestHead::Framing::length) {
    const auto size = std::min(head_.length - body.size(), bytes.size());
    body.append(bytes.substr(0, size));
    if (body.size() == head_.length) state_ = State::complete;
    return size;
  }
  std::size_t used = 0;
  switch (chunked_.feed(bytes, body, used)) {
    case ChunkedDecoder::Seen::more:
      break;
    case ChunkedDecoder::Seen::end:
      state_ = State::complete;
      break;
    case ChunkedDecoder::Seen::refused:
      refuse_with(chunked_.refusal());
      break;
  }
  return used;
}

bool RequestReader::take_continue() {
  if (state_ != State::body || body_begun_) return false;
  return std::exchange(head_.expectation, RequestHead::Expectation::none) ==
         RequestHead::Expectation::continue_100;
}

RequestHead RequestReader::take() {
  ensure(state_ == State::complete);
  RequestHead head = std::move(head_);
  *this = RequestReader();
  return head;
}

}  // namespace cardea::http
