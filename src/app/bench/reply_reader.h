// Reads HTTP/1.1 responses out of the bytes of a connection (RFC 9112 6): bodies with a length, in
// chunks, or up to the end of the connection. It measures servers, so it copies no field and
// refuses only what it cannot frame. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cardea::app::bench {

// Views into the reader's bytes, valid until its next call.
struct Reply {
  int status = 0;
  std::string_view head;  // status line and fields, each with its line end
  std::string_view body;
  bool keeps_alive = true;

  // The first field of that name, compared without case, or "".
  std::string_view field(std::string_view name) const;
  std::vector<std::string_view> fields(std::string_view name) const;
};

class ReplyReader {
 public:
  enum class Seen { more, reply, malformed };

  // Adds what came. With `reply`, reply() is there. Interim responses (1xx) are passed over.
  // malformed: no response of HTTP/1.1, or one above `bytes_max`.
  Seen feed(std::string_view bytes);
  // The connection ended: `reply` when that is what ends the body.
  Seen end();
  const Reply& reply() const { return reply_; }
  // Forgets the reply before the next request. Whether bytes are left, which nobody asked for.
  bool next();
  bool is_empty() const { return bytes_.empty(); }

  static constexpr std::size_t bytes_max = 4 * 1024 * 1024;

 private:
  Seen look();
  Seen read_head();
  Seen read_chunks();
  Seen finish(std::size_t size, std::string_view body);

  std::string bytes_;
  std::size_t head_size_ = 0;  // 0: not complete
  std::size_t size_ = 0;       // of the whole response, once it is there
  std::optional<std::size_t> length_;
  bool is_chunked_ = false;
  std::size_t chunk_at_ = 0;  // where the next chunk's size line begins
  std::string chunked_body_;
  Reply reply_;
};

// The text member of that name in a JSON text, found without reading the rest of it: what the
// driver takes out of each answer. "" when it is absent, no text, or written with escapes.
std::string_view find_text_member(std::string_view json, std::string_view name);
// Whether the text has a member of that name with this literal: true, false, a number.
bool has_literal_member(std::string_view json, std::string_view name, std::string_view literal);

}  // namespace cardea::app::bench
