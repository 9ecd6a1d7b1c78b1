// Ownership of the C objects of OpenSSL: a unique_ptr that knows which function frees. Internal to
// crypto/.
#pragma once

#include <memory>

namespace cardea::crypto {

// The deleter as a type without state, so that an Owned is as small as a pointer.
template <auto free_function>
struct FreeWith {
  template <class T>
  void operator()(T* pointer) const {
    free_function(pointer);
  }
};

template <class T, auto free_function>
using Owned = std::unique_ptr<T, FreeWith<free_function>>;

}  // namespace cardea::crypto
