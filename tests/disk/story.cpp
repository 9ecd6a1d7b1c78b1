// The story and its points; see story.h.
#include "story.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <utility>

#include "store/sqlite/connection.h"

namespace cardea::disk_test {
namespace {

std::string setting(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : otherwise;
}

}  // namespace

Plan::Plan()
    : is_full(setting("CARDEA_CRASH_FORM", "quick") == "full"),
      seed(std::strtoull(setting("CARDEA_CRASH_SEED", "1").c_str(), nullptr, 10)),
      only(setting("CARDEA_CRASH_ONLY", "")) {}

// FNV-1a over the seed and the name.
std::uint64_t Plan::number_for(const std::string& point) const {
  std::uint64_t number = 0xcbf29ce484222325ULL ^ (seed * 0x9e3779b97f4a7c15ULL);
  for (const char c : point) number = (number ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return number ^ (number >> 29);
}

std::string Plan::reproduction(const std::string& point) const {
  return std::string("CARDEA_CRASH_FORM=") + (is_full ? "full" : "quick") +
         " CARDEA_CRASH_SEED=" + std::to_string(seed) + " CARDEA_CRASH_ONLY='" + point +
         "' build/test_disk";
}

std::string Point::name() const {
  static constexpr std::array<std::string_view, 3> rests{"lost", "kept", "by_seed"};
  const bool cuts = fault.fate == DiskFate::power_cut || fault.fate == DiskFate::torn_power_cut;
  std::string out = during + "/" + std::string(name_of(fault.call)) + "/" +
                    std::to_string(fault.at) + "/" + std::string(name_of(fault.fate)) + "/";
  if (cuts) out += std::string(rests.at(static_cast<std::size_t>(unflushed))) + "/";
  if (cuts && unflushed == Unflushed::by_seed) out += std::to_string(round) + "/";
  return out;
}

void Met::add(const Point& point, const Plan& plan) {
  ++points_;
  digest_ += plan.number_for(point.name());  // the same in any order
  int& furthest = furthest_[point.fault.call][point.during];
  furthest = std::max(furthest, point.fault.at);
}

int Met::furthest(const std::string& during, DiskCall call) const {
  const auto kind = furthest_.find(call);
  if (kind == furthest_.end()) return 0;
  const auto found = kind->second.find(during);
  return found == kind->second.end() ? 0 : found->second;
}

void Met::tell(const Plan& plan) const {
  std::cout << "    " << points_ << " points";
  if (!is_racing_) {
    std::cout << ", digest " << std::hex << std::setw(16) << std::setfill('0') << digest_
              << std::dec;
  }
  std::cout << "\n";
  for (const auto& [call, during] : furthest_) {
    std::cout << "      " << (plan.visits_every_call() ? "every " : "some ") << name_of(call)
              << " of";
    const char* separator = " ";
    for (const auto& [name, number] : during) {
      std::cout << std::exchange(separator, ", ") << name << " 1-" << number;
    }
    std::cout << "\n";
  }
  std::cout << "    looked for:";
  const auto looked = take_looks();
  for (const Harm harm : every_harm) {
    std::cout << " " << looked.at(static_cast<std::size_t>(harm)) << " " << name_of(harm);
  }
  std::cout << std::endl;
}

Story::Story(SimulatedDisk& on) : disk_(on) {
  Journey at(folder_.file("told.db"));
  // Keys that are to sign later are there from the start, as in a server that runs.
  EXPECT_TRUE(at.server->await(at.server->keys->ensure_next(at.server->clock.now())).ok());
  for (const Step& step : steps()) {
    keep(at, step.name);
    step.prepare(at);
    disk_.count_anew();
    step.perform(at);
    counts[step.name] = disk_.counts();
  }
  keep(at, "the end");
}

// The files as they are while the server runs, log and all.
void Story::keep(const Journey& at, const std::string& name) {
  for (const auto* beside : {"", "-wal"}) {
    std::filesystem::copy_file(at.path + beside, folder_.file(name + ".db" + beside));
  }
  ledgers[name] = at.ledger;
}

void Story::copy_files(const std::string& name, const std::string& path) const {
  for (const auto* beside : {"", "-wal", "-shm", "-journal", ".lock"}) {
    std::filesystem::remove(path + beside);
  }
  for (const auto* beside : {"", "-wal"}) {
    std::filesystem::copy_file(folder_.file(name + ".db" + beside), path + beside);
  }
  disk_.heal();
  disk_.forget();
}

std::unique_ptr<Journey> Story::resume(const std::string& name, const std::string& path) const {
  copy_files(name, path);
  auto at = std::make_unique<Journey>(path);
  at->ledger = ledgers.at(name);
  return at;
}

void check_file(const std::string& path) {
  auto connection = store::sqlite::SqliteConnection::open(path, store::sqlite::Access::read_write);
  ASSERT_TRUE(connection.ok());
  EXPECT_EQ((*connection)->pragma("PRAGMA integrity_check"), "ok");
  EXPECT_EQ((*connection)->pragma("PRAGMA foreign_key_check"), "");
}

}  // namespace cardea::disk_test
