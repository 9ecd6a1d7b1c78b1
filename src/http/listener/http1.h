// HTTP/1.1 over one connection, a request after the other (RFC 9112).
//
//   reading -> handling -> writing -> reading ...
//      |                      |
//      +-> writing (refusal) -+-> the connection lingers
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/listener/protocol.h"
#include "http/listener/request_reader.h"
#include "http/listener/response_writer.h"

namespace cardea::http {

class Connection;

class Http1 final : public Protocol {
 public:
  // received: bytes that came before anyone knew what is spoken. `connection` outlives it.
  Http1(Connection& connection, std::string received);

  Step step() override;
  void finish(std::int32_t number, Response response) override;
  void expire(std::int64_t now_ms) override;
  void drain() override;
  // Answers and ends the connection.
  Step refuse_with(const Refused& refused);

 private:
  enum class Phase { reading, handling, writing };
  // What the deadline of reading is for: the next request, a head under way, a body under way.
  enum class Awaited { request, head, body };
  enum class AfterWrite { next_request, same_request, linger };

  Step read();
  Step take_input(std::string_view bytes);
  Step heed_reader();
  Step begin_handling();
  Step write();
  void answer(const Response& response, RequestHead::Persistence persistence);
  bool is_between() const;

  Connection& connection_;
  Phase phase_ = Phase::reading;
  Awaited awaited_ = Awaited::head;
  std::string input_;  // received and not yet used: the first bytes, or pipelined requests
  RequestReader reader_;
  RequestHead::Persistence persistence_ = RequestHead::Persistence::keep_alive;
  ResponseFrame::Content content_ = ResponseFrame::Content::whole;
  std::string output_;
  std::size_t written_ = 0;
  AfterWrite after_write_ = AfterWrite::next_request;
};

}  // namespace cardea::http
