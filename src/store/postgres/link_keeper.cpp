// Opening links anew; see link_keeper.h.
#include "store/postgres/link_keeper.h"

#include <algorithm>

#include "base/time.h"

namespace cardea::store::postgres {
namespace {

// Between two tries: grows from the first to the second. Whoever asks in between is refused.
constexpr std::int64_t first_pause_ms = 50;
constexpr std::int64_t longest_pause_ms = 1000;

}  // namespace

Link* LinkKeeper::get() {
  if (link_ && link_->is_open()) return link_.get();
  link_.reset();
  if (monotonic_ms() < next_try_ms_) return nullptr;
  auto opened = Link::open(options_);
  if (opened) {
    link_ = *std::move(opened);
    pause_ms_ = 0;
    ++reopened_;
    log_.warning("store.reconnected");
    if (on_reopen_) on_reopen_();
    return link_.get();
  }
  trouble_ = std::move(opened).error();
  log_.warning("store.unreachable", {{"reason", trouble_.reason}});
  pause_ms_ = std::clamp(pause_ms_ * 2, first_pause_ms, longest_pause_ms);
  next_try_ms_ = monotonic_ms() + pause_ms_;
  return nullptr;
}

void LinkKeeper::drop() {
  link_.reset();
}

}  // namespace cardea::store::postgres
