// Devices, trusted issuers, exchanges and backchannel requests as tests use them, over the
// harness's clients.
#pragma once

#include <string>

#include "support/authorize_answers.h"
#include "support/harness.h"

namespace cardea::test {

inline const std::string device_grant = "urn:ietf:params:oauth:grant-type:device_code";
inline const std::string bearer_grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
inline const std::string exchange_grant = "urn:ietf:params:oauth:grant-type:token-exchange";
inline const std::string ciba_grant = "urn:openid:params:grant-type:ciba";
inline const std::string access_token_type = "urn:ietf:params:oauth:token-type:access_token";
inline const std::string partner = "https://partner.example";  // a trusted issuer

// The key of `partner`.
inline const crypto::PrivateKey& partner_key() {
  static const auto key = crypto::PrivateKey::generate(crypto::SignatureAlgorithm::ES256);
  return key;
}

inline TrustedIssuer trusted_partner() {
  return {.issuer = partner,
          .jwks = json::Object{{"keys", json::Array{jose::write_jwk(partner_key(), "p1")}}},
          .clients = {ClientId("cA"), ClientId("cK")},
          .scopes = {"openid", "profile", "email", "calendar.read"}};
}

// A harness in which cA may use every grant, pN a device, and `partner` is trusted.
inline HarnessOptions with_further_grants() {
  return {.settings = [](Settings& settings) { settings.trusted_issuers = {trusted_partner()}; }};
}
inline void allow_further_grants(Harness& harness) {
  harness.edit_client("cA", [](Client& client) {
    for (const auto grant : {GrantType::device_code, GrantType::jwt_bearer,
                             GrantType::token_exchange, GrantType::ciba}) {
      client.grant_types.push_back(grant);
    }
    client.token_exchange = TokenExchangePolicy{.subject_clients = {ClientId("cA"), ClientId("cB")},
                                                .resources = {ResourceId(api), ResourceId(notes)}};
  });
  harness.edit_client("pN",
                      [](Client& client) { client.grant_types.push_back(GrantType::device_code); });
}

struct FurtherGrants : testing::Test {
  explicit FurtherGrants(HarnessOptions options = with_further_grants())
      : harness(std::move(options)) {
    allow_further_grants(harness);
  }

  // --- devices
  http::Response ask_for_device(const std::string& client = "cA",
                                http::FormPairs form = {{"scope", "openid profile"}}) {
    return harness.send(harness.as_client(client, "/device_authorization", std::move(form)));
  }
  json::Object device(const std::string& scope = "openid profile",
                      const std::string& client = "cA") {
    const auto response = ask_for_device(client, {{"scope", scope}});
    EXPECT_EQ(response.status, 200) << response.body;
    return json_of(response);
  }
  http::Request poll_request(const std::string& device_code, const std::string& client = "cA") {
    return harness.as_client(client, "/token",
                             {{"grant_type", device_grant}, {"device_code", device_code}});
  }
  Tokens poll(const json::Object& device, const std::string& client = "cA") {
    return tokens_of(harness.send(poll_request(text_in(device, "device_code"), client)));
  }
  // The page that follows the code; signed in where the browser is not.
  http::Response type_code(Browser& own, const std::string& user_code) {
    return own.press(own.get("/device"), "continue", {{"user_code", user_code}});
  }
  http::Response reach_consent(Browser& own, const json::Object& device,
                               const std::string& login = "alice") {
    auto page = type_code(own, text_in(device, "user_code"));
    if (page.body.find("value=\"sign-in\"") != std::string::npos) {
      page = own.press(page, "sign-in", credentials(login));
    }
    EXPECT_TRUE(offers(page, "allow"));
    return page;
  }
  void allow(Browser& own, const json::Object& device) {
    const auto page = own.press(reach_consent(own, device), "allow");
    EXPECT_NE(page.body.find("You have allowed it"), std::string::npos) << page.body;
  }

  // --- assertions
  std::string partner_assertion(const json::Object& changed = {}, std::string_view typ = "JWT") {
    const auto now = harness.clock.now().unix_seconds();
    json::Object claims{
        {"iss", partner},  {"sub", "alice"}, {"aud", harness.settings.issuer},
        {"exp", now + 60}, {"iat", now},     {"jti", new_identifier(harness.random)}};
    for (const auto& member : changed.members()) {
      if (member.value.is_null()) {
        claims.erase(member.name);
      } else {
        claims.set(member.name, member.value);
      }
    }
    return jose::sign_jwt(partner_key(), "p1", typ, claims);
  }
  http::Request bearer_request(const std::string& assertion, const std::string& client = "cA",
                               http::FormPairs more = {}) {
    http::FormPairs form{{"grant_type", bearer_grant}, {"assertion", assertion}};
    form.insert(form.end(), more.begin(), more.end());
    return harness.as_client(client, "/token", std::move(form));
  }
  Tokens bear(const std::string& assertion, const std::string& client = "cA",
              http::FormPairs more = {}) {
    return tokens_of(harness.send(bearer_request(assertion, client, std::move(more))));
  }

  // --- exchanges
  http::Response exchange_answer(const http::FormPairs& more, const std::string& client = "cA") {
    http::FormPairs form{{"grant_type", exchange_grant}};
    form.insert(form.end(), more.begin(), more.end());
    return harness.send(harness.as_client(client, "/token", std::move(form)));
  }
  Tokens exchange(const std::string& subject_token, const http::FormPairs& more = {},
                  const std::string& client = "cA") {
    http::FormPairs form{{"subject_token", subject_token},
                         {"subject_token_type", access_token_type},
                         {"resource", api}};
    form.insert(form.end(), more.begin(), more.end());
    return tokens_of(exchange_answer(form, client));
  }

  // --- backchannel authentication
  http::Response ask_backchannel(http::FormPairs form = {{"scope", "openid profile"},
                                                         {"login_hint", "alice"}},
                                 const std::string& client = "cA") {
    return harness.send(harness.as_client(client, "/bc-authorize", std::move(form)));
  }
  std::string asked(http::FormPairs more = {}) {
    http::FormPairs form{{"login_hint", "alice"}};
    const bool has_scope =
        std::ranges::any_of(more, [](const auto& pair) { return pair.first == "scope"; });
    if (!has_scope) form.emplace_back("scope", "openid profile");
    form.insert(form.end(), more.begin(), more.end());
    const auto response = ask_backchannel(std::move(form));
    EXPECT_EQ(response.status, 200) << response.body;
    return text_in(json_of(response), "auth_req_id");
  }
  http::Request ciba_request(const std::string& auth_req_id, const std::string& client = "cA") {
    return harness.as_client(client, "/token",
                             {{"grant_type", ciba_grant}, {"auth_req_id", auth_req_id}});
  }
  Tokens poll_ciba(const std::string& auth_req_id, const std::string& client = "cA") {
    return tokens_of(harness.send(ciba_request(auth_req_id, client)));
  }
  http::Response enter_account(Browser& own, const std::string& login = "alice") {
    auto page = own.follow(own.get("/account"));
    if (page.body.find("value=\"sign-in\"") == std::string::npos) return page;
    return own.press(page, "sign-in", credentials(login));
  }

  static std::string text_in(const json::Object& object, std::string_view name) {
    return json::string_member(object, name).value_or("");
  }

  Harness harness;
  Browser browser{harness};
};

}  // namespace cardea::test
