// Holds a store for one process (decision P7): an advisory lock on a file beside the database,
// which the kernel drops when the process ends, however it ends.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace cardea::store::sqlite {

class FileLock {
 public:
  struct Refused {
    enum class Kind { held, unusable } kind = Kind::unusable;
    int held_by = 0;     // process id of the holder; 0 when unknown
    std::string reason;  // for the operator
  };
  // Takes the lock at once or refuses. The lock file is made with mode 0600 and never removed.
  static Result<FileLock, Refused> take(const std::string& path);

  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace cardea::store::sqlite
