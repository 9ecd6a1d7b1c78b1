// Distinct types for identifiers, so that a client_id and a subject cannot change places. Style
// rule 7.
#pragma once

#include <compare>
#include <functional>
#include <string>
#include <utility>

namespace cardea {

// A T that is only comparable and hashable with its own kind. Construction and reading are
// explicit.
template <class Tag, class T = std::string>
class Tagged {
 public:
  Tagged() = default;
  explicit Tagged(T value) : value_(std::move(value)) {}

  const T& value() const { return value_; }
  bool empty() const
    requires requires(const T& t) { t.empty(); }
  {
    return value_.empty();
  }

  friend auto operator<=>(const Tagged&, const Tagged&) = default;

 private:
  T value_{};
};

}  // namespace cardea

template <class Tag, class T>
struct std::hash<cardea::Tagged<Tag, T>> {
  std::size_t operator()(const cardea::Tagged<Tag, T>& tagged) const {
    return std::hash<T>{}(tagged.value());
  }
};
