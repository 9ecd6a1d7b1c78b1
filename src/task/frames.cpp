// Lists of free frames, one for each size and thread; see frames.h.
#include "task/frames.h"

#include <array>
#include <new>

namespace cardea::task_detail {
namespace {

constexpr std::size_t step_bytes = 128;
constexpr std::size_t classes = 32;        // frames up to 4 KiB
constexpr std::size_t kept_in_class = 16;  // at most 1 MiB for each thread, were all in use

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
// The sanitizers must see each frame end.
#define CARDEA_PLAIN_FRAMES
#endif
#endif

#ifdef CARDEA_PLAIN_FRAMES
constexpr bool keeps_frames = false;
#else
constexpr bool keeps_frames = true;
#endif

std::size_t class_of(std::size_t size) {
  return (size + step_bytes - 1) / step_bytes - 1;
}

struct FreeFrame {
  FreeFrame* next = nullptr;
};

// Other objects of the thread may end tasks after its list is gone. Never destroyed itself.
thread_local bool ended = false;

class FreeFrames {
 public:
  ~FreeFrames() {
    for (auto& list : lists_) {
      while (list.first != nullptr) ::operator delete(take(list));
    }
    ended = true;
  }
  void* take(std::size_t at) { return lists_[at].first == nullptr ? nullptr : take(lists_[at]); }
  // False: there are enough of that size.
  bool give(void* frame, std::size_t at) {
    auto& list = lists_[at];
    if (list.count == kept_in_class) return false;
    list.first = new (frame) FreeFrame{list.first};
    ++list.count;
    return true;
  }

 private:
  struct List {
    FreeFrame* first = nullptr;
    std::size_t count = 0;
  };
  static void* take(List& list) {
    auto* frame = list.first;
    list.first = frame->next;
    --list.count;
    return frame;
  }
  std::array<List, classes> lists_{};
};

thread_local FreeFrames free_frames;

}  // namespace

void* allocate_frame(std::size_t size) {
  const auto at = class_of(size);
  if (!keeps_frames || at >= classes || ended) return ::operator new(size);
  if (void* kept = free_frames.take(at)) return kept;
  return ::operator new((at + 1) * step_bytes);
}

void free_frame(void* frame, std::size_t size) noexcept {
  const auto at = class_of(size);
  if (keeps_frames && at < classes && !ended && free_frames.give(frame, at)) return;
  ::operator delete(frame);
}

}  // namespace cardea::task_detail
