// How many connections may be open: in total and per address (security corpus J10). Thread-safe.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>

#include "http/listener/peer.h"

namespace cardea::http {

class Admission {
 public:
  struct Limits {
    std::size_t total = 0;
    std::size_t per_address = 0;
  };
  enum class Counting { by_address, in_total_only };

  explicit Admission(Limits limits) : limits_(limits) {}
  // Counts a connection; false when it is one too many. Each success is followed by one leave()
  // alike.
  bool enter(const Peer& peer, Counting counting);
  void leave(const Peer& peer, Counting counting);

 private:
  const Limits limits_;
  std::mutex mutex_;
  std::size_t total_ = 0;
  std::map<IpAddress, std::size_t> per_address_;  // ordered: no hash to collide (J12)
};

}  // namespace cardea::http
