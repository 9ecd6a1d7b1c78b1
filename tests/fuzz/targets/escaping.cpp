// Page templates (security corpus 7.18): whatever stands in any field of any page, a tokenizer
// after the HTML standard sees the same tags and attributes as with a harmless word, and form
// values come back byte for byte. Input: the page, then the text of every field.
#include <string>
#include <vector>

#include "base/ascii.h"
#include "fuzz/bytes.h"
#include "fuzz/finding.h"
#include "fuzz/html_tokens.h"
#include "server/pages/pages.h"
#include "support/page_states.h"

namespace cardea::fuzz {
namespace {

constexpr std::size_t page_count = 9;

const Pages& pages() {
  static const Pages one(test_pages::page_settings());
  return one;
}

http::Response consent_page(const PageFrame& frame, const ClientView& client,
                            const std::string& t) {
  ConsentView view{.client = client, .action = "/x", .csrf = t};
  view.account_name = view.account_login = t;
  view.scopes = {{t, t, t, false}};
  view.resources = {t};
  return pages().consent(frame, view);
}

http::Response account_page(const PageFrame& frame, const std::string& t) {
  AccountView view{.name = t, .login = t, .csrf = t};
  view.apps = {{t, t, {t}, t}};
  view.sessions = {{t, t, t, t, true}, {t, t, t, t, false}};
  return pages().account(frame, view);
}

http::Response sign_in_page(const PageFrame& frame, const ClientView& client,
                            const std::string& t) {
  SignInView view{.client = client, .action = "/x", .csrf = t, .login = t};
  view.picker = {t, t};
  view.forgot_password_text = t;
  return pages().sign_in(frame, view);
}

// Page number `page` with `t` wherever a value of others can stand.
http::Response page_showing(std::size_t page, const std::string& t) {
  const PageFrame frame{Locale::en, t};
  const ClientView client{t, t, true};
  const std::string redirect_uri = "https://app.example/cb?" + t;
  switch (page) {
    case 0:
      return sign_in_page(frame, client, t);
    case 1:
      return pages().choose_account(frame, {client, "/x", t, {{t, t, t}}});
    case 2:
      return consent_page(frame, client, t);
    case 3:
      return pages().error(frame, {400, t, t, t, t, t});
    case 4:
      return pages().logout(frame, {"/x", t, t, t});
    case 5:
      return pages().interaction_gone(frame, {});
    case 6:
      return pages().form_post(frame, {redirect_uri, {{t, t}, {"state", t}}});
    case 7:
      return pages().set_password(frame, {"/x", t, t, SetPasswordView::Problem::mismatch});
    default:
      return account_page(frame, t);
  }
}

}  // namespace

void escaping(std::string_view input) {
  Bytes bytes(input);
  const auto page = bytes.below(page_count);
  const std::string text(bytes.rest());
  const auto blank = ascii::trim(text).empty() ? text : std::string("x");  // same branches
  const auto hostile = html_tags(page_showing(page, text).body);
  const auto harmless = html_tags(page_showing(page, blank).body);
  expect(hostile.size() == harmless.size(), "another number of tags");
  for (std::size_t i = 0; i < hostile.size(); ++i) {
    expect(hostile[i].name == harmless[i].name, "another tag: " + hostile[i].name);
    expect(hostile[i].attribute_names() == harmless[i].attribute_names(),
           "other attributes of " + hostile[i].name);
    for (const auto& [name, value] : hostile[i].attributes) {
      expect(name != "href" || value.starts_with('/') || harmless[i].attributes.at("href") == value,
             "a link of the text's making: " + value);
    }
  }
  if (page != 6 || text.find('\0') != std::string::npos || !ascii::is_utf8(text)) return;
  for (const auto& tag : hostile) {
    if (tag.name == "form") {
      expect(tag.attributes.at("action") == "https://app.example/cb?" + text, "another target");
    }
    if (tag.name == "input" && tag.attributes.at("name") == "state") {
      expect(tag.attributes.at("value") == text, "a form value is not sent back exactly");
    }
  }
}

}  // namespace cardea::fuzz
