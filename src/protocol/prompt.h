// The `prompt` parameter. OIDC Core 3.1.2.1; Initiating User Registration 1.0 for what an unknown
// word means.
#pragma once

#include <optional>
#include <string_view>

namespace cardea {

// Which words were sent. All false: the parameter is absent.
struct Prompt {
  bool none = false;
  bool login = false;
  bool consent = false;
  bool select_account = false;

  // OIDC Core 3.1.2.1: `none` with any other word is an error.
  bool contradicts_itself() const { return none && (login || consent || select_account); }
  friend bool operator==(const Prompt&, const Prompt&) = default;
};

// Nothing when a word is not one of the four; a blank text has no word.
std::optional<Prompt> parse_prompt(std::string_view text);

}  // namespace cardea
