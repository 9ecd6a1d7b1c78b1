// Every page in every state and language: its headers, its weight, its names (decision P5).
#include "server/pages/pages.h"

#include <gtest/gtest.h>
#include <algorithm>

#include "server/pages/embedded.h"
#include "server/pages/templates.h"
#include "support/html_reader.h"
#include "support/page_states.h"

namespace cardea::pages_test {

using test_pages::HtmlTag;
using test_pages::page_settings;
using test_pages::page_states;
using test_pages::PageState;
using test_pages::read_tags;
using test_pages::read_text;

std::vector<PageState> all_states() {
  const Pages pages(page_settings());
  auto states = page_states(pages, Locale::en);
  for (auto& state : page_states(pages, Locale::ar)) states.push_back(std::move(state));
  return states;
}

// "name=value#id type" of every button and named input.
std::vector<std::string> controls(const http::Response& page) {
  std::vector<std::string> found;
  for (const auto& tag : read_tags(page.body)) {
    if (!tag.attributes.contains("name") || tag.name == "meta") continue;
    const auto& attributes = tag.attributes;
    const auto id = attributes.contains("id") ? "#" + attributes.at("id") : "";
    found.push_back(tag.name + id + "." + attributes.at("name") +
                    (tag.name == "button" ? "=" + attributes.at("value") : ""));
  }
  return found;
}

bool has_control(const http::Response& page, std::string_view control) {
  const auto all = controls(page);
  return std::ranges::find(all, control) != all.end();
}

// 6749-27: no page of ours can be framed.
TEST(Rfc6749, S10_13_PagesCannotBeFramed) {
  for (const auto& state : all_states()) {
    EXPECT_EQ(state.response.headers.single("X-Frame-Options"), "DENY") << state.name;
    EXPECT_NE(
        state.response.headers.first("Content-Security-Policy").find("frame-ancestors 'none'"),
        std::string_view::npos)
        << state.name;
  }
}

// oidc-31: the one page that loads frames of others, and the link that goes on to one. 9700-02: the
// link of a page that leaves by a click.
bool leads_to_apps(const HtmlTag& tag) {
  const auto id = tag.attributes.find("id");
  return tag.name == "iframe" || (id != tag.attributes.end() && id->second == "continue");
}

// 6819-06: tokens and codes never travel in a Referer, and no page loads anything of others.
TEST(Rfc9700, S4_2_PagesSendNoReferrerAndLoadNothingOfOthers) {
  for (const auto& state : all_states()) {
    EXPECT_EQ(state.response.headers.single("Referrer-Policy"), "no-referrer") << state.name;
    for (const auto& tag : read_tags(state.response.body)) {
      for (const auto name : {"src", "href"}) {
        const auto found = tag.attributes.find(name);
        if (found == tag.attributes.end()) continue;
        const bool goes_on = state.name.starts_with("signed_out_apps") || state.name == "leave";
        if (goes_on && leads_to_apps(tag)) continue;
        // An authenticator app on this very device, opened when the person asks for it.
        if (tag.name == "a" && found->second.starts_with("otpauth://totp/")) continue;
        EXPECT_TRUE(found->second.starts_with("/") && !found->second.starts_with("//"))
            << state.name << " " << found->second;
      }
    }
  }
}

// asvs-3.4.3; asvs-3.4.8: one strict policy; form-action only where no POST can end at a client.
TEST(Pages, PolicyIsStrictAndSaysWhereFormsMayEnd) {
  const std::string strict =
      "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
      "frame-ancestors 'none'";
  for (const auto& state : all_states()) {
    const auto page = state.name.substr(0, state.name.find('.'));
    std::string expected = strict + "; form-action 'none'";
    const bool is_of_account = state.name == "sign_in.account" ||
                               state.name == "enrol_factor.account" ||
                               state.name == "enrol_factor.wrong_password";
    if (page == "account" || page == "set_password" || page == "device" || page == "factor" ||
        is_of_account) {
      expected = strict + "; form-action 'self'";
    } else if (page == "sign_in" || page == "second_factor" || page == "enrol_factor" ||
               page == "choose_account" || page == "consent" || page == "logout" ||
               page == "leave") {
      expected = strict;
    } else if (page == "form_post") {
      expected = strict + "; script-src 'self'";
    } else if (page == "signed_out_apps") {
      expected +=
          "; script-src 'self'; frame-src https://calendar.example https://mail.example:8443";
    }
    const auto& headers = state.response.headers;
    EXPECT_EQ(headers.single("Content-Security-Policy"), expected) << state.name;
    EXPECT_EQ(headers.single("Cross-Origin-Opener-Policy"), "same-origin") << state.name;
    EXPECT_EQ(headers.single("X-Content-Type-Options"), "nosniff") << state.name;
    EXPECT_EQ(headers.single("Cache-Control"), "no-store") << state.name;
    EXPECT_EQ(headers.single("Content-Type"), "text/html; charset=utf-8") << state.name;
  }
}

// asvs-3.4.3: nothing inline that the policy would have to allow.
TEST(Pages, NothingIsInline) {
  for (const auto& state : all_states()) {
    for (const auto& tag : read_tags(state.response.body)) {
      EXPECT_NE(tag.name, "style") << state.name;
      EXPECT_FALSE(tag.attributes.contains("style")) << state.name;
      EXPECT_FALSE(tag.attributes.contains("target")) << state.name;
      if (tag.name == "script") {
        const bool may_run = state.name == "form_post" || state.name.starts_with("signed_out_apps");
        EXPECT_TRUE(tag.attributes.contains("src") && may_run) << state.name;
      }
      for (const auto& [name, value] : tag.attributes) {
        EXPECT_FALSE(name.starts_with("on")) << state.name << " " << name;
      }
    }
  }
}

TEST(Pages, HttpsIsPinnedOnlyAwayFromLoopback) {
  const auto hsts = [](const char* issuer) {
    const Pages pages(with_issuer(Settings{}, issuer).value());
    return std::string(pages.signed_out({}, {}).headers.first("Strict-Transport-Security"));
  };
  EXPECT_EQ(hsts("https://id.example"), "max-age=31536000");
  EXPECT_EQ(hsts("https://localhost:9443"), "");
  EXPECT_EQ(hsts("http://localhost:9443"), "");
}

TEST(Pages, EachWithAllItLoadsWeighsAtMost30KiB) {
  const Pages pages(page_settings());
  for (const auto locale : {Locale::en, Locale::ar}) {
    for (const auto& state : page_states(pages, locale)) {
      std::set<std::string> loaded;
      std::size_t bytes = state.response.body.size();
      for (const auto& tag : read_tags(state.response.body)) {
        for (const auto& [name, value] : tag.attributes) {
          if ((name == "href" || name == "src") && value.starts_with("/assets/")) {
            if (loaded.insert(value).second) bytes += pages.asset(value).body.size();
          }
        }
      }
      EXPECT_GE(loaded.size(), 2u) << state.name;
      EXPECT_LE(bytes, 30u * 1024) << state.name;
    }
  }
}

TEST(Pages, EachSaysItsLanguageAndDirection) {
  const Pages pages(page_settings());
  for (const auto& state : page_states(pages, Locale::ar)) {
    const auto html = read_tags(state.response.body).at(1);
    EXPECT_EQ(html.attributes, (std::map<std::string, std::string>{{"lang", "ar"}, {"dir", "rtl"}}))
        << state.name;
    EXPECT_EQ(state.response.headers.single("Content-Language"), "ar");
  }
  for (const auto& state : page_states(pages, Locale::en)) {
    EXPECT_EQ(read_tags(state.response.body).at(1).attributes.at("dir"), "ltr") << state.name;
  }
}

TEST(Pages, EachHasOneHeadingThatIsItsTitle) {
  const Pages pages(page_settings());
  for (const auto& state : page_states(pages, Locale::en)) {
    const auto& body = state.response.body;
    const auto begin = body.find("<h1>") + 4;
    const auto heading = body.substr(begin, body.find("</h1>") - begin);
    EXPECT_EQ(body.find("<h1>", begin), std::string::npos) << state.name;
    const bool is_error = body.find("id=\"problem\" role=\"alert\" tabindex") != std::string::npos;
    const auto title = (is_error ? "<title>Error: " : "<title>") + heading + " · Cardea</title>";
    EXPECT_NE(body.find(title), std::string::npos) << state.name << " " << title;
  }
}

TEST(Pages, NoTokenOfTheTemplatesIsLeft) {
  for (const auto& state : all_states()) {
    for (const auto token : {"[[", "]]", "{{", "}}", "{", "<!--"}) {
      EXPECT_EQ(state.response.body.find(token), std::string::npos) << state.name << token;
    }
  }
}

// x-exact escapes for an attribute in double quotes alone, so it may stand nowhere else, and never
// where a browser would follow it (but the one proven address, in form_post and leave).
TEST(Pages, ExactValuesStandOnlyInQuotedAttributes) {
  const Catalogue english(Locale::en, "");
  for (const auto& file : embedded_files()) {
    if (!file.path.starts_with("pages/")) continue;
    const std::string_view text = file.content;
    for (auto at = text.find(":x-exact}}"); at != text.npos; at = text.find(":x-exact}}", at + 1)) {
      const auto open = text.rfind("=\"", at);
      EXPECT_EQ(text.substr(at + 10, 1), "\"") << file.path;
      const auto attribute =
          text.substr(text.rfind(' ', open) + 1, open - text.rfind(' ', open) - 1);
      const auto name = text.substr(open + 4, text.find(':', open) - open - 4);
      EXPECT_TRUE(attribute == "value" || attribute == "name" ||
                  ((attribute == "action" || attribute == "href") && name == "REDIRECT_URI") ||
                  (attribute == "href" && (name == "GO_ON" || name == "APP_ADDRESS")) ||
                  (attribute == "src" && name == "ADDRESS"))
          << file.path << " " << attribute;
    }
  }
}

TEST(SignInPage, HasTheNamesThatPeopleRobotsAndTestsFind) {
  const Pages pages(page_settings());
  SignInView view{.client = {"Calendar", "app.example"},
                  .action = "/interaction/h/sign-in",
                  .csrf = "c",
                  .login = "alice"};
  const auto page = pages.sign_in({}, view);
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(controls(page), (std::vector<std::string>{
                                "input.csrf", "input#login.login", "input#password.password",
                                "button#sign-in.action=sign-in", "button#cancel.action=cancel"}));
  view.picker = {"alice", "bob"};
  const auto with_picker = pages.sign_in({}, view);
  EXPECT_TRUE(has_control(with_picker, "button.account=alice"));
  EXPECT_TRUE(has_control(with_picker, "button.account=bob"));
  EXPECT_TRUE(has_control(with_picker, "input#password.password"));
  EXPECT_TRUE(has_control(with_picker, "button#cancel.action=cancel"));
}

// asvs-6.2.7: password managers find what they need.
TEST(SignInPage, TellsPasswordManagersWhatItsFieldsAre) {
  const Pages pages(page_settings());
  std::map<std::string, std::string> autocomplete;
  for (const auto& tag : read_tags(pages.sign_in({}, {}).body)) {
    if (tag.name == "input" && tag.attributes.contains("autocomplete")) {
      autocomplete[tag.attributes.at("name")] = tag.attributes.at("autocomplete");
    }
  }
  EXPECT_EQ(autocomplete, (std::map<std::string, std::string>{{"login", "username"},
                                                              {"password", "current-password"}}));
}

TEST(SignInPage, WrongCredentialsAreSaidOnceAndTheInputIsKept) {
  const Pages pages(page_settings());
  SignInView view{.action = "/x", .login = "alice"};
  view.problem = SignInView::Problem::bad_credentials;
  const auto page = pages.sign_in({}, view);
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(page.body.find("<title>Error: Sign in") != std::string::npos);
  for (const auto& tag : read_tags(page.body)) {
    if (!tag.attributes.contains("name") || tag.name != "input") continue;
    const auto& name = tag.attributes.at("name");
    if (name == "csrf") continue;
    EXPECT_EQ(tag.attributes.at("aria-invalid"), "true");
    EXPECT_EQ(tag.attributes.at("aria-describedby"), "problem");
    if (name == "login") EXPECT_EQ(tag.attributes.at("value"), "alice");
    if (name == "password") EXPECT_FALSE(tag.attributes.contains("value"));
  }
}

TEST(SignInPage, SaysWhenToTryAgain) {
  const Pages pages(page_settings());
  SignInView view;
  view.problem = SignInView::Problem::wait;
  view.wait = minutes(12);
  const auto wait = pages.sign_in({}, view);
  EXPECT_EQ(wait.status, 429);
  EXPECT_EQ(wait.headers.single("Retry-After"), "720");
  EXPECT_NE(read_text(wait.body).find("try again in 12 minutes"), std::string::npos);
  view.problem = SignInView::Problem::busy;
  const auto busy = pages.sign_in({}, view);
  EXPECT_EQ(busy.status, 503);
  EXPECT_TRUE(busy.headers.contains("Retry-After"));
}

// 6819-04; asvs-10.7.2: consent names who asks, where it leads, what for and for how long.
TEST(ConsentPage, NamesWhoWhatAndForHowLong) {
  const Pages pages(page_settings());
  ConsentView view{.client = {"Calendar", "localhost:3000", true}, .action = "/x", .csrf = "c"};
  view.account_name = "Alice";
  view.account_login = "alice@example.com";
  view.scopes = {{"See your e-mail address", "", "a@example.com"}, {"x.y", "", "", false}};
  view.offline_access = true;
  view.lifetime = days(90);
  const auto page = pages.consent({}, view);
  const auto text = read_text(page.body);
  for (const auto shown : {"Calendar would like", "localhost:3000", "In development", "Alice",
                           "alice@example.com", "a@example.com", "We do not know",
                           "keeps this access while you are away", "90 days", "withdraw"}) {
    EXPECT_NE(text.find(shown), std::string::npos) << shown;
  }
  EXPECT_TRUE(has_control(page, "button#allow.action=allow"));
  EXPECT_TRUE(has_control(page, "button#deny.action=deny"));
  EXPECT_TRUE(has_control(page, "button#other.action=other"));
  // Equal in weight: neither has a style of its own.
  for (const auto& tag : read_tags(page.body)) {
    if (tag.name != "button" || tag.attributes.at("id") == "other") continue;
    EXPECT_FALSE(tag.attributes.contains("class")) << tag.attributes.at("id");
  }
}

TEST(ConsentPage, StandardScopesAreInThePagesLanguageAndOwnTitlesAsWritten) {
  const Pages pages(page_settings());
  ConsentView view;
  view.scopes = {{standard_scopes().at("email").title, "", ""}, {"Read appointments", "", ""}};
  const auto text = read_text(pages.consent({Locale::ar, ""}, view).body);
  EXPECT_NE(text.find("الاطلاع على عنوان بريدك الإلكتروني"), std::string::npos);
  EXPECT_NE(text.find("Read appointments"), std::string::npos);
  EXPECT_EQ(text.find("See your e-mail"), std::string::npos);
}

TEST(ErrorPage, ShowsTheCodeTheRuleAndTheRequest) {
  const Pages pages(page_settings());
  const PageFrame frame{Locale::ar, "request-id-1"};
  const auto page =
      pages.error(frame, {400, "invalid_request", "A sentence.", "CARDEA-X-001", "", ""});
  EXPECT_EQ(page.status, 400);
  const auto text = read_text(page.body);
  for (const auto shown : {"invalid_request", "A sentence.", "CARDEA-X-001", "request-id-1"}) {
    EXPECT_NE(text.find(shown), std::string::npos) << shown;
  }
  EXPECT_EQ(page.body.find("developer"), std::string::npos);
}

TEST(ErrorPage, ExplainsTheFixOnlyWhenGivenOne) {
  const Pages pages(page_settings());
  const auto page = pages.error({}, {.code = "x", .explanation = "Compared.", .fix = "Do this."});
  const auto text = read_text(page.body);
  EXPECT_NE(text.find("Compared."), std::string::npos);
  EXPECT_NE(text.find("Do this."), std::string::npos);
}

TEST(Pages, StatusesSayWhatHappened) {
  std::map<std::string, int> unusual;
  for (const auto& state : all_states()) {
    if (state.response.status != 200) unusual[state.name] = state.response.status;
  }
  EXPECT_EQ(unusual, (std::map<std::string, int>{{"sign_in.wait", 429},
                                                 {"sign_in.busy", 503},
                                                 {"device.wait", 429},
                                                 {"device.busy", 503},
                                                 {"second_factor.wait", 429},
                                                 {"second_factor.too_many", 429},
                                                 {"enrol_factor.wrong_code", 422},
                                                 {"enrol_factor.wrong_password", 422},
                                                 {"factor.wrong_password", 422},
                                                 {"error", 400},
                                                 {"error.developer", 400},
                                                 {"error.ours", 503},
                                                 {"leave", 400},
                                                 {"leave.form", 400},
                                                 {"interaction_gone.expired", 410},
                                                 {"interaction_gone.finished", 410},
                                                 {"interaction_gone.other_browser", 410},
                                                 {"set_password.too_short", 422},
                                                 {"set_password.too_long", 422},
                                                 {"set_password.too_weak", 422},
                                                 {"set_password.mismatch", 422},
                                                 {"set_password.busy", 503},
                                                 {"set_password.link_gone", 410},
                                                 {"account.wrong_password", 422},
                                                 {"account.too_short", 422},
                                                 {"account.too_long", 422},
                                                 {"account.too_weak", 422},
                                                 {"account.mismatch", 422},
                                                 {"account.wait", 429},
                                                 {"account.busy", 503}}));
}

TEST(Pages, AnIssuerWithAPathKeepsItInEveryAddress) {
  const Pages pages(with_issuer(Settings{}, "https://id.example/tenant").value());
  for (const auto& state : page_states(pages, Locale::en)) {
    for (const auto& tag : read_tags(state.response.body)) {
      for (const auto name : {"href", "src"}) {
        const auto found = tag.attributes.find(name);
        if (found != tag.attributes.end() && !leads_to_apps(tag) &&
            !found->second.starts_with("otpauth:")) {
          EXPECT_TRUE(found->second.starts_with("/tenant/")) << found->second;
        }
      }
    }
  }
}

TEST(Assets, AreAddressedByContentAndKeptForEver) {
  const Pages pages(page_settings());
  std::string css;
  for (const auto& tag : read_tags(pages.signed_out({}, {}).body)) {
    if (tag.name == "link" && tag.attributes.at("rel") == "stylesheet") {
      css = tag.attributes.at("href");
    }
  }
  const auto answer = pages.asset(css);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.single("Content-Type"), "text/css; charset=utf-8");
  EXPECT_EQ(answer.headers.single("Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(answer.headers.single("X-Content-Type-Options"), "nosniff");
  for (const auto path : {"/assets/cardea.css", "/assets/cardea.000000000000.css", "/assets/",
                          "/assets/../pages/layout.html", ""}) {
    EXPECT_EQ(pages.asset(path).status, 404) << path;
  }
}

}  // namespace cardea::pages_test
