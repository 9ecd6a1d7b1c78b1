// Putting it together: frame, view, template, headers. Assets are addressed by their content, so
// they may be kept for ever.
#include "server/pages/pages.h"

#include "base/url.h"
#include "server/pages/embedded.h"
#include "server/pages/fill.h"
#include "server/pages/page_headers.h"
#include "server/pages/templates.h"

namespace cardea {
namespace {

// "css/cardea.css" -> "cardea.css"; what lies in other folders of web/ is no asset.
std::string_view asset_name(std::string_view path) {
  for (const std::string_view folder : {"css/", "images/", "scripts/"}) {
    if (path.starts_with(folder)) return path.substr(folder.size());
  }
  return "";
}

// "/assets/cardea.0123456789ab.css"
std::string asset_path(const EmbeddedFile& file) {
  const auto name = asset_name(file.path);
  const auto dot = name.rfind('.');
  return "/assets/" + std::string(name.substr(0, dot)) + "." + std::string(file.hash) +
         std::string(name.substr(dot));
}

std::string_view media_type(std::string_view name) {
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  return "image/svg+xml";
}

PagePlaces places_of(const Settings& settings) {
  PagePlaces places{settings.issuer_path, {}};
  for (const auto& file : embedded_files()) {
    const auto name = asset_name(file.path);
    if (!name.empty()) places.assets[std::string(name)] = settings.issuer_path + asset_path(file);
  }
  return places;
}

std::map<std::string, std::string, std::less<>> scope_keys() {
  std::map<std::string, std::string, std::less<>> keys;
  for (const auto& [name, standard] : standard_scopes()) {
    keys[standard.title] = "scope." + name;
    if (!standard.description.empty()) {
      keys[standard.description] = "scope." + name + ".description";
    }
  }
  return keys;
}

void set_wait(http::Response& response, Seconds wait) {
  response.status = 429;
  response.headers.set("Retry-After", std::to_string(std::max<std::int64_t>(1, wait.count)));
}

void set_busy(http::Response& response) {
  response.status = 503;
  response.headers.set("Retry-After", "2");
}

// The status of a page with a form that was not accepted, by its view's problem.
template <class Problem>
void set_problem_status(http::Response& response, Problem problem, Seconds wait) {
  if (problem == Problem::wait) return set_wait(response, wait);
  if (problem == Problem::busy) return set_busy(response);
  if (problem != Problem::none) response.status = 422;
}

}  // namespace

struct Pages::Impl {
  explicit Impl(const Settings& given) : settings(given), templates(places_of(given)) {
    const auto parts = url::parse(settings.issuer);
    issuer_host = parts ? parts->host : settings.issuer;
    if (parts && parts->port) issuer_host += ":" + std::to_string(*parts->port);
    for (const auto& file : embedded_files()) {
      if (!asset_name(file.path).empty()) assets[asset_path(file)] = &file;
    }
  }

  template <class View>
  http::Response render(std::string_view page, FormEnd form_end, const PageFrame& frame,
                        const View& view) const {
    ctemplate::TemplateDictionary values("page");
    Slots slots(values);
    slots.text("OPERATOR", settings.operator_name);
    slots.text("ISSUER", issuer_host);
    slots.text("REQUEST_ID", frame.request_id);
    slots.text("REQUEST", frame.request_id);
    fill(slots, FillContext{templates.catalogue(frame.locale), standard_scope_keys}, view);
    return {200, page_headers(settings, frame.locale, form_end),
            templates.render(page, frame.locale, values)};
  }

