// The log's way out: lines are whole and in order, a reader that stalls blocks nobody, and what was
// dropped is told.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "app/line_writer.h"
#include "base/ascii.h"

namespace cardea::line_writer_test {

// A pipe whose reading end takes nothing until it is asked.
struct Pipe {
  Pipe() { EXPECT_EQ(::pipe(ends.data()), 0); }
  ~Pipe() {
    ::close(ends[0]);
    close_writing();
  }
  void close_writing() {
    if (ends[1] >= 0) ::close(ends[1]);
    ends[1] = -1;
  }
  std::string rest() const {
    std::string text;
    std::array<char, 4096> bytes{};
    while (true) {
      const auto got = ::read(ends[0], bytes.data(), bytes.size());
      if (got <= 0) return text;
      text.append(bytes.data(), static_cast<std::size_t>(got));
    }
  }
  std::array<int, 2> ends{};
};

std::string said_dropped(std::int64_t lines) {
  return "dropped " + std::to_string(lines);
}

TEST(LineWriter, WritesLinesWholeAndInOrder) {
  Pipe pipe;
  {
    app::LineWriter writer(pipe.ends[1], 1 << 20, said_dropped);
    for (int line = 0; line < 1000; ++line) {
      writer.add(std::to_string(line), app::LineWriter::Hurry::no);
    }
    writer.add("at once", app::LineWriter::Hurry::yes);
  }  // its end writes what waits
  pipe.close_writing();
  std::string expected;
  for (int line = 0; line < 1000; ++line) expected += std::to_string(line) + "\n";
  EXPECT_EQ(pipe.rest(), expected + "at once\n");
}

// FX24: a signal goes to whoever waits for it, never to the log's thread, where it would end the
// process
TEST(LineWriter, ItsThreadTakesNoSignals) {
  Pipe pipe;
  const app::LineWriter writer(pipe.ends[1], 4000, said_dropped);
  sigset_t mine;
  sigset_t before;
  sigemptyset(&mine);
  sigaddset(&mine, SIGUSR2);
  pthread_sigmask(SIG_BLOCK, &mine, &before);
  ASSERT_EQ(::kill(::getpid(), SIGUSR2), 0);
  const timespec patience{.tv_sec = 10, .tv_nsec = 0};
  EXPECT_EQ(::sigtimedwait(&mine, nullptr, &patience), SIGUSR2);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

// FX41: the log's reader stalls
TEST(LineWriter, AStalledReaderBlocksNobodyAndLearnsWhatItMissed) {
  Pipe pipe;
  const std::string line(1000, 'x');
  std::string text;
  std::thread reading;
  {
    app::LineWriter writer(pipe.ends[1], 4000, said_dropped);
    // Far more than a pipe and the buffer hold, while nobody reads: add() returns all the same.
    for (int i = 0; i < 1000; ++i) writer.add(line, app::LineWriter::Hurry::no);
    reading = std::thread([&] { text = pipe.rest(); });
  }
  pipe.close_writing();
  reading.join();
  // Every line was written or counted.
  int written = 0;
  int counted = 0;
  for (const auto each : ascii::split(text, '\n')) {
    if (each == line) ++written;
    if (each.starts_with("dropped ")) counted += std::stoi(std::string(each.substr(8)));
  }
  EXPECT_LT(written, 1000);
  EXPECT_EQ(written + counted, 1000);
}

}  // namespace cardea::line_writer_test
