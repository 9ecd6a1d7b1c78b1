// Making and forgetting ticket keys; see ticket_keys.h.
#include "http/listener/ticket_keys.h"

#include <algorithm>

namespace cardea::http {
namespace {

constexpr std::size_t secret_bytes = 32;

}  // namespace

void TicketKeys::forget(Instant now) {
  std::erase_if(
      keys_, [&](const auto& key) { return now >= key->begun + key_lifetime + ticket_lifetime; });
}

std::shared_ptr<const TicketKey> TicketKeys::sealing(Instant now) {
  const std::lock_guard lock(mutex_);
  forget(now);
  if (keys_.empty() || now >= keys_.back()->begun + key_lifetime) {
    keys_.push_back(std::make_shared<const TicketKey>(
        TicketKey{.name = random_.bytes(name_bytes),
                  .cipher = TicketSecret(random_.bytes(secret_bytes)),
                  .mac = TicketSecret(random_.bytes(secret_bytes)),
                  .begun = now}));
  }
  return keys_.back();
}

std::shared_ptr<const TicketKey> TicketKeys::opening(std::string_view name, Instant now) {
  const std::lock_guard lock(mutex_);
  forget(now);
  const auto found =
      std::ranges::find(keys_, name, [](const auto& key) { return std::string_view(key->name); });
  return found == keys_.end() ? nullptr : *found;
}

}  // namespace cardea::http
