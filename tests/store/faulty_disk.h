// A disk that fails when a test says so: SQLite's default file system with reads, writes and
// flushes that can be told to fail once or for ever.
#pragma once

#include <sqlite3.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <mutex>

#include <gtest/gtest.h>

namespace cardea::store_test {

enum class DiskCall { read, write, flush };
struct DiskFault {
  DiskCall call = DiskCall::write;
  int at = 1;        // the how-manieth call from now on fails
  bool once = true;  // and, if not, every later one
  int with = SQLITE_FULL;
};

class FaultyDisk {
 public:
  using Call = DiskCall;
  using Fault = DiskFault;

  // While it lives, databases that are opened are on this disk. One at a time.
  FaultyDisk() {
    real_vfs = sqlite3_vfs_find(nullptr);
    vfs = *real_vfs;
    vfs.zName = "faulty";
    vfs.xOpen = &open;
    sqlite3_vfs_register(&vfs, 1);
    heal();
  }
  ~FaultyDisk() {
    heal();
    sqlite3_vfs_register(real_vfs, 1);
    sqlite3_vfs_unregister(&vfs);
  }
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  void fail(const Fault& fault) {
    armed = false;
    current = fault;
    left = fault.at;
    hits = 0;
    armed = true;
  }
  void heal() { armed = false; }
  // How many calls failed since the fault was set.
  int failures() const { return hits; }

 private:
  static int verdict(Call call) {
    if (!armed || call != current.call) return SQLITE_OK;
    const int now = --left;
    if (now > 0 || (now < 0 && current.once)) return SQLITE_OK;
    ++hits;
    return current.with;
  }
  static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
    const int code = real_vfs->xOpen(real_vfs, name, file, flags, out);
    if (code != SQLITE_OK || file->pMethods == nullptr) return code;
    file->pMethods = &wrapped(file->pMethods).methods;
    return code;
  }
  // SQLite has a table of methods for databases and one for logs; each gets a twin.
  struct Wrapped {
    sqlite3_io_methods methods;  // first: a file's pMethods points here
    const sqlite3_io_methods* real;
  };
  static const Wrapped& wrapped(const sqlite3_io_methods* real) {
    const std::lock_guard lock(mutex);
    for (Wrapped& each : tables) {
      if (each.real == real) return each;
      if (each.real != nullptr) continue;
      each.methods = *real;
      each.methods.xRead = &read;
      each.methods.xWrite = &write;
      each.methods.xSync = &sync;
      each.real = real;
      return each;
    }
    std::abort();
  }
  static const sqlite3_io_methods* real_of(sqlite3_file* file) {
    return reinterpret_cast<const Wrapped*>(file->pMethods)->real;
  }
  static int read(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
    const int code = verdict(Call::read);
    return code != SQLITE_OK ? code : real_of(file)->xRead(file, to, size, at);
  }
  static int write(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
    const int code = verdict(Call::write);
    return code != SQLITE_OK ? code : real_of(file)->xWrite(file, from, size, at);
  }
  static int sync(sqlite3_file* file, int flags) {
    const int code = verdict(Call::flush);
    return code != SQLITE_OK ? code : real_of(file)->xSync(file, flags);
  }

  static inline sqlite3_vfs* real_vfs = nullptr;
  static inline sqlite3_vfs vfs{};
  static inline std::mutex mutex;
  static inline std::array<Wrapped, 4> tables{};
  static inline std::atomic<bool> armed = false;
  static inline std::atomic<int> left = 0;
  static inline std::atomic<int> hits = 0;
  static inline Fault current;
};

}  // namespace cardea::store_test
