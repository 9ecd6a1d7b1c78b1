// The Cookie header (security corpus 7.6): our reader against one that collects every pair first;
// a value we set reads back. Input: header lines, the last line is the name asked for.
#include "http/cookie.h"

#include <map>
#include <string>
#include <vector>

#include "fuzz/bytes.h"
#include "fuzz/finding.h"

namespace cardea::fuzz {
namespace {

std::string_view bare(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// RFC 6265 5.4 read backwards: every pair of every header, in order.
std::multimap<std::string, std::string> all_pairs(const std::vector<std::string>& lines) {
  std::multimap<std::string, std::string> pairs;
  for (const auto& line : lines) {
    std::string pair;
    for (const char c : line + ";") {
      if (c != ';') {
        pair += c;
        continue;
      }
      const auto text = bare(pair);
      const auto equals = text.find('=');
      if (equals != text.npos) {
        pairs.emplace(std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)));
      }
      pair.clear();
    }
  }
  return pairs;
}

bool is_cookie_value(std::string_view value) {
  for (const char c : value) {
    if (c <= 0x20 || c >= 0x7f || c == ';' || c == ',' || c == '"' || c == '\\') return false;
  }
  return true;
}

}  // namespace

void cookie(std::string_view input) {
  Bytes bytes(input);
  std::vector<std::string> lines;
  while (!bytes.empty()) lines.emplace_back(bytes.line());
  if (lines.empty()) return;
  const auto asked = lines.back();
  lines.pop_back();
  http::Headers headers;
  for (const auto& line : lines) headers.add("Cookie", line);

  auto pairs = all_pairs(lines);
  pairs.emplace(asked, "never sent");  // so that the name asked for is among those compared
  for (auto at = pairs.begin(); at != pairs.end(); at = pairs.upper_bound(at->first)) {
    const auto sent = pairs.count(at->first) - (at->first == asked ? 1 : 0);
    const auto found = http::cookie(headers, at->first);
    expect(found.has_value() == (sent == 1), "not one value for " + at->first);
    if (found) expect(*found == at->second, "another value for " + at->first);
  }
  if (asked.empty() || asked.find('=') != asked.npos || !is_cookie_value(asked)) return;
  for (const auto& line : lines) {
    if (!is_cookie_value(line)) continue;
    const auto set = http::write_set_cookie({.name = asked, .value = line, .max_age = {}});
    const auto sent = set.substr(0, set.find(';'));
    expect(http::cookie({{"Cookie", "a=b; " + sent}}, asked) ==
               (asked == "a" ? std::nullopt : std::optional(line)),
           "a cookie does not read back");
  }
}

}  // namespace cardea::fuzz
