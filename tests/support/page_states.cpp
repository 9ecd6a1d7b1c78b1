// Sample views; names in the page's own language, addresses as clients really have them.
#include "support/page_states.h"

#include "base/result.h"
#include "server/second_factor/qr_code.h"

namespace cardea::test_pages {
namespace {

struct Samples {
  std::string app;
  std::string person;
  std::string resource_scope;
};

Samples samples_for(Locale locale) {
  if (locale == Locale::ar) return {"تقويم العائلة", "ليلى حداد", "قراءة مواعيدك"};
  return {"Calendar", "Alice Example", "Read your appointments"};
}

ClientView client(const Samples& samples, bool development) {
  return {samples.app, development ? "localhost:3000" : "calendar.example", development};
}

class Collector {
 public:
  Collector(const Pages& pages, Locale locale)
      : pages_(pages), samples_(samples_for(locale)), frame_{locale, "q3vX0aJwS1uYb7mTzK9d2g"} {}

  std::vector<PageState> collect() {
    sign_in();
    second_factor();
    choose_and_consent();
    devices();
    ends();
    leaving();
    passwords();
    account();
    return std::move(states_);
  }

 private:
  void add(std::string name, http::Response response) {
    const auto page = name.substr(0, name.find('.'));
    states_.push_back({std::move(name), page + ".title", std::move(response)});
  }

  SignInView sign_in_view() const {
    SignInView view{.client = client(samples_, false),
                    .action = "/interaction/mLr0W5oTtqJ8K2bN/sign-in",
                    .csrf = "bXk2bGZ0c2R4Y3Z2YmRmZ2hqa2xtbm9wcXJzdHV2d3g"};
    view.open_for = minutes(30);
    view.forgot_password_text = "Ask the service desk, telephone 1234, for a link.";
    return view;
  }

  void sign_in() {
    auto view = sign_in_view();
    add("sign_in", pages_.sign_in(frame_, view));
    view.login = "alice";
    view.reason = SignInView::Reason::again;
    add("sign_in.again", pages_.sign_in(frame_, view));
    view.reason = SignInView::Reason::other_account;
    add("sign_in.other_account", pages_.sign_in(frame_, view));
    view.reason = SignInView::Reason::first;
    view.problem = SignInView::Problem::bad_credentials;
    add("sign_in.bad_credentials", pages_.sign_in(frame_, view));
    view.problem = SignInView::Problem::wait;
    view.wait = minutes(12);
    add("sign_in.wait", pages_.sign_in(frame_, view));
    view.problem = SignInView::Problem::busy;
    add("sign_in.busy", pages_.sign_in(frame_, view));
    view = sign_in_view();
    view.client = client(samples_, true);
    view.picker = {"alice", "bob", "admin"};
    view.forgot_password_text = "";
    add("sign_in.picker", pages_.sign_in(frame_, view));
    view = sign_in_view();
    view.client = {};
    view.can_cancel = false;
    view.open_for = {};
    add("sign_in.account", pages_.sign_in(frame_, view));
  }

  void second_factor() {
    SecondFactorView view{.client = client(samples_, false),
                          .page = "/interaction/mLr0W5oTtqJ8K2bN/second-factor",
                          .csrf = "bXk2bGZ0c2R4Y3Z2YmRmZ2hqa2xtbm9wcXJzdHV2d3g",
                          .account_name = samples_.person,
                          .account_login = "alice@example.com"};
    view.sign_in = "/interaction/mLr0W5oTtqJ8K2bN/sign-in";
    view.open_for = minutes(29);
    add("second_factor", pages_.second_factor(frame_, view));
    view.problem = CodeProblem::wrong_code;
    add("second_factor.wrong_code", pages_.second_factor(frame_, view));
    view.problem = CodeProblem::used_code;
    view.ask = SecondFactorView::Ask::recovery_code;
    add("second_factor.recovery_code", pages_.second_factor(frame_, view));
    view.problem = CodeProblem::wait;
    view.wait = minutes(12);
    add("second_factor.wait", pages_.second_factor(frame_, view));
    view.problem = CodeProblem::too_many;
    add("second_factor.too_many", pages_.second_factor(frame_, view));
    enrolment();
    RecoveryCodesView codes{.codes = {}, .continue_to = "/account"};
    for (int i = 0; i < 10; ++i) codes.codes.push_back("k7qm-x2vp-9dt" + std::to_string(i));
    add("recovery_codes", pages_.recovery_codes(frame_, codes));
    FactorView factor{.csrf = view.csrf,
                      .login = "alice@example.com",
                      .since = "2026-11-22",
                      .recovery_codes_left = 9};
    add("factor", pages_.factor(frame_, factor));
    factor.problem = FactorView::Problem::wrong_password;
    factor.recovery_codes_left = 1;
    add("factor.wrong_password", pages_.factor(frame_, factor));
  }

