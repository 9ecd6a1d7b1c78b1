// Documents of others that are needed again and again: fetched once for all who ask, kept as long
// as their answer allows within bounds, and kept from being asked for too often. Many distinct
// addresses neither multiply requests nor slow others (E10).
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "base/cache_control.h"
#include "base/limits.h"
#include "server/outgoing/outgoing.h"
#include "task/delivery.h"

namespace cardea {

// What the answer must call itself: a document that anybody's upload could be is none.
enum class DocumentType { any, json };

struct DocumentRules {
  http::FetchPurpose purpose = http::FetchPurpose::client_keys;
  http::FetchLane lane = http::FetchLane::registered;
  DocumentType type = DocumentType::any;
  std::string accept = "application/json";
  Seconds fresh_standard = minutes(5);  // where the answer has no max-age
  Seconds fresh_min{60};
  Seconds fresh_max = hours(1);
  // How long a document that cannot be fetched again goes on being used after that.
  Seconds stale = hours(1);
  // Between two requests for one address: after a failure, and when something newer is wished for.
  Seconds pause{15};
  std::size_t bytes_max = limits::fetched_bytes_max;
  std::size_t documents_max = limits::fetched_documents_max;
  std::size_t bytes_kept_max = limits::fetched_bytes_kept_max;  // of all bodies together
};

template <class T>
class FetchedDocuments {
 public:
  using Document = std::shared_ptr<const T>;
  using Answer = Result<Document, std::string>;  // the reason is private
  // Reads the body of an answer with status 200.
  using Parse = std::function<Result<T, std::string>(const std::string& url, std::string_view)>;
  enum class Wish { usable, newer };

  // outgoing outlives it.
  FetchedDocuments(Outgoing& outgoing, DocumentRules rules, Parse parse)
      : outgoing_(outgoing), rules_(rules), parse_(std::move(parse)) {}

  // usable: what is fresh, else what a request brings, else what is not stale for too long.
  // newer: asked for once more, unless that was done within the pause. lane: of this address, where
  // it is not that of the rules. A fragment tells documents apart and is not sent. Thread-safe.
  Task<Answer> find(std::string url, Instant now, Wish wish = Wish::usable,
                    std::optional<http::FetchLane> lane = {}) {
    Delivery<Answer> delivery;
    auto claim = begin(url, now, wish, delivery.sink());
    if (claim.answer) co_return *std::move(claim.answer);
    if (!claim.fetches) co_return co_await delivery;
    auto result = co_await outgoing_.fetch({.request = {.method = "GET",
                                                        .url = url.substr(0, url.find('#')),
                                                        .headers = {{"Accept", rules_.accept}},
                                                        .body = {}},
                                            .purpose = rules_.purpose,
                                            .lane = lane.value_or(rules_.lane),
                                            .body_bytes_max = rules_.bytes_max});
    co_return end(url, now, std::move(result));
  }

 private:
  using Sink = typename Delivery<Answer>::Sink;
  struct Entry {
    Document document;
    std::size_t bytes = 0;  // of the body that it was read from
    std::string failure;    // of the last request, "" when it succeeded
    Instant fresh_until{};
    Instant next_request{};
    Instant last_used{};
    bool is_under_way = false;
    std::vector<Sink> waiting;
  };
  // An answer, or the duty to fetch, or neither: another request's answer is waited for.
  struct Claim {
    std::optional<Answer> answer;
    bool fetches = false;
  };

  // A moment that lies further ahead than it can have been set was set by another clock.
  static bool is_ahead(Instant moment, Instant now, Seconds at_most) {
    return now < moment && moment <= now + at_most;
  }

  Answer what_is_there(const Entry& entry, Instant now) const {
    const Seconds used_max{rules_.fresh_max.count + rules_.stale.count};
    if (entry.document && is_ahead(entry.fresh_until + rules_.stale, now, used_max)) {
      return entry.document;
    }
    return refuse(entry.failure.empty() ? "it was not fetched" : entry.failure);
  }

  Claim begin(const std::string& url, Instant now, Wish wish, Sink sink) {
    const std::lock_guard lock(mutex_);
    if (!entries_.contains(url)) make_room();
    Entry& entry = entries_[url];
    entry.last_used = now;
    const bool is_fresh = entry.document && is_ahead(entry.fresh_until, now, rules_.fresh_max);
    if (is_fresh && wish == Wish::usable) return {.answer = Answer(entry.document)};
    if (entry.is_under_way) {
      if (wish == Wish::usable) {
        if (auto there = what_is_there(entry, now)) return {.answer = std::move(there)};
      }
      entry.waiting.push_back(std::move(sink));
      return {};
    }
    if (is_ahead(entry.next_request, now, rules_.pause)) {
      return {.answer = what_is_there(entry, now)};
    }
    entry.is_under_way = true;
    return {.answer = std::nullopt, .fetches = true};
  }

  Answer end(const std::string& url, Instant now, http::TransportResult result) {
    auto read = read_answer(url, result);
    std::vector<Sink> waiting;
    std::optional<Answer> answer;
    {
      const std::lock_guard lock(mutex_);
      Entry& entry = entries_[url];
      entry.is_under_way = false;
      entry.next_request = now + rules_.pause;
      if (read) {
        entry.document = std::make_shared<const T>(*std::move(read));
        bytes_kept_ += result->body.size() - std::exchange(entry.bytes, result->body.size());
        entry.failure.clear();
        const auto kept = max_age(result->headers.first("Cache-Control"));
        entry.fresh_until = now + std::clamp(kept.value_or(rules_.fresh_standard), rules_.fresh_min,
                                             rules_.fresh_max);
      } else {
        entry.failure = read.error();
      }
      answer = what_is_there(entry, now);
      waiting.swap(entry.waiting);
      while (bytes_kept_ > rules_.bytes_kept_max && forget_oldest()) {
      }
    }
    for (const Sink& sink : waiting) sink.deliver(*answer);
    return *std::move(answer);
  }

  Result<T, std::string> read_answer(const std::string& url,
                                     const http::TransportResult& result) const {
    if (!result) return refuse(result.error().reason);
    if (result->status != 200) {
      return refuse("the answer has status " + std::to_string(result->status));
    }
    const auto type = http::media_type_of(result->headers.first("Content-Type"));
    if (rules_.type == DocumentType::json && !is_json_type(type)) {
      return refuse("the answer is no JSON by its type: " + std::string(type.substr(0, 100)));
    }
    return parse_(url, result->body);
  }

  // application/json, or a type that is written in it (RFC 6839 3.1).
  static bool is_json_type(std::string_view type) {
    const auto lower = ascii::lower(type);
    return lower == "application/json" ||
           (lower.starts_with("application/") && lower.ends_with("+json"));
  }

  // Under the mutex.
  void make_room() {
    if (entries_.size() >= rules_.documents_max) forget_oldest();
  }
  // Under the mutex. False when there is none that may go: what is under way stays, for its request
  // ends in it.
  bool forget_oldest() {
    auto oldest = entries_.end();
    for (auto at = entries_.begin(); at != entries_.end(); ++at) {
      if (at->second.is_under_way) continue;
      if (oldest == entries_.end() || at->second.last_used < oldest->second.last_used) oldest = at;
    }
    if (oldest == entries_.end()) return false;
    bytes_kept_ -= oldest->second.bytes;
    entries_.erase(oldest);
    return true;
  }

  Outgoing& outgoing_;
  const DocumentRules rules_;
  const Parse parse_;
  std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
  std::size_t bytes_kept_ = 0;
};

}  // namespace cardea
