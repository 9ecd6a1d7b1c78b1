// What the bench driver asks of a server: a workload gives each connection its next request and
// judges the reply. One operation may take several requests (a flow is authorize and token).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/json.h"
#include "bench/wire.h"

namespace cardea::bench {

class Workload {
 public:
  virtual ~Workload() = default;
  enum class Taken { more, done, failed };
  // The next request of this connection's operation; "" when nothing is left to do.
  virtual std::string next(std::size_t connection) = 0;
  // Judges the reply; `more` when the operation goes on with another request.
  virtual Taken take(std::size_t connection, const Reply& reply) = 0;
};

// Makes the workload that the plan's member "workload" names: get, post, refresh, exchange, flow,
// proven or steps. Plans are written by tests/bench/run, whose table says what each needs. Null
// when there is none of that name.
std::unique_ptr<Workload> make_workload(const json::Object& plan);

}  // namespace cardea::bench
