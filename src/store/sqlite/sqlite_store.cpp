// A SQLite store's own parts: its clock, copies of it, and the way to the writer. See
// sqlite_store.h.
#include "store/sqlite/sqlite_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "store/sqlite/parts.h"

namespace cardea::store::sqlite {
namespace {

// Makes the file of a backup durable under its final name.
bool publish(const std::string& part, const std::string& path) {
  const int descriptor = ::open(part.c_str(), O_RDONLY | O_CLOEXEC);
  const bool flushed = descriptor >= 0 && fsync(descriptor) == 0;
  if (descriptor >= 0) ::close(descriptor);
  // link, not rename: never replaces a file.
  return flushed && link(part.c_str(), path.c_str()) == 0;
}

}  // namespace

SqliteStore::SqliteStore(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

// The last connection to close empties the log into the database.
SqliteStore::~SqliteStore() = default;

ReaderPool& SqliteStore::readers() {
  return *parts_->readers;
}

void SqliteStore::submit(Operation operation, std::int64_t deadline_ms, Done done) {
  parts_->writer->submit(std::move(operation), deadline_ms, std::move(done));
}

WriteStatistics SqliteStore::statistics() const {
  WriteStatistics out = parts_->writer->statistics();
  if (parts_->checkpointer) out.checkpoints = parts_->checkpointer->checkpoints();
  return out;
}

Status<Failure> SqliteStore::backup_to(const std::string& path) {
  if (access(path.c_str(), F_OK) == 0) {
    return refuse(Failure{Failure::Kind::unavailable, path + " is there already"});
  }
  const std::string part = path + ".part";
  unlink(part.c_str());
  const int descriptor = ::open(part.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return refuse(
        Failure{Failure::Kind::unavailable, part + " cannot be made: " + std::strerror(errno)});
  }
  ::close(descriptor);
  auto copied = parts_->readers->with([&](SqliteConnection& c) { return c.copy_to(part); });
  std::optional<std::string> problem;
  if (!copied) {
    problem = copied.error().reason;
  } else if (*copied) {
    problem = (*copied)->reason;
  } else if (!publish(part, path)) {
    problem = path + " cannot be written: " + std::strerror(errno);
  }
  unlink(part.c_str());
  if (problem) return refuse(Failure{Failure::Kind::unavailable, *std::move(problem)});
  return Unit{};
}

sql::Memory& SqliteStore::memory() {
  return parts_->memory;
}

Instant SqliteStore::now() const {
  return parts_->clock->now();
}

Pending<Instant> SqliteStore::store_now() {
  co_return now();
}

}  // namespace cardea::store::sqlite
