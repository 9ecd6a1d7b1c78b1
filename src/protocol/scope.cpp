// Scope values; see scope.h.
#include "protocol/scope.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/limits.h"

namespace cardea {
namespace {

// scope-token = 1*( %x21 / %x23-5B / %x5D-7E ), RFC 6749 3.3.
bool is_scope_character(char c) {
  return c > 0x20 && c <= 0x7e && c != '"' && c != '\\';
}

}  // namespace

bool is_scope_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_scope_character);
}

std::string_view name_of(ScopeProblem problem) {
  switch (problem) {
    case ScopeProblem::too_long:
      return "too long";
    case ScopeProblem::too_many:
      return "too many words";
    case ScopeProblem::bad_character:
      return "a character that scope may not hold";
  }
  return "";
}

Result<std::vector<std::string>, ScopeProblem> parse_scope(std::string_view text) {
  if (text.size() > limits::scope_bytes_max) return refuse(ScopeProblem::too_long);
  for (const char c : text) {
    if (c != ' ' && !is_scope_character(c)) return refuse(ScopeProblem::bad_character);
  }
  std::vector<std::string> scopes;
  for (auto& word : ascii::words(text)) {
    if (has_scope(scopes, word)) continue;
    if (scopes.size() == limits::words_max) return refuse(ScopeProblem::too_many);
    scopes.push_back(std::move(word));
  }
  return scopes;
}

std::string write_scope(const std::vector<std::string>& scopes) {
  return ascii::join(scopes, " ");
}

bool has_scope(const std::vector<std::string>& scopes, std::string_view word) {
  return std::ranges::find(scopes, word) != scopes.end();
}

bool is_within(const std::vector<std::string>& part, const std::vector<std::string>& whole) {
  return std::ranges::all_of(part, [&](const auto& word) { return has_scope(whole, word); });
}

std::vector<std::string> narrowed(const std::vector<std::string>& scopes,
                                  const std::vector<std::string>& allowed) {
  std::vector<std::string> kept;
  for (const auto& word : scopes) {
    if (has_scope(allowed, word)) kept.push_back(word);
  }
  return kept;
}

std::vector<std::string> without(const std::vector<std::string>& scopes, std::string_view word) {
  std::vector<std::string> kept = scopes;
  std::erase(kept, word);
  return kept;
}

}  // namespace cardea
