// The disk of simulated_disk.h: SQLite's default file system with its methods wrapped. SQLite hands
// the same method tables to C callbacks without a context, so the state is the process's one disk.
#include "simulated_disk.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <random>

namespace cardea::disk_test {
namespace {

constexpr sqlite3_int64 sector_bytes = 512;
constexpr sqlite3_int64 page_bytes = 4096;  // what the system's page cache writes at once

// A sector as it was when it was last flushed.
struct Sector {
  std::array<char, sector_bytes> flushed{};
  bool is_lost = false;  // a failed flush gave it up: only another write brings it to the disk
};

// What is not flushed of one file.
struct Pending {
  std::map<sqlite3_int64, Sector> sectors;  // by number
  sqlite3_int64 flushed_size = 0;
  bool name_is_flushed = true;
  std::optional<std::string> removed;  // what the file held when its name was taken away
};

struct Disk {
  mutable std::mutex mutex;
  sqlite3_vfs* real = nullptr;
  sqlite3_vfs vfs{};
  DiskFault fault;
  bool armed = false;
  bool powered = true;
  int hits = 0;
  CallCounts counts{};
  std::map<std::string, Pending> files;
  std::map<sqlite3_file*, std::string> open_files;
};
Disk disk;

// A table of methods that stands before a real one; a file's pMethods points to its first member.
struct Wrapped {
  sqlite3_io_methods methods;
  const sqlite3_io_methods* real;
};
std::array<Wrapped, 8> tables{};

const sqlite3_io_methods* real_of(sqlite3_file* file) {
  return reinterpret_cast<const Wrapped*>(file->pMethods)->real;
}

int code_of(DiskCall call, DiskFate fate) {
  if (fate == DiskFate::full || fate == DiskFate::full_forever || fate == DiskFate::partial) {
    return SQLITE_FULL;
  }
  switch (call) {
    case DiskCall::read:
      return SQLITE_IOERR_READ;
    case DiskCall::write:
      return SQLITE_IOERR_WRITE;
    case DiskCall::sync:
      return SQLITE_IOERR_FSYNC;
    case DiskCall::truncate:
      return SQLITE_IOERR_TRUNCATE;
    case DiskCall::open:
      return SQLITE_CANTOPEN;
    case DiskCall::remove:
      return SQLITE_IOERR_DELETE;
    case DiskCall::size:
      return SQLITE_IOERR_FSTAT;
    case DiskCall::map:
      return SQLITE_IOERR_SHMMAP;
  }
  return SQLITE_IOERR;
}

bool is_for_ever(DiskFate fate) {
  return fate == DiskFate::io_error_forever || fate == DiskFate::full_forever;
}

struct Verdict {
  int code = SQLITE_OK;
  bool gets_half_way = false;
  bool loses_pages = false;
};

// Counts the call and says what happens to it. The mutex is held.
Verdict judge(DiskCall call) {
  if (!disk.powered) return {.code = code_of(call, DiskFate::io_error)};
  const int number = ++disk.counts.at(static_cast<std::size_t>(call));
  if (!disk.armed || call != disk.fault.call) return {};
  const DiskFate fate = disk.fault.fate;
  if (number != disk.fault.at && !(number > disk.fault.at && is_for_ever(fate))) return {};
  ++disk.hits;
  if (fate == DiskFate::power_cut || fate == DiskFate::torn_power_cut) disk.powered = false;
  return {.code = code_of(call, fate),
          .gets_half_way = fate == DiskFate::partial || fate == DiskFate::torn_power_cut,
          .loses_pages = fate == DiskFate::lost_flush};
}

sqlite3_int64 size_of(sqlite3_file* file) {
  sqlite3_int64 size = 0;
  real_of(file)->xFileSize(file, &size);
  return size;
}

// Remembers the sectors of [from, to) as they are, unless they are remembered already.
void remember(sqlite3_file* file, Pending& pending, sqlite3_int64 from, sqlite3_int64 to) {
  for (auto number = from / sector_bytes; number * sector_bytes < to; ++number) {
    if (pending.sectors.contains(number)) continue;
    Sector sector;
    // Behind the end of the file SQLite fills with zeros.
    real_of(file)->xRead(file, sector.flushed.data(), sector_bytes, number * sector_bytes);
    pending.sectors.emplace(number, sector);
  }
}

// --- the methods of a file ---

int read_file(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
  const std::lock_guard lock(disk.mutex);
  const Verdict verdict = judge(DiskCall::read);
  return verdict.code != SQLITE_OK ? verdict.code : real_of(file)->xRead(file, to, size, at);
}

int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
  const std::lock_guard lock(disk.mutex);
  const Verdict verdict = judge(DiskCall::write);
  if (verdict.code != SQLITE_OK && !verdict.gets_half_way) return verdict.code;
  const int written = verdict.gets_half_way ? size / 2 : size;
  Pending& pending = disk.files[disk.open_files[file]];
  remember(file, pending, at, at + written);
  for (auto& [number, sector] : pending.sectors) {
    const sqlite3_int64 page = number * sector_bytes / page_bytes;
    if (page >= at / page_bytes && page <= (at + written) / page_bytes) sector.is_lost = false;
  }
  const int code = real_of(file)->xWrite(file, from, written, at);
  return verdict.code != SQLITE_OK ? verdict.code : code;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  const std::lock_guard lock(disk.mutex);
  const Verdict verdict = judge(DiskCall::truncate);
  if (verdict.code != SQLITE_OK) return verdict.code;
  remember(file, disk.files[disk.open_files[file]], size, size_of(file));
  return real_of(file)->xTruncate(file, size);
}

int sync_file(sqlite3_file* file, int flags) {
  const std::lock_guard lock(disk.mutex);
  const Verdict verdict = judge(DiskCall::sync);
  Pending& pending = disk.files[disk.open_files[file]];
  if (verdict.loses_pages) {
    for (auto& [number, sector] : pending.sectors) sector.is_lost = true;
  }
  if (verdict.code != SQLITE_OK) return verdict.code;
  std::erase_if(pending.sectors, [](const auto& each) { return !each.second.is_lost; });
  pending.flushed_size = size_of(file);
  pending.name_is_flushed = true;
  pending.removed.reset();
  return real_of(file)->xSync(file, flags);
}

int size_file(sqlite3_file* file, sqlite3_int64* size) {
  const std::lock_guard lock(disk.mutex);
  const Verdict verdict = judge(DiskCall::size);
  return verdict.code != SQLITE_OK ? verdict.code : real_of(file)->xFileSize(file, size);
}

int map_file(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
  const std::lock_guard lock(disk.mutex);
  const Verdict verdict = judge(DiskCall::map);
  if (verdict.code != SQLITE_OK) return verdict.code;
  return real_of(file)->xShmMap(file, page, size, extend, out);
}

int close_file(sqlite3_file* file) {
  const std::lock_guard lock(disk.mutex);
  disk.open_files.erase(file);
  return real_of(file)->xClose(file);
}

const Wrapped& wrapped(const sqlite3_io_methods* real) {
  for (Wrapped& each : tables) {
    if (each.real == real) return each;
    if (each.real != nullptr) continue;
    each.methods = *real;
    each.methods.xRead = &read_file;
    each.methods.xWrite = &write_file;
    each.methods.xTruncate = &truncate_file;
    each.methods.xSync = &sync_file;
    each.methods.xFileSize = &size_file;
    each.methods.xClose = &close_file;
    if (real->xShmMap != nullptr) each.methods.xShmMap = &map_file;
    each.real = real;
    return each;
  }
  std::abort();
}

// --- the methods of the file system ---

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
  const std::lock_guard lock(disk.mutex);
  const Verdict verdict = judge(DiskCall::open);
  if (verdict.code != SQLITE_OK) {
    file->pMethods = nullptr;
    return verdict.code;
  }
  const bool was_there = name != nullptr && std::filesystem::exists(name);
  const int code = disk.real->xOpen(disk.real, name, file, flags, out);
  if (code != SQLITE_OK || file->pMethods == nullptr) return code;
  file->pMethods = &wrapped(file->pMethods).methods;
  const std::string path = name != nullptr ? name : "";
  disk.open_files[file] = path;
  if (!disk.files.contains(path)) {
    disk.files[path].flushed_size = size_of(file);
    disk.files[path].name_is_flushed = was_there;
  } else if (!was_there) {
    disk.files[path].name_is_flushed = false;
  }
  return code;
}

