// What the tests of the fault layer share: the plan of a run, the journey told once without faults
// with a copy of the store before every step, and the points that are visited.
//
// CARDEA_CRASH_FORM=full visits every call with every fate and several seeds; otherwise of most
// fates a part is visited, by the seed. CARDEA_CRASH_SEED sets the seed, CARDEA_CRASH_ONLY visits
// the points whose name holds its text. A failing point prints the two that reproduce it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "journey.h"
#include "simulated_disk.h"
#include "support/scratch_folder.h"

namespace cardea::disk_test {

struct Plan {
  Plan();
  bool is_full = false;
  std::uint64_t seed = 1;
  std::string only;

  int rounds() const { return is_full ? 4 : 1; }
  // Whether the point is visited: the quick form takes one of so many, by the seed.
  bool takes(const std::string& point, std::uint64_t quick_one_of = 1) const {
    if (!only.empty()) return point.find(only) != std::string::npos;
    return is_full || number_for(point) % quick_one_of == 0;
  }
  bool visits_every_call() const { return is_full && only.empty(); }
  // A number for one point, the same in every run with this seed.
  std::uint64_t number_for(const std::string& point) const;
  std::string reproduction(const std::string& point) const;
};

// One visited point: a call during something named, what happens to it, and what the disk makes of
// the sectors that were not flushed.
struct Point {
  std::string during;
  DiskFault fault;
  Unflushed unflushed = Unflushed::by_seed;
  int round = 0;  // with by_seed: another throw of the dice

  std::string name() const;
};

// The points that a test met, for its report: how far every kind of call was followed, and a digest
// by which two runs of one seed are compared. Where threads race for the disk, the calls differ
// from run to run, and there is none.
class Met {
 public:
  void add(const Point& point, const Plan& plan);
  void leave_out_digest() { is_racing_ = true; }
  int points() const { return points_; }
  // The highest call of this kind that was met during a step or scene.
  int furthest(const std::string& during, DiskCall call) const;
  // Prints the points, the calls and the looks for harm.
  void tell(const Plan& plan) const;

 private:
  int points_ = 0;
  bool is_racing_ = false;
  std::uint64_t digest_ = 0;
  std::map<DiskCall, std::map<std::string, int>> furthest_;
};

class Story {
 public:
  explicit Story(SimulatedDisk& on);

  // A journey that stands before a step (or at "the end"), on a copy of its own.
  std::unique_ptr<Journey> resume(const std::string& name, const std::string& path) const;
  // The store's files before that step, without opening them.
  void copy_files(const std::string& name, const std::string& path) const;

  std::map<std::string, Ledger> ledgers;
  std::map<std::string, CallCounts> counts;  // of each step, without faults

 private:
  void keep(const Journey& at, const std::string& name);

  test::ScratchFolder folder_;
  SimulatedDisk& disk_;
};

// INV5: the file is whole. Nothing may have it open.
void check_file(const std::string& path);

}  // namespace cardea::disk_test
