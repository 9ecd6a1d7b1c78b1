// Threads, queue and caps; see curl_fetcher.h. A request waits while its host or its lane has as
// many under way as it may; one behind it may go first.
#include "http/outbound/curl_fetcher.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "base/url.h"
#include "http/outbound/curl_request.h"

namespace cardea::http {
namespace {

using Kind = TransportFailure::Kind;

constexpr Seconds connect_timeout{2};

TransportResult failure(Kind kind, std::string reason) {
  return refuse(TransportFailure{kind, std::move(reason)});
}

struct Job {
  Fetch fetch;
  std::string origin;
  bool is_local_http = false;
  Fetcher::Done done;
};

}  // namespace

struct CurlFetcher::Impl {
  const CurlFetcherOptions options;
  std::mutex mutex;
  std::condition_variable work_came;
  std::deque<Job> waiting;
  std::map<std::string, std::size_t> under_way;  // by origin; none is zero
  std::size_t strangers_under_way = 0;
  std::size_t idle = 0;
  std::vector<std::thread> threads;
  std::atomic<bool> stopping = false;

  explicit Impl(CurlFetcherOptions given) : options(std::move(given)) {}

  bool may_start(const Job& job) const {
    const auto at = under_way.find(job.origin);
    if (at != under_way.end() && at->second >= limits::fetches_per_host_max) return false;
    return job.fetch.lane != FetchLane::anybody ||
           strangers_under_way < limits::fetches_of_strangers_max;
  }

  // The first that may start now. Under the mutex.
  std::optional<Job> take() {
    const auto at = std::ranges::find_if(waiting, [&](const Job& job) { return may_start(job); });
    if (at == waiting.end()) return std::nullopt;
    Job job = std::move(*at);
    waiting.erase(at);
    ++under_way[job.origin];
    if (job.fetch.lane == FetchLane::anybody) ++strangers_under_way;
    return job;
  }

  // Under the mutex.
  void ended(const Job& job) {
    const auto at = under_way.find(job.origin);
    if (--at->second == 0) under_way.erase(at);
    if (job.fetch.lane == FetchLane::anybody) --strangers_under_way;
  }

  void run() {
    CurlHandle handle;
    std::unique_lock lock(mutex);
    while (!stopping) {
      auto job = take();
      if (!job) {
        ++idle;
        work_came.wait(lock);
        --idle;
        continue;
      }
      lock.unlock();
      job->done(perform_job(handle, *job));
      lock.lock();
      ended(*job);
      work_came.notify_all();  // one that its host or lane held back may start
    }
  }

  TransportResult perform_job(CurlHandle& handle, const Job& job) {
    if (curl_library() == nullptr) {
      return failure(Kind::other, "libcurl (libcurl.so.4) cannot be loaded");
    }
    if (!handle) handle.reset(curl_library()->easy_init());
    if (!handle) return failure(Kind::other, "libcurl cannot be set up");
    auto result = perform(handle.get(), job.fetch.request, rules_for(job));
    curl_library()->easy_reset(handle.get());
    return result;
  }

  RequestRules rules_for(const Job& job) const {
    const bool is_private_allowed = options.reach == OutgoingReach::private_too;
    const bool is_local = job.is_local_http;
    return {.ca_file = "",
            .extra_ca_file = options.extra_ca_file,
            .certificate_file = "",
            .key_file = "",
            .user_agent = options.user_agent,
            .timeout = job.fetch.timeout,
            .connect_timeout = std::min(job.fetch.timeout, connect_timeout),
            .header_bytes_max = limits::header_bytes_max,
            .body_bytes_max = job.fetch.body_bytes_max,
            .may_connect =
                [is_private_allowed, is_local](const IpAddress& address) {
                  if (is_local) return is_loopback(address);
                  return is_private_allowed || is_public(address);
                },
            .keeps_connection = false,
            .stopping = &stopping};
  }

  // Under the mutex.
  bool is_crowded(const Job& job) const {
    const bool is_strange = job.fetch.lane == FetchLane::anybody;
    std::size_t of_host = 0;
    std::size_t of_strangers = 0;
    for (const Job& other : waiting) {
      of_host += other.origin == job.origin ? 1 : 0;
      of_strangers += other.fetch.lane == FetchLane::anybody ? 1 : 0;
    }
    return waiting.size() >= limits::fetches_waiting_max ||
           of_host >= limits::fetches_waiting_per_host_max ||
           (is_strange && of_strangers >= limits::fetches_waiting_of_strangers_max);
  }

  // Nothing: it waits for a thread. Else the refusal, and the job is untouched.
  std::optional<TransportFailure> enqueue(Job& job) {
    const std::lock_guard lock(mutex);
    if (stopping) return TransportFailure{Kind::overloaded, "the server stops"};
    if (is_crowded(job)) {
      return TransportFailure{Kind::overloaded, "too many outgoing requests wait"};
    }
    waiting.push_back(std::move(job));
    if (waiting.size() > idle && threads.size() < limits::fetches_max) {
      threads.emplace_back([this] { run(); });
    } else {
      work_came.notify_one();
    }
    return std::nullopt;
  }

  void stop() {
    std::deque<Job> dropped;
    std::vector<std::thread> ending;
    {
      const std::lock_guard lock(mutex);
      stopping = true;
      dropped.swap(waiting);
      ending.swap(threads);
    }
    work_came.notify_all();
    for (Job& job : dropped) job.done(failure(Kind::overloaded, "the server stops"));
    for (auto& thread : ending) thread.join();
  }
};

CurlFetcher::CurlFetcher(CurlFetcherOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}

CurlFetcher::~CurlFetcher() {
  impl_->stop();
}

void CurlFetcher::stop() {
  impl_->stop();
}

void CurlFetcher::submit(Fetch fetch, Done done) {
  if (const auto defect = outgoing_url_defect(fetch.request.url, impl_->options.reach)) {
    return done(failure(Kind::refused, "the URL " + *defect));
  }
  const auto parts = url::parse(fetch.request.url);
  Job job{.fetch = std::move(fetch),
          .origin = parts->origin(),
          .is_local_http = parts->scheme == "http",
          .done = std::move(done)};
  if (auto refused = impl_->enqueue(job)) job.done(refuse(std::move(*refused)));
}

}  // namespace cardea::http
