// Character classes and list handling of the protocol texts; ASCII only, no locale.
#pragma once

#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace cardea::ascii {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
constexpr bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
constexpr bool is_alpha(char c) {
  return is_upper(c) || is_lower(c);
}
constexpr bool is_alnum(char c) {
  return is_alpha(c) || is_digit(c);
}
// VSCHAR of RFC 6749 Appendix A: %x20-7E.
constexpr bool is_vschar(char c) {
  return c >= 0x20 && c <= 0x7e;
}
// unreserved of RFC 3986 2.3.
constexpr bool is_unreserved(char c) {
  return is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}
constexpr char lower(char c) {
  return is_upper(c) ? static_cast<char>(c + 32) : c;
}

std::string lower(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);
std::string_view trim(std::string_view text);  // spaces and tabs at both ends

// The parts between separators, one after another and empty ones too, as views into the text. A
// text without a separator is one part.
class Parts {
 public:
  class Iterator {
   public:
    using value_type = std::string_view;
    using difference_type = std::ptrdiff_t;

    Iterator(std::string_view text, char separator) : rest_(text), separator_(separator) { find(); }
    std::string_view operator*() const { return rest_.substr(0, size_); }
    Iterator& operator++() {
      if (size_ == std::string_view::npos) {
        over_ = true;
      } else {
        rest_.remove_prefix(size_ + 1);
        find();
      }
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& at, std::default_sentinel_t) { return at.over_; }

   private:
    void find() { size_ = rest_.find(separator_); }

    std::string_view rest_;
    std::size_t size_ = 0;  // of the part; npos for the last one
    char separator_ = '\0';
    bool over_ = false;
  };

  Parts(std::string_view text, char separator) : begin_(text, separator) {}
  Iterator begin() const { return begin_; }
  static std::default_sentinel_t end() { return {}; }

 private:
  Iterator begin_;
};

// The same as a list, for who needs to count them or to go back.
std::vector<std::string_view> split(std::string_view text, char separator);
// Splits at runs of spaces; no empty parts. The form of `scope`, `prompt`, `acr_values`,
// `ui_locales`.
std::vector<std::string> words(std::string_view text);
std::string join(const std::vector<std::string>& parts, std::string_view separator);

// How many bytes at the front are below 0x80; how many are no controls (below 0x20, or 0x7f); how
// many are neither controls nor the two that a JSON string escapes besides.
std::size_t ascii_prefix(std::string_view bytes);
std::size_t uncontrolled_prefix(std::string_view bytes);
std::size_t unescaped_prefix(std::string_view bytes);

// Whether the bytes are well-formed UTF-8 (RFC 3629 4: no overlong forms, no surrogates).
bool is_utf8(std::string_view bytes);
// Characters of UTF-8 text, not bytes.
std::size_t utf8_length(std::string_view text);
// Whether UTF-8 text holds a control character: C0, DEL or C1 (U+0080-U+009F), which terminals
// obey.
bool holds_control(std::string_view text);

}  // namespace cardea::ascii