  const Settings settings;
  const Templates templates;
  const std::map<std::string, std::string, std::less<>> standard_scope_keys = scope_keys();
  std::string issuer_host;
  std::map<std::string, const EmbeddedFile*, std::less<>> assets;
};

Pages::Pages(const Settings& settings) : impl_(std::make_unique<Impl>(settings)) {}
Pages::~Pages() = default;

http::Response Pages::sign_in(const PageFrame& frame, const SignInView& view) const {
  // The account page's own sign-in never leaves this origin.
  const auto form_end = view.client.name.empty() ? FormEnd::here : FormEnd::at_client;
  auto response = impl_->render("sign_in", form_end, frame, view);
  if (view.problem == SignInView::Problem::wait) set_wait(response, view.wait);
  if (view.problem == SignInView::Problem::busy) set_busy(response);
  return response;
}

http::Response Pages::second_factor(const PageFrame& frame, const SecondFactorView& view) const {
  const auto form_end = view.client.name.empty() ? FormEnd::here : FormEnd::at_client;
  auto response = impl_->render("second_factor", form_end, frame, view);
  if (view.problem == CodeProblem::wait) set_wait(response, view.wait);
  if (view.problem == CodeProblem::busy) set_busy(response);
  if (view.problem == CodeProblem::too_many) response.status = 429;
  return response;
}

http::Response Pages::enrol_factor(const PageFrame& frame, const EnrolFactorView& view) const {
  const auto form_end = view.client.name.empty() ? FormEnd::here : FormEnd::at_client;
  auto response = impl_->render("enrol_factor", form_end, frame, view);
  set_problem_status(response, view.problem, view.wait);
  return response;
}

http::Response Pages::recovery_codes(const PageFrame& frame, const RecoveryCodesView& view) const {
  return impl_->render("recovery_codes", FormEnd::no_form, frame, view);
}

http::Response Pages::factor(const PageFrame& frame, const FactorView& view) const {
  auto response = impl_->render("factor", FormEnd::here, frame, view);
  set_problem_status(response, view.problem, view.wait);
  return response;
}

http::Response Pages::choose_account(const PageFrame& frame, const ChooseAccountView& view) const {
  return impl_->render("choose_account", FormEnd::at_client, frame, view);
}

http::Response Pages::consent(const PageFrame& frame, const ConsentView& view) const {
  return impl_->render("consent", FormEnd::at_client, frame, view);
}

http::Response Pages::device(const PageFrame& frame, const DeviceView& view) const {
  auto response = impl_->render("device", FormEnd::here, frame, view);
  if (view.problem == DeviceView::Problem::wait) {
    response.status = 429;
    response.headers.set("Retry-After", std::to_string(std::max<std::int64_t>(1, view.wait.count)));
  } else if (view.problem == DeviceView::Problem::busy) {
    response.status = 503;
    response.headers.set("Retry-After", "2");
  }
  return response;
}

http::Response Pages::device_done(const PageFrame& frame, const DeviceDoneView& view) const {
  return impl_->render("device_done", FormEnd::no_form, frame, view);
}

http::Response Pages::error(const PageFrame& frame, const ErrorView& view) const {
  auto response = impl_->render("error", FormEnd::no_form, frame, view);
  response.status = view.status;
  return response;
}

http::Response Pages::logout(const PageFrame& frame, const LogoutView& view) const {
  return impl_->render("logout", FormEnd::at_client, frame, view);
}

http::Response Pages::signed_out(const PageFrame& frame, const SignedOutView& view) const {
  return impl_->render("signed_out", FormEnd::no_form, frame, view);
}

http::Response Pages::signed_out_apps(const PageFrame& frame, const SignedOutAppsView& view) const {
  auto response = impl_->render("signed_out_apps", FormEnd::no_form, frame, view);
  response.headers.set("Content-Security-Policy", framing_policy(view.frames));
  return response;
}

http::Response Pages::interaction_gone(const PageFrame& frame,
                                       const InteractionGoneView& view) const {
  auto response = impl_->render("interaction_gone", FormEnd::no_form, frame, view);
  response.status = 410;
  return response;
}

http::Response Pages::form_post(const PageFrame& frame, const FormPostView& view) const {
  return impl_->render("form_post", FormEnd::at_client_by_script, frame, view);
}

http::Response Pages::leave(const PageFrame& frame, const LeaveView& view) const {
  auto response = impl_->render("leave", FormEnd::at_client, frame, view);
  response.status = 400;
  return response;
}

http::Response Pages::set_password(const PageFrame& frame, const SetPasswordView& view) const {
  using Problem = SetPasswordView::Problem;
  auto response = impl_->render("set_password", FormEnd::here, frame, view);
  if (view.problem == Problem::link_gone) {
    response.status = 410;
  } else if (view.problem == Problem::busy) {
    set_busy(response);
  } else if (view.problem != Problem::none) {
    response.status = 422;
  }
  return response;
}

http::Response Pages::password_set(const PageFrame& frame, const PasswordSetView& view) const {
  return impl_->render("password_set", FormEnd::no_form, frame, view);
}

http::Response Pages::account(const PageFrame& frame, const AccountView& view) const {
  auto response = impl_->render("account", FormEnd::here, frame, view);
  set_problem_status(response, view.problem, view.wait);
  return response;
}

http::Response Pages::check_session() const {
  const Settings& settings = impl_->settings;
  // The name is made of letters, digits, '-' and '_'; the address of a plain path and a hash.
  const std::string head =
      "<meta charset=\"utf-8\"><title>Session</title>"
      "<meta name=\"browser-state-cookie\" content=\"" +
      settings.browser_state_cookie_name + "\"><script src=\"" +
      places_of(settings).assets.at("check_session.js") + "\" defer></script>";
  return {200, frame_headers(settings),
          "<!doctype html>\n<html lang=\"en\"><head>" + head + "</head><body></body></html>\n"};
}

http::Response Pages::asset(std::string_view path) const {
  const auto found = impl_->assets.find(path);
  if (found == impl_->assets.end()) {
    return {404,
            {{"Content-Type", "text/plain; charset=utf-8"}, {"Cache-Control", "no-store"}},
            "Not found\n"};
  }
  http::Headers headers{{"Content-Type", std::string(media_type(found->second->path))},
                        {"Cache-Control", "public, max-age=31536000, immutable"},
                        {"X-Content-Type-Options", "nosniff"},
                        {"Cross-Origin-Resource-Policy", "same-origin"},
                        {"Content-Security-Policy", inert_policy}};
  if (sends_hsts(impl_->settings)) {
    headers.add("Strict-Transport-Security", hsts_value);
  }
  return {200, std::move(headers), std::string(found->second->content)};
}

}  // namespace cardea
