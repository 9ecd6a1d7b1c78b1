// The threads of the driver: each has its lanes, its share of the rate and its own figures; the
// thread that started them shows progress.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/bench/load.h"

namespace cardea::app::bench {

// A moment of a run, for whoever shows it.
struct Moment {
  double seconds = 0;  // since it began
  std::int64_t done = 0;
  std::int64_t failed = 0;
  double rate = 0;  // operations a second since the last moment
};
using ShowMoment = std::function<void(const Moment&)>;

class Crew {
 public:
  // Threads: at most as many as there are materials. provider outlives the crew. Refuses what
  // make_operation() refuses.
  static Result<std::unique_ptr<Crew>, std::string> gather(
      Workload workload, const Provider& provider, const std::vector<Material>& materials,
      std::size_t threads, Reach reach, std::shared_ptr<const http::TlsClient> tls);

  // plan.rate: of all threads together. `show` is called about once a second, here.
  LoadResult run(const LoadPlan& plan, const ShowMoment& show);

 private:
  struct Member {
    explicit Member(Reach reach) : addresses(reach) {}
    EndpointAddresses addresses;
    std::unique_ptr<Driver> driver;
    LoadResult result;
  };
  std::vector<std::unique_ptr<Member>> members_;
};

}  // namespace cardea::app::bench
