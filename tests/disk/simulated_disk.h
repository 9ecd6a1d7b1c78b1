// A disk under SQLite that fails or loses power when a test says so: SQLite's own file system with
// every call counted by kind, any of which can be made to fail, once or for ever, or to be the last
// one before the power goes. It remembers which 512-byte sectors were written but not yet flushed;
// after a power cut each of those is there, is not there, or is torn, by a seed. Security corpus
// 5.5, FX01, FX04, FX07, FX08.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cardea::disk_test {

enum class DiskCall { read, write, sync, truncate, open, remove, size, map };
inline constexpr std::array every_call{DiskCall::read,     DiskCall::write, DiskCall::sync,
                                       DiskCall::truncate, DiskCall::open,  DiskCall::remove,
                                       DiskCall::size,     DiskCall::map};
std::string_view name_of(DiskCall call);

enum class DiskFate {
  io_error,          // this call fails
  full,              // this call finds no room
  partial,           // a write leaves half of its bytes behind and then finds no room
  io_error_forever,  // this call and every later one of its kind fail
  full_forever,      // likewise, for want of room
  lost_flush,        // a flush fails, and what it should have flushed will never reach the disk
                     // unless it is written again (what Linux does with pages it could not write)
  power_cut,         // this call and all after it do nothing: the power is gone
  torn_power_cut     // a write gets half-way, then the power is gone
};
std::string_view name_of(DiskFate fate);

struct DiskFault {
  DiskCall call = DiskCall::write;
  int at = 1;  // the how-manieth call of this kind from now on
  DiskFate fate = DiskFate::io_error;
};

// What became of sectors that were written and not flushed when the power went.
enum class Unflushed { lost, kept, by_seed };

using CallCounts = std::array<int, every_call.size()>;

class SimulatedDisk {
 public:
  // While it lives, databases that are opened are on this disk. One at a time.
  SimulatedDisk();
  ~SimulatedDisk();
  SimulatedDisk(const SimulatedDisk&) = delete;
  SimulatedDisk& operator=(const SimulatedDisk&) = delete;

  // Thread-safe, as everything here.
  void arm(const DiskFault& fault);
  // From now on calls do nothing, as if the process were gone; what it wrote stays with the system,
  // flushed or not.
  void stop();
  // Ends a failure that lasts. After a power cut: nothing is open any more; the disk works again.
  void heal();
  // How many calls met the fault that was armed last.
  int hits() const;
  bool has_power() const;
  // Calls by kind since arm(), heal() or count_anew().
  CallCounts counts() const;
  void count_anew();

  // Writes to `to` what the disk holds of the database `from` (with its log and journal) after the
  // power went. Everything on `from` must be closed.
  void power_returns(const std::string& from, const std::string& to, Unflushed unflushed,
                     std::uint64_t seed) const;
  // Takes what is in the files now for flushed: the start of a test.
  void forget();
};

}  // namespace cardea::disk_test
