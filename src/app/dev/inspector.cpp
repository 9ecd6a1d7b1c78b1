// Recording and showing exchanges; see inspector.h. HTML is built here from escaped text: the page
// is a tool for developers and loads its style and script from this origin only.
#include "app/dev/inspector.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "app/log_sink.h"
#include "base/ascii.h"
#include "base/url.h"
#include "http/form.h"
#include "protocol/parameters.h"
#include "server/pages/embedded.h"

namespace cardea::app::dev {
namespace {

// Endpoints whose traffic teaches something; pages' assets and health checks do not.
bool is_shown(std::string_view endpoint) {
  constexpr std::array<std::string_view, 7> shown{"authorize",     "token",      "userinfo",
                                                  "introspection", "revocation", "end_session",
                                                  "interaction"};
  return std::ranges::find(shown, endpoint) != shown.end();
}

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// Header fields that explain a request; credentials show their scheme and length only.
std::vector<std::string> shown_headers(const http::Headers& headers) {
  std::vector<std::string> out;
  for (const auto& [name, value] : headers.fields()) {
    const std::string lower = ascii::lower(name);
    std::string line(name);
    line.append(": ");
    if (lower == "authorization") {
      const auto space = value.find(' ');
      const auto masked = space == std::string_view::npos ? 0 : value.size() - space - 1;
      line.append(value.substr(0, space)).append(" (" + std::to_string(masked) + " bytes, masked)");
    } else if (lower == "cookie") {
      line.append("(" + std::to_string(value.size()) + " bytes, masked)");
    } else if (lower == "host" || lower == "content-type" || lower == "origin" ||
               lower == "user-agent" || lower == "accept") {
      line.append(value);
    } else {
      continue;
    }
    out.push_back(std::move(line));
  }
  return out;
}

// Where the answer sends the browser, with codes and tokens masked.
std::string shown_location(std::string_view location) {
  const auto at = location.find_first_of("?#");
  if (at == std::string_view::npos) return std::string(location);
  const auto pairs = http::parse_form(location.substr(at + 1));
  if (!pairs) return std::string(location.substr(0, at + 1)) + "(masked)";
  std::string out(location.substr(0, at + 1));
  bool first = true;
  for (const auto& [name, value] : masked(*pairs)) {
    out.append(first ? "" : "&").append(name).append("=").append(value);
    first = false;
  }
  return out;
}

std::string_view word_of(CheckNote::Verdict verdict) {
  switch (verdict) {
    case CheckNote::Verdict::passed:
      return "passed";
    case CheckNote::Verdict::refused:
      return "refused";
    case CheckNote::Verdict::warned:
      return "warned";
  }
  return "";
}

const EmbeddedFile* file(std::string_view path) {
  for (const auto& embedded : embedded_files()) {
    if (embedded.path == path) return &embedded;
  }
  return nullptr;
}

http::Response with_headers(std::string type, std::string body) {
  return {200,
          {{"Content-Type", std::move(type)},
           {"Cache-Control", "no-store"},
           {"Content-Security-Policy",
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri "
            "'none'; "
            "frame-ancestors 'none'; form-action 'none'"},
           {"X-Content-Type-Options", "nosniff"},
           {"X-Frame-Options", "DENY"},
           {"Referrer-Policy", "no-referrer"}},
          std::move(body)};
}

}  // namespace

void Inspector::finished(const Exchange& exchange, const http::Response& response) {
  if (!is_shown(exchange.endpoint)) return;
  Entry entry;
  entry.at = clock_.now();
  entry.endpoint = exchange.endpoint;
  entry.method = exchange.request.method;
  entry.path = std::string(exchange.request.path());
  // A path of an interaction holds its handle, which is a credential of the browser.
  if (entry.path.starts_with("/interaction/")) {
    const auto step = entry.path.rfind('/');
    entry.path = "/interaction/…" + (step > 12 ? entry.path.substr(step) : "");
  }
  entry.client_id = exchange.client_id;
  entry.request_id = exchange.request_id;
  entry.status = response.status;
  entry.parameters = exchange.shown_parameters;
  entry.header_lines = shown_headers(exchange.request.headers);
  entry.notes = exchange.notes;
  entry.refusal = exchange.refusal;
  const auto location = response.headers.first("location");
  if (!location.empty() && !location.starts_with("/interaction/"))
    entry.location = shown_location(location);
  const std::lock_guard lock(mutex_);
  entry.number = next_number_++;
  entries_.push_back(std::move(entry));
  if (entries_.size() > entries_max) entries_.pop_front();
}

std::string Inspector::render(const Entry& entry) const {
  const bool warned = std::ranges::any_of(entry.notes, [](const CheckNote& note) {
    return note.verdict == CheckNote::Verdict::warned;
  });
  const std::string_view verdict = entry.refusal ? "refused" : warned ? "warned" : "passed";
  std::string out = "<article class=\"exchange " + std::string(verdict) + "\" id=\"x" +
                    std::to_string(entry.number) + "\"><details" + (entry.refusal ? " open" : "") +
                    "><summary><span class=\"verdict\">" + std::string(verdict) + "</span> <b>" +
                    escape(entry.method) + " " + escape(entry.path) +
                    "</b> <span class=\"status\">" + std::to_string(entry.status) +
                    "</span> <span class=\"client\">" + escape(entry.client_id) + "</span> <time>" +
                    rfc3339(entry.at).substr(11, 12) + "</time></summary>";
  if (entry.refusal) {
    out += "<p class=\"refusal\"><b>" + std::string(name_of(entry.refusal->code)) + "</b> " +
           escape(entry.refusal->description) + "<br><span>" + escape(entry.refusal->reason) +
           "</span></p>";
  }
  out += "<h3>As it arrived</h3><table>";
  for (const auto& line : entry.header_lines) {
    const auto colon = line.find(": ");
    out += "<tr><th>" + escape(line.substr(0, colon)) + "</th><td>" +
           escape(line.substr(colon + 2)) + "</td></tr>";
  }
  for (const auto& [name, value] : entry.parameters) {
    out += "<tr><th><code>" + escape(name) + "</code></th><td><code>" + escape(value) +
           "</code></td></tr>";
  }
  out += "</table>";
  if (!entry.location.empty()) {
    out += "<h3>Sent on to</h3><p><code>" + escape(entry.location) + "</code></p>";
  }
  if (!entry.notes.empty())
    out += "<h3>Rules, in the order they were applied</h3><ol class=\"rules\">";
  for (const auto& note : entry.notes) {
    out += "<li class=\"" + std::string(word_of(note.verdict)) + "\"><span class=\"verdict\">" +
           std::string(word_of(note.verdict)) + "</span> <b>" + escape(note.spec.text()) +
           "</b> <code>" + escape(note.rule) + "</code> " + escape(note.text);
    if (!note.fix.empty()) out += "<p class=\"fix\"><b>Fix:</b> " + escape(note.fix) + "</p>";
    out += "</li>";
  }
  if (!entry.notes.empty()) out += "</ol>";
  return out + "<p class=\"id\">request id <code>" + escape(entry.request_id) +
         "</code></p></details></article>";
}

http::Response Inspector::page() const {
  std::string list;
  std::int64_t newest = 0;
  {
    const std::lock_guard lock(mutex_);
    for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) list += render(*entry);
    newest = next_number_ - 1;
  }
  std::string body(file("dev/inspector.html")->content);
  const auto fill = [&](std::string_view mark, std::string_view value) {
    const auto at = body.find(mark);
    if (at != std::string::npos) body.replace(at, mark.size(), value);
  };
  fill("@newest", std::to_string(newest));
  fill("@list",
       list.empty() ? "<p id=\"empty\">Nothing yet. Start a sign-in from your app.</p>" : list);
  return with_headers("text/html; charset=utf-8", std::move(body));
}

