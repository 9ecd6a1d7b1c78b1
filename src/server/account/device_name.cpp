// Looking for known words, the most particular first: every browser claims to be several others.
#include "server/account/device_name.h"

#include <chrono>
#include <span>

#include "base/ascii.h"

namespace cardea {
namespace {

struct Word {
  std::string_view in_user_agent;
  std::string_view shown;
};

constexpr Word browsers[] = {
    {"Edg", "Edge"},         {"OPR/", "Opera"},         {"SamsungBrowser/", "Samsung Internet"},
    {"Vivaldi/", "Vivaldi"}, {"FxiOS/", "Firefox"},     {"Firefox/", "Firefox"},
    {"CriOS/", "Chrome"},    {"Chromium/", "Chromium"}, {"Chrome/", "Chrome"},
    {"Safari/", "Safari"},
};
constexpr Word systems[] = {
    {"Android", "Android"}, {"iPhone", "iPhone"},   {"iPad", "iPad"},   {"CrOS", "ChromeOS"},
    {"Windows", "Windows"}, {"Macintosh", "macOS"}, {"Linux", "Linux"}, {"FreeBSD", "FreeBSD"},
};

std::string_view recognise(std::span<const Word> words, std::string_view user_agent) {
  for (const auto& word : words) {
    if (user_agent.find(word.in_user_agent) != std::string_view::npos) return word.shown;
  }
  return "";
}

std::chrono::sys_time<std::chrono::minutes> minute_of(Instant at) {
  return std::chrono::floor<std::chrono::minutes>(
      std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(at.unix_ms)));
}

// At least two digits.
std::string padded(unsigned number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

}  // namespace

std::string device_name(std::string_view user_agent) {
  const auto browser = recognise(browsers, user_agent);
  const auto system = recognise(systems, user_agent);
  if (browser.empty() && system.empty()) {
    // "curl/8.5.0 ..." is curl.
    return std::string(user_agent.substr(0, user_agent.find_first_of("/ (")).substr(0, 40));
  }
  std::string name(browser);
  if (!browser.empty() && !system.empty()) name += ", ";
  return name.append(system);
}

std::string utc_day(Instant at) {
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(minute_of(at)));
  return std::to_string(static_cast<int>(day.year())) + "-" +
         padded(static_cast<unsigned>(day.month())) + "-" +
         padded(static_cast<unsigned>(day.day()));
}

std::string utc_minute(Instant at) {
  const auto minute = minute_of(at);
  const auto minutes_of_day = (minute - std::chrono::floor<std::chrono::days>(minute)).count();
  return utc_day(at) + " " + padded(static_cast<unsigned>(minutes_of_day / 60)) + ":" +
         padded(static_cast<unsigned>(minutes_of_day % 60)) + " UTC";
}

}  // namespace cardea
