// What the scripted browser rests on: forms of pages as several servers write them, cookies that go
// where they belong, references made absolute.
#include <gtest/gtest.h>

#include "app/bench/cookie_jar.h"
#include "app/bench/html_forms.h"
#include "app/bench/url_reference.h"

namespace cardea::bench_sign_in_test {

using app::bench::choose_form;
using app::bench::CookieJar;
using app::bench::fill_form;
using app::bench::read_forms;
using app::bench::resolve_reference;

constexpr app::bench::Credentials alice{.login = "alice", .password = "p&ss"};

http::FormPairs sent(std::string_view html) {
  const auto forms = read_forms(html);
  const auto chosen = choose_form(forms);
  if (!chosen) return {{"nothing", "chosen"}};
  return fill_form(*chosen->form, chosen->button, alice);
}

TEST(HtmlFormsTest, ASignInPageBesideOtherForms) {
  const auto pairs = sent(R"(<form action="/search"><input name=q><button>Find</button></form>
    <!-- <form action="/no"><input type="password" name="no"></form> -->
    <script>var form = "<form><input type='password'>";</script>
    <FORM method="POST" action="/login?x=1&amp;y=2">
    <input type="hidden" name="csrf" value="a&quot;b"><input id=l name='login' value="">
    <input name="password" type="password"><input type="checkbox" name="remember" value="1">
    <input type="checkbox" name="terms" checked><input type="reset" name="r" value="Reset">
    <button name="action" value="cancel">Cancel</button>
    <button name="action" value="sign-in">Sign in</button></FORM>)");
  EXPECT_EQ(pairs, (http::FormPairs{{"csrf", "a\"b"},
                                    {"login", "alice"},
                                    {"password", "p&ss"},
                                    {"terms", "on"},
                                    {"action", "sign-in"}}));
}

TEST(HtmlFormsTest, ActionAndMethod) {
  const auto forms = read_forms("<form method=post action='/a?b&amp;c'></form><form></form>");
  ASSERT_EQ(forms.size(), 2U);
  EXPECT_EQ(forms[0].action, "/a?b&c");
  EXPECT_EQ(forms[0].method, "post");
  EXPECT_EQ(forms[1].action, "");
  EXPECT_EQ(forms[1].method, "get");
}

// a page that asks for the name first
TEST(HtmlFormsTest, ANameAlone) {
  EXPECT_EQ(sent("<form method=post><input type=email name=user><input type=submit></form>"),
            (http::FormPairs{{"user", "alice"}}));
}

// consent: the button that accepts, also where each answer is a form of its own
TEST(HtmlFormsTest, ConsentIsGiven) {
  EXPECT_EQ(sent("<form><button name=a value=deny>No</button><button name=a value=allow>Yes"
                 "</button></form>"),
            (http::FormPairs{{"a", "allow"}}));
  EXPECT_EQ(sent("<form><input type=hidden name=approval value=rejected><button>Cancel</button>"
                 "</form><form><input type=hidden name=approval value=approve>"
                 "<button>Grant Access</button></form>"),
            (http::FormPairs{{"approval", "approve"}}));
  EXPECT_EQ(sent("<form><input type=submit name=cancel value=Cancel></form>"),
            (http::FormPairs{{"nothing", "chosen"}}));
}

TEST(HtmlFormsTest, BrokenPagesEnd) {
  EXPECT_TRUE(read_forms("").empty());
  EXPECT_TRUE(read_forms("<").empty());
  EXPECT_TRUE(read_forms("<!-- <form>").empty());
  EXPECT_TRUE(read_forms("<script><form>").empty());
  EXPECT_EQ(read_forms("<form action=\"x").size(), 1U);
  EXPECT_EQ(read_forms("<form><input =\"\" name").front().fields.size(), 1U);
}

url::Parts at(const std::string& text) {
  return *url::parse(text);
}

TEST(CookieJarTest, CookiesGoWhereTheyBelong) {
  CookieJar jar;
  jar.store(at("https://id.example/login/step"), "session=1; Path=/; Secure; HttpOnly");
  jar.store(at("https://id.example/login/step"), "step=2");
  jar.store(at("https://id.example/"), "all=3; Domain=.example; Path=/");
  EXPECT_EQ(jar.header_for(at("https://id.example/login/next")), "session=1; step=2; all=3");
  EXPECT_EQ(jar.header_for(at("https://id.example/loginx")), "session=1; all=3");
  EXPECT_EQ(jar.header_for(at("http://id.example/")), "all=3");
  EXPECT_EQ(jar.header_for(at("https://app.example/")), "all=3");
  EXPECT_EQ(jar.header_for(at("https://notid.example.org/")), "");
}

TEST(CookieJarTest, CookiesAreReplacedAndDeleted) {
  CookieJar jar;
  const auto home = at("http://localhost:9000/");
  jar.store(home, "a=1; Path=/");
  jar.store(home, "a=2; Path=/; Secure");
  EXPECT_EQ(jar.header_for(home), "a=2");  // loopback counts as safe
  jar.store(home, "a=; Path=/; Max-Age=0");
  EXPECT_TRUE(jar.is_empty());
  jar.store(home, "b=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
  jar.store(home, "=nameless");
  jar.store(home, "evil=1; Domain=example.org");
  EXPECT_TRUE(jar.is_empty());
}

// RFC 3986 5.4, as far as http has it
TEST(UrlReferenceTest, ReferencesBecomeAbsolute) {
  const auto base = at("http://a/b/c/d?q");
  const std::vector<std::pair<std::string, std::string>> cases{
      {"g", "http://a/b/c/g"},
      {"./g", "http://a/b/c/g"},
      {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},
      {"//g", "http://g"},
      {"?y", "http://a/b/c/d?y"},
      {"g?y", "http://a/b/c/g?y"},
      {"g#s", "http://a/b/c/g"},
      {"", "http://a/b/c/d?q"},
      {".", "http://a/b/c/"},
      {"..", "http://a/b/"},
      {"../../../g", "http://a/g"},
      {"https://x/y", "https://x/y"},
      {"g?a=http://z/..", "http://a/b/c/g?a=http://z/.."},
      {"/a/./b/../c", "http://a/a/c"},
  };
  for (const auto& [reference, expected] : cases) {
    EXPECT_EQ(resolve_reference(base, reference), expected) << reference;
  }
  EXPECT_EQ(resolve_reference(at("http://a:81"), "g"), "http://a:81/g");
}

TEST(UrlReferenceTest, TargetsAndParameters) {
  EXPECT_EQ(app::bench::request_target(at("http://a")), "/");
  EXPECT_EQ(app::bench::request_target(at("http://a/b?c")), "/b?c");
  EXPECT_EQ(app::bench::query_parameter(at("http://a/?x=1&code=a%2Bb"), "code"), "a+b");
  EXPECT_EQ(app::bench::query_parameter(at("http://a/?xcode=1"), "code"), "");
  EXPECT_EQ(app::bench::query_parameter(at("http://a/"), "code"), "");
}

}  // namespace cardea::bench_sign_in_test
