// Registering clients as they do it themselves: requests to /register and what they answer.
#pragma once

#include <string>

#include "support/harness.h"

namespace cardea::test {

inline const std::string other_peer = "198.51.100.7";

// Settings of a server where anybody may register.
inline HarnessOptions open_registration() {
  HarnessOptions options;
  options.settings = [](Settings& settings) {
    settings.registration.mode = RegistrationSettings::Mode::open;
  };
  return options;
}

// What a client of the corpus says about itself, with members changed or, by null, taken out.
inline json::Object registration_of(const json::Object& changed = {}) {
  json::Object metadata{
      {"client_name", "Calendar"},
      {"redirect_uris", std::vector<std::string>{"https://new.example/cb"}},
      {"grant_types", std::vector<std::string>{"authorization_code", "refresh_token"}},
      {"scope", "openid email offline_access"}};
  for (const auto& member : changed.members()) {
    if (member.value.is_null()) {
      metadata.erase(member.name);
    } else {
      metadata.set(member.name, member.value);
    }
  }
  return metadata;
}

inline http::Request json_request(const Harness& harness, std::string method, std::string target,
                                  std::string body, const std::string& token = "") {
  http::Request request{.method = std::move(method),
                        .target = harness.settings.issuer_path + std::move(target),
                        .headers = {{"Content-Type", "application/json"}},
                        .body = std::move(body),
                        .peer_address = "192.0.2.1"};
  if (!token.empty()) request.headers.add("Authorization", "Bearer " + token);
  return request;
}

inline http::Response register_client(Harness& harness, const json::Object& metadata,
                                      const std::string& token = "") {
  return harness.send(json_request(harness, "POST", "/register", json::write(metadata), token));
}

inline std::string text_of(const json::Object& object, std::string_view name) {
  return json::string_member(object, name).value_or("");
}

}  // namespace cardea::test
