// What is spoken over a connection that is open: HTTP/1.1 (http1.h) or HTTP/2 (http2.h). A protocol
// makes requests of bytes and bytes of responses, and knows their limits and deadlines; sockets,
// TLS, the handler and what holds of every request are its connection's.
#pragma once

#include <cstdint>

#include "http/message.h"

namespace cardea::http {

enum class Step { go_on, wait };  // wait: something else will go on with the connection

class Protocol {
 public:
  virtual ~Protocol() = default;
  // Goes on by one step, without waiting.
  virtual Step step() = 0;
  // The answer to the request that was handed over under this number. The client may be gone.
  virtual void finish(std::int32_t number, Response response) = 0;
  // Ends what is past its deadline.
  virtual void expire(std::int64_t now_ms) = 0;
  // The listener drains: what is under way is finished, and no more is begun.
  virtual void drain() = 0;
};

}  // namespace cardea::http
