// Scope values: syntax, and the comparisons that narrow them. RFC 6749 3.3, Appendix A.4. What a
// scope means is configuration, not here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cardea {

enum class ScopeProblem { too_long, too_many, bad_character };
std::string_view name_of(ScopeProblem);

// RFC 6749 3.3: one word of a scope.
bool is_scope_token(std::string_view text);

// The words in order, each once. An absent or blank text gives none.
Result<std::vector<std::string>, ScopeProblem> parse_scope(std::string_view text);
std::string write_scope(const std::vector<std::string>& scopes);

bool has_scope(const std::vector<std::string>& scopes, std::string_view word);
// Whether every word of `part` is in `whole`.
bool is_within(const std::vector<std::string>& part, const std::vector<std::string>& whole);
// The words of `scopes` that are in `allowed`, in the order of `scopes`.
std::vector<std::string> narrowed(const std::vector<std::string>& scopes,
                                  const std::vector<std::string>& allowed);
std::vector<std::string> without(const std::vector<std::string>& scopes, std::string_view word);

}  // namespace cardea
