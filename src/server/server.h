// The authorization server as one function from request to response: the seam that every flow test
// uses.
#pragma once

#include "http/message.h"
#include "server/deps.h"
#include "task/task.h"

namespace cardea {

class Server {
 public:
  // deps and what it points to must outlive the server and every task it gave.
  explicit Server(const Deps& deps) : deps_(deps) {}

  // Answers any request: routes, stamps the instant and the request id, maps store failures to 503
  // with Retry-After, and reports to the observer. The answer to HEAD keeps its body, by whose
  // length the listener states Content-Length before it drops it (RFC 9110 9.3.2). Thread-safe.
  // Throws only on a bug of ours (the listener answers 500).
  Task<http::Response> handle(http::Request request) const;

 private:
  const Deps& deps_;
};

}  // namespace cardea
