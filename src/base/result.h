// A value or a refusal. Small and must-use; C++20, because std::expected is not available to users
// of cardea::client and cardea::resource. Decision E5. Exceptions do not cross a room: what can be
// refused is a Result, what cannot fail is a plain value.
#pragma once

#include <cstdlib>
#include <optional>
#include <utility>
#include <variant>

namespace cardea {

// What Status holds on success.
struct Unit {
  friend bool operator==(Unit, Unit) = default;
};

// The failure half of a Result: `return refuse(OAuthError{...});`
template <class E>
struct Refusal {
  E error;
};

template <class E>
[[nodiscard]] Refusal<std::decay_t<E>> refuse(E&& error) {
  return {std::forward<E>(error)};
}

// Aborts in every build when an invariant is broken. Never used on input (style rule 15).
inline void ensure(bool condition) {
  if (!condition) std::abort();
}

// Either a T or an E. Reading the half that is absent is a bug and aborts.
template <class T, class E>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  using error_type = E;

  Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
  template <class F>
  Result(Refusal<F> refusal) : held_(std::in_place_index<1>, std::move(refusal.error)) {}

  bool ok() const { return held_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return ensure(ok()), std::get<0>(held_); }
  const T& value() const& { return ensure(ok()), std::get<0>(held_); }
  T&& value() && { return ensure(ok()), std::get<0>(std::move(held_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  E& error() & { return ensure(!ok()), std::get<1>(held_); }
  const E& error() const& { return ensure(!ok()), std::get<1>(held_); }
  E&& error() && { return ensure(!ok()), std::get<1>(std::move(held_)); }

 private:
  std::variant<T, E> held_;
};

template <class E>
using Status = Result<Unit, E>;

}  // namespace cardea
