// The table of authorization checks; see check_table.h.
#include "server/authorize/check_table.h"

#include <array>

namespace cardea {
namespace {

using namespace checks;

constexpr CheckRow well_formed{"CARDEA-SCOPE-001", rfc6749("3.3"), scope_well_formed};
constexpr CheckRow registered{"CARDEA-SCOPE-002", rfc6749("4.1.2.1"), scope_registered};
constexpr CheckRow acceptable{"CARDEA-RESOURCE-000", rfc8707("2"), resources_acceptable};

constexpr std::array polled_table{
    well_formed, registered, acceptable,
    CheckRow{"CARDEA-DETAILS-003", rfc9396("5"), details_not_asked_for}};

constexpr std::array table{
    // --- form ---
    CheckRow{"CARDEA-AUTHORIZE-001", rfc6749("3.1"), nothing_repeated},
    CheckRow{"CARDEA-AUTHORIZE-002", rfc6749("4.1.1"), state_fits},
    CheckRow{"CARDEA-AUTHORIZE-003", rfc9126("5"), pushed_where_required},
    CheckRow{"CARDEA-AUTHORIZE-004", rfc9101("10.5"), signed_where_required},
    CheckRow{"CARDEA-AUTHORIZE-005", oidc_core("7.2.1"), registration_not_used},
    // --- what is answered, and how ---
    CheckRow{"CARDEA-RESPONSE-001", rfc6749("3.1.1"), response_type_present},
    CheckRow{"CARDEA-RESPONSE-002", rfc6749("3.1.1"), response_type_supported},
    CheckRow{"CARDEA-RESPONSE-003", oidc_registration("2"), response_type_registered},
    CheckRow{"CARDEA-RESPONSE-004", multiple_response_types("2.1"), response_mode_supported},
    CheckRow{"CARDEA-RESPONSE-005", rfc9700("4.1"), response_mode_allowed},
    CheckRow{"CARDEA-RESPONSE-006", multiple_response_types("5"), response_mode_fits_type},
    CheckRow{"CARDEA-RESPONSE-007", rfc6749("4.1.2.1"), code_grant_registered},
    // --- proof key ---
    CheckRow{"CARDEA-PKCE-001", rfc9700("2.1.1"), challenge_present},
    CheckRow{"CARDEA-PKCE-002", rfc7636("4.3"), challenge_method_s256},
    CheckRow{"CARDEA-PKCE-003", rfc7636("4.2"), challenge_well_formed},
    CheckRow{"CARDEA-PKCE-004", rfc7636("4.1"), challenge_not_of_nothing},
    CheckRow{"CARDEA-DPOP-005", rfc9449("10"), dpop_jkt_well_formed},
    // --- access ---
    well_formed,
    registered,
    acceptable,
    CheckRow{"CARDEA-DETAILS-001", rfc9396("5"), details_acceptable},
    // --- OpenID Connect ---
    CheckRow{"CARDEA-OPENID-001", oidc_core("3.2.2.1"), openid_for_id_token},
    CheckRow{"CARDEA-OPENID-002", oidc_core("3.1.2.1"), nonce_fits},
    CheckRow{"CARDEA-OPENID-003", oidc_core("3.2.2.1"), nonce_present},
    CheckRow{"CARDEA-OPENID-004", oidc_core("3.1.2.1"), prompt_known},
    CheckRow{"CARDEA-OPENID-005", oidc_core("3.1.2.1"), prompt_consistent},
    CheckRow{"CARDEA-OPENID-006", oidc_core("3.1.2.1"), max_age_readable},
    CheckRow{"CARDEA-OPENID-007", oidc_core("5.5"), claims_readable},
    CheckRow{"CARDEA-OPENID-008", oidc_core("3.1.2.1"), hint_genuine},
};

}  // namespace

std::span<const CheckRow> check_table() {
  return table;
}

std::span<const CheckRow> polled_check_table() {
  return polled_table;
}

std::optional<Objection> apply_check_table(Exchange& exchange, std::span<const CheckRow> rows,
                                           const CheckInput& input) {
  for (const CheckRow& row : rows) {
    Finding found = row.check(input);
    switch (found.verdict) {
      case CheckNote::Verdict::passed:
        exchange.pass(row.rule, row.spec, found.seen, found.text);
        break;
      case CheckNote::Verdict::warned:
        exchange.warn(row.rule, row.spec, found.text, found.fix);
        break;
      case CheckNote::Verdict::refused:
        return Objection{{found.code, found.exact_rule.empty() ? row.rule : found.exact_rule,
                          row.spec, found.description, std::move(found.text)},
                         std::move(found.fix)};
    }
  }
  return std::nullopt;
}

}  // namespace cardea
