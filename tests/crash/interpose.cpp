// Stands between `cardea serve` and the C library's calls, by LD_PRELOAD: counts writes, flushes,
// replies and changes of names, and at the call that the driver chose kills the process (before the
// call, half-way through it, after it) or fails it. The driver chooses through a file that both
// have mapped, while the server runs. It also moves the realtime clock. The product knows nothing
// of this; SIGKILL and the calls are real. Layout and numbers are repeated in served.py.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

namespace {

enum Call : std::uint32_t { file_write, flush, reply, truncation, name_change, call_kinds };
enum Action : std::uint32_t {
  none,
  kill_before,
  kill_half_way,
  kill_after,
  fail_once,      // with Control::error
  fail_for_ever,  // this call and all later ones
};

struct Control {
  std::atomic<std::uint32_t> action;
  std::atomic<std::uint32_t> call;
  std::atomic<std::uint32_t> at;  // the how-manieth call of this kind since the count was reset
  std::atomic<std::uint32_t> error;
  std::atomic<std::uint32_t> hits;
  std::atomic<std::uint32_t> counts[8];
  std::uint32_t unused;
  std::atomic<std::int64_t> clock_offset_ms;
};
static_assert(sizeof(Control) == 64);
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

Control* control() {
  static Control* const mapped = [] {
    const char* path = getenv("CRASH_CONTROL");
    const int file = path != nullptr ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0) abort();
    void* at = mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (at == MAP_FAILED) abort();
    return static_cast<Control*>(at);
  }();
  return mapped;
}

// The library's own function of this name.
template <class F>
F* next(const char* name) {
  return reinterpret_cast<F*>(dlsym(RTLD_NEXT, name));
}

[[noreturn]] void die() {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

// Makes one call under control. half: does the first half only; nothing where there is no half.
template <class Whole, class Half>
auto controlled(Call call, Whole whole, Half half) -> decltype(whole()) {
  Control& now = *control();
  const std::uint32_t number = ++now.counts[call];
  const std::uint32_t action = now.action;
  const bool is_it = action != none && now.call == call &&
                     (number == now.at || (number > now.at && action == fail_for_ever));
  if (!is_it) return whole();
  ++now.hits;
  if (action == kill_before) die();
  if (action == fail_once || action == fail_for_ever) {
    errno = static_cast<int>(now.error.load());
    return -1;
  }
  if (action == kill_half_way) {
    half();
    die();
  }
  whole();
  die();
}

constexpr auto no_half = [] {};

}  // namespace

// The functions below take the place of the library's by their symbols' names.
#define STANDS_FOR(name) __asm__(name) __attribute__((visibility("default"), used))

extern "C" {
ssize_t crash_pwrite(int, const void*, size_t, off_t) STANDS_FOR("pwrite");
ssize_t crash_pwrite64(int, const void*, size_t, off_t) STANDS_FOR("pwrite64");
int crash_fdatasync(int) STANDS_FOR("fdatasync");
int crash_fsync(int) STANDS_FOR("fsync");
int crash_ftruncate64(int, off_t) STANDS_FOR("ftruncate64");
int crash_unlink(const char*) STANDS_FOR("unlink");
int crash_rename(const char*, const char*) STANDS_FOR("rename");
ssize_t crash_send(int, const void*, size_t, int) STANDS_FOR("send");
ssize_t crash_sendmsg(int, const msghdr*, int) STANDS_FOR("sendmsg");
ssize_t crash_writev(int, const iovec*, int) STANDS_FOR("writev");
int crash_clock(clockid_t, timespec*) STANDS_FOR("clock_gettime");
}

ssize_t crash_pwrite64(int file, const void* from, size_t size, off_t at) {
  static auto* const real = next<ssize_t(int, const void*, size_t, off_t)>("pwrite64");
  return controlled(
      file_write, [&] { return real(file, from, size, at); },
      [&] { return real(file, from, size / 2, at); });
}

ssize_t crash_pwrite(int file, const void* from, size_t size, off_t at) {
  return crash_pwrite64(file, from, size, at);
}

int crash_fdatasync(int file) {
  static auto* const real = next<int(int)>("fdatasync");
  return controlled(flush, [&] { return real(file); }, no_half);
}

int crash_fsync(int file) {
  static auto* const real = next<int(int)>("fsync");
  return controlled(flush, [&] { return real(file); }, no_half);
}

int crash_ftruncate64(int file, off_t size) {
  static auto* const real = next<int(int, off_t)>("ftruncate64");
  return controlled(truncation, [&] { return real(file, size); }, no_half);
}

int crash_unlink(const char* path) {
  static auto* const real = next<int(const char*)>("unlink");
  return controlled(name_change, [&] { return real(path); }, no_half);
}

int crash_rename(const char* from, const char* to) {
  static auto* const real = next<int(const char*, const char*)>("rename");
  return controlled(name_change, [&] { return real(from, to); }, no_half);
}

ssize_t crash_send(int socket, const void* from, size_t size, int flags) {
  static auto* const real = next<ssize_t(int, const void*, size_t, int)>("send");
  return controlled(
      reply, [&] { return real(socket, from, size, flags); },
      [&] { return real(socket, from, size / 2, flags); });
}

ssize_t crash_sendmsg(int socket, const msghdr* message, int flags) {
  static auto* const real = next<ssize_t(int, const msghdr*, int)>("sendmsg");
  return controlled(
      reply, [&] { return real(socket, message, flags); },
      [&] {
        iovec first = message->msg_iov[0];
        first.iov_len /= 2;
        msghdr part = *message;
        part.msg_iov = &first;
        part.msg_iovlen = 1;
        return real(socket, &part, flags);
      });
}

ssize_t crash_writev(int file, const iovec* parts, int count) {
  static auto* const real = next<ssize_t(int, const iovec*, int)>("writev");
  return controlled(reply, [&] { return real(file, parts, count); }, no_half);
}

int crash_clock(clockid_t id, timespec* at) {
  static auto* const real = next<int(clockid_t, timespec*)>("clock_gettime");
  const int code = real(id, at);
  if (id == CLOCK_REALTIME && code == 0) {
    at->tv_sec += static_cast<time_t>(control()->clock_offset_ms / 1000);
  }
  return code;
}
