// Answers to the server's own requests; see fake_fetcher.h.
#include "support/fake_fetcher.h"

#include <algorithm>

namespace cardea::test {

void FakeFetcher::answer(const std::string& url, Answer answer) {
  const std::lock_guard lock(mutex_);
  answers_[url] = std::move(answer);
}

void FakeFetcher::answer(const std::string& url, int status, std::string body,
                         http::Headers headers) {
  answer(url, [=](const http::Fetch&) -> http::TransportResult {
    return http::Response{.status = status, .headers = headers, .body = body};
  });
}

http::TransportResult FakeFetcher::find_answer(const http::Fetch& fetch) const {
  Answer answer;
  {
    const std::lock_guard lock(mutex_);
    auto at = answers_.find(fetch.request.url);
    if (at == answers_.end()) at = answers_.find("");
    if (at != answers_.end()) answer = at->second;
  }
  if (answer) return answer(fetch);
  return refuse(http::TransportFailure{http::TransportFailure::Kind::connect, "nobody is there"});
}

void FakeFetcher::submit(http::Fetch fetch, Done done) {
  {
    const std::lock_guard lock(mutex_);
    sent_.push_back(fetch);
    if (holds_) {
      held_.emplace_back(std::move(fetch), std::move(done));
      return;
    }
  }
  done(find_answer(fetch));
}

std::vector<http::Fetch> FakeFetcher::sent() const {
  const std::lock_guard lock(mutex_);
  return sent_;
}

std::size_t FakeFetcher::sent_to(const std::string& url) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      sent(), [&](const http::Fetch& fetch) { return fetch.request.url == url; }));
}

void FakeFetcher::hold() {
  const std::lock_guard lock(mutex_);
  holds_ = true;
}

void FakeFetcher::release() {
  std::vector<std::pair<http::Fetch, Done>> held;
  {
    const std::lock_guard lock(mutex_);
    holds_ = false;
    held.swap(held_);
  }
  for (auto& [fetch, done] : held) done(find_answer(fetch));
}

}  // namespace cardea::test
