// The rules of an authorization request whose client and redirect_uri are proven, each a pure
// function from what was asked to a verdict. Grouped by idea under checks/; ordered by
// check_table.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "domain/client.h"
#include "protocol/authorization_request.h"
#include "server/authorize/asked_request.h"
#include "server/authorize/id_token_hint.h"
#include "server/exchange.h"
#include "server/settings/settings.h"
#include "server/strictness.h"

namespace cardea {

struct CheckInput {
  const AskedRequest& asked;
  const AuthorizationRequest& request;
  const Client& client;
  const Settings& settings;
  const Relaxations& relaxations;
  // The outcome of reading id_token_hint; nothing when there is none.
  const std::optional<HintReading>& hint;
};

// What a check found. The row of the table adds rule and section.
struct Finding {
  CheckNote::Verdict verdict = CheckNote::Verdict::passed;
  ErrorCode code = ErrorCode::invalid_request;
  std::string_view description;  // public literal; "" when passed
  // What was seen, private: a literal, and what follows it.
  std::string_view seen;
  std::string text;
  std::string fix;
  std::string_view exact_rule;  // where the refusing rule is more exact than the row; "" otherwise
};

// Most requests pass every row and nobody reads the notes, so that a note that passes is a literal.
inline Finding passed(std::string_view seen, std::string more = {}) {
  return {.seen = seen, .text = std::move(more)};
}

struct RefusalWords {
  ErrorCode code = ErrorCode::invalid_request;
  std::string_view description;
  std::string reason;
  std::string fix;
};
inline Finding refused(RefusalWords words) {
  return {.verdict = CheckNote::Verdict::refused,
          .code = words.code,
          .description = words.description,
          .seen = {},
          .text = std::move(words.reason),
          .fix = std::move(words.fix),
          .exact_rule = {}};
}
// A refusal that the dev dial turned into an explained warning (decision Q15).
inline Finding relaxed(Finding refusal) {
  refusal.verdict = CheckNote::Verdict::warned;
  return refusal;
}

namespace checks {

// form.cpp: RFC 6749 3.1, RFC 9126 5, RFC 9101 10.5.
Finding nothing_repeated(const CheckInput& input);
Finding state_fits(const CheckInput& input);
Finding pushed_where_required(const CheckInput& input);
Finding signed_where_required(const CheckInput& input);
Finding registration_not_used(const CheckInput& input);

// response.cpp: RFC 6749 3.1.1, Multiple Response Types.
Finding response_type_present(const CheckInput& input);
Finding response_type_supported(const CheckInput& input);
Finding response_type_registered(const CheckInput& input);
Finding response_mode_supported(const CheckInput& input);
Finding response_mode_allowed(const CheckInput& input);
Finding response_mode_fits_type(const CheckInput& input);
Finding code_grant_registered(const CheckInput& input);

// pkce.cpp: RFC 7636, decision Q1.
Finding challenge_present(const CheckInput& input);
Finding challenge_method_s256(const CheckInput& input);
Finding challenge_well_formed(const CheckInput& input);
Finding challenge_not_of_nothing(const CheckInput& input);

// dpop.cpp: RFC 9449 10.
Finding dpop_jkt_well_formed(const CheckInput& input);

// scope.cpp: RFC 6749 3.3, RFC 8707 2, RFC 9396 5, decision Q5.
Finding scope_well_formed(const CheckInput& input);
Finding scope_registered(const CheckInput& input);
Finding resources_acceptable(const CheckInput& input);
Finding details_acceptable(const CheckInput& input);
Finding details_not_asked_for(const CheckInput& input);  // where they cannot be shown and approved

// openid.cpp: OIDC Core 3.1.2.1, 3.2.2.1, 5.5.
Finding openid_for_id_token(const CheckInput& input);
Finding nonce_fits(const CheckInput& input);
Finding nonce_present(const CheckInput& input);
Finding prompt_known(const CheckInput& input);
Finding prompt_consistent(const CheckInput& input);
Finding max_age_readable(const CheckInput& input);
Finding claims_readable(const CheckInput& input);
Finding hint_genuine(const CheckInput& input);

}  // namespace checks

}  // namespace cardea
