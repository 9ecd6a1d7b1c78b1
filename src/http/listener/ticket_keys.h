// The keys that seal TLS sessions into tickets, which clients keep and bring back (RFC 8446 4.6.1;
// RFC 5077 4). They change by themselves, so that who comes to know one opens little, and a ticket
// opens for as long as it is valid. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/secret.h"
#include "base/time.h"

namespace cardea::http {

using TicketSecret = Secret<struct TicketSecretTag>;

struct TicketKey {
  std::string name;     // 16 bytes, in the clear on every ticket
  TicketSecret cipher;  // 32 bytes
  TicketSecret mac;     // 32 bytes
  Instant begun;
};

class TicketKeys {
 public:
  static constexpr std::size_t name_bytes = 16;
  static constexpr Seconds ticket_lifetime = hours(2);
  // How long a key seals. It opens for as long as its last ticket is valid.
  static constexpr Seconds key_lifetime = hours(1);

  explicit TicketKeys(Random& random) : random_(random) {}

  // The key for a new ticket.
  std::shared_ptr<const TicketKey> sealing(Instant now);
  // The key of that name; null when it is no more, or never was.
  std::shared_ptr<const TicketKey> opening(std::string_view name, Instant now);

 private:
  void forget(Instant now);

  Random& random_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<const TicketKey>> keys_;  // the newest last
};

}  // namespace cardea::http
