// The pages of a sign-in journey: sign-in, account choice, consent, logout, errors, form_post.
#include "server/pages/display_text.h"
#include "server/pages/fill.h"

namespace cardea {
namespace {

void fill_client(Slots& slots, const ClientView& client) {
  slots.text("CLIENT", client.name);
  slots.show_text("HOST_KNOWN", "HOST", client.redirect_host);
  slots.show_if(client.development, "DEVELOPMENT");
  slots.show_if(client.registered_itself, "UNVERIFIED");
  slots.show_if(!client.document_host.empty(), "DOCUMENT");
  slots.text("DOCUMENT_HOST", client.document_host);
}

void fill_form(Slots& slots, std::string_view action, std::string_view csrf) {
  slots.exact("ACTION", action);
  slots.exact("CSRF", csrf);
}

void fill_open_for(Slots& slots, const FillContext& context, Seconds open_for) {
  slots.show_if(open_for.count > 0, "LIMITED");
  slots.text("OPEN_FOR", context.catalogue.duration(open_for));
}

std::string sign_in_problem(const Catalogue& texts, const SignInView& view) {
  if (view.problem == SignInView::Problem::wait) {
    return fill_in(texts.text("sign_in.wait"), "duration", texts.duration(view.wait));
  }
  return texts.text(view.problem == SignInView::Problem::busy ? "sign_in.busy"
                                                              : "sign_in.bad_credentials");
}

void fill_picker(Slots& slots, const std::vector<std::string>& logins) {
  if (logins.empty()) return;
  slots.show("PICKER");
  for (const auto& login : logins) {
    Slots pick = slots.repeat("PICK");
    pick.exact("LOGIN_VALUE", login);
    pick.text("LOGIN_SHOWN", login);
    pick.text("INITIAL", initial_of(login));
  }
}

}  // namespace

std::string_view FillContext::scope_text(std::string_view text) const {
  const auto key = scope_keys.find(text);
  return key == scope_keys.end() ? text : catalogue.text(key->second);
}

void fill(Slots& slots, const FillContext& context, const SignInView& view) {
  using Problem = SignInView::Problem;
  fill_client(slots, view.client);
  fill_form(slots, view.action, view.csrf);
  slots.show(view.client.name.empty() ? "FOR_ACCOUNT" : "FOR_CLIENT");
  slots.show_if(view.reason == SignInView::Reason::again, "AGAIN");
  slots.show_if(view.reason == SignInView::Reason::other_account, "OTHER_ACCOUNT");
  if (view.problem != Problem::none) {
    slots.show("PROBLEM");
    slots.show_if(view.problem == Problem::bad_credentials, "BAD_CREDENTIALS");
    slots.text("PROBLEM_TITLE", context.catalogue.text("sign_in.problem"));
    slots.text("PROBLEM_TEXT", sign_in_problem(context.catalogue, view));
  }
  fill_picker(slots, view.picker);
  slots.exact("LOGIN", view.login);
  slots.show_if(view.can_cancel, "CANCEL");
  slots.show_text("FORGOT", "FORGOT_TEXT", view.forgot_password_text);
  fill_open_for(slots, context, view.open_for);
}

void fill(Slots slots, const AccountChoice& account) {
  slots.exact("SESSION", account.session_id);
  slots.text("NAME", account.name);
  slots.text("LOGIN_SHOWN", account.login);
  slots.text("INITIAL", initial_of(account.name));
}

void fill(Slots& slots, const FillContext& context, const ChooseAccountView& view) {
  fill_client(slots, view.client);
  fill_open_for(slots, context, view.open_for);
  fill_form(slots, view.action, view.csrf);
  for (const auto& account : view.accounts) {
    fill(slots.repeat("CHOICE"), account);
  }
}

void fill(Slots& slots, const FillContext& context, const ConsentView& view) {
  fill_client(slots, view.client);
  fill_form(slots, view.action, view.csrf);
  slots.show(view.asked_before ? "MORE" : "FIRST");
  slots.text("ACCOUNT_NAME", view.account_name);
  slots.text("ACCOUNT_LOGIN", view.account_login);
  slots.text("INITIAL", initial_of(view.account_name));
  if (!view.device.user_code.empty()) {
    slots.show("DEVICE");
    slots.text("USER_CODE", view.device.user_code);
    slots.text("ADDRESS", view.device.address);
    slots.text("ASKED_AT", view.device.asked_at);
  }
  slots.show_if(!view.scopes.empty(), "HAS_SCOPES");
  for (const auto& scope : view.scopes) {
    Slots row = slots.repeat("SCOPE");
    row.text("TITLE", context.scope_text(scope.title));
    row.show_text("VALUE_SHOWN", "VALUE", scope.value);
    row.show_text("DESCRIPTION_SHOWN", "DESCRIPTION", context.scope_text(scope.description));
    row.show_if(!scope.known, "UNKNOWN");
  }
  slots.show_if(!view.details.empty(), "HAS_DETAILS");
  for (const auto& detail : view.details) {
    Slots row = slots.repeat("DETAIL");
    row.text("DETAIL_TITLE", detail.title);
    for (const auto& [name, value] : detail.facts) {
      Slots fact = row.repeat("FACT");
      fact.text("FACT_NAME", name);
      fact.text("FACT_VALUE", value);
    }
  }
  slots.show_if(!view.resources.empty(), "HAS_RESOURCES");
  for (const auto& resource : view.resources) {
    slots.repeat("RESOURCE").text("RESOURCE_NAME", resource);
  }
  slots.show(view.offline_access ? "OFFLINE" : "ONLINE");
  slots.text("DURATION", context.catalogue.duration(view.lifetime));
  fill_open_for(slots, context, view.open_for);
}

void fill(Slots& slots, const FillContext& context, const DeviceView& view) {
  using Problem = DeviceView::Problem;
  const auto& texts = context.catalogue;
  fill_form(slots, view.action, view.csrf);
  slots.exact("USER_CODE", view.user_code);
  switch (view.problem) {
    case Problem::none:
      break;
    case Problem::unknown:
      slots.show("UNKNOWN");
      slots.show_text("PROBLEM", "PROBLEM_TEXT", texts.text("device.unknown"));
      break;
    case Problem::wait:
      slots.show_text("PROBLEM", "PROBLEM_TEXT",
                      fill_in(texts.text("device.wait"), "duration", texts.duration(view.wait)));
      break;
    case Problem::busy:
      slots.show_text("PROBLEM", "PROBLEM_TEXT", texts.text("sign_in.busy"));
      break;
  }
}

void fill(Slots& slots, const FillContext&, const DeviceDoneView& view) {
  slots.show(view.approved ? "APPROVED" : "DENIED");
}

void fill(Slots& slots, const FillContext&, const ErrorView& view) {
  slots.show(view.status >= 500 ? "OURS" : "THEIRS");
  slots.text("CODE", view.code);
  slots.show_text("DESCRIBED", "DESCRIPTION", view.description);
  slots.show_text("RULED", "RULE", view.rule);
  slots.show_if(!view.explanation.empty() || !view.fix.empty(), "DEVELOPER");
  slots.show_text("EXPLAINED", "EXPLANATION", view.explanation);
  slots.show_text("FIXED", "FIX", view.fix);
}

void fill(Slots& slots, const FillContext& context, const LogoutView& view) {
  fill_open_for(slots, context, view.open_for);
  fill_form(slots, view.action, view.csrf);
  slots.show(view.client_name.empty() ? "CLIENT_UNKNOWN" : "CLIENT_KNOWN");
  slots.text("CLIENT", view.client_name);
  slots.show_text("ACCOUNT_KNOWN", "ACCOUNT", view.account_name);
}

void fill(Slots&, const FillContext&, const SignedOutView&) {}

void fill(Slots& slots, const FillContext&, const SignedOutAppsView& view) {
  slots.show(view.go_on.empty() ? "STAYS" : "GOES_ON");
  slots.exact("GO_ON", view.go_on);
  for (const auto& address : view.frames) slots.repeat("FRAME").exact("ADDRESS", address);
}

void fill(Slots& slots, const FillContext&, const InteractionGoneView& view) {
  switch (view.why) {
    case InteractionGoneView::Why::expired:
      slots.show("EXPIRED");
      break;
    case InteractionGoneView::Why::finished:
      slots.show("FINISHED");
      break;
    case InteractionGoneView::Why::other_browser:
      slots.show("OTHER_BROWSER");
      break;
  }
}

void fill(Slots& slots, const FillContext&, const LeaveView& view) {
  slots.text("HOST", view.host);
  slots.text("CODE", view.code);
  Slots way = slots.repeat(view.fields.empty() ? "BY_LINK" : "BY_FORM");
  way.exact("REDIRECT_URI", view.redirect_uri);
  for (const auto& [name, value] : view.fields) {
    Slots field = way.repeat("FIELD");
    field.exact("FIELD_NAME", name);
    field.exact("FIELD_VALUE", value);
  }
}

void fill(Slots& slots, const FillContext&, const FormPostView& view) {
  slots.exact("REDIRECT_URI", view.redirect_uri);
  for (const auto& [name, value] : view.fields) {
    Slots field = slots.repeat("FIELD");
    field.exact("FIELD_NAME", name);
    field.exact("FIELD_VALUE", value);
  }
}

}  // namespace cardea