http::Response Inspector::exchanges(std::int64_t after) const {
  json::Array list;
  const std::lock_guard lock(mutex_);
  for (const auto& entry : entries_) {
    if (entry.number > after) list.emplace_back(render(entry));
  }
  return with_headers(
      "application/json",
      json::write(json::Object{{"newest", next_number_ - 1}, {"exchanges", std::move(list)}}));
}

std::optional<http::Response> Inspector::answer(const http::Request& request) const {
  const auto path = request.path();
  if (path != "/_dev" && !path.starts_with("/_dev/")) return std::nullopt;
  if (request.method != "GET" && request.method != "HEAD") {
    return http::Response{
        405, {{"Allow", "GET, HEAD"}, {"Content-Type", "text/plain"}}, "GET only\n"};
  }
  if (path == "/_dev" || path == "/_dev/") return page();
  if (path == "/_dev/exchanges") {
    std::int64_t after = 0;
    const auto query = request.query().value_or("");
    if (query.starts_with("after=")) {
      std::from_chars(query.data() + 6, query.data() + query.size(), after);
    }
    return exchanges(after);
  }
  if (path == "/_dev/inspector.css")
    return with_headers("text/css; charset=utf-8", std::string(file("dev/inspector.css")->content));
  if (path == "/_dev/inspector.js") {
    return with_headers("text/javascript; charset=utf-8",
                        std::string(file("dev/inspector.js")->content));
  }
  return http::Response{404, {{"Content-Type", "text/plain"}}, "not found\n"};
}

}  // namespace cardea::app::dev
