// Serving the demo; see web.h.
#include "web.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "http/listener/listener.h"
#include "http/outbound/curl_transport.h"
#include "task/task.h"

namespace demo {
namespace {

using namespace cardea;

Task<http::Response> answer(const Handle& handle, http::Request request) {
  co_return handle(request);
}

struct FieldText {
  std::string operator()(std::string_view text) const { return std::string(text); }
  std::string operator()(std::int64_t number) const { return std::to_string(number); }
  std::string operator()(bool flag) const { return flag ? "true" : "false"; }
};

}  // namespace

std::string setting(const char* name, std::string_view otherwise) {
  const char* value = std::getenv(name);
  return std::string(value != nullptr && *value != '\0' ? value : otherwise);
}

std::string required_setting(const char* name) {
  std::string value = setting(name);
  if (value.empty()) {
    std::fprintf(stderr, "%s is not set\n", name);
    std::exit(2);
  }
  return value;
}

void TerminalLog::write(LogLevel level, std::string_view event, std::span<const LogField> fields) {
  if (level == LogLevel::debug) return;
  std::string line(event);
  for (const auto& field : fields)
    line += " " + std::string(field.name) + "=" + std::visit(FieldText{}, field.value);
  std::fprintf(stderr, "%s\n", line.c_str());
}

http::Transport transport() {
  return http::curl_transport({.ca_file = setting("CARDEA_DEMO_CA", setting("SSL_CERT_FILE"))});
}

int serve(const std::string& port, const Handle& handle, Log& log) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  // Before any thread is made, so that all of them leave these to the one that waits.
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  auto bound = http::Listener::bind(
      {.endpoints = {{.address = "localhost:" + port}},
       .io_contexts = 4,
       .drain_deadline = Seconds{1},
       .accepted_hosts = {"localhost:" + port}},
      [&handle](http::Request request) { return answer(handle, std::move(request)); }, log);
  if (!bound) {
    log.error("listen.failed",
              {{"address", bound.error().address}, {"reason", bound.error().reason}});
    return 1;
  }
  const auto listener = std::move(*bound);
  std::thread stopper([&] {
    int signal = 0;
    sigwait(&signals, &signal);
    listener->shutdown();
  });
  log.info("listening", {{"url", "http://localhost:" + port}});
  listener->run();
  stopper.join();
  return 0;
}

http::Response redirect(std::string_view to) {
  return {.status = 303, .headers = {{"Location", std::string(to)}, {"Cache-Control", "no-store"}}};
}

std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\'')
      out += "&#39;";
    else
      out += c;
  }
  return out;
}

}  // namespace demo
