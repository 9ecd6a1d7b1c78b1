// The inspector (/_dev): every protocol request as it arrived, secrets masked, with each rule that
// was applied, its section and verdict, why it was refused and what to change. Development only;
// loopback only.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "server/exchange.h"
#include "task/task.h"

namespace cardea::app::dev {

class Inspector final : public Observer {
 public:
  explicit Inspector(const Clock& clock) : clock_(clock) {}

  bool reads_notes() const override { return true; }
  void finished(const Exchange& exchange, const http::Response& response) override;
  // Answers /_dev, /_dev/exchanges?after=N and the page's files; nothing for every other path.
  std::optional<http::Response> answer(const http::Request& request) const;

 private:
  struct Entry {
    std::int64_t number = 0;
    Instant at{};
    std::string endpoint;
    std::string method;
    std::string path;
    std::string client_id;
    std::string request_id;
    int status = 0;
    std::vector<std::pair<std::string, std::string>> parameters;
    std::vector<std::string> header_lines;
    std::vector<CheckNote> notes;
    std::optional<OAuthError> refusal;
    std::string location;  // of the answer, credentials masked
  };
  static constexpr std::size_t entries_max = 200;

  http::Response page() const;
  http::Response exchanges(std::int64_t after) const;
  std::string render(const Entry& entry) const;

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::deque<Entry> entries_;
  std::int64_t next_number_ = 1;
};

}  // namespace cardea::app::dev
