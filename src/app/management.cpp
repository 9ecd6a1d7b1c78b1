// Health and metrics; see management.h.
#include "app/management.h"

namespace cardea::app {
namespace {

http::Response plain(int status, std::string body) {
  return {status,
          {{"Content-Type", "text/plain; charset=utf-8"}, {"Cache-Control", "no-store"}},
          std::move(body)};
}

Task<http::Response> ready(Node& node, bool verbose) {
  const auto meta = co_await node.deps().store.meta();
  const bool has_keys = !node.deps().keys.published().empty();
  const bool is_ready = meta.ok() && has_keys;
  std::string body = is_ready ? "ok\n" : "not ready\n";
  if (verbose) {
    body += std::string("store ") + (meta ? "ok" : "failing") + "\nkeys " +
            (has_keys ? "ok" : "missing") + "\n";
  }
  co_return plain(is_ready ? 200 : 503, std::move(body));
}

Task<http::Response> answer(Node& node, const Metrics& metrics, http::Request request) {
  if (request.method != "GET" && request.method != "HEAD") {
    auto refused = plain(405, "GET only\n");
    refused.headers.add("Allow", "GET, HEAD");
    co_return refused;
  }
  const auto path = request.path();
  if (path == "/livez" || path == "/healthz") co_return plain(200, "ok\n");
  if (path == "/readyz") co_return co_await ready(node, request.query().has_value());
  if (path == "/metrics") {
    const auto ahead_ms = SystemClock().now().unix_ms - node.clock().now().unix_ms;
    auto response = plain(200, metrics.exposition(node.store().statistics(), ahead_ms));
    response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    co_return response;
  }
  co_return plain(404, "/livez, /readyz, /metrics\n");
}

}  // namespace

http::Handler management_handler(Node& node, const Metrics& metrics) {
  return [&node, &metrics](http::Request request) {
    return answer(node, metrics, std::move(request));
  };
}

}  // namespace cardea::app
