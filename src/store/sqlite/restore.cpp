// Restoring a backup; see restore.h.
#include "store/sqlite/restore.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include "crypto/random.h"
#include "store/sqlite/file_lock.h"

namespace cardea::store::sqlite {
namespace {

namespace fs = std::filesystem;

// What SQLite keeps beside a database belongs to it and moves with it.
constexpr std::string_view beside[] = {"-wal", "-shm", ""};

Refusal<OpenError> failed(std::string what, const std::string& why) {
  return refuse(OpenError{.kind = OpenError::Kind::unavailable,
                          .reason = std::move(what) + ": " + why,
                          .locked_by = 0});
}

Status<OpenError> flush(const std::string& path, int flags) {
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
  const bool flushed = descriptor >= 0 && fsync(descriptor) == 0;
  const int cause = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (!flushed) return failed(path + " cannot be flushed", std::strerror(cause));
  return Unit{};
}

Status<OpenError> flush_folder_of(const std::string& path) {
  const auto folder = fs::path(path).parent_path();
  return flush(folder.empty() ? "." : folder.string(), O_RDONLY | O_DIRECTORY);
}

Status<OpenError> move(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) return failed(from + " cannot be renamed", error.message());
  return Unit{};
}

void remove_with_all_beside(const std::string& path) {
  std::error_code ignored;
  for (const auto suffix : beside) fs::remove(path + std::string(suffix), ignored);
  fs::remove(path + ".lock", ignored);
}

Status<OpenError> copy(const std::string& backup, const std::string& target) {
  std::error_code error;
  fs::copy_file(backup, target, error);
  if (error) return failed("cannot copy " + backup, error.message());
  fs::permissions(target, fs::perms::owner_read | fs::perms::owner_write, error);
  if (!error && fs::exists(backup + "-wal")) fs::copy_file(backup + "-wal", target + "-wal", error);
  if (error) return failed("cannot copy " + backup, error.message());
  return Unit{};
}

Status<OpenError> renew_epoch(const OpenOptions& options, const std::string& path) {
  OpenOptions of_copy = options;
  of_copy.path = path;
  const auto store = open(of_copy);
  if (!store) return refuse(store.error());
  crypto::SystemRandom system_random;
  Random& random = options.random != nullptr ? *options.random : system_random;
  ManualExecutor executor;
  const auto renewed =
      run_blocking(executor, (*store)->perform(RenewEpoch{.epoch = random.bytes(16)}));
  if (!renewed) return failed("the epoch cannot be renewed", renewed.error().reason);
  return Unit{};
}

// A whole copy of the backup at `target`, under an epoch of its own, durable.
Status<OpenError> prepare(const std::string& backup, const std::string& target,
                          const OpenOptions& options, const AfterStep& after) {
  remove_with_all_beside(target);
  if (auto copied = copy(backup, target); !copied) return copied;
  if (after) after("copied");
  if (auto renewed = renew_epoch(options, target); !renewed) return renewed;
  if (after) after("renewed");
  return flush(target, O_RDWR);
}

}  // namespace

Status<OpenError> finish_restore(const std::string& path, const AfterStep& after) {
  const std::string ready = path + ".restored";
  if (!fs::exists(ready)) return Unit{};
  // The log first: beside the restored database it would be taken for that one's.
  for (const auto suffix : beside) {
    const std::string former = path + std::string(suffix);
    if (!fs::exists(former)) continue;
    if (auto moved = move(former, path + ".before-restore" + std::string(suffix)); !moved) {
      return moved;
    }
    if (after) after("moved away");
  }
  if (auto flushed = flush_folder_of(path); !flushed) return flushed;
  if (auto moved = move(ready, path); !moved) return moved;
  if (after) after("in place");
  return flush_folder_of(path);
}

Status<OpenError> restore(const std::string& backup, const OpenOptions& options,
                          const AfterStep& after) {
  const auto lock = FileLock::take(options.path + ".lock");
  if (!lock) {
    const bool held = lock.error().kind == FileLock::Refused::Kind::held;
    return refuse(OpenError{.kind = held ? OpenError::Kind::locked : OpenError::Kind::unavailable,
                            .reason = lock.error().reason,
                            .locked_by = lock.error().held_by});
  }
  const std::string preparing = options.path + ".restoring";
  if (auto earlier = finish_restore(options.path); !earlier) return earlier;
  if (auto prepared = prepare(backup, preparing, options, after); !prepared) {
    remove_with_all_beside(preparing);
    return prepared;
  }
  // What an earlier restore kept must not be mistaken for parts of what this one keeps.
  remove_with_all_beside(options.path + ".before-restore");
  if (auto moved = move(preparing, options.path + ".restored"); !moved) return moved;
  remove_with_all_beside(preparing);
  if (after) after("ready");
  if (auto flushed = flush_folder_of(options.path); !flushed) return flushed;
  return finish_restore(options.path, after);
}

}  // namespace cardea::store::sqlite
