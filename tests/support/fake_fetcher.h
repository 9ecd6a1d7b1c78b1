// The others whom the server asks, as a test says they answer.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "http/fetcher.h"

namespace cardea::test {

// Answers the server's own requests as the test says, at once or when told to, and remembers them.
class FakeFetcher final : public http::Fetcher {
 public:
  using Answer = std::function<http::TransportResult(const http::Fetch&)>;
  // url: exact; "" for every address without an answer of its own, which is refused otherwise.
  void answer(const std::string& url, Answer answer);
  void answer(const std::string& url, int status, std::string body, http::Headers headers = {});
  void submit(http::Fetch fetch, Done done) override;
  // What was asked for, in order.
  std::vector<http::Fetch> sent() const;
  std::size_t sent_to(const std::string& url) const;
  // While held, requests wait; release() answers those that came.
  void hold();
  void release();

 private:
  http::TransportResult find_answer(const http::Fetch& fetch) const;

  mutable std::mutex mutex_;
  std::map<std::string, Answer> answers_;
  std::vector<http::Fetch> sent_;
  bool holds_ = false;
  std::vector<std::pair<http::Fetch, Done>> held_;
};

}  // namespace cardea::test
