// The pages of the second factor: asking for it, adding it, its recovery codes, removing it.
#include "server/pages/display_text.h"
#include "server/pages/fill.h"

namespace cardea {
namespace {

void fill_account(Slots& slots, std::string_view name, std::string_view login) {
  slots.text("NAME", name);
  slots.text("LOGIN_SHOWN", login);
  slots.exact("LOGIN", login);
  slots.text("INITIAL", initial_of(name));
}

void fill_client(Slots& slots, const ClientView& client) {
  slots.show(client.name.empty() ? "FOR_ACCOUNT" : "FOR_CLIENT");
  slots.text("CLIENT", client.name);
  slots.text("HOST", client.redirect_host);
  slots.show_if(client.development, "DEVELOPMENT");
}

void fill_open_for(Slots& slots, const FillContext& context, Seconds open_for) {
  slots.show_if(open_for.count > 0, "LIMITED");
  slots.text("OPEN_FOR", context.catalogue.duration(open_for));
}

void show_problem(Slots& slots, const FillContext& context, std::string_view key, Seconds wait) {
  if (key.empty()) return;
  const auto& texts = context.catalogue;
  slots.show_text("PROBLEM", "PROBLEM_TEXT",
                  fill_in(texts.text(key), "duration", texts.duration(wait)));
}

std::string_view key_of(CodeProblem problem) {
  switch (problem) {
    case CodeProblem::wrong_code:
      return "second_factor.wrong_code";
    case CodeProblem::used_code:
      return "second_factor.used_code";
    case CodeProblem::wait:
      return "second_factor.wait";
    case CodeProblem::too_many:
      return "second_factor.too_many";
    case CodeProblem::busy:
      return "sign_in.busy";
    case CodeProblem::none:
      break;
  }
  return "";
}

std::string_view key_of(EnrolFactorView::Problem problem) {
  switch (problem) {
    case EnrolFactorView::Problem::wrong_code:
      return "second_factor.wrong_code";
    case EnrolFactorView::Problem::wrong_password:
      return "password.wrong";
    case EnrolFactorView::Problem::wait:
      return "account.wait";
    case EnrolFactorView::Problem::busy:
      return "sign_in.busy";
    case EnrolFactorView::Problem::expired:
      return "enrol_factor.expired";
    case EnrolFactorView::Problem::none:
      break;
  }
  return "";
}

std::string_view key_of(FactorView::Problem problem) {
  switch (problem) {
    case FactorView::Problem::wrong_password:
      return "password.wrong";
    case FactorView::Problem::wrong_code:
      return "second_factor.wrong_code";
    case FactorView::Problem::used_code:
      return "second_factor.used_code";
    case FactorView::Problem::wait:
      return "account.wait";
    case FactorView::Problem::busy:
      return "sign_in.busy";
    case FactorView::Problem::none:
      break;
  }
  return "";
}

}  // namespace

void fill(Slots& slots, const FillContext& context, const SecondFactorView& view) {
  fill_client(slots, view.client);
  fill_account(slots, view.account_name, view.account_login);
  slots.exact("PAGE", view.page);
  slots.exact("CSRF", view.csrf);
  slots.exact("SIGN_IN", view.sign_in);
  show_problem(slots, context, key_of(view.problem), view.wait);
  const bool is_over = view.problem == CodeProblem::wait || view.problem == CodeProblem::too_many;
  slots.show(is_over ? "OVER" : "FORM");
  slots.show(view.ask == SecondFactorView::Ask::app_code ? "ASK_APP" : "ASK_RECOVERY");
  slots.show_if(view.problem == CodeProblem::wrong_code || view.problem == CodeProblem::used_code,
                "WRONG");
  fill_open_for(slots, context, view.open_for);
}

void fill(Slots& slots, const FillContext& context, const EnrolFactorView& view) {
  fill_client(slots, view.client);
  fill_account(slots, view.account_name, view.account_login);
  slots.exact("ACTION", view.action);
  slots.exact("CSRF", view.csrf);
  slots.exact("ENROLMENT", view.enrolment);
  slots.exact("QR_SIDE", std::to_string(view.qr_side));
  slots.exact("QR_PATH", view.qr_path);
  slots.exact("APP_ADDRESS", view.app_address);
  slots.text("SECRET", view.secret);
  slots.show_if(view.asks_password, "ASKS_PASSWORD");
  slots.show_if(view.can_cancel, "CANCEL");
  slots.show_if(view.can_decline, "DECLINE");
  show_problem(slots, context, key_of(view.problem), view.wait);
  slots.show_if(view.problem == EnrolFactorView::Problem::wrong_code, "WRONG_CODE");
  slots.show_if(view.problem == EnrolFactorView::Problem::wrong_password, "WRONG_PASSWORD");
  fill_open_for(slots, context, view.open_for);
}

void fill(Slots& slots, const FillContext&, const RecoveryCodesView& view) {
  for (const auto& code : view.codes) slots.repeat("EACH").text("RECOVERY_CODE", code);
  slots.exact("CONTINUE_TO", view.continue_to);
}

void fill(Slots& slots, const FillContext& context, const FactorView& view) {
  slots.exact("CSRF", view.csrf);
  slots.exact("LOGIN", view.login);
  slots.text("SINCE", view.since);
  slots.text("CODES_LEFT",
             context.catalogue.counted("factor.codes_left", view.recovery_codes_left));
  show_problem(slots, context, key_of(view.problem), view.wait);
  slots.show_if(view.problem == FactorView::Problem::wrong_password, "WRONG_PASSWORD");
}

}  // namespace cardea
