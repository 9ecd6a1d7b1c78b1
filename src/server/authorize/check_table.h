// The ordered table of the rules of an authorization request. It always runs as a whole list; the
// first refusal wins; every verdict is noted on the exchange for log and inspector.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "server/authorize/checks.h"
#include "server/authorize/objection.h"

namespace cardea {

struct CheckRow {
  std::string_view rule;  // "CARDEA-PKCE-001"; stable
  SpecRef spec;
  Finding (*check)(const CheckInput&);
};

// In order. A row may rest on what the rows before it let pass.
std::span<const CheckRow> check_table();

// Applies the rows until one refuses. Pure but for the notes.
std::optional<Objection> apply_check_table(Exchange& exchange, const CheckInput& input);

}  // namespace cardea
