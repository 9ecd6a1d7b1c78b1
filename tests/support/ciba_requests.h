// Signed backchannel authentication requests and clients that are pinged, as tests use them. cK
// signs with its ES256 key.
#pragma once

#include <string>

#include "support/further_grants.h"

namespace cardea::test {

inline const std::string ping_address = "https://k.example/ping";
inline const std::string notification_token = "8d67dc78-7faa-4d41-aabd-67707b374255";

// cK may ask and signs with ES256; cA asks in plain, as in FurtherGrants.
struct CibaRequests : FurtherGrants {
  CibaRequests() {
    harness.edit_client("cK", [](Client& it) {
      it.grant_types.push_back(GrantType::ciba);
      it.backchannel_authentication_request_signing_alg = crypto::SignatureAlgorithm::ES256;
    });
  }
  void ping(const std::string& client) {
    harness.edit_client(client, [](Client& it) {
      it.backchannel_token_delivery_mode = TokenDeliveryMode::ping;
      it.backchannel_client_notification_endpoint = ping_address;
    });
  }
  // The usual request, with claims changed or, by null, taken out.
  json::Object signed_claims(const json::Object& changed = {}) {
    const auto now = harness.clock.now().unix_seconds();
    json::Object claims{{"iss", "cK"},
                        {"aud", harness.settings.issuer},
                        {"exp", now + 60},
                        {"iat", now},
                        {"nbf", now},
                        {"jti", new_identifier(harness.random)},
                        {"scope", "openid profile"},
                        {"login_hint", "alice"},
                        {"binding_message", "W4SCT"}};
    for (const auto& member : changed.members()) {
      if (member.value.is_null()) {
        claims.erase(member.name);
      } else {
        claims.set(member.name, member.value);
      }
    }
    return claims;
  }
  std::string signed_request(const json::Object& changed = {}, std::string_view typ = "JWT") {
    return Harness::signed_by_cK(signed_claims(changed), typ);
  }
  http::Response ask_signed(const std::string& request, http::FormPairs more = {}) {
    more.emplace_back("request", request);
    return ask_backchannel(std::move(more), "cK");
  }
  // By this rule, with nothing asked and nothing remembered but the assertion of the client.
  testing::AssertionResult is_refused(const std::string& request, http::FormPairs more = {},
                                      std::string_view rule = "CARDEA-CIBA-014") {
    const auto before = harness.writes();
    if (auto refused =
            is_json_refusal(ask_signed(request, std::move(more)), 400, "invalid_request");
        !refused) {
      return refused;
    }
    const auto refusal = harness.watcher.last().refusal;
    if (!refusal || refusal->rule != rule) {
      return testing::AssertionFailure() << (refusal ? refusal->rule : "nothing") << " refused it";
    }
    if (harness.writes() != before + 1) return testing::AssertionFailure() << "something was kept";
    return testing::AssertionSuccess();
  }
  testing::AssertionResult changed_is_refused(const json::Object& changed,
                                              std::string_view typ = "JWT") {
    return is_refused(signed_request(changed, typ));
  }
};

}  // namespace cardea::test
