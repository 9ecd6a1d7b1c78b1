// Framing of responses; see reply_reader.h.
#include "app/bench/reply_reader.h"

#include <charconv>

#include "base/ascii.h"

namespace cardea::app::bench {
namespace {

// Calls `take(name, value)` for each field line behind the status line, until it gives false.
template <class Take>
void each_field(std::string_view head, Take take) {
  auto at = head.find("\r\n");
  while (at != head.npos && at + 2 < head.size()) {
    const auto end = head.find("\r\n", at + 2);
    const auto line = head.substr(at + 2, end - at - 2);
    const auto colon = line.find(':');
    if (colon != line.npos && !take(line.substr(0, colon), ascii::trim(line.substr(colon + 1)))) {
      return;
    }
    at = end;
  }
}

std::optional<std::size_t> read_number(std::string_view text, int base) {
  std::size_t number = 0;
  const auto* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number, base);
  if (error != std::errc() || end != last) return std::nullopt;
  return number;
}

// "HTTP/1.1 200 OK"; 0 when it is none.
int read_status(std::string_view head) {
  if (!head.starts_with("HTTP/1.") || head.size() < 12 || head[8] != ' ') return 0;
  return static_cast<int>(read_number(head.substr(9, 3), 10).value_or(0));
}

std::string_view skip_spaces(std::string_view text) {
  const auto at = text.find_first_not_of(" \t\r\n");
  return at == text.npos ? std::string_view() : text.substr(at);
}

// What follows the colon behind a member's name; "" when there is no such member.
std::string_view behind_name(std::string_view json, std::string_view name) {
  for (auto at = json.find(name); at != json.npos; at = json.find(name, at + 1)) {
    const auto end = at + name.size();
    if (at == 0 || json[at - 1] != '"' || end >= json.size() || json[end] != '"') continue;
    const auto rest = skip_spaces(json.substr(end + 1));
    if (rest.starts_with(':')) return skip_spaces(rest.substr(1));
  }
  return {};
}

}  // namespace

std::string_view Reply::field(std::string_view name) const {
  std::string_view found;
  each_field(head, [&](std::string_view each, std::string_view value) {
    if (!ascii::equal_ignoring_case(each, name)) return true;
    found = value;
    return false;
  });
  return found;
}

std::vector<std::string_view> Reply::fields(std::string_view name) const {
  std::vector<std::string_view> found;
  each_field(head, [&](std::string_view each, std::string_view value) {
    if (ascii::equal_ignoring_case(each, name)) found.push_back(value);
    return true;
  });
  return found;
}

ReplyReader::Seen ReplyReader::feed(std::string_view bytes) {
  if (bytes_.size() + bytes.size() > bytes_max) return Seen::malformed;
  bytes_.append(bytes);
  return look();
}

ReplyReader::Seen ReplyReader::end() {
  if (head_size_ == 0 || is_chunked_ || length_) return Seen::malformed;
  return finish(bytes_.size(), std::string_view(bytes_).substr(head_size_));
}

bool ReplyReader::next() {
  bytes_.erase(0, size_);
  head_size_ = size_ = chunk_at_ = 0;
  length_.reset();
  is_chunked_ = false;
  chunked_body_.clear();
  reply_ = {};
  return !bytes_.empty();
}

ReplyReader::Seen ReplyReader::look() {
  if (head_size_ == 0) {
    const auto seen = read_head();
    if (seen != Seen::reply) return seen;
  }
  if (is_chunked_) return read_chunks();
  if (!length_ || bytes_.size() < head_size_ + *length_) return Seen::more;
  return finish(head_size_ + *length_, std::string_view(bytes_).substr(head_size_, *length_));
}

// `reply` when the head is complete and says how the body ends.
ReplyReader::Seen ReplyReader::read_head() {
  const auto blank = bytes_.find("\r\n\r\n");
  if (blank == std::string::npos) return Seen::more;
  const auto head = std::string_view(bytes_).substr(0, blank + 2);
  const int status = read_status(head);
  if (status < 100) return Seen::malformed;
  if (status < 200) {
    bytes_.erase(0, blank + 4);
    return read_head();
  }
  bool is_sound = true;
  reply_ = {.status = status, .head = {}, .body = {}, .keeps_alive = head[7] == '1'};
  each_field(head, [&](std::string_view name, std::string_view value) {
    if (ascii::equal_ignoring_case(name, "Content-Length")) {
      length_ = read_number(value, 10);
      is_sound = is_sound && length_.has_value();
    } else if (ascii::equal_ignoring_case(name, "Transfer-Encoding")) {
      is_chunked_ = ascii::equal_ignoring_case(value, "chunked");
      is_sound = is_sound && is_chunked_;
    } else if (ascii::equal_ignoring_case(name, "Connection")) {
      reply_.keeps_alive = !ascii::equal_ignoring_case(value, "close");
    }
    return true;
  });
  if (!is_sound) return Seen::malformed;
  if (status == 204 || status == 304) length_ = 0;  // RFC 9112 6.3: no body whatever is said
  if (!length_ && !is_chunked_) reply_.keeps_alive = false;
  head_size_ = chunk_at_ = blank + 4;
  return Seen::reply;
}

ReplyReader::Seen ReplyReader::read_chunks() {
  for (;;) {
    const auto line_end = bytes_.find("\r\n", chunk_at_);
    if (line_end == std::string::npos) return Seen::more;
    auto line = std::string_view(bytes_).substr(chunk_at_, line_end - chunk_at_);
    const auto size = read_number(ascii::trim(line.substr(0, line.find(';'))), 16);
    if (!size || *size > bytes_max) return Seen::malformed;
    if (*size == 0) {  // then trailers, which end in an empty line
      const auto end = bytes_.find("\r\n\r\n", line_end);
      if (end == std::string::npos) return Seen::more;
      return finish(end + 4, chunked_body_);
    }
    const auto next = line_end + 2 + *size + 2;
    if (bytes_.size() < next) return Seen::more;
    chunked_body_.append(bytes_, line_end + 2, *size);
    chunk_at_ = next;
  }
}

ReplyReader::Seen ReplyReader::finish(std::size_t size, std::string_view body) {
  size_ = size;
  reply_.head = std::string_view(bytes_).substr(0, head_size_ - 2);
  reply_.body = body;
  return Seen::reply;
}

std::string_view find_text_member(std::string_view json, std::string_view name) {
  const auto value = behind_name(json, name);
  if (!value.starts_with('"')) return {};
  const auto end = value.find('"', 1);
  if (end == value.npos) return {};
  const auto text = value.substr(1, end - 1);
  return text.find('\\') == text.npos ? text : std::string_view();
}

bool has_literal_member(std::string_view json, std::string_view name, std::string_view literal) {
  const auto value = behind_name(json, name);
  if (!value.starts_with(literal)) return false;
  return value.size() == literal.size() || value.find_first_of(",} \t\r\n") == literal.size();
}

}  // namespace cardea::app::bench
