// What the command line prints: results on standard output, everything else on standard error.
// --json prints the answer object as one line; without it, the same facts for people.
#pragma once

#include <string>
#include <string_view>

#include "app/admin/operations.h"
#include "base/json.h"

namespace cardea::app {

enum class OutputForm { people, json };

void print_line(std::string_view text);        // standard output
void print_diagnostic(std::string_view text);  // standard error
// An answer object: scalars as "name  value" lines, arrays of objects as an aligned table of
// `columns`.
void print_answer(OutputForm form, const json::Object& answer);
// An array of objects as a table; columns are member names. An empty array prints `when_empty`.
void print_table(OutputForm form, const json::Object& answer, std::string_view member,
                 const std::vector<std::string>& columns, std::string_view when_empty);
int print_error(OutputForm form, const AdminError& error);

}  // namespace cardea::app
