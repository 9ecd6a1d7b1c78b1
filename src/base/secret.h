// Credentials as types: they cannot be printed, logged or compared with ==, and are wiped when they
// end. Content is read through reveal() only, which is rare and easy to search for. Style rules 7
// and 8.
#pragma once

#include <string.h>

#include <string>
#include <string_view>
#include <utility>

namespace cardea {

// Overwrites the bytes in a way that the compiler keeps, up to the capacity: a short string that
// was moved from still holds its characters behind its end.
inline void wipe(std::string& bytes) {
  bytes.resize(bytes.capacity());  // never allocates
  explicit_bzero(bytes.data(), bytes.size());
  bytes.clear();
}

// A credential of one kind. Movable, and copyable because values are passed through queues;
// compare with crypto::constant_time_equal(a.reveal(), b.reveal()).
template <class Tag>
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string content) : content_(std::move(content)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : content_(std::move(other.content_)) { wipe(other.content_); }
  Secret& operator=(const Secret& other) {
    if (this != &other) wipe(content_), content_ = other.content_;
    return *this;
  }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) wipe(content_), content_.swap(other.content_);
    return *this;
  }
  ~Secret() { wipe(content_); }

  std::string_view reveal() const { return content_; }
  bool empty() const { return content_.empty(); }

  friend bool operator==(const Secret&, const Secret&) = delete;
  template <class Stream>
  friend Stream& operator<<(Stream&, const Secret&) = delete;

 private:
  std::string content_;
};

}  // namespace cardea
