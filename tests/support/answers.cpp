// Looking at the answers of the server under test; see harness.h.
#include <algorithm>

#include "base/base64url.h"
#include "base/url.h"
#include "support/harness.h"

namespace cardea::test {

json::Object json_of(const http::Response& response) {
  auto object = json::parse_object(response.body);
  EXPECT_TRUE(object.has_value()) << response.status << " " << response.body;
  return object.value_or(json::Object());
}

std::string error_of(const http::Response& response) {
  const auto object = json::parse_object(response.body);
  return object ? json::string_member(*object, "error").value_or("") : "";
}

Tokens tokens_of(const http::Response& response) {
  const auto body = json_of(response);
  const auto text = [&](std::string_view name) {
    return json::string_member(body, name).value_or("");
  };
  return {.status = response.status,
          .error = text("error"),
          .access_token = text("access_token"),
          .refresh_token = text("refresh_token"),
          .id_token = text("id_token"),
          .scope = text("scope"),
          .expires_in = json::integer_member(body, "expires_in").value_or(0),
          .response = response};
}

json::Object claims_of(const std::string& jwt) {
  const auto parsed = jose::parse_unverified(jwt);
  EXPECT_TRUE(parsed.ok()) << jwt;
  return parsed ? parsed->unverified_claims : json::Object();
}

json::Object header_of(const std::string& jwt) {
  const auto parsed = jose::parse_unverified(jwt);
  EXPECT_TRUE(parsed.ok()) << jwt;
  return parsed ? parsed->unverified_header : json::Object();
}

std::map<std::string, std::string> reply_of(const http::Response& response) {
  const std::string location(response.headers.first("Location"));
  const auto at = location.find_first_of("?#");
  if (at == std::string::npos) return {};
  const auto pairs = http::parse_form(std::string_view(location).substr(at + 1));
  if (!pairs) return {};
  return {pairs->begin(), pairs->end()};
}

http::FormPairs authorize_form(const Harness& harness, const std::string& client,
                               const http::FormPairs& changed) {
  http::FormPairs form{{"response_type", "code"},
                       {"client_id", client},
                       {"redirect_uri", harness.client(client).redirect_uris.front()},
                       {"scope", "openid profile email"},
                       {"state", "af0ifjsldkj"},
                       {"nonce", "n-0S6_WzA2Mj"},
                       {"code_challenge", challenge},
                       {"code_challenge_method", "S256"}};
  for (const auto& [name, value] : changed) {
    const auto at = std::ranges::find(form, name, [](const auto& pair) { return pair.first; });
    if (at == form.end() || name == "resource") {  // which may be sent several times
      form.emplace_back(name, value);
    } else {
      at->second = value;
    }
  }
  return form;
}

std::string basic(std::string_view client_id, std::string_view secret) {
  return "Basic " + base64_encode(url::form_encode(client_id) + ":" + url::form_encode(secret));
}

std::string secret_of(std::string_view client_id) {
  return "secret0of0" + std::string(client_id) + "0and0more0than0thirty0two0characters";
}

testing::AssertionResult is_json_refusal(const http::Response& response, int status,
                                         std::string_view error) {
  const auto fail = [&](std::string_view what) {
    return testing::AssertionFailure() << what << ": " << response.status << " " << response.body
                                       << " instead of " << status << " " << error;
  };
  if (response.status != status) return fail("status");
  if (error_of(response) != error) return fail("error");
  if (response.headers.first("Content-Type") != "application/json") return fail("Content-Type");
  if (response.headers.first("Cache-Control") != "no-store") return fail("Cache-Control");
  for (const auto* word : {"SELECT", "sqlite", "0x", "std::"}) {
    if (response.body.find(word) != std::string::npos) return fail("the body tells too much");
  }
  return testing::AssertionSuccess();
}

}  // namespace cardea::test
