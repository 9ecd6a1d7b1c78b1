// One input's time with a whole server: it begins with the harness's clients and with alice and
// bob, at the harness's instant, and what the input leaves behind is taken back. So an input means
// the same whatever ran before it, and nothing is made anew but once in many inputs, for the log
// that the harness collects.
#pragma once

#include <memory>

#include "fuzz/trial_store.h"
#include "support/harness.h"

namespace cardea::fuzz {

class Trial {
 public:
  Trial() {
    server().clock.set(test::start);
    seat_.store->begin_trial();
  }
  ~Trial() {
    // What nobody waits for is done as well.
    server().executor.run_until([&] { return server().background.idle(); });
    seat_.store->take_back();
  }
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

  test::Harness& server() const { return *seat_.server; }

 private:
  struct Seat {
    TrialStore* store = nullptr;  // the server's
    std::unique_ptr<test::Harness> server;
    int inputs = 0;
  };

  static Seat make_seat() {
    Seat made;
    made.server =
        std::make_unique<test::Harness>(test::HarnessOptions{.open_store = [&](const Clock& clock) {
          auto store = std::make_unique<TrialStore>(clock);
          made.store = store.get();
          return store;
        }});
    for (const auto* id : {"cA", "cB", "pS"}) {  // the quickest ID tokens
      made.server->edit_client(id, [](Client& client) {
        client.id_token_signed_response_alg = crypto::SignatureAlgorithm::EdDSA;
      });
    }
    return made;
  }

  static Seat& seat() {
    constexpr int inputs_max = 1000;
    static Seat one;
    if (!one.server || ++one.inputs > inputs_max) one = make_seat();
    return one;
  }

  Seat& seat_ = seat();
};

}  // namespace cardea::fuzz
