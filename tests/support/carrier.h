// What lies between a test's requests and the harness's server: nothing, or what a test program
// puts there (test_wire: sockets).
#pragma once

#include <functional>

#include "http/message.h"

namespace cardea::test {

using Answer = std::function<http::Response(http::Request)>;

class Carrier {
 public:
  virtual ~Carrier() = default;
  // Gives the request to `answer`, and the response as it arrives. On the caller's thread.
  virtual http::Response carry(http::Request request, const Answer& answer) = 0;
};

// Null for nothing, which it is unless a program sets it.
inline Carrier*& carrier() {
  static Carrier* one = nullptr;
  return one;
}

}  // namespace cardea::test
