// The thread that writes lines; see line_writer.h.
#include "app/line_writer.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

namespace cardea::app {
namespace {

// How long lines are gathered once some have been written, and how much of them: a busy server
// makes fifty writes a second instead of one for each request, and none so large that requests on
// the same core wait for it.
constexpr std::chrono::milliseconds gathering{20};
constexpr std::size_t gathered_bytes = 64 * 1024;

// A thread that no signal reaches: the log begins before the program waits for its signals, and one
// that came to this thread in between would end the process.
template <class Work>
std::thread start_without_signals(Work work) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(std::move(work));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace

LineWriter::LineWriter(int descriptor, std::size_t bytes_max, Dropped dropped)
    : descriptor_(descriptor),
      bytes_max_(bytes_max),
      dropped_line_(std::move(dropped)),
      thread_(start_without_signals([this] { run(); })) {}

LineWriter::~LineWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  thread_.join();
}

void LineWriter::add(std::string_view line, Hurry hurry) {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() + line.size() + 1 > bytes_max_) {
    ++dropped_;
    return;
  }
  const bool was_enough = waiting_.size() >= gathered_bytes;
  waiting_.append(line).push_back('\n');
  const bool is_enough = !was_enough && waiting_.size() >= gathered_bytes;
  if (hurry == Hurry::yes) hurry_ = true;
  if (idle_ || is_enough || hurry == Hurry::yes) changed_.notify_one();
}

void LineWriter::run() {
  std::string lines;
  std::unique_lock lock(mutex_);
  for (;;) {
    idle_ = true;
    changed_.wait(lock, [&] { return stopping_ || !waiting_.empty() || dropped_ > 0; });
    idle_ = false;
    if (waiting_.empty() && dropped_ == 0) return;  // stopping, and all is written
    lines.swap(waiting_);
    if (const auto dropped = std::exchange(dropped_, 0); dropped > 0) {
      lines.append(dropped_line_(dropped)).push_back('\n');
    }
    hurry_ = false;
    lock.unlock();
    write_out(lines);
    lines.clear();
    lock.lock();
    changed_.wait_for(lock, gathering,
                      [&] { return stopping_ || hurry_ || waiting_.size() >= gathered_bytes; });
  }
}

void LineWriter::write_out(const std::string& lines) const {
  std::size_t written = 0;
  while (written < lines.size()) {
    const auto part = std::min(lines.size() - written, gathered_bytes);
    const auto size = ::write(descriptor_, lines.data() + written, part);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return;  // nobody reads any more
    written += static_cast<std::size_t>(size);
  }
}

}  // namespace cardea::app