// What the disk surely holds of the file: its content with the remembered sectors put back.
std::string flushed_content(const std::string& path, const Pending& pending) {
  std::string out = content_of(path);
  out.resize(static_cast<std::size_t>(pending.flushed_size));
  for (const auto& [number, sector] : pending.sectors) {
    const auto at = number * sector_bytes;
    if (at >= pending.flushed_size) continue;
    const auto size = std::min(sector_bytes, pending.flushed_size - at);
    out.replace(static_cast<std::size_t>(at), static_cast<std::size_t>(size), sector.flushed.data(),
                static_cast<std::size_t>(size));
  }
  return out;
}

int remove_file(sqlite3_vfs*, const char* name, int sync_folder) {
  const std::lock_guard lock(disk.mutex);
  const Verdict verdict = judge(DiskCall::remove);
  if (verdict.code != SQLITE_OK) return verdict.code;
  const auto known = disk.files.find(name);
  std::optional<std::string> removed;
  if (known == disk.files.end()) {
    if (std::filesystem::exists(name)) removed = content_of(name);
  } else if (known->second.name_is_flushed) {
    removed = flushed_content(name, known->second);
  } else {
    removed = known->second.removed;
  }
  const int code = disk.real->xDelete(disk.real, name, sync_folder);
  if (code == SQLITE_OK) {
    Pending gone;
    gone.name_is_flushed = false;
    if (sync_folder == 0) gone.removed = std::move(removed);
    disk.files[name] = std::move(gone);
  }
  return code;
}

// --- after a power cut ---

