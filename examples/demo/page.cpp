// Pages of the demo app; see page.h.
#include "page.h"

#include "web.h"

namespace demo {

using cardea::http::Response;

namespace {

std::string row(std::string_view label, std::string_view id, std::string_view value) {
  return "<div><dt>" + std::string(label) + "</dt><dd id=\"" + std::string(id) + "\">" +
         escape_html(value) + "</dd></div>";
}

std::string button(std::string_view action, std::string_view id, std::string_view label) {
  return "<form method=\"post\" action=\"" + std::string(action) + "\"><button id=\"" +
         std::string(id) + "\">" + std::string(label) + "</button></form>";
}

}  // namespace

Response page(std::string_view title, std::string_view content, std::string_view issuer_origin,
              int status) {
  std::string body =
      "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<meta name=\"color-scheme\" content=\"light dark\"><title>" +
      escape_html(title) +
      "</title><link rel=\"stylesheet\" href=\"/style.css\"></head><body><main>" +
      std::string(content) +
      "</main><footer>A demo of <code>cardea::client</code> and "
      "<code>cardea::resource</code>.</footer></body></html>\n";
  return {.status = status,
          .headers = {{"Content-Type", "text/html; charset=utf-8"},
                      {"Content-Security-Policy",
                       "default-src 'none'; style-src 'self'; base-uri 'none'; "
                       "frame-ancestors 'none'; form-action 'self' " +
                           std::string(issuer_origin)},
                      // Not "no-referrer": it would blank the Origin that forms are judged by.
                      {"Referrer-Policy", "same-origin"},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Cache-Control", "no-store"}},
          .body = std::move(body)};
}

std::string home_content() {
  return "<h1>Calendar</h1><p>Sign in to see your day. Your password stays between you and the "
         "issuer: this app never sees it.</p><p><a class=\"button\" id=\"sign-in\" "
         "href=\"/sign-in\">Sign in</a></p>";
}

std::string signed_in_content(const SignedInView& view) {
  return "<h1>Hello, " + escape_html(view.name) + "</h1><dl>" +
         row("Name", "user-name", view.name) + row("Email", "user-email", view.email) +
         row("Subject", "user-sub", view.subject) + "</dl><h2>What the API answered</h2>" +
         "<pre id=\"api-answer\">" + escape_html(view.api_answer) + "</pre><p id=\"token-facts\">" +
         escape_html(view.token_facts) + "</p><div class=\"actions\">" +
         button("/refresh", "refresh", "Refresh") + button("/sign-out", "sign-out", "Sign out") +
         "</div>";
}

std::string failure_content(std::string_view what, std::string_view detail) {
  return "<h1 id=\"failure\">That did not work</h1><p>" + escape_html(what) + "</p><p><code>" +
         escape_html(detail) + "</code></p><p><a class=\"button\" href=\"/\">Back</a></p>";
}

Response style_sheet() {
  constexpr std::string_view css = R"(
:root { --ground: #f6f7f9; --card: #fff; --ink: #1b1f27; --quiet: #5a6372; --line: #dfe3ea;
  --accent: #2f5bd0; --on-accent: #fff; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171d; --card: #1d2129; --ink: #e8ebf1;
  --quiet: #a0a9b8; --line: #323945; --accent: #8fb0ff; --on-accent: #10131a; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; align-items: center;
  justify-content: center; gap: 1.5rem; padding: 1.5rem; background: var(--ground);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 34rem; padding: 2rem; background: var(--card);
  border: 1px solid var(--line); border-radius: .75rem; }
h1 { margin: 0 0 1rem; font-size: 1.6rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 1.75rem 0 .5rem; font-size: 1rem; }
dl { margin: 0; } dl div { display: flex; gap: 1rem; padding: .5rem 0;
  border-bottom: 1px solid var(--line); }
dt { width: 5rem; flex: none; color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
pre { margin: 0; padding: 1rem; background: var(--ground); border: 1px solid var(--line);
  border-radius: .5rem; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .875rem; }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.5rem; }
.button, button { display: inline-block; padding: .6rem 1.25rem; border: 0; border-radius: .5rem;
  background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600;
  text-decoration: none; cursor: pointer; }
#sign-out { background: none; color: var(--accent); box-shadow: inset 0 0 0 1px var(--line); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
@media (max-width: 30rem) { body { padding: .75rem; } main { padding: 1.25rem; }
  dt { width: 4rem; } }
#token-facts, footer { color: var(--quiet); font-size: .875rem; }
)";
  return {.headers = {{"Content-Type", "text/css"},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Cache-Control", "max-age=300"}},
          .body = std::string(css)};
}

}  // namespace demo
