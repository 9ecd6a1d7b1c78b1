// The issuer as browsers and apps see it: its documents and its clock; see checks.h.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "app/doctor/checks.h"

namespace cardea::app {
namespace {

using Level = Finding::Level;

// Assertions and proofs are dated; FAPI 2.0 Security Profile 5.3.2.1 lets clocks be 10 s apart.
constexpr std::int64_t skew_seconds_max = 10;

// IMF-fixdate of RFC 9110 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT".
std::optional<std::int64_t> read_http_date(std::string_view text) {
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29) return std::nullopt;
  const auto month = std::ranges::find(months, text.substr(8, 3));
  int day = 0;
  int year = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  const std::string owned(text);
  if (month == months.end() || std::sscanf(owned.c_str() + 5, "%2d %*3s %4d %2d:%2d:%2d GMT", &day,
                                           &year, &hour, &minute, &second) != 5) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{
      std::chrono::year(year),
      std::chrono::month(static_cast<unsigned>(month - months.begin()) + 1),
      std::chrono::day(static_cast<unsigned>(day))};
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return days * 86400 + hour * 3600 + minute * 60 + second;
}

std::vector<std::string> document_urls(const Settings& settings) {
  const std::string& origin = settings.issuer_origin;
  const std::string& path = settings.issuer_path;
  std::vector<std::string> urls{settings.issuer + "/.well-known/openid-configuration",
                                origin + "/.well-known/oauth-authorization-server" + path};
  if (!path.empty()) urls.push_back(origin + "/.well-known/openid-configuration" + path);
  return urls;
}

Finding silent(const std::string& url, const http::TransportFailure& failure, bool runs) {
  return {
      .level = runs ? Level::failure : Level::warning,
      .check = "reach",
      .text = url + ": " + failure.reason,
      .why = runs ? "The server runs, but not where browsers and apps look for it."
                  : "Nothing answers there; the configuration alone was looked at.",
      .fix = runs ? "check DNS, proxy, certificate and listen" : "start the server and ask again"};
}

// The first defect of a document; "" for none.
std::string defect_of(const http::Response& response, const Settings& settings) {
  if (response.status != 200) return "answers " + std::to_string(response.status);
  if (http::media_type_of(response.headers.first("Content-Type")) != "application/json") {
    return "is not application/json";
  }
  const auto document = json::parse(response.body);
  if (!document || document->if_object() == nullptr) return "is no JSON object";
  const auto issuer = json::string_member(*document->if_object(), "issuer").value_or("");
  if (issuer != settings.issuer) return "says issuer \"" + issuer + "\"";
  return "";
}

Finding check_clock(const http::Response& response, Instant now) {
  const auto date = read_http_date(response.headers.first("Date"));
  Finding finding{.level = Level::warning,
                  .check = "clock",
                  .text = "the answer has no Date",
                  .why = "Dated assertions, proofs and tokens are refused by who disagrees.",
                  .fix = "let the proxy pass on Date"};
  if (!date) return finding;
  const auto skew = *date - now.unix_seconds();
  finding.text = "server and this machine are " + std::to_string(std::abs(skew)) + " s apart";
  const bool agrees = std::abs(skew) <= skew_seconds_max;
  finding.level = agrees ? Level::ok : Level::failure;
  finding.fix = agrees ? "" : "synchronise both clocks (NTP)";
  return finding;
}

}  // namespace

Findings look_at_issuer(const Settings& settings, const http::Transport& transport, Instant now,
                        bool runs) {
  Findings out;
  std::optional<std::string> first;
  for (const auto& url : document_urls(settings)) {
    http::OutgoingRequest request;
    request.url = url;
    const auto answer = transport(request);
    if (!answer) {
      out.push_back(silent(url, answer.error(), runs));
      return out;
    }
    if (!first) out.push_back(check_clock(*answer, now));
    std::string defect = defect_of(*answer, settings);
    if (defect.empty() && first && *first != answer->body) defect = "differs from the first one";
    if (!first) first = answer->body;
    out.push_back({.level = defect.empty() ? Level::ok : Level::failure,
                   .check = "metadata",
                   .text = url + (defect.empty() ? "" : " " + defect),
                   .why = "Libraries read one or another of these and give up at the first flaw.",
                   .fix = defect.empty() ? ""
                                         : "forward the address to this server unchanged, and "
                                           "compare issuer and proxy"});
  }
  return out;
}

}  // namespace cardea::app
