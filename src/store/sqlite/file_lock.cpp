// flock(2) with the holder's process id as the file's text; see file_lock.h.
#include "store/sqlite/file_lock.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace cardea::store::sqlite {
namespace {

int holder_of(int descriptor) {
  char text[16] = {};
  const auto size = pread(descriptor, text, sizeof text - 1, 0);
  return size > 0 ? std::atoi(text) : 0;
}

}  // namespace

Result<FileLock, FileLock::Refused> FileLock::take(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return refuse(
        Refused{Refused::Kind::unusable, 0, path + " cannot be opened: " + std::strerror(errno)});
  }
  FileLock lock(descriptor);
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      return refuse(
          Refused{Refused::Kind::unusable, 0, path + " cannot be locked: " + std::strerror(errno)});
    }
    const int holder = holder_of(descriptor);
    return refuse(Refused{Refused::Kind::held, holder,
                          "the store is in use by process " + std::to_string(holder)});
  }
  // Only a hint for people: the lock itself is what counts.
  const std::string text = std::to_string(getpid()) + "\n";
  const bool written =
      ftruncate(descriptor, 0) == 0 &&
      pwrite(descriptor, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
  static_cast<void>(written);
  return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace cardea::store::sqlite
