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

// The rows that hold for a request that its client polls for as well (RFC 8628 3.1, CIBA Core 7.1):
// what access is asked for.
std::span<const CheckRow> polled_check_table();

// Applies the rows until one refuses. Pure but for the notes.
std::optional<Objection> apply_check_table(Exchange& exchange, std::span<const CheckRow> rows,
                                           const CheckInput& input);

}  // namespace cardea
