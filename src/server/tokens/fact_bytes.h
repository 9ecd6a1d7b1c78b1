// The compact form of facts that are sealed into codes and opaque tokens: numbers as varints,
// identifiers of ours as their 16 bytes, frequent words as one byte. Not a format for keeping:
// what it wrote lives minutes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace cardea {

class FactWriter {
 public:
  FactWriter() { bytes_.reserve(256); }  // more than most need
  void number(std::uint64_t value);
  void instant(Instant at) { number(static_cast<std::uint64_t>(at.unix_ms)); }
  void text(std::string_view bytes);
  void identifier(std::string_view id);  // 22 characters of base64url take 17 bytes, others 2 more
  void word(std::string_view word);      // as text, but frequent words take one byte
  void words(const std::vector<std::string>& words);
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Reads what FactWriter wrote, in the same order. After a mismatch every read gives an empty value
// and complete() is false.
class FactReader {
 public:
  explicit FactReader(std::string_view bytes) : rest_(bytes) {}
  std::uint64_t number();
  Instant instant() { return {static_cast<std::int64_t>(number())}; }
  std::string text();
  std::string identifier();
  std::string word();
  std::vector<std::string> words();
  // Whether everything was read and nothing was left.
  bool complete() const { return !failed_ && rest_.empty(); }

 private:
  std::string_view take(std::uint64_t size);
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace cardea
