// The flat response writer; see response_writer.h.
#include "http/listener/response_writer.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <utility>

#include "base/ascii.h"
#include "base/result.h"

namespace cardea::http {
namespace {

constexpr std::array<std::pair<int, std::string_view>, 37> phrases{{
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
}};

std::string_view phrase(int status) {
  const auto found = std::ranges::find(phrases, status, &std::pair<int, std::string_view>::first);
  return found == phrases.end() ? std::string_view("Status") : found->second;
}

// The handler's fields, but those that the listener writes itself; hardly any answer has one.
void append_own_fields(std::string& out, const Headers& headers) {
  const std::string_view text = headers.own_text();
  std::size_t begin = 0;
  for (std::size_t at = 0; at < headers.own_count(); ++at) {
    const auto [name, value] = headers.own_field(at);
    if (!is_listeners_own(name)) continue;
    const auto line = static_cast<std::size_t>(name.data() - text.data());
    out.append(text.substr(begin, line - begin));
    begin = line + name.size() + value.size() + 4;
  }
  out.append(text.substr(begin));
}

}  // namespace

std::string_view DateLine::at(Instant now) {
  if (now.unix_seconds() == second_) return text_;
  static constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  second_ = now.unix_seconds();
  const std::time_t seconds = second_;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                days[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                months[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900, parts.tm_hour,
                parts.tm_min, parts.tm_sec);
  text_ = text.data();
  return text_;
}

ResponseFrame::Content content_for(std::string_view method) {
  return method == "HEAD" ? ResponseFrame::Content::without_body : ResponseFrame::Content::whole;
}

bool is_listeners_own(std::string_view name) {
  static constexpr std::array<std::string_view, 7> own{
      "connection", "content-length",    "date",   "keep-alive",
      "server",     "transfer-encoding", "upgrade"};
  return std::ranges::any_of(own, [&](auto it) {
    return it.size() == name.size() && ascii::equal_ignoring_case(it, name);
  });
}

bool has_no_body(int status) {
  return status == 204 || status == 304;
}

// What is shared was checked when it was made.
bool is_writable(const Response& response) {
  if (response.status < 200 || response.status > 599) return false;
  const auto& headers = response.headers;
  for (std::size_t at = 0; at < headers.own_count(); ++at) {
    const auto [name, value] = headers.own_field(at);
    if (!is_field_name(name) || !is_field_value(value)) return false;
  }
  return true;
}

std::string write_response(const Response& response, const ResponseFrame& frame) {
  const auto* shared = response.headers.shared();
  std::string out;
  out.reserve(192 + response.body.size() + response.headers.own_text().size() +
              (shared == nullptr ? 0 : shared->text().size()));
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  out.append(phrase(response.status)).append("\r\nDate: ").append(frame.date).append("\r\n");
  if (shared != nullptr) out.append(shared->text());
  append_own_fields(out, response.headers);
  if (!has_no_body(response.status)) {
    out.append("Content-Length: ").append(std::to_string(response.body.size())).append("\r\n");
  }
  if (frame.persistence == RequestHead::Persistence::close) out.append("Connection: close\r\n");
  out.append("\r\n");
  if (!has_no_body(response.status) && frame.content == ResponseFrame::Content::whole) {
    out.append(response.body);
  }
  return out;
}

Response plain_response(int status, std::string_view sentence) {
  Response response{.status = status, .headers = {}, .body = std::string(sentence) + "\n"};
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("X-Content-Type-Options", "nosniff");
  if (status == 503) response.headers.add("Retry-After", "1");
  return response;
}

}  // namespace cardea::http
