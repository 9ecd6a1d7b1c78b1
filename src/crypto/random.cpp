// The operating system's randomness through libsodium, which ends the process when there is none.
// Small draws come out of a piece drawn ahead for the thread, since each call to the system costs
// as much as all the hashing of a request. What was given out is wiped from the piece at once, and
// the kernel wipes all of it in the child of a fork, so that no two processes ever draw the same.
#include "crypto/random.h"

#include <sys/mman.h>

#include <algorithm>
#include <array>

#include "crypto/sodium.h"

namespace cardea::crypto {
namespace {

// One page. A page of zeros, as the kernel gives it and as a fork leaves it, holds nothing.
struct Ahead {
  std::size_t left;
  std::array<std::byte, 4096 - sizeof left> bytes;

  void give(std::span<std::byte> out) {
    if (out.size() > left) {
      randombytes_buf(bytes.data(), bytes.size());
      left = bytes.size();
    }
    left -= out.size();
    const auto piece = std::span(bytes).subspan(left, out.size());
    std::ranges::copy(piece, out.begin());
    sodium_memzero(piece.data(), piece.size());
  }
};

// A thread's page; null where the kernel cannot promise to wipe it, and then nothing is kept.
class Page {
 public:
  Page() {
    void* at =
        ::mmap(nullptr, sizeof(Ahead), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) return;
    ahead_ = static_cast<Ahead*>(at);
    if (::madvise(at, sizeof(Ahead), MADV_WIPEONFORK) != 0) release();
  }
  ~Page() { release(); }
  Page(const Page&) = delete;
  Page& operator=(const Page&) = delete;
  Ahead* ahead() const { return ahead_; }

 private:
  void release() {
    if (ahead_ == nullptr) return;
    sodium_memzero(ahead_, sizeof(Ahead));
    ::munmap(ahead_, sizeof(Ahead));
    ahead_ = nullptr;
  }

  Ahead* ahead_ = nullptr;
};

}  // namespace

void SystemRandom::fill(std::span<std::byte> out) {
  start_sodium();
  thread_local const Page page;
  if (out.size() <= 64 && page.ahead() != nullptr) return page.ahead()->give(out);
  randombytes_buf(out.data(), out.size());
}

}  // namespace cardea::crypto
