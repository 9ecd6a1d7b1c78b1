// CIBA Core 7.1.1: a backchannel authentication request as a JWT that its client signed. FAPI CIBA
// 5.2.2.
#include "base/base64url.h"
#include "domain/client_profile.h"
#include "http/form.h"
#include "jose/jws.h"
#include "support/ciba_requests.h"

namespace cardea::ciba_signed_test {

using namespace test;

using SignedCiba = CibaRequests;

// CIBACore-7.1.1; ciba-14: what the JWT says is the request, whatever the registered type of JWT
TEST_F(SignedCiba, S7_1_1_TheJwtIsTheRequest) {
  for (const char* typ : {"JWT", "", "oauth-authz-req+jwt"}) {
    const auto response =
        ask_signed(signed_request({{"requested_expiry", 30}, {"binding_message", typ}}, typ));
    ASSERT_EQ(response.status, 200) << response.body;
    const auto body = json_of(response);
    EXPECT_EQ(json::integer_member(body, "expires_in"), 30);
    const auto asking = harness.stored(
        harness.store->requests_asking(harness.user("alice").user_id, harness.clock.now()));
    ASSERT_FALSE(asking.empty());
    EXPECT_EQ(asking.back().binding_message, typ);
    EXPECT_EQ(asking.back().scopes, (std::vector<std::string>{"openid", "profile"}));
    (void)browser.press(enter_account(browser), "allow");
    EXPECT_EQ(poll_ciba(text_in(body, "auth_req_id"), "cK").status, 200);
  }
  // A number may be a text, the client_id may be said again, and the audience may be one of
  // several.
  EXPECT_EQ(ask_signed(signed_request({{"requested_expiry", "30"}})).status, 200);
  EXPECT_EQ(ask_signed(signed_request({{"client_id", "cK"}})).status, 200);
  EXPECT_EQ(ask_signed(signed_request({{"aud", json::Array{harness.settings.issuer, "x"}}})).status,
            200);
}

// CIBACore-7.1.1; ciba-14: the rules of every request hold inside
TEST_F(SignedCiba, S7_1_1_TheParametersInsideAreJudged) {
  EXPECT_TRUE(is_json_refusal(ask_signed(signed_request({{"login_hint", nullptr}})), 400,
                              "invalid_request"));
  EXPECT_TRUE(is_json_refusal(ask_signed(signed_request({{"id_token_hint", "x"}})), 400,
                              "invalid_request"));
  EXPECT_TRUE(
      is_json_refusal(ask_signed(signed_request({{"scope", "profile"}})), 400, "invalid_scope"));
  EXPECT_TRUE(is_json_refusal(ask_signed(signed_request({{"login_hint", "nobody"}})), 400,
                              "unknown_user_id"));
  EXPECT_TRUE(
      is_json_refusal(ask_signed(signed_request({{"binding_message", std::string(121, 'a')}})), 400,
                      "invalid_binding_message"));
  EXPECT_TRUE(changed_is_refused({{"scope", true}}));
}

// CIBACore-7.1.1; ciba-15: nothing stands beside the JWT but what authenticates the client
TEST_F(SignedCiba, S7_1_1_NothingStandsBeside) {
  for (const char* name : {"scope", "login_hint", "binding_message", "acr_values", "request_uri",
                           "requested_expiry", "anything"}) {
    EXPECT_TRUE(is_refused(signed_request(), {{name, "openid"}}, "CARDEA-CIBA-015")) << name;
  }
  EXPECT_EQ(ask_signed(signed_request(), {{"client_id", "cK"}}).status, 200);
}

// CIBACore-4; fapi-ciba-5.2.2; ciba-16: who registers an algorithm signs every request, nobody else
// signs one
TEST_F(SignedCiba, S4_RegisteredOrNot) {
  const http::FormPairs plain{{"scope", "openid"}, {"login_hint", "alice"}};
  const auto before = harness.writes();
  EXPECT_TRUE(is_json_refusal(ask_backchannel(plain, "cK"), 400, "invalid_request"));
  EXPECT_EQ(harness.watcher.last().refusal->rule, "CARDEA-CIBA-013");
  EXPECT_EQ(harness.writes(), before + 1);
  harness.edit_client(
      "cK", [](Client& it) { it.backchannel_authentication_request_signing_alg.reset(); });
  EXPECT_TRUE(is_refused(signed_request(), {}, "CARDEA-CIBA-002"));
  EXPECT_EQ(ask_backchannel(plain, "cK").status, 200);
}

// CIBACore-7.1.1; ciba-17; 8725-01; 8725-02: the registered algorithm and the client's own key
// (…-ensure-request-object-signature-algorithm-is-none-fails, -is-bad-fails, -is-RS256-fails,
// …-ensure-request-object-signed-by-other-client-fails)
TEST_F(SignedCiba, S7_1_1_TheSignature) {
  const auto good = signed_request();
  const auto head = good.substr(0, good.find('.'));
  const auto body = good.substr(head.size() + 1, good.rfind('.') - head.size() - 1);
  EXPECT_TRUE(is_refused(base64url_encode(R"({"alg":"none"})") + "." + body + "."));
  EXPECT_TRUE(is_refused(good.substr(0, good.size() - 8) + "AAAAAAAA"));
  EXPECT_TRUE(is_refused("x.y.z"));
  EXPECT_TRUE(is_refused("x"));
  const auto other = crypto::PrivateKey::generate(crypto::SignatureAlgorithm::ES256);
  EXPECT_TRUE(is_refused(jose::sign_jwt(other, "k1", "JWT", signed_claims())));
  // Its own key, by an algorithm that is not the registered one.
  harness.edit_client("cK", [](Client& it) {
    it.backchannel_authentication_request_signing_alg = crypto::SignatureAlgorithm::PS256;
  });
  EXPECT_TRUE(is_refused(signed_request()));
}

// CIBACore-7.1.1; ciba-18; 8725-08; 8725-09: each claim is required and says what it must
// (…-ensure-request-object-missing-iss-fails, -bad-iss-, -missing-aud-, -bad-aud-, -missing-exp-,
// -missing-iat-, -missing-nbf-, -missing-jti-)
TEST_F(SignedCiba, S7_1_1_TheClaims) {
  for (const char* name : {"iss", "aud", "exp", "iat", "nbf", "jti"}) {
    EXPECT_TRUE(changed_is_refused({{name, nullptr}})) << name;
    EXPECT_TRUE(changed_is_refused({{name, true}})) << name;
  }
  EXPECT_TRUE(changed_is_refused({{"iss", "cA"}}));
  EXPECT_TRUE(changed_is_refused({{"aud", "https://other.example"}}));
  EXPECT_TRUE(changed_is_refused({{"aud", harness.settings.issuer + "/bc-authorize"}}));
  EXPECT_TRUE(changed_is_refused({{"client_id", "cA"}}));
  EXPECT_TRUE(changed_is_refused({{"jti", ""}}));
  EXPECT_TRUE(changed_is_refused({{"jti", std::string(257, 'j')}}));
  EXPECT_TRUE(changed_is_refused({{"request", "x"}}));
}

// fapi-ciba-5.2.2; ciba-19: an hour at most from nbf to exp, and it is in that hour
// (…-expired-exp-fails, -exp-is-70-minutes-in-future-, -nbf-is-10-minutes-in-future-,
// -nbf-is-70-minutes-in-past-)
TEST_F(SignedCiba, Fapi5_2_2_TheWindow) {
  const auto now = harness.clock.now().unix_seconds();
  EXPECT_EQ(ask_signed(signed_request({{"exp", now + 3600}})).status, 200);
  EXPECT_EQ(ask_signed(signed_request({{"nbf", now - 3595}, {"exp", now + 5}})).status, 200);
  EXPECT_TRUE(changed_is_refused({{"exp", now + 3601}}));
  EXPECT_TRUE(changed_is_refused({{"exp", now + 4200}}));
  EXPECT_TRUE(changed_is_refused({{"exp", now - 10}}));
  EXPECT_TRUE(changed_is_refused({{"nbf", now + 600}, {"exp", now + 660}}));
  EXPECT_TRUE(changed_is_refused({{"nbf", now - 3601}, {"exp", now - 5}}));
  EXPECT_TRUE(changed_is_refused({{"nbf", now - 4200}}));
  EXPECT_TRUE(changed_is_refused({{"iat", now + 600}}));
}

// CIBACore-7.1.1; ciba-20; 8725-13: a signed request asks once, whatever it asks, until it is over;
// another client's jti is another one
TEST_F(SignedCiba, S7_1_1_AJtiIsTakenOnce) {
  const auto first = signed_request({{"jti", "j1"}});
  EXPECT_EQ(ask_signed(first).status, 200);
  const auto asking = [&] {
    return harness
        .stored(harness.store->requests_asking(harness.user("alice").user_id, harness.clock.now()))
        .size();
  };
  EXPECT_TRUE(is_json_refusal(ask_signed(first), 400, "invalid_request"));
  EXPECT_EQ(harness.watcher.last().refusal->rule, "CARDEA-CIBA-016");
  EXPECT_EQ(asking(), 1u);
  harness.clock.advance(Seconds{69});  // one second before the tolerance is over
  EXPECT_TRUE(is_json_refusal(ask_signed(first), 400, "invalid_request"));
  EXPECT_EQ(harness.watcher.last().refusal->rule, "CARDEA-CIBA-016");
  EXPECT_TRUE(is_json_refusal(ask_signed(signed_request({{"jti", "j1"}, {"scope", "openid"}})), 400,
                              "invalid_request"));
  // What is refused for something else uses nothing up.
  EXPECT_EQ(ask_signed(signed_request({{"jti", "j2"}, {"login_hint", "nobody"}})).status, 400);
  EXPECT_EQ(ask_signed(signed_request({{"jti", "j2"}})).status, 200);
  // And a client assertion of the same jti is another thing.
  EXPECT_EQ(asking(), 2u);
}

// RFC8725-3.11; ciba-21; 9101-09: no other kind of JWT is a request, and a request is no other kind
TEST_F(SignedCiba, S7_1_1_NoOtherKindOfJwt) {
  for (const char* typ : {"client-authentication+jwt", "at+jwt", "dpop+jwt", "logout+jwt"}) {
    EXPECT_TRUE(changed_is_refused({}, typ)) << typ;
  }
  EXPECT_TRUE(is_refused(harness.assertion({{"nbf", harness.clock.now().unix_seconds()}})));
  const auto response =
      browser.get("/authorize?" + http::write_form({{"client_id", "cK"},
                                                    {"request", signed_request({{"jti", "a"}})}}));
  EXPECT_TRUE(is_page(response, 400, "invalid_request_object"));
}

// CIBACore-7.1; ciba-22: what a signed request says is shown without its secrets, and what is
// refused is not shown at all
TEST_F(SignedCiba, S7_1_TheNotificationTokenIsNotShown) {
  ping("cK");
  const json::Object token{{"client_notification_token", notification_token}};
  const auto shown = [&] {
    std::string text;
    for (const auto& [name, value] : harness.watcher.last().shown_parameters) text += value + "\n";
    return text;
  };
  EXPECT_EQ(ask_signed(signed_request(token)).status, 200);
  EXPECT_NE(shown().find("W4SCT"), std::string::npos);
  EXPECT_EQ(shown().find(notification_token), std::string::npos);
  auto changed = token;
  changed.set("aud", "https://other.example");
  const auto refused = signed_request(changed);
  EXPECT_TRUE(is_refused(refused));
  EXPECT_EQ(shown().find(refused.substr(refused.size() - 40)), std::string::npos);
  EXPECT_EQ(harness.log.text().find(notification_token), std::string::npos);
}

// fapi-ciba-5.2.2: a client under a profile says what the person is to recognise,
// and signs
TEST_F(SignedCiba, Fapi5_2_2_UnderAProfile) {
  harness.edit_client("cK", [](Client& it) {
    settle_by_profile(it, Profile::fapi2_security, TokenBinding::certificate);
  });
  EXPECT_EQ(ask_signed(signed_request()).status, 200);
  EXPECT_TRUE(is_json_refusal(ask_signed(signed_request({{"binding_message", nullptr}})), 400,
                              "invalid_binding_message"));
  EXPECT_EQ(harness.watcher.last().refusal->rule, "CARDEA-CIBA-018");
}

// CIBACore-7.1; ciba-32; RFC8705-5: an assertion may name the issuer, the token endpoint and, here
// alone, this endpoint, each by its alias as well; under a profile the issuer alone
TEST_F(SignedCiba, S7_1_TheAudienceOfAnAssertion) {
  const auto& issuer = harness.settings.issuer;
  harness.settings.mtls_origin = "https://mtls.id.example";
  const auto status = [&](const std::string& path, const json::Value& audience) {
    return harness
        .send(harness.post(path, {{"client_assertion_type",
                                   "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
                                  {"client_assertion", harness.assertion({{"aud", audience}})},
                                  {"request", signed_request()},
                                  {"grant_type", ciba_grant},
                                  {"auth_req_id", "x"}}))
        .status;
  };
  const auto asks = [&](const json::Value& audience) {
    const auto response = harness.send(harness.post(
        "/bc-authorize",
        {{"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
         {"client_assertion", harness.assertion({{"aud", audience}})},
         {"request", signed_request()}}));
    if (response.status != 200) {
      EXPECT_TRUE(is_json_refusal(response, 401, "invalid_client"));
    }
    return response.status == 200;
  };
  const std::vector<std::string> here{issuer + "/bc-authorize",
                                      "https://mtls.id.example/bc-authorize"};
  const std::vector<std::string> token{issuer + "/token", "https://mtls.id.example/token"};
  for (const auto& each : here) {
    EXPECT_TRUE(asks(each)) << each;
    EXPECT_EQ(status("/token", each), 401) << each;
  }
  for (const auto& each : token) {
    EXPECT_TRUE(asks(each)) << each;
    EXPECT_EQ(status("/token", each), 400) << each;  // the client is proven, the grant is not
  }
  EXPECT_TRUE(asks(issuer));
  EXPECT_TRUE(asks(json::Array{issuer, here.front()}));
  EXPECT_FALSE(asks(json::Array{issuer, "https://other.example"}));
  EXPECT_FALSE(asks(issuer + "/par"));
  harness.edit_client("cK", [](Client& it) {
    settle_by_profile(it, Profile::fapi2_security, TokenBinding::certificate);
  });
  EXPECT_TRUE(asks(issuer));
  EXPECT_FALSE(asks(here.front()));
  EXPECT_FALSE(asks(token.front()));
}

// fapi-5.4.1: and by PS256, ES256 or EdDSA, whatever it registers
TEST_F(SignedCiba, Fapi2_5_4_1_TheAlgorithmsOfAProfile) {
  for (const auto algorithm :
       {crypto::SignatureAlgorithm::RS256, crypto::SignatureAlgorithm::ES384,
        crypto::SignatureAlgorithm::PS256, crypto::SignatureAlgorithm::EdDSA}) {
    const bool is_admitted = algorithm == crypto::SignatureAlgorithm::PS256 ||
                             algorithm == crypto::SignatureAlgorithm::EdDSA;
    const auto key = crypto::PrivateKey::generate(algorithm);
    harness.edit_client("cK", [&](Client& it) {
      it.token_endpoint_auth_method = ClientAuthMethod::client_secret_post;
      it.secrets = harness.client("cA").secrets;
      it.jwks = json::Object{{"keys", json::Array{jose::write_jwk(key, "k2")}}};
      it.backchannel_authentication_request_signing_alg = algorithm;
      it.profile.reset();
    });
    const auto send = [&] {
      return harness.send(harness.post(
          "/bc-authorize", {{"client_id", "cK"},
                            {"client_secret", secret_of("cA")},
                            {"request", jose::sign_jwt(key, "k2", "JWT", signed_claims())}}));
    };
    EXPECT_EQ(send().status, 200) << jose::name_of(algorithm);
    harness.edit_client("cK", [](Client& it) { it.profile = Profile::fapi2_security; });
    EXPECT_EQ(send().status, is_admitted ? 200 : 400) << jose::name_of(algorithm);
  }
}

}  // namespace cardea::ciba_signed_test
