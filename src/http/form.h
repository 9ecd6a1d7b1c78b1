// application/x-www-form-urlencoded, for queries and bodies. Strict: a malformed escape, bytes that
// are not UTF-8, a NUL or too many pairs refuse the whole input. The separator is `&` alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace cardea::http {

enum class FormError { malformed_escape, not_utf8, control_character, too_many_parameters };

// Decoded pairs in the order they came. Duplicates are kept: what they mean is the protocol's rule
// (protocol/parameters.h).
using FormPairs = std::vector<std::pair<std::string, std::string>>;

Result<FormPairs, FormError> parse_form(std::string_view text);
std::string write_form(const FormPairs& pairs);

}  // namespace cardea::http
