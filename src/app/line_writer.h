// Lines on their way to a file descriptor, written by a thread of their own: a request pays for
// putting its line into memory, not for a system call, and a reader that stalls (a full pipe, a
// stopped terminal) stalls nobody. What does not fit meanwhile is counted, and the count is told
// when there is room again.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace cardea::app {

class LineWriter {
 public:
  // The line that says how many were dropped.
  using Dropped = std::function<std::string(std::int64_t lines)>;

  // descriptor: not closed here. bytes_max: how much may wait.
  LineWriter(int descriptor, std::size_t bytes_max, Dropped dropped);
  ~LineWriter();  // writes what waits
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;

  enum class Hurry { no, yes };
  // Adds a line, without its end. Lines that come quickly are written together within
  // milliseconds; with Hurry::yes at once. Thread-safe; never blocks on the descriptor.
  void add(std::string_view line, Hurry hurry);

 private:
  void run();
  void write_out(const std::string& lines) const;

  const int descriptor_;
  const std::size_t bytes_max_;
  const Dropped dropped_line_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string waiting_;
  std::int64_t dropped_ = 0;
  bool idle_ = false;
  bool hurry_ = false;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace cardea::app
