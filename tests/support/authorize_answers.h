// What an answer of the browser endpoints may be, in the words of the security corpus, section 0:
// PAGE(s), RE(x), OK. For spec and flow tests.
#pragma once

#include <string>
#include <string_view>

#include "base/ascii.h"
#include "base/url.h"
#include "support/harness.h"
#include "support/html_reader.h"

namespace cardea::test {

inline const std::string usual_state = "af0ifjsldkj";

inline std::string location_of(const http::Response& response) {
  return std::string(response.headers.first("Location"));
}

// PAGE(s): shown by the server itself; nothing in it leads away or holds a code.
inline testing::AssertionResult is_page(const http::Response& response, int status = 400,
                                        std::string_view code = "invalid_request") {
  const auto fail = [&](const std::string& what) {
    return testing::AssertionFailure()
           << what << ": " << response.status << " <" << location_of(response) << "> "
           << test_pages::read_text(response.body);
  };
  if (response.status != status) return fail("status is not " + std::to_string(status));
  if (response.headers.contains("Location")) return fail("there is a Location");
  if (!response.headers.first("Content-Type").starts_with("text/html")) return fail("no HTML");
  if (test_pages::read_text(response.body).find(code) == std::string::npos) {
    return fail("the page does not say " + std::string(code));
  }
  for (const auto& tag : test_pages::read_tags(response.body)) {
    for (const auto* name : {"href", "src", "action"}) {
      const auto at = tag.attributes.find(name);
      if (at == tag.attributes.end()) continue;
      const bool is_ours = at->second.starts_with("/") && !at->second.starts_with("//");
      if (!is_ours) return fail("<" + tag.name + "> leads to " + at->second);
    }
    if (tag.name == "meta" && tag.attributes.contains("http-equiv")) return fail("meta refresh");
  }
  return testing::AssertionSuccess();
}

inline testing::AssertionResult goes_to(const http::Response& response, const std::string& uri) {
  if (response.status != 303) {
    return testing::AssertionFailure()
           << "status " << response.status << " " << test_pages::read_text(response.body);
  }
  const std::string location = location_of(response);
  const bool matches = location == uri || location.starts_with(uri + "?") ||
                       location.starts_with(uri + "&") || location.starts_with(uri + "#");
  return matches ? testing::AssertionSuccess()
                 : testing::AssertionFailure() << location << " instead of " << uri;
}

// RE(x): to the registered URI with error, state and iss; no code.
inline testing::AssertionResult is_told(const Harness& harness, const http::Response& response,
                                        std::string_view error,
                                        const std::string& uri = "https://app.example/cb",
                                        const std::string& state = usual_state) {
  if (auto there = goes_to(response, uri); !there) return there;
  auto reply = reply_of(response);
  const auto fail = [&](const std::string& what) {
    return testing::AssertionFailure() << what << ": " << location_of(response);
  };
  if (reply["error"] != error) return fail("error is not " + std::string(error));
  if (reply["state"] != state) return fail("state differs");
  if (reply["iss"] != harness.settings.issuer) return fail("iss differs");
  if (reply.contains("code") || reply.contains("id_token")) return fail("there is a code");
  for (const char c : reply["error_description"]) {
    if (!ascii::is_vschar(c) || c == '"' || c == '\\') return fail("error_description");
  }
  return testing::AssertionSuccess();
}

// A code at the registered URI, with state and iss.
inline testing::AssertionResult has_code(const Harness& harness, const http::Response& response,
                                         const std::string& uri = "https://app.example/cb",
                                         const std::string& state = usual_state) {
  if (auto there = goes_to(response, uri); !there) return there;
  auto reply = reply_of(response);
  if (reply["code"].empty() || reply.contains("error") || reply["state"] != state ||
      reply["iss"] != harness.settings.issuer) {
    return testing::AssertionFailure() << location_of(response);
  }
  return testing::AssertionSuccess();
}

// A page of a step, by the value of its main button: "sign-in", "allow", "sign-out".
inline testing::AssertionResult offers(const http::Response& response, const std::string& button) {
  if (response.status == 200 &&
      response.body.find("value=\"" + button + "\"") != std::string::npos) {
    return testing::AssertionSuccess();
  }
  return testing::AssertionFailure()
         << "no button " << button << ": " << response.status << " <" << location_of(response)
         << "> " << test_pages::read_text(response.body);
}

// The request target of GET /authorize with the usual parameters and these changes; an empty value
// takes the parameter out.
inline std::string authorize_target(const Harness& harness, const std::string& client,
                                    const http::FormPairs& changed = {}) {
  http::FormPairs form;
  for (auto& pair : authorize_form(harness, client, changed)) {
    if (!pair.second.empty()) form.push_back(std::move(pair));
  }
  return harness.settings.issuer_path + "/authorize?" + http::write_form(form);
}

// GET /authorize by this browser, without following where it leads.
inline http::Response ask(Harness& harness, Browser& browser, const http::FormPairs& changed = {},
                          const std::string& client = "cA") {
  return browser.get(authorize_target(harness, client, changed));
}

// The same, following our own redirects to the page that is shown.
inline http::Response visit(Harness& harness, Browser& browser, const http::FormPairs& changed = {},
                            const std::string& client = "cA") {
  return browser.follow(ask(harness, browser, changed, client));
}

inline http::FormPairs credentials(const std::string& login = "alice") {
  return {{"login", login}, {"password", std::string(user_password)}};
}

// A browser in which `login` is signed in and has approved the usual request of `client`.
inline Browser signed_in(Harness& harness, const std::string& login = "alice",
                         const std::string& client = "cA") {
  Browser browser(harness);
  const auto response = browser.authorize(client, {}, login);
  EXPECT_EQ(response.status, 303);
  EXPECT_FALSE(reply_of(response)["code"].empty()) << location_of(response);
  return browser;
}

// The token answer for the code of an authorization response.
inline Tokens redeem_reply(Harness& harness, const http::Response& response,
                           const std::string& client = "cA",
                           const std::string& redirect_uri = "https://app.example/cb") {
  return tokens_of(harness.send(harness.as_client(client, "/token",
                                                  {{"grant_type", "authorization_code"},
                                                   {"code", reply_of(response)["code"]},
                                                   {"redirect_uri", redirect_uri},
                                                   {"code_verifier", verifier}})));
}

}  // namespace cardea::test
