// A filter of two generations; see recent_failures.h.
#include "server/sign_in/recent_failures.h"

#include <functional>

namespace cardea {
namespace {

// Two places in a generation. Who finds others that share them makes himself ask the store.
struct Places {
  std::size_t first = 0;
  std::size_t second = 0;
};

Places places_of(std::string_view account, std::string_view address, std::size_t bits) {
  const std::size_t one = std::hash<std::string_view>()(account);
  const std::size_t other = std::hash<std::string_view>()(address);
  const std::size_t both = one ^ (other * 0x9e3779b97f4a7c15U);
  return {.first = both % bits, .second = (both >> 32) % bits};
}

std::uint64_t mask_of(std::size_t place) {
  return std::uint64_t{1} << (place % 64);
}

}  // namespace

RecentFailures::RecentFailures(Seconds window, std::int64_t now_ms)
    : turn_ms_(window.count * 2000), known_from_ms_(now_ms + turn_ms_), turn_(now_ms / turn_ms_) {}

void RecentFailures::turn_to(std::int64_t turn) {
  const auto passed = turn - turn_.load();
  if (passed <= 0) return;
  if (passed > 1) {
    for (auto& word : generations_[(turn - 1) % 2]) word = 0;
  }
  for (auto& word : generations_[turn % 2]) word = 0;
  turn_ = turn;
}

void RecentFailures::note(std::string_view account, std::string_view address, std::int64_t now_ms) {
  const auto places = places_of(account, address, bits);
  const std::lock_guard lock(mutex_);
  turn_to(now_ms / turn_ms_);
  auto& words = generations_[turn_.load() % 2];
  words[places.first / 64] |= mask_of(places.first);
  words[places.second / 64] |= mask_of(places.second);
}

bool RecentFailures::may_hold(std::string_view account, std::string_view address,
                              std::int64_t now_ms) {
  if (now_ms < known_from_ms_.load(std::memory_order_relaxed)) return true;
  if (now_ms / turn_ms_ != turn_.load()) {
    const std::lock_guard lock(mutex_);
    turn_to(now_ms / turn_ms_);
  }
  const auto places = places_of(account, address, bits);
  for (const auto& words : generations_) {
    if ((words[places.first / 64].load() & mask_of(places.first)) != 0 &&
        (words[places.second / 64].load() & mask_of(places.second)) != 0) {
      return true;
    }
  }
  return false;
}

}  // namespace cardea