  void enrolment() {
    const auto code = draw_qr_code(
        "otpauth://totp/Cardea:alice%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        "&issuer=Cardea");
    EnrolFactorView view{.client = client(samples_, false),
                         .action = "/interaction/mLr0W5oTtqJ8K2bN/add-factor",
                         .csrf = "bXk2bGZ0c2R4Y3Z2YmRmZ2hqa2xtbm9wcXJzdHV2d3g",
                         .enrolment = "AbCd.bXk2bGZ0c2R4Y3Z2YmRmZ2hqa2xtbm9wcXJzdHV2d3g",
                         .account_name = samples_.person,
                         .account_login = "alice@example.com"};
    view.qr_side = code.side;
    view.qr_path = code.path;
    view.app_address = "otpauth://totp/Cardea:alice?secret=GEZDGNBVGY3TQOJQ&issuer=Cardea";
    view.secret = "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ";
    view.can_decline = true;
    view.open_for = minutes(30);
    add("enrol_factor", pages_.enrol_factor(frame_, view));
    view.problem = EnrolFactorView::Problem::wrong_code;
    add("enrol_factor.wrong_code", pages_.enrol_factor(frame_, view));
    view.client = {};
    view.action = "/account/factor";
    view.can_cancel = view.can_decline = false;
    view.asks_password = true;
    view.open_for = {};
    view.problem = EnrolFactorView::Problem::none;
    add("enrol_factor.account", pages_.enrol_factor(frame_, view));
    view.problem = EnrolFactorView::Problem::wrong_password;
    add("enrol_factor.wrong_password", pages_.enrol_factor(frame_, view));
  }

  ConsentView consent_view() const {
    ConsentView view{.client = client(samples_, false),
                     .action = "/interaction/mLr0W5oTtqJ8K2bN/consent",
                     .csrf = "bXk2bGZ0c2R4Y3Z2YmRmZ2hqa2xtbm9wcXJzdHV2d3g",
                     .account_name = samples_.person,
                     .account_login = "alice@example.com"};
    const auto standard = standard_scopes();
    const auto row = [&](const char* scope, std::string value) {
      return ScopeView{standard.at(scope).title, standard.at(scope).description, std::move(value)};
    };
    view.scopes = {row("profile", samples_.person),
                   row("email", "alice@example.com"),
                   {samples_.resource_scope, "", ""}};
    view.lifetime = days(90);
    view.open_for = minutes(28);
    return view;
  }

  void choose_and_consent() {
    add("choose_account",
        pages_.choose_account(frame_,
                              {client(samples_, false),
                               "/interaction/mLr0W5oTtqJ8K2bN/choose",
                               "bXk2bGZ0c2R4Y3Z2YmRmZ2hqa2xtbm9wcXJzdHV2d3g",
                               {{"s1", samples_.person, "alice@example.com"}, {"s2", "bob", "bob"}},
                               minutes(11)}));
    auto view = consent_view();
    add("consent", pages_.consent(frame_, view));
    view.offline_access = true;
    view.asked_before = true;
    view.resources = {"https://api.example/calendar"};
    view.scopes.push_back({"invoices.write_all", "", "", false});
    add("consent.more", pages_.consent(frame_, view));
    view = consent_view();
    view.details = {
        {"Make a payment",
         {{"amount.value", "12.50"}, {"amount.currency", "EUR"}, {"to", "Bob's shop"}}}};
    add("consent.details", pages_.consent(frame_, view));
    view = consent_view();
    view.client = client(samples_, true);
    add("consent.development", pages_.consent(frame_, view));
    view.scopes.clear();
    add("consent.identity_only", pages_.consent(frame_, view));
  }

  void devices() {
    DeviceView view{.action = "/device",
                    .csrf = "bXk2bGZ0c2R4Y3Z2YmRmZ2hqa2xtbm9wcXJzdHV2d3g",
                    .user_code = ""};
    add("device", pages_.device(frame_, view));
    view.user_code = "WDJB-MJHT";
    add("device.prefilled", pages_.device(frame_, view));
    using Problem = DeviceView::Problem;
    view.problem = Problem::unknown;
    add("device.unknown", pages_.device(frame_, view));
    view.problem = Problem::wait;
    view.wait = minutes(12);
    add("device.wait", pages_.device(frame_, view));
    view.problem = Problem::busy;
    add("device.busy", pages_.device(frame_, view));
    auto consent = consent_view();
    consent.client.redirect_host = "";
    consent.device = {"WDJB-MJHT", "2001:db8:85a3::8a2e:370:7334", "2026-11-22 10:15 UTC"};
    add("consent.device", pages_.consent(frame_, consent));
    auto sign_in = sign_in_view();
    sign_in.client.redirect_host = "";
    add("sign_in.device", pages_.sign_in(frame_, sign_in));
    add("device_done.approved", pages_.device_done(frame_, {true}));
    add("device_done.denied", pages_.device_done(frame_, {false}));
  }

  void ends() {
    ErrorView error{.status = 400,
                    .code = "invalid_request",
                    .description = "The redirect_uri is not registered for this client.",
                    .rule = "CARDEA-REDIRECT-017"};
    add("error", pages_.error(frame_, error));
    error.explanation =
        "redirect_uri \"http://localhost:3000/callback/\" is not one of the 2 registered: "
        "\"http://localhost:3000/callback\", \"http://localhost:3000/silent\".";
    error.fix = "Register the address as the app sends it, or remove the last slash in the app.";
    add("error.developer", pages_.error(frame_, error));
    add("error.ours", pages_.error(frame_, {.status = 503, .code = "temporarily_unavailable"}));
    add("logout", pages_.logout(frame_, {"/interaction/k/logout", "csrf", samples_.app,
                                         samples_.person, minutes(30)}));
    add("logout.plain",
        pages_.logout(frame_, {"/interaction/k/logout", "csrf", "", "", minutes(1)}));
    add("signed_out", pages_.signed_out(frame_, {}));
    const std::vector<std::string> frames{"https://calendar.example/out?iss=x&sid=y",
                                          "https://mail.example:8443/out"};
    add("signed_out_apps", pages_.signed_out_apps(frame_, {frames, ""}));
    add("signed_out_apps.back",
        pages_.signed_out_apps(frame_, {frames, "https://calendar.example/bye?state=a%26b"}));
    using Why = InteractionGoneView::Why;
    add("interaction_gone.expired", pages_.interaction_gone(frame_, {Why::expired}));
    add("interaction_gone.finished", pages_.interaction_gone(frame_, {Why::finished}));
    add("interaction_gone.other_browser", pages_.interaction_gone(frame_, {Why::other_browser}));
    add("form_post", pages_.form_post(frame_, {"https://calendar.example/cb",
                                               {{"code", "abc"}, {"state", "xyz"}}}));
  }

  void leaving() {
    LeaveView view{.host = "tool.example",
                   .code = "invalid_scope",
                   .redirect_uri = "https://tool.example/cb?error=invalid_scope&state=xyz",
                   .fields = {}};
    add("leave", pages_.leave(frame_, view));
    view.redirect_uri = "https://tool.example/cb";
    view.fields = {{"error", "invalid_scope"}, {"state", "xyz"}};
    add("leave.form", pages_.leave(frame_, view));
    auto consent = consent_view();
    consent.client.registered_itself = true;
    consent.client.document_host = "tool.example";
    add("consent.unverified", pages_.consent(frame_, consent));
  }

  void passwords() {
    SetPasswordView view{"/link/token", "csrf", "alice"};
    add("set_password", pages_.set_password(frame_, view));
    using Problem = SetPasswordView::Problem;
    const std::pair<const char*, Problem> problems[] = {
        {"too_short", Problem::too_short}, {"too_long", Problem::too_long},
        {"too_weak", Problem::too_weak},   {"mismatch", Problem::mismatch},
        {"busy", Problem::busy},           {"link_gone", Problem::link_gone}};
    for (const auto& [name, problem] : problems) {
      view.problem = problem;
      add(std::string("set_password.") + name, pages_.set_password(frame_, view));
    }
    add("password_set", pages_.password_set(frame_, {}));
  }

  AccountView account_view() const {
    AccountView view{.name = samples_.person, .login = "alice@example.com", .csrf = "csrf"};
    const auto standard = standard_scopes();
    view.apps = {{"web",
                  samples_.app,
                  {standard.at("profile").title, standard.at("email").title},
                  "2026-11-22"},
                 {"cli", "Backup tool", {standard.at("offline_access").title}, "2026-10-02"}};
    view.sessions = {
        {"s1", "Firefox on Linux, 192.0.2.7", "2026-11-22 10:15 UTC", "2026-11-22 11:40 UTC", true},
        {"s2", "", "2026-11-20 08:01 UTC", "2026-11-21 19:12 UTC", false}};
    return view;
  }

  void account() {
    auto view = account_view();
    add("account", pages_.account(frame_, view));
    using Notice = AccountView::Notice;
    const std::pair<const char*, Notice> notices[] = {
        {"withdrawn", Notice::withdrawn},
        {"session_ended", Notice::session_ended},
        {"all_ended", Notice::all_ended},
        {"password_changed", Notice::password_changed},
        {"request_allowed", Notice::request_allowed},
        {"request_denied", Notice::request_denied},
        {"request_over", Notice::request_over}};
    for (const auto& [name, notice] : notices) {
      view.notice = notice;
      add(std::string("account.") + name, pages_.account(frame_, view));
    }
    view = account_view();
    view.wait = minutes(1);
    using Problem = AccountView::Problem;
    const std::pair<const char*, Problem> problems[] = {{"wrong_password", Problem::wrong_password},
                                                        {"too_short", Problem::too_short},
                                                        {"too_long", Problem::too_long},
                                                        {"too_weak", Problem::too_weak},
                                                        {"mismatch", Problem::mismatch},
                                                        {"wait", Problem::wait},
                                                        {"busy", Problem::busy}};
    for (const auto& [name, problem] : problems) {
      view.problem = problem;
      add(std::string("account.") + name, pages_.account(frame_, view));
    }
    view = account_view();
    view.apps.clear();
    view.sessions.resize(1);
    add("account.no_apps", pages_.account(frame_, view));
    view = account_view();
    const auto standard = standard_scopes();
    view.asking = {{.request_id = "r1",
                    .client_name = samples_.app,
                    .binding_message = "W4SCT",
                    .scopes = {standard.at("profile").title, standard.at("email").title},
                    .resources = {"https://api.example/calendar"},
                    .offline_access = true,
                    .since = "2026-11-22 10:15 UTC"},
                   {.request_id = "r2",
                    .client_name = "Service desk",
                    .binding_message = "",
                    .scopes = {standard.at("openid").title},
                    .resources = {},
                    .since = "2026-11-22 10:17 UTC"}};
    add("account.asking", pages_.account(frame_, view));
    view = account_view();
    view.others = {{"s3", "bob", "bob"}, {"s4", "Carol Example", "carol@example.com"}};
    add("account.others", pages_.account(frame_, view));
  }

  const Pages& pages_;
  Samples samples_;
  PageFrame frame_;
  std::vector<PageState> states_;
};

}  // namespace

Settings page_settings() {
  auto settings = with_issuer(Settings{}, "https://localhost:9443");
  ensure(settings.ok());
  return std::move(settings).value();
}

std::vector<PageState> page_states(const Pages& pages, Locale locale) {
  return Collector(pages, locale).collect();
}

}  // namespace cardea::test_pages
