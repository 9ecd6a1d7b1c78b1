// The static answer: Cardea's listener in front of a handler that gives the same body to every
// request. What the listener alone can do is the ceiling of every endpoint. Arguments: port, file
// with the body. Ends on SIGTERM.
#include <signal.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include "http/listener/listener.h"

namespace cardea::bench {
namespace {

class Silent final : public Log {
 public:
  void write(LogLevel, std::string_view, std::span<const LogField>) override {}
};

Task<http::Response> answer(const std::string& body) {
  co_return http::Response{
      .status = 200,
      .headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}},
      .body = body};
}

int serve(const std::string& port, const std::string& body) {
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  Silent log;
  http::ListenerOptions options{.endpoints = {{"127.0.0.1:" + port, nullptr}}, .io_contexts = 1};
  auto listener =
      http::Listener::bind(std::move(options), [&](http::Request) { return answer(body); }, log);
  if (!listener) return 2;
  std::puts("ready");
  std::fflush(stdout);
  std::thread waiting([&] {
    int got = 0;
    sigwait(&ending, &got);
    (*listener)->shutdown();
  });
  (*listener)->run();
  waiting.join();
  return 0;
}

}  // namespace
}  // namespace cardea::bench

int main(int count, char** arguments) {
  if (count != 3) return 2;
  std::ifstream in(arguments[2], std::ios::binary);
  const std::string body{std::istreambuf_iterator<char>(in), {}};
  return cardea::bench::serve(arguments[1], body);
}
