// Hostile text in every field of every view: no tag, no attribute more than with harmless text, and
// what is sent back arrives byte for byte (fuzz row 7.18).
#include <gtest/gtest.h>

#include "support/html_reader.h"
#include "support/page_states.h"

namespace cardea::escaping_test {

using test_pages::HtmlTag;
using test_pages::page_settings;
using test_pages::read_tags;

const std::vector<std::string>& polyglots() {
  static const std::vector<std::string> texts = {
      "\"><script>alert(1)</script>",
      "'\"></title></style></textarea></script><svg onload=alert(1)>",
      "\" autofocus onfocus=alert(1) x=\"",
      "javascript:alert(1)",
      "jaVasCript:/*-/*`/*\\`/*'/*\"/**/(/* */oNcliCk=alert() )//%0D%0A%0d%0a//</stYle/</titLe/"
      "</teXtarEa/</scRipt/--!>\\x3csVg/<sVg/oNloAd=alert()//>\\x3e",
      "<!--",
      "-->",
      "]]>",
      "{{CSRF}}",
      "{{%AUTOESCAPE}}",
      "[[sign_in.title]]",
      "{client}",
      "&lt;b&gt;&#x3c;img&gt;",
      "\xe2\x80\xae\xe2\x81\xa9</bdi><b>",
      "\xe2\x80\xa8<x>",
      "</bdi></p></main></body></html><script src=https://evil.example/>",
      "data:text/html,<script>alert(1)</script>",
      "\t\n<img src=x onerror=alert(1)>",
      "\xff\xfe<b>\xc3",
  };
  return texts;
}

// Every page with `text` wherever a value of others can stand.
std::vector<http::Response> pages_showing(const Pages& pages, const std::string& t) {
  const PageFrame frame{Locale::en, t};
  const ClientView client{t, t, true};
  SignInView sign_in{.client = client, .action = "/x", .csrf = t, .login = t};
  sign_in.picker = {t, t};
  sign_in.forgot_password_text = t;
  sign_in.problem = SignInView::Problem::bad_credentials;
  ConsentView consent{.client = client, .action = "/x", .csrf = t};
  consent.account_name = consent.account_login = t;
  consent.scopes = {{t, t, t, false}};
  consent.resources = {t};
  AccountView account{.name = t, .login = t, .csrf = t};
  account.apps = {{t, t, {t}, t}};
  account.sessions = {{t, t, t, t, true}, {t, t, t, t, false}};
  account.problem = AccountView::Problem::wrong_password;
  SetPasswordView set_password{"/x", t, t, SetPasswordView::Problem::mismatch};
  return {pages.sign_in(frame, sign_in),
          pages.choose_account(frame, {client, "/x", t, {{t, t, t}}}),
          pages.consent(frame, consent),
          pages.error(frame, {400, t, t, t, t, t}),
          pages.logout(frame, {"/x", t, t, t}),
          pages.interaction_gone(frame, {}),
          pages.form_post(frame, {"https://app.example/cb", {{t, t}}}),
          pages.set_password(frame, set_password),
          pages.account(frame, account)};
}

// The tags with names of attributes only.
std::vector<HtmlTag> skeleton(std::string_view html) {
  auto tags = read_tags(html);
  for (auto& tag : tags) {
    for (auto& [name, value] : tag.attributes) value.clear();
  }
  return tags;
}

// G01; asvs-3.4.3; 6819-06: markup in any field of any page stays text.
TEST(Pages, HostileTextAddsNoTagAndNoAttribute) {
  const Pages pages(page_settings());
  const auto harmless = pages_showing(pages, "x");
  for (const auto& text : polyglots()) {
    const auto hostile = pages_showing(pages, text);
    for (std::size_t i = 0; i < harmless.size(); ++i) {
      EXPECT_EQ(skeleton(harmless[i].body), skeleton(hostile[i].body)) << i << ": " << text;
    }
  }
}

// A10; X29: markup in state and redirect_uri of a form_post answer, be it a custom scheme's, is
// escaped and arrives unchanged.
TEST(Pages, FormPostSendsBackExactlyWhatItWasGiven) {
  const Pages pages(page_settings());
  for (const auto& text : polyglots()) {
    for (const std::string base : {"https://app.example", "com.example.app:"}) {
      const std::string state = text + "\r\n'end'";
      const std::string redirect_uri = base + "/cb?a=1&amp;b=\"'<>" + text;
      const auto page = pages.form_post({}, {redirect_uri, {{"state", state}, {"code", "c"}}});
      std::map<std::string, std::string> fields;
      std::string action;
      for (const auto& tag : read_tags(page.body)) {
        if (tag.name == "form") action = tag.attributes.at("action");
        if (tag.name == "input") fields[tag.attributes.at("name")] = tag.attributes.at("value");
      }
      EXPECT_EQ(action, redirect_uri);
      EXPECT_EQ(fields, (std::map<std::string, std::string>{{"state", state}, {"code", "c"}}));
    }
  }
}

TEST(Pages, WhatWasTypedIsKeptExactly) {
  const Pages pages(page_settings());
  SignInView view{.action = "/x", .login = " a\"b<c>&amp;'\xe2\x80\xae "};
  std::string kept;
  for (const auto& tag : read_tags(pages.sign_in({}, view).body)) {
    if (tag.name == "input" && tag.attributes.at("name") == "login") {
      kept = tag.attributes.at("value");
    }
  }
  EXPECT_EQ(kept, view.login);
}

TEST(Pages, NamesOfOthersAreIsolatedFromTheTextAroundThem) {
  const Pages pages(page_settings());
  const ConsentView view{.client = {"\xe2\x80\xaeracnalaC", "app.example"}};
  const auto body = pages.consent({}, view).body;
  EXPECT_NE(body.find("<bdi>racnalaC</bdi> would like"), std::string::npos);
  EXPECT_EQ(body.find("\xe2\x80\xae"), std::string::npos);
}

}  // namespace cardea::escaping_test
