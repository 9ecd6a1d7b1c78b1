// One request of any bytes to the whole server (security corpus 7.2, section 0): no fault, no
// answer that leaves our origin but to a registered address, no link that does, headers that can be
// written. Input: method line, target line, header lines, an empty line, the body.
#include <memory>
#include <string>

#include "base/ascii.h"
#include "base/json.h"
#include "base/url.h"
#include "fuzz/bytes.h"
#include "fuzz/finding.h"
#include "fuzz/html_tokens.h"
#include "fuzz/trial.h"
#include "http/listener/response_writer.h"

namespace cardea::fuzz {
namespace {

const std::vector<std::string>& registered() {
  static const std::vector<std::string> uris = [] {
    std::vector<std::string> all{"https://app.example/bye"};
    test::Harness server;
    for (const auto* id : {"cA", "cB", "cK", "pN", "pS"}) {
      const auto own = server.client(id).redirect_uris;
      all.insert(all.end(), own.begin(), own.end());
    }
    return all;
  }();
  return uris;
}

// A registered URI with response parameters behind it, or one whose loopback port floats.
bool is_registered(std::string_view location) {
  const auto bare = location.substr(0, location.find_first_of("?#"));
  for (const auto& uri : registered()) {
    if (bare == uri) return true;
  }
  const auto parts = url::parse(bare);
  return parts && parts->scheme == "http" && parts->path == "/cb" &&
         (parts->host == "127.0.0.1" || parts->host == "[::1]" || parts->host == "localhost");
}

// As a browser resolves it (WHATWG URL): "//" and "/\" leave the origin.
bool stays_here(std::string_view address, const std::string& origin) {
  if (address.starts_with(origin + "/") || address == origin) return true;
  if (!address.starts_with('/')) return false;
  const bool leaves = address.size() > 1 && (address[1] == '/' || address[1] == '\\');
  return !leaves && address.find_first_of("\t\r\n") == address.npos;
}

void check_page(const http::Response& response, const std::string& origin) {
  for (const auto& tag : html_tags(response.body)) {
    for (const auto* name : {"href", "src", "action", "formaction"}) {
      const auto at = tag.attributes.find(name);
      if (at == tag.attributes.end() || at->second.empty()) continue;
      const bool is_answer = tag.name == "form" && is_registered(at->second);
      expect(is_answer || stays_here(at->second, origin), "a page leads away: " + at->second);
    }
    expect(tag.name != "script" || tag.attributes.contains("src"), "a script within a page");
  }
}

bool holds_secret(std::string_view text) {
  return text.find(test::secret_of("cA")) != text.npos;
}

// Who sends a client's secret as `state` gets it back: that tells nobody anything.
bool sends_secret(std::string_view input) {
  const auto decoded = url::form_decode(input);
  return holds_secret(input) || (decoded && holds_secret(*decoded));
}

void check_answer(const http::Response& response, const std::string& origin) {
  expect(response.status >= 200 && response.status < 500,
         "status " + std::to_string(response.status));
  expect(http::is_writable(response), "an answer that cannot be written");
  const std::string location(response.headers.first("Location"));
  const bool redirects = response.status >= 300 && response.status < 400 && response.status != 304;
  expect(location.empty() == !redirects, "a redirect without Location, or the other way round");
  expect(location.empty() || stays_here(location, origin) || is_registered(location),
         "a redirect leads away: " + location);
  const auto type = response.headers.first("Content-Type");
  if (type.starts_with("text/html")) check_page(response, origin);
  if (type.starts_with("application/json") && !response.body.empty()) {
    expect(json::parse_object(response.body).has_value(), "an answer that is no JSON object");
  }
}

}  // namespace

void request(std::string_view input) {
  Bytes bytes(input);
  http::Request request{.method = std::string(bytes.line()),
                        .target = std::string(bytes.line()),
                        .headers = {},
                        .body = {},
                        .peer_address = "192.0.2.1"};
  if (request.method.empty() || !request.target.starts_with('/')) return;  // the listener's rule
  for (auto line = bytes.line(); !line.empty(); line = bytes.line()) {
    const auto colon = line.find(':');
    if (colon == line.npos || request.headers.fields().size() == 100) continue;
    request.headers.add(std::string(line.substr(0, colon)),
                        std::string(ascii::trim(line.substr(colon + 1))));
  }
  request.body = bytes.rest();
  const Trial trial;
  const auto response = trial.server().send(std::move(request));
  check_answer(response, trial.server().settings.issuer_origin);
  expect(!holds_secret(response.body) || sends_secret(input), "a secret in an answer");
}

}  // namespace cardea::fuzz
