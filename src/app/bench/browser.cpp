// A scripted sign-in; see browser.h.
#include "app/bench/browser.h"

#include "app/bench/url_reference.h"

namespace cardea::app::bench {
namespace {

constexpr int pages_max = 20;

bool is_redirect(const http::Response& response) {
  return response.status >= 300 && response.status < 400 && response.headers.contains("Location");
}

// Where a person would say it happened: without the query, which holds codes and handles.
std::string place_of(const url::Parts& parts) {
  return parts.origin() + parts.path;
}

}  // namespace

Result<std::string, std::string> Browser::go(const std::string& url, const std::string& until,
                                             const Credentials& credentials) {
  password_sent_ = false;
  auto visit = visit_of(url);
  for (int page = 0; page < pages_max; ++page) {
    if (!visit) return refuse(visit.error());
    const auto response = load(*visit);
    if (!response) return refuse(response.error());
    if (is_redirect(*response)) {
      const auto target = resolve_reference(visit->at, response->headers.first("Location"));
      if (target.starts_with(until)) return target;
      visit = visit_of(target);
      continue;
    }
    visit = next_visit(*visit, *response, credentials);
  }
  return refuse(std::string("the sign-in did not lead back to the redirect URI within 20 pages"));
}

Result<Browser::Visit, std::string> Browser::visit_of(const std::string& url) const {
  auto parts = url::parse(url);
  if (!parts) return refuse(std::string("the issuer redirects to what is no http(s) URL"));
  if (const auto known = addresses_.find(*parts); !known) return refuse(known.error());
  return Visit{.request = {.method = "GET", .url = url}, .at = *std::move(parts)};
}

Result<http::Response, std::string> Browser::load(Visit& visit) {
  auto& headers = visit.request.headers;
  headers.set("Accept", "text/html,*/*");
  if (auto cookies = jar_.header_for(visit.at); !cookies.empty()) {
    headers.set("Cookie", cookies);
  }
  auto response = transport_(visit.request);
  if (!response) return refuse(place_of(visit.at) + ": " + response.error().reason);
  for (const auto field : response->headers.all("Set-Cookie")) jar_.store(visit.at, field);
  return std::move(*response);
}

Result<Browser::Visit, std::string> Browser::next_visit(const Visit& from,
                                                        const http::Response& page,
                                                        const Credentials& credentials) {
  const auto forms = read_forms(page.body);
  const auto chosen = choose_form(forms);
  const auto where = place_of(from.at) + " answered " + std::to_string(page.status);
  if (!chosen) return refuse(where + " without a form to go on with");
  if (chosen->asks_for_password) {
    if (password_sent_) {
      return refuse(where + " and asks for the password again: it is wrong, or the page needs " +
                    "more than a login and a password");
    }
    password_sent_ = true;
  }
  const auto target = resolve_reference(from.at, chosen->form->action);
  const auto filled = http::write_form(fill_form(*chosen->form, chosen->button, credentials));
  if (chosen->form->method == "get") {
    return visit_of(target.substr(0, target.find('?')) + "?" + filled);
  }
  auto visit = visit_of(target);
  if (!visit) return visit;
  visit->request.method = "POST";
  visit->request.body = filled;
  visit->request.headers.set("Content-Type", "application/x-www-form-urlencoded");
  visit->request.headers.set("Origin", from.at.origin());
  return visit;
}

}  // namespace cardea::app::bench
