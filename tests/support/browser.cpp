// The browser in front of the server under test; see harness.h.
#include "support/harness.h"
#include "support/html_reader.h"

namespace cardea::test {
namespace {

// The target of an absolute URL of the issuer, or of a target as it is.
std::string target_of(const Settings& settings, const std::string& url) {
  if (url.starts_with(settings.issuer_origin + "/")) {
    return url.substr(settings.issuer_origin.size());
  }
  return url;
}

}  // namespace

http::Request Browser::with_cookies(http::Request request) const {
  std::string header;
  for (const auto& [name, value] : cookies) {
    header += (header.empty() ? "" : "; ") + name + "=" + value;
  }
  if (!header.empty()) request.headers.add("Cookie", header);
  return request;
}

http::Response Browser::send(http::Request request) {
  auto response = harness_.send(with_cookies(std::move(request)));
  for (const auto set : response.headers.all("Set-Cookie")) {
    const auto equals = set.find('=');
    const auto end = set.find(';');
    const std::string name(set.substr(0, equals));
    const std::string value(set.substr(equals + 1, end - equals - 1));
    cookies[name] = value;
    if (set.find("Max-Age=0") != set.npos || value.empty()) cookies.erase(name);
  }
  return response;
}

http::Response Browser::get(const std::string& url) {
  auto request = harness_.get("");
  request.target = target_of(harness_.settings, url);
  return send(std::move(request));
}

http::Request Browser::posting(const std::string& url, const http::FormPairs& form) const {
  auto request = harness_.post("", form, {{"Origin", harness_.settings.issuer_origin}});
  request.target = target_of(harness_.settings, url);
  return request;
}

http::Response Browser::post(const std::string& url, const http::FormPairs& form) {
  return send(posting(url, form));
}

http::Response Browser::follow(http::Response response) {
  for (int hops = 0; hops < 10 && response.status >= 300 && response.status < 400; ++hops) {
    const std::string location(response.headers.first("Location"));
    const bool ours =
        location.starts_with("/") || location.starts_with(harness_.settings.issuer_origin + "/");
    if (!ours) return response;
    response = get(location);
  }
  return response;
}

std::optional<Browser::Filled> Browser::fill(const http::Response& page, const std::string& value,
                                             const http::FormPairs& typed) {
  std::string action;
  http::FormPairs hidden;
  for (const auto& tag : test_pages::read_tags(page.body)) {
    const auto attribute = [&](const std::string& name) {
      const auto at = tag.attributes.find(name);
      return at == tag.attributes.end() ? std::string() : at->second;
    };
    if (tag.name == "form") action = attribute("action"), hidden.clear();
    if (tag.name == "input" && attribute("type") == "hidden") {
      hidden.emplace_back(attribute("name"), attribute("value"));
    }
    if (tag.name != "button" || attribute("value") != value) continue;
    auto form = hidden;
    form.insert(form.end(), typed.begin(), typed.end());
    form.emplace_back(attribute("name"), value);
    return Filled{action, form};
  }
  ADD_FAILURE() << "no button " << value << " on: " << test_pages::read_text(page.body);
  return std::nullopt;
}

http::Response Browser::submit(const http::Response& page, const std::string& value,
                               const http::FormPairs& typed) {
  const auto filled = fill(page, value, typed);
  return filled ? post(filled->action, filled->form) : page;
}

http::Request Browser::request_of(const http::Response& page, const std::string& value,
                                  const http::FormPairs& typed) const {
  const auto filled = fill(page, value, typed);
  return filled ? with_cookies(posting(filled->action, filled->form)) : http::Request{};
}

http::Response Browser::press(const http::Response& page, const std::string& value,
                              const http::FormPairs& typed) {
  return follow(submit(page, value, typed));
}

http::Response Browser::complete(http::Response response, const std::string& login) {
  response = follow(std::move(response));
  for (int pages = 0; pages < 6 && response.status == 200; ++pages) {
    const auto has = [&](std::string_view text) {
      return response.body.find(text) != std::string::npos;
    };
    if (has("value=\"sign-in\"")) {
      response =
          press(response, "sign-in", {{"login", login}, {"password", std::string(user_password)}});
    } else if (has("value=\"allow\"")) {
      response = press(response, "allow");
    } else if (has("name=\"session\"")) {
      response = press(response, "other");
    } else {
      break;
    }
  }
  return response;
}

http::Response Browser::authorize(const std::string& client, const http::FormPairs& changed,
                                  const std::string& login) {
  const auto form = authorize_form(harness_, client, changed);
  return complete(get(harness_.settings.issuer_path + "/authorize?" + http::write_form(form)),
                  login);
}

}  // namespace cardea::test