class Dice {
 public:
  Dice(Unflushed unflushed, std::uint64_t seed) : unflushed_(unflushed), engine_(seed) {}
  // Of two fates of unflushed bytes, or a third one in between.
  enum class Throw { old, fresh, torn };
  Throw sector() {
    if (unflushed_ == Unflushed::lost) return Throw::old;
    if (unflushed_ == Unflushed::kept) return Throw::fresh;
    const auto number = engine_() % 8;
    return number == 0 ? Throw::torn : number < 4 ? Throw::old : Throw::fresh;
  }
  bool name() { return sector() != Throw::old; }

 private:
  Unflushed unflushed_;
  std::mt19937_64 engine_;
};

// What the disk holds of one file; nothing where its name is gone.
std::optional<std::string> surviving(const std::string& path, Dice& dice) {
  const auto known = disk.files.find(path);
  const bool is_there = std::filesystem::exists(path);
  if (known == disk.files.end()) {
    return is_there ? std::optional(content_of(path)) : std::nullopt;
  }
  const Pending& pending = known->second;
  // The product makes the database itself and flushes the folder before it acknowledges anything.
  const bool is_database = !path.ends_with("-wal") && !path.ends_with("-journal");
  if (!is_there || (!pending.name_is_flushed && !is_database && !dice.name())) {
    return pending.removed && dice.name() ? pending.removed : std::nullopt;
  }
  std::string out = content_of(path);
  const auto now_size = static_cast<sqlite3_int64>(out.size());
  const bool has_new_size = dice.name();
  out.resize(static_cast<std::size_t>(std::max(now_size, pending.flushed_size)));
  for (const auto& [number, sector] : pending.sectors) {
    const auto thrown = sector.is_lost ? Dice::Throw::old : dice.sector();
    if (thrown == Dice::Throw::fresh) continue;
    const auto at = static_cast<std::size_t>(number * sector_bytes);
    if (at >= out.size()) continue;
    const std::size_t size = std::min<std::size_t>(sector_bytes, out.size() - at);
    // Torn: the first part is new.
    const std::size_t fresh = thrown == Dice::Throw::torn ? size / 3 : 0;
    out.replace(at + fresh, size - fresh, sector.flushed.data() + fresh, size - fresh);
  }
  out.resize(static_cast<std::size_t>(has_new_size ? now_size : pending.flushed_size));
  return out;
}

}  // namespace

std::string_view name_of(DiskCall call) {
  constexpr std::array<std::string_view, every_call.size()> names{
      "read", "write", "sync", "truncate", "open", "remove", "size", "map"};
  return names.at(static_cast<std::size_t>(call));
}

std::string_view name_of(DiskFate fate) {
  constexpr std::array<std::string_view, 8> names{"io_error",         "full",          "partial",
                                                  "io_error_forever", "full_forever",  "lost_flush",
                                                  "power_cut",        "torn_power_cut"};
  return names.at(static_cast<std::size_t>(fate));
}

SimulatedDisk::SimulatedDisk() {
  const std::lock_guard lock(disk.mutex);
  disk.real = sqlite3_vfs_find(nullptr);
  disk.vfs = *disk.real;
  disk.vfs.zName = "simulated";
  disk.vfs.xOpen = &open_file;
  disk.vfs.xDelete = &remove_file;
  sqlite3_vfs_register(&disk.vfs, 1);
  disk.armed = false;
  disk.powered = true;
  disk.files.clear();
}

SimulatedDisk::~SimulatedDisk() {
  sqlite3_vfs_register(disk.real, 1);
  sqlite3_vfs_unregister(&disk.vfs);
}

void SimulatedDisk::arm(const DiskFault& fault) {
  const std::lock_guard lock(disk.mutex);
  disk.fault = fault;
  disk.armed = true;
  disk.hits = 0;
  disk.counts = {};
}

void SimulatedDisk::stop() {
  const std::lock_guard lock(disk.mutex);
  disk.powered = false;
}

void SimulatedDisk::heal() {
  const std::lock_guard lock(disk.mutex);
  disk.armed = false;
  disk.powered = true;
  disk.counts = {};
}

int SimulatedDisk::hits() const {
  const std::lock_guard lock(disk.mutex);
  return disk.hits;
}

bool SimulatedDisk::has_power() const {
  const std::lock_guard lock(disk.mutex);
  return disk.powered;
}

CallCounts SimulatedDisk::counts() const {
  const std::lock_guard lock(disk.mutex);
  return disk.counts;
}

void SimulatedDisk::count_anew() {
  const std::lock_guard lock(disk.mutex);
  disk.counts = {};
}

void SimulatedDisk::power_returns(const std::string& from, const std::string& to,
                                  Unflushed unflushed, std::uint64_t seed) const {
  const std::lock_guard lock(disk.mutex);
  Dice dice(unflushed, seed);
  for (const auto* beside : {"", "-wal", "-journal"}) {
    std::filesystem::remove(to + beside);
    if (const auto held = surviving(from + beside, dice)) {
      std::ofstream(to + beside, std::ios::binary) << *held;
    }
  }
  std::filesystem::remove(to + "-shm");
  std::filesystem::permissions(
      to, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

void SimulatedDisk::forget() {
  const std::lock_guard lock(disk.mutex);
  disk.files.clear();
}

}  // namespace cardea::disk_test
