// The pages about a person's own account: what is connected, where they are signed in, passwords.
#include "server/pages/display_text.h"
#include "server/pages/fill.h"

namespace cardea {
namespace {

std::string_view problem_key(SetPasswordView::Problem problem) {
  switch (problem) {
    case SetPasswordView::Problem::too_short:
      return "password.too_short";
    case SetPasswordView::Problem::too_long:
      return "password.too_long";
    case SetPasswordView::Problem::too_weak:
      return "password.too_weak";
    case SetPasswordView::Problem::mismatch:
      return "password.mismatch";
    case SetPasswordView::Problem::busy:
      return "sign_in.busy";
    case SetPasswordView::Problem::none:
    case SetPasswordView::Problem::link_gone:
      break;
  }
  return "";
}

std::string_view problem_key(AccountView::Problem problem) {
  switch (problem) {
    case AccountView::Problem::wrong_password:
      return "password.wrong";
    case AccountView::Problem::too_short:
      return "password.too_short";
    case AccountView::Problem::too_long:
      return "password.too_long";
    case AccountView::Problem::too_weak:
      return "password.too_weak";
    case AccountView::Problem::mismatch:
      return "password.mismatch";
    case AccountView::Problem::wait:
      return "account.wait";
    case AccountView::Problem::busy:
      return "sign_in.busy";
    case AccountView::Problem::none:
      break;
  }
  return "";
}

std::string_view notice_key(AccountView::Notice notice) {
  switch (notice) {
    case AccountView::Notice::withdrawn:
      return "account.withdrawn";
    case AccountView::Notice::session_ended:
      return "account.session_ended";
    case AccountView::Notice::all_ended:
      return "account.all_ended";
    case AccountView::Notice::password_changed:
      return "account.password_changed";
    case AccountView::Notice::request_allowed:
      return "account.request_allowed";
    case AccountView::Notice::request_denied:
      return "account.request_denied";
    case AccountView::Notice::request_over:
      return "account.request_over";
    case AccountView::Notice::request_needs_sign_in:
      return "account.request_needs_sign_in";
    case AccountView::Notice::request_needs_factor:
      return "account.request_needs_factor";
    case AccountView::Notice::factor_removed:
      return "account.factor_removed";
    case AccountView::Notice::none:
      break;
  }
  return "";
}

bool is_about_new_password(AccountView::Problem problem) {
  return problem == AccountView::Problem::too_short || problem == AccountView::Problem::too_long ||
         problem == AccountView::Problem::too_weak || problem == AccountView::Problem::mismatch;
}

void fill_asking(Slots slots, const FillContext& context, const AskingView& asking) {
  slots.exact("REQUEST_VALUE", asking.request_id);
  slots.text("CLIENT", asking.client_name);
  slots.text("ASKED_AT", asking.since);
  slots.show_if(asking.is_development, "DEVELOPMENT");
  slots.show_if(asking.is_unverified, "UNVERIFIED");
  slots.show_text("MESSAGE_SHOWN", "MESSAGE", asking.binding_message);
  for (const auto& scope : asking.scopes) {
    slots.repeat("SCOPE").text("TITLE", context.scope_text(scope));
  }
  for (const auto& resource : asking.resources) {
    slots.repeat("SCOPE").text("TITLE", resource);
  }
  slots.show(asking.offline_access ? "OFFLINE" : "ONLINE");
}

void fill_app(Slots slots, const FillContext& context, const ConnectedAppView& app) {
  slots.text("APP_NAME", app.name);
  slots.exact("CLIENT_ID", app.client_id);
  slots.text("SINCE", app.since);
  for (const auto& scope : app.scopes) {
    slots.repeat("SCOPE").text("TITLE", context.scope_text(scope));
  }
}

void fill_session(Slots slots, const FillContext& context, const SessionRowView& session) {
  slots.text("WHERE", session.where.empty() ? context.catalogue.text("account.unknown_browser")
                                            : session.where);
  slots.exact("SESSION_ID", session.session_id);
  slots.text("STARTED", session.started);
  slots.text("LAST_SEEN", session.last_seen);
  slots.show_if(session.current, "CURRENT");
}

}  // namespace

void fill(Slots& slots, const FillContext& context, const SetPasswordView& view) {
  if (view.problem == SetPasswordView::Problem::link_gone) return slots.show("GONE");
  slots.show("USABLE");
  slots.exact("ACTION", view.action);
  slots.exact("CSRF", view.csrf);
  slots.exact("LOGIN", view.login);
  const auto key = problem_key(view.problem);
  if (!key.empty()) slots.show_text("PROBLEM", "PROBLEM_TEXT", context.catalogue.text(key));
}

void fill(Slots&, const FillContext&, const PasswordSetView&) {}

void fill(Slots& slots, const FillContext& context, const AccountView& view) {
  const auto& texts = context.catalogue;
  slots.text("NAME", view.name);
  slots.text("LOGIN_SHOWN", view.login);
  slots.exact("LOGIN", view.login);
  slots.text("INITIAL", initial_of(view.name));
  slots.exact("CSRF", view.csrf);
  slots.show_if(!view.others.empty(), "HAS_OTHERS");
  for (const auto& other : view.others) fill(slots.repeat("CHOICE"), other);
  slots.show_if(!view.asking.empty(), "HAS_ASKING");
  for (const auto& each : view.asking) fill_asking(slots.repeat("ASKING"), context, each);
  slots.show(view.apps.empty() ? "NO_APPS" : "SOME_APPS");
  for (const auto& app : view.apps) fill_app(slots.repeat("APP"), context, app);
  for (const auto& session : view.sessions) {
    fill_session(slots.repeat("SESSION"), context, session);
  }
  slots.show_if(view.sessions.size() > 1, "SEVERAL_SESSIONS");
  slots.show(view.factor_since.empty() ? "NO_FACTOR" : "HAS_FACTOR");
  slots.text("SINCE", view.factor_since);
  slots.text("CODES_LEFT", texts.counted("factor.codes_left", view.recovery_codes_left));
  if (const auto key = notice_key(view.notice); !key.empty()) {
    slots.show_text("NOTICE", "NOTICE_TEXT", texts.text(key));
  }
  if (const auto key = problem_key(view.problem); !key.empty()) {
    slots.show_text("PROBLEM", "PROBLEM_TEXT",
                    fill_in(texts.text(key), "duration", texts.duration(view.wait)));
    slots.show_if(view.problem == AccountView::Problem::wrong_password, "WRONG_CURRENT");
    slots.show_if(is_about_new_password(view.problem), "WRONG_NEW");
  }
}

}  // namespace cardea
