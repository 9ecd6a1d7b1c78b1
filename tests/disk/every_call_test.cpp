// The fault layer under SQLite: every call that the store makes of its disk during every write of a
// journey fails, or is the last before the power goes. Then the client goes on, the ledger is
// compared, the server is started again and the ledger compared once more. Decision T2; security
// corpus 5.5. story.h says how a run is planned and a point reproduced.
#include <gtest/gtest.h>

#include "story.h"

namespace cardea::every_call_test {

using namespace disk_test;

class EveryCall : public testing::Test {
 protected:
  SimulatedDisk disk;
  Plan plan;
  Story story{disk};
  test::ScratchFolder folder;
  Met met;

  void TearDown() override { met.tell(plan); }

  // What everybody does after the fault.
  static void go_on(Journey& at, const Step& step) {
    step.go_on(at);
    at.check();
    at.restart();
    at.check();
    at.check_spent();
    at.close();
    check_file(at.path);
  }

  void power_returns(Journey& at, const Point& point) {
    at.close();
    disk.heal();
    const std::string later = folder.file("later.db");
    disk.power_returns(at.path, later, point.unflushed, plan.number_for(point.name()));
    disk.forget();
    at.path = later;
    at.open();
  }

  // Whether the step made as many calls.
  bool visit(const Step& step, const Point& point) {
    SCOPED_TRACE(plan.reproduction(point.name()));
    auto at = story.resume(step.name, folder.file("now.db"));
    step.prepare(*at);
    disk.arm(point.fault);
    step.perform(*at);
    const bool is_hit = disk.hits() > 0;
    // What was acknowledged before or after the power went is in the ledger: it must be there.
    if (!disk.has_power()) power_returns(*at, point);
    disk.heal();
    go_on(*at, step);
    if (is_hit) met.add(point, plan);
    return is_hit;
  }

  // Calls of one kind, and what happens to them.
  struct Visits {
    DiskCall call;
    DiskFate fate;
    Unflushed unflushed = Unflushed::by_seed;
    int rounds = 1;
    std::uint64_t quick_one_of = 1;
  };
  // Every such call in every step, until the step makes no more.
  void visit_all(const Visits& which) {
    for (const Step& step : steps()) {
      for (int round = 0; round < which.rounds; ++round) visit_calls(step, which, round);
    }
  }
  void visit_calls(const Step& step, const Visits& which, int round) {
    constexpr int calls_max = 200;
    for (int number = 1; number < calls_max; ++number) {
      const Point point{.during = step.name,
                        .fault = {.call = which.call, .at = number, .fate = which.fate},
                        .unflushed = which.unflushed,
                        .round = round};
      if (!plan.takes(point.name(), which.quick_one_of)) continue;
      if (!visit(step, point)) return;
    }
    EXPECT_FALSE(plan.visits_every_call()) << step.name << " makes more calls than are visited";
  }

