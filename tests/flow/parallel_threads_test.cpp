// Once-only rules under real threads: each thread runs requests on an executor of its own, as the
// listener's I/O contexts do. Security corpus 6749-13, RT02, RT20.
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <set>
#include <thread>

#include "support/ciba_requests.h"
#include "support/harness.h"

namespace cardea::parallel_threads_test {

using test::Harness;

constexpr int threads_max = 8;
constexpr int each = 8;

// Sends 64 copies from 8 threads that start together; the answers in no order.
std::vector<http::Response> send_from_threads(Harness& server,
                                              const std::vector<http::Request>& requests) {
  std::vector<http::Response> responses(requests.size());
  std::barrier together(threads_max);
  std::vector<std::thread> threads;
  for (int t = 0; t < threads_max; ++t) {
    threads.emplace_back([&, t] {
      ManualExecutor own;
      together.arrive_and_wait();
      for (int i = t * each; i < (t + 1) * each; ++i) {
        responses[static_cast<std::size_t>(i)] =
            server.send_on(own, requests[static_cast<std::size_t>(i)]);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  return responses;
}

// RFC6749-4.1.2; 6749-13; B05: one success of 64, and afterwards the winner's tokens are dead.
TEST(ParallelThreads, OneRedemptionOf64Wins) {
  for (int round = 0; round < 5; ++round) {
    Harness server;
    const auto code = server.issue_code();
    const std::vector<http::Request> requests(threads_max * each,
                                              server.redeem_request("cA", code));
    test::Tokens winner;
    for (const auto& response : send_from_threads(server, requests)) {
      if (response.status != 200) {
        EXPECT_TRUE(test::is_json_refusal(response, 400, "invalid_grant"));
        continue;
      }
      EXPECT_EQ(winner.access_token, "") << "a second winner";
      winner = test::tokens_of(response);
    }
    EXPECT_EQ(server.userinfo(winner.access_token).status, 401);
    EXPECT_EQ(server.refresh("cA", winner.refresh_token).error, "invalid_grant");
  }
}

// RT02; RT20; B06: 64 refreshes with one token have one successor, which lives.
TEST(ParallelThreads, RefreshesHaveOneSuccessor) {
  for (int round = 0; round < 5; ++round) {
    Harness server;
    const auto first = server.sign_up_tokens();
    const std::vector<http::Request> requests(threads_max * each,
                                              server.refresh_request("cA", first.refresh_token));
    std::set<std::string> successors;
    for (const auto& response : send_from_threads(server, requests)) {
      if (response.status == 200) {
        successors.insert(test::tokens_of(response).refresh_token);
      } else {
        EXPECT_EQ(response.status, 429);
      }
    }
    ASSERT_EQ(successors.size(), 1U);
    EXPECT_EQ(server.refresh("cA", *successors.begin()).status, 200);
  }
}

// RFC7523-3; 8725-13: an assertion proves its client to one request of 64; the grant of that
// one is refused, so nothing else tells them apart
TEST(ParallelThreads, AnAssertionProvesItsClientOnce) {
  for (int round = 0; round < 5; ++round) {
    Harness server;
    const auto request = server.post(
        "/token",
        {{"grant_type", "refresh_token"},
         {"refresh_token", "x"},
         {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
         {"client_assertion", server.assertion()}});
    int proven = 0;
    for (const auto& response :
         send_from_threads(server, std::vector<http::Request>(threads_max * each, request))) {
      const bool is_proven = bool(test::is_json_refusal(response, 400, "invalid_grant"));
      proven += is_proven ? 1 : 0;
      if (!is_proven) EXPECT_TRUE(test::is_json_refusal(response, 401, "invalid_client"));
    }
    EXPECT_EQ(proven, 1);
  }
}

struct Ciba : test::CibaRequests {
  void TestBody() override {}
};

// CIBACore-7.1.1; ciba-20; 8725-13: a signed request asks once of 64
TEST(ParallelThreads, ASignedBackchannelRequestAsksOnce) {
  for (int round = 0; round < 5; ++round) {
    Ciba ciba;
    const auto request = ciba.signed_request();
    std::vector<http::Request> requests;
    for (int i = 0; i < threads_max * each; ++i) {
      requests.push_back(ciba.harness.as_client("cK", "/bc-authorize", {{"request", request}}));
    }
    int asked = 0;
    for (const auto& response : send_from_threads(ciba.harness, requests)) {
      asked += response.status == 200 ? 1 : 0;
      if (response.status != 200) {
        EXPECT_TRUE(test::is_json_refusal(response, 400, "invalid_request"));
      }
    }
    EXPECT_EQ(asked, 1);
    const auto alice = ciba.harness.user("alice").user_id;
    EXPECT_EQ(
        ciba.harness.stored(ciba.harness.store->requests_asking(alice, ciba.harness.clock.now()))
            .size(),
        1U);
  }
}

// P7; T4: clients change, keys rotate and people refresh at the same time: no request fails.
TEST(ParallelThreads, ChangesUnderLoadDisturbNobody) {
  Harness server;
  ASSERT_TRUE(server.await(server.keys->ensure_next(server.clock.now())).ok());
  std::atomic<bool> stop = false;
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    auto tokens = server.sign_up_tokens();
    threads.emplace_back([&, tokens]() mutable {
      ManualExecutor own;
      while (!stop) {
        tokens = test::tokens_of(
            server.send_on(own, server.refresh_request("cA", tokens.refresh_token)));
        failures += tokens.status == 200 ? 0 : 1;
        if (tokens.status != 200) return;
      }
    });
  }
  for (int i = 0; i < 10; ++i) {
    server.edit_client("cB", [&](Client& client) { client.client_name = std::to_string(i); });
    EXPECT_TRUE(server
                    .await(server.keys->rotate(crypto::SignatureAlgorithm::ES256, RotateWhen::now,
                                               server.clock.now()))
                    .ok());
  }
  stop = true;
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
}

}  // namespace cardea::parallel_threads_test
