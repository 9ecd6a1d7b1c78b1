// Queries and forms (security corpus 7.3): the parser against a naive one that walks byte by byte,
// the round trip, and the duplicate rules of RawParameters against counting. Input: the form.
#include "http/form.h"

#include <map>
#include <optional>
#include <string>

#include "base/ascii.h"
#include "base/limits.h"
#include "fuzz/finding.h"
#include "protocol/parameters.h"

namespace cardea::fuzz {
namespace {

int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The whole input in one walk; nothing where it is to be refused.
std::optional<http::FormPairs> naive_form(std::string_view text) {
  http::FormPairs pairs;
  std::string half[2];
  int side = 0;
  bool anything = false;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    if (at == text.size() || text[at] == '&') {
      if (anything) pairs.emplace_back(half[0], half[1]);
      half[0].clear(), half[1].clear();
      side = 0, anything = false;
      continue;
    }
    anything = true;
    char c = text[at];
    if (c == '=' && side == 0) {
      side = 1;
      continue;
    }
    if (c == '+') c = ' ';
    if (c == '%') {
      if (at + 2 >= text.size()) return std::nullopt;
      const int high = nibble(text[at + 1]);
      const int low = nibble(text[at + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      at += 2;
    }
    if (c == '\0') return std::nullopt;
    half[side] += c;
  }
  if (pairs.size() > limits::parameters_max) return std::nullopt;
  for (const auto& [name, value] : pairs) {
    if (!ascii::is_utf8(name) || !ascii::is_utf8(value)) return std::nullopt;
  }
  return pairs;
}

void check_parameters(const http::FormPairs& pairs) {
  std::map<std::string, int> counts;
  for (const auto& pair : pairs) ++counts[pair.first];
  const RawParameters parameters(pairs);
  bool any_repeated = false;
  for (const auto& [name, count] : counts) {
    expect(parameters.repeated(name) == (count > 1), "repeated() disagrees with counting");
    any_repeated = any_repeated || (count > 1 && name != "resource");
    expect(parameters.contains(name) == !parameters.all(name).empty(), "find() and all() differ");
  }
  expect(parameters.first_repeated().has_value() == any_repeated, "first_repeated() is wrong");
  const auto shown = masked(pairs);
  expect(shown.size() == pairs.size(), "masking drops pairs");
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const bool secret = is_secret_parameter(pairs[i].first) && !pairs[i].second.empty();
    expect(secret ? shown[i].second.starts_with("[masked, ") : shown[i] == pairs[i],
           "masking is wrong");
  }
}

}  // namespace

void form(std::string_view input) {
  const auto ours = http::parse_form(input);
  const auto naive = naive_form(input);
  expect(ours.ok() == naive.has_value(), "the naive parser decides otherwise");
  if (!ours) return;
  expect(*ours == *naive, "the naive parser reads other pairs");
  const auto written = http::write_form(*ours);
  const auto again = http::parse_form(written);
  expect(again.ok() && *again == *ours, "a written form does not read back");
  check_parameters(*ours);
}

}  // namespace cardea::fuzz