  // Each write of the journey writes and flushes, and each of these calls was met.
  void expect_covered(DiskCall call) {
    if (!plan.only.empty()) return;
    for (const Step& step : steps()) {
      const int calls = story.counts.at(step.name).at(static_cast<std::size_t>(call));
      EXPECT_GT(calls, 0) << step.name << " makes no " << name_of(call);
      EXPECT_GE(met.furthest(step.name, call), calls) << step.name;
    }
  }
};

TEST_F(EveryCall, TheJourneyIsWholeWithoutFaults) {
  auto at = story.resume("the end", folder.file("now.db"));
  at->check();
  at->check_spent();
  at->close();
  check_file(at->path);
}

// FX08; RT09: a write that fails, finds no room or gets half-way
TEST_F(EveryCall, AWriteThatFails) {
  visit_all({.call = DiskCall::write, .fate = DiskFate::partial});
  visit_all({.call = DiskCall::write, .fate = DiskFate::io_error, .quick_one_of = 8});
  visit_all({.call = DiskCall::write, .fate = DiskFate::full, .quick_one_of = 8});
  expect_covered(DiskCall::write);
}

// FX07; FX08: a flush that fails, and one whose pages are lost for good
TEST_F(EveryCall, AFlushThatFails) {
  visit_all({.call = DiskCall::sync, .fate = DiskFate::io_error});
  visit_all({.call = DiskCall::sync, .fate = DiskFate::lost_flush});
  expect_covered(DiskCall::sync);
}

// FX01; FX04; RT09: the power goes at a write, before it or in its midst
TEST_F(EveryCall, PowerGoesAtAWrite) {
  for (const DiskFate fate : {DiskFate::power_cut, DiskFate::torn_power_cut}) {
    const std::uint64_t some = fate == DiskFate::torn_power_cut ? 1 : 8;
    visit_all({DiskCall::write, fate, Unflushed::by_seed, plan.rounds(), some});
    visit_all({DiskCall::write, fate, Unflushed::lost, 1, 8});
    visit_all({DiskCall::write, fate, Unflushed::kept, 1, 8});
  }
  expect_covered(DiskCall::write);
}

// FX01; FX04: the power goes at a flush
TEST_F(EveryCall, PowerGoesAtAFlush) {
  visit_all({DiskCall::sync, DiskFate::power_cut, Unflushed::by_seed, plan.rounds(), 1});
  visit_all({DiskCall::sync, DiskFate::power_cut, Unflushed::lost, 1, 1});
  visit_all({DiskCall::sync, DiskFate::power_cut, Unflushed::kept, 1, 1});
  expect_covered(DiskCall::sync);
}

// FX08: everything else that a disk can refuse
TEST_F(EveryCall, AnyOtherCallThatFails) {
  for (const DiskCall call : {DiskCall::read, DiskCall::truncate, DiskCall::open, DiskCall::remove,
                              DiskCall::size, DiskCall::map}) {
    visit_all({.call = call, .fate = DiskFate::io_error, .quick_one_of = 4});
  }
  if (plan.only.empty()) EXPECT_GT(met.points(), 0);
}

// FX07; FX08: a disk that fails for a while: writes are refused, reads go on, and when it works
// again so does the server, by itself
TEST_F(EveryCall, ADiskThatFailsForAWhile) {
  for (const auto& [call, fate] : {std::pair(DiskCall::write, DiskFate::full_forever),
                                   std::pair(DiskCall::write, DiskFate::io_error_forever),
                                   std::pair(DiskCall::sync, DiskFate::io_error_forever)}) {
    for (const Step& step : steps()) {
      const Point point{.during = step.name, .fault = {.call = call, .at = 1, .fate = fate}};
      if (!plan.takes(point.name())) continue;
      SCOPED_TRACE(plan.reproduction(point.name()));
      auto at = story.resume(step.name, folder.file("now.db"));
      step.prepare(*at);
      disk.arm(point.fault);
      for (int i = 0; i < 3; ++i) {
        step.perform(*at);
        EXPECT_EQ(at->visit("/jwks").status, 200);
        EXPECT_EQ(at->server->introspect("unknown").size(), 1u);
      }
      EXPECT_GE(disk.hits(), 1);
      met.add(point, plan);
      disk.heal();
      go_on(*at, step);
    }
  }
}

// FX30; FX08: a rotation that is in the store but whose answer was lost is shown by the next
// maintenance, so that no key ever signs that was not published
TEST_F(EveryCall, ARotationWhoseAnswerWasLostIsShown) {
  int half_done = 0;
  for (int number = 1; number < 40; ++number) {
    auto at = story.resume("key rotation", folder.file("now.db"));
    const auto active = [&] {
      return at->server->keys->signing_key(crypto::SignatureAlgorithm::ES256)->kid;
    };
    const auto before = active();
    disk.arm({.call = DiskCall::read, .at = number, .fate = DiskFate::io_error});
    const auto done = at->server->await(at->server->keys->rotate(
        crypto::SignatureAlgorithm::ES256, RotateWhen::now, at->server->clock.now()));
    const bool is_hit = disk.hits() > 0;
    disk.heal();
    at->check_keys();
    if (!done.ok() && active() != before) ++half_done;
    if (!is_hit) break;
    met.add({.during = "a lost answer", .fault = {.call = DiskCall::read, .at = number}}, plan);
  }
  EXPECT_GT(half_done, 0);
}

// FX07; FX02; FX04: a flush fails and the system gives its pages up; the server is killed and
// started again, finds those pages in the log as if nothing had happened, acknowledges more behind
// them, and then the power goes
TEST_F(EveryCall, AFlushThatFailedIsNotBuiltUponAfterARestart) {
  for (const Step& step : steps()) {
    for (const bool is_killed : {true, false}) {
      const Point point{.during = step.name + (is_killed ? "/killed" : "/alive"),
                        .fault = {.call = DiskCall::sync, .at = 1, .fate = DiskFate::lost_flush},
                        .unflushed = Unflushed::lost};
      if (!plan.takes(point.name())) continue;
      SCOPED_TRACE(plan.reproduction(point.name()));
      auto at = story.resume(step.name, folder.file("now.db"));
      step.prepare(*at);
      disk.arm(point.fault);
      step.perform(*at);
      EXPECT_EQ(disk.hits(), 1);
      met.add(point, plan);
      if (is_killed) {
        disk.stop();
        at->close();
        disk.heal();
        at->open();
      }
      step.go_on(*at);
      at->check();
      disk.stop();
      power_returns(*at, point);
      at->check();
      at->check_spent();
    }
  }
}

}  // namespace cardea::every_call_test
