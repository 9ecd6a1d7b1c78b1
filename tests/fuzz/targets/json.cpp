// JSON (security corpus 7.4): accept set and content against a parser written anew from RFC 8259,
// and the round trip. Input: the text.
#include "base/json.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <set>
#include <string>

#include "base/ascii.h"
#include "base/base64url.h"
#include "fuzz/finding.h"

namespace cardea::fuzz {
namespace {

constexpr int depth_max = 32;

std::string shown(double number) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "d%a", number);
  return text.data();
}

// Recursive descent over the grammar; says what it read as a line of its own form.
class Naive {
 public:
  explicit Naive(std::string_view text) : text_(text) {}

  std::optional<std::string> document() {
    if (!ascii::is_utf8(text_)) return std::nullopt;
    const auto read = value(0);
    space();
    if (!read || at_ != text_.size()) return std::nullopt;
    return read;
  }

  // Whether an exponent was read that the library refuses for its size, even where 0 is meant.
  bool has_huge_exponent() const { return huge_exponent_; }

 private:
  using Read = std::optional<std::string>;

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(std::string_view token) {
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }
  void space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(peek()) != std::string::npos) {
      ++at_;
    }
  }

  Read value(int depth) {
    space();
    if (take("null")) return "null";
    if (take("true")) return "true";
    if (take("false")) return "false";
    if (peek() == '"') return string();
    if (peek() == '[') return depth < depth_max ? array(depth + 1) : std::nullopt;
    if (peek() == '{') return depth < depth_max ? object(depth + 1) : std::nullopt;
    return number();
  }

  Read array(int depth) {
    std::string out = "[";
    ++at_;
    space();
    if (take("]")) return out + "]";
    while (true) {
      const auto element = value(depth);
      if (!element) return std::nullopt;
      out += *element + ",";
      space();
      if (take("]")) return out + "]";
      if (!take(",")) return std::nullopt;
    }
  }

  Read object(int depth) {
    std::string out = "{";
    std::set<std::string> names;
    ++at_;
    space();
    if (take("}")) return out + "}";
    while (true) {
      space();
      const auto name = peek() == '"' ? string() : std::nullopt;
      if (!name || !names.insert(*name).second) return std::nullopt;
      space();
      if (!take(":")) return std::nullopt;
      const auto member = value(depth);
      if (!member) return std::nullopt;
      out += *name + ":" + *member + ",";
      space();
      if (take("}")) return out + "}";
      if (!take(",")) return std::nullopt;
    }
  }

  std::optional<unsigned> four_digits() {
    const auto bytes = hex_decode(text_.substr(std::min(at_, text_.size()), 4));
    if (!bytes || bytes->size() != 2) return std::nullopt;
    at_ += 4;
    return static_cast<unsigned char>((*bytes)[0]) * 256U + static_cast<unsigned char>((*bytes)[1]);
  }

  bool escape(std::string& out) {
    const char kind = peek();
    ++at_;
    const auto simple = std::string_view("\"\\/bfnrt").find(kind);
    if (simple != std::string_view::npos) return out += "\"\\/\b\f\n\r\t"[simple], true;
    if (kind != 'u') return false;
    auto code = four_digits();
    if (!code || (*code >= 0xdc00 && *code < 0xe000)) return false;
    if (*code >= 0xd800 && *code < 0xdc00) {
      const auto low = take("\\u") ? four_digits() : std::nullopt;
      if (!low || *low < 0xdc00 || *low >= 0xe000) return false;
      code = 0x10000 + (*code - 0xd800) * 0x400 + (*low - 0xdc00);
    }
    append_utf8(out, *code);
    return true;
  }

  static void append_utf8(std::string& out, unsigned code) {
    const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((code >> shift) & 0x3f)); };
    if (code < 0x80) {
      out += static_cast<char>(code);
    } else if (code < 0x800) {
      out += static_cast<char>(0xc0 | (code >> 6)), tail(0);
    } else if (code < 0x10000) {
      out += static_cast<char>(0xe0 | (code >> 12)), tail(6), tail(0);
    } else {
      out += static_cast<char>(0xf0 | (code >> 18)), tail(12), tail(6), tail(0);
    }
  }

  Read string() {
    std::string out;
    ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') return "s" + hex_encode(out);
      if (static_cast<unsigned char>(c) < 0x20) return std::nullopt;
      if (c != '\\') {
        out += c;
      } else if (at_ == text_.size() || !escape(out)) {
        return std::nullopt;
      }
    }
    return std::nullopt;
  }

  std::size_t digits() {
    const auto begin = at_;
    while (ascii::is_digit(peek())) ++at_;
    return at_ - begin;
  }

  Read number() {
    const auto begin = at_;
    bool whole = true;
    take("-");
    const bool zero = peek() == '0';
    const auto count = digits();
    if (count == 0 || (zero && count > 1)) return std::nullopt;
    if (take(".")) {
      whole = false;
      if (digits() == 0) return std::nullopt;
    }
    if (peek() == 'e' || peek() == 'E') {
      whole = false;
      ++at_;
      if (!take("+")) take("-");
      const auto size = digits();
      if (size == 0) return std::nullopt;
      huge_exponent_ = huge_exponent_ || size > 8;
    }
    const std::string text(text_.substr(begin, at_ - begin));
    errno = 0;
    const auto integer = std::strtoll(text.c_str(), nullptr, 10);
    if (whole && errno == 0) return "i" + std::to_string(integer);
    const double number = std::strtod(text.c_str(), nullptr);
    if (!std::isfinite(number)) return std::nullopt;
    return shown(number);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool huge_exponent_ = false;
};

