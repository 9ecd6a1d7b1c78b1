// The `prompt` parameter; see prompt.h.
#include "protocol/prompt.h"

#include "base/ascii.h"
#include "base/limits.h"

namespace cardea {

std::optional<Prompt> parse_prompt(std::string_view text) {
  Prompt prompt;
  const auto words = ascii::words(text);
  if (words.size() > limits::words_max) return std::nullopt;
  for (const std::string& word : words) {
    if (word == "none") {
      prompt.none = true;
    } else if (word == "login") {
      prompt.login = true;
    } else if (word == "consent") {
      prompt.consent = true;
    } else if (word == "select_account") {
      prompt.select_account = true;
    } else {
      return std::nullopt;
    }
  }
  return prompt;
}

}  // namespace cardea