// A value of ours in the same form.
std::string shown(const json::Value& value) {
  if (const auto* text = value.if_string()) return "s" + hex_encode(*text);
  if (const auto* flag = value.if_bool()) return *flag ? "true" : "false";
  if (const auto* integer = value.if_integer()) return "i" + std::to_string(*integer);
  if (const auto* number = value.if_double()) return shown(*number);
  std::string out;
  if (const auto* array = value.if_array()) {
    for (const auto& element : *array) out += shown(element) + ",";
    return "[" + out + "]";
  }
  if (const auto* object = value.if_object()) {
    for (const auto& [name, member] : object->members()) {
      out += "s" + hex_encode(name) + ":" + shown(member) + ",";
    }
    return "{" + out + "}";
  }
  return "null";
}

// Equal but that a whole number may be written without its point: 1.0 reads back as 1.
bool is_same(const json::Value& a, const json::Value& b) {
  const auto* integer = a.if_integer();
  const auto* number = b.if_double();
  if (integer && number) return static_cast<double>(*integer) == *number;
  const auto* array = a.if_array();
  if (array && b.if_array()) return std::ranges::equal(*array, *b.if_array(), is_same);
  const auto* object = a.if_object();
  if (!object || !b.if_object()) return a == b;
  return std::ranges::equal(object->members(), b.if_object()->members(),
                            [](const json::Member& x, const json::Member& y) {
                              return x.name == y.name && is_same(x.value, y.value);
                            });
}

}  // namespace

void json(std::string_view input) {
  const auto ours = json::parse(input);
  Naive parser(input);
  const auto naive = parser.document();
  expect(ours.has_value() == naive.has_value() || (!ours && parser.has_huge_exponent()),
         "the naive parser decides otherwise");
  expect(json::parse_object(input).has_value() == (ours && ours->if_object() != nullptr),
         "parse_object() differs from parse()");
  if (!ours) return;
  expect(shown(*ours) == *naive, "other content: " + shown(*ours) + " and " + *naive);
  for (const auto& written : {json::write(*ours), json::write_pretty(*ours)}) {
    const auto again = json::parse(written);
    expect(again && is_same(*again, *ours), "written text does not read back: " + written);
  }
}

}  // namespace cardea::fuzz
