// OpenID Connect Core at the authorization endpoint: prompt, max_age, hints, claims, acr, offline
// access, response types with an ID token, and untrusted display values.
#include <gtest/gtest.h>

#include "base/base64url.h"
#include "jose/jws.h"
#include "support/authorize_answers.h"

namespace cardea::oidc_core_authorization_test {

using test::ask;
using test::has_code;
using test::is_page;
using test::is_told;
using test::offers;
using test::visit;

struct OidcCoreAuthorization : testing::Test {
  test::Harness harness;
  test::Browser fresh{harness};

  test::Browser alice() { return test::signed_in(harness); }
  std::string rule() const { return std::string(harness.watcher.last().refusal->rule); }
  // An ID token of this person for this client.
  std::string id_token(const std::string& user = "alice", const std::string& client = "cA") {
    return harness.sign_up_tokens({.client = client, .user = user}).id_token;
  }
  std::int64_t auth_time(const http::Response& response) {
    const auto tokens = test::redeem_reply(harness, response);
    return json::integer_member(test::claims_of(tokens.id_token), "auth_time").value_or(-1);
  }
};

// OIDCC-3.1.2.1; oidc-01; U-A12: redirect_uri is required when scope has openid
TEST_F(OidcCoreAuthorization, S3_1_2_1_RedirectUriIsRequired) {
  harness.edit_client("cA", [](Client& it) { it.redirect_uris.resize(1); });
  EXPECT_TRUE(is_page(ask(harness, fresh, {{"redirect_uri", ""}})));
  EXPECT_EQ(rule(), "CARDEA-REDIRECT-004");
}

// OIDCC-3.1.2.1; oidc-02: a nonce of 1 KiB comes back unchanged in the ID token, none when absent
TEST_F(OidcCoreAuthorization, S3_1_2_1_NonceIsEchoed) {
  auto person = alice();
  const std::string nonce(1024, 'n');
  const auto with = test::redeem_reply(harness, ask(harness, person, {{"nonce", nonce}}));
  EXPECT_EQ(json::string_member(test::claims_of(with.id_token), "nonce"), nonce);
  const auto without = test::redeem_reply(harness, ask(harness, person, {{"nonce", ""}}));
  EXPECT_FALSE(test::claims_of(without.id_token).contains("nonce"));
  EXPECT_TRUE(is_told(harness, ask(harness, person, {{"nonce", std::string(4097, 'n')}}),
                      "invalid_request"));
}

// OIDCC-3.1.2.1; oidc-05: prompt=none without a session is login_required, and shows nothing
TEST_F(OidcCoreAuthorization, S3_1_2_1_PromptNoneWithoutASession) {
  const auto before = harness.writes();
  EXPECT_TRUE(is_told(harness, ask(harness, fresh, {{"prompt", "none"}}), "login_required"));
  EXPECT_EQ(harness.writes(), before);
  EXPECT_TRUE(fresh.cookies.empty());
}

// OIDCC-3.1.2.1; oidc-05: prompt=none with session and approval succeeds silently, writing nothing
TEST_F(OidcCoreAuthorization, S3_1_2_1_PromptNoneSucceedsSilently) {
  auto person = alice();
  const auto before = harness.writes();
  EXPECT_TRUE(has_code(harness, ask(harness, person, {{"prompt", "none"}})));
  EXPECT_EQ(harness.writes(), before);
}

// OIDCC-3.1.2.1; oidc-05; 10017-09: prompt=none for what was never approved is consent_required
TEST_F(OidcCoreAuthorization, S3_1_2_1_PromptNoneWithoutConsent) {
  auto person = alice();
  EXPECT_TRUE(is_told(
      harness, ask(harness, person, {{"prompt", "none"}, {"scope", "openid profile email groups"}}),
      "consent_required"));
  EXPECT_TRUE(is_told(harness, ask(harness, person, {{"prompt", "none"}}, "cB"), "consent_required",
                      "https://b.example/cb"));
}

// OIDCC-3.1.2.1; oidc-05: none with another word, and an unknown word, are invalid
TEST_F(OidcCoreAuthorization, S3_1_2_1_PromptWords) {
  EXPECT_TRUE(is_told(harness, ask(harness, fresh, {{"prompt", "none login"}}), "invalid_request"));
  EXPECT_EQ(rule(), "CARDEA-OPENID-005");
  EXPECT_TRUE(is_told(harness, ask(harness, fresh, {{"prompt", "dance"}}), "invalid_request"));
  EXPECT_EQ(rule(), "CARDEA-OPENID-004");
}

// OIDCC-3.1.2.6; oidc-05: prompt=none among several accounts is account_selection_required
TEST_F(OidcCoreAuthorization, S3_1_2_6_PromptNoneAmongSeveralAccounts) {
  auto person = alice();
  const auto page = visit(harness, person, {{"prompt", "login"}});
  person.complete(person.press(page, "sign-in", test::credentials("bob")), "bob");
  EXPECT_TRUE(
      is_told(harness, ask(harness, person, {{"prompt", "none"}}), "account_selection_required"));
  // With a hint there is nothing to choose.
  EXPECT_TRUE(has_code(harness, ask(harness, person, {{"prompt", "none"}, {"login_hint", "bob"}})));
}

// OIDCC-3.1.2.1; oidc-06: prompt=login really authenticates again, and auth_time is newer
TEST_F(OidcCoreAuthorization, S3_1_2_1_PromptLoginAuthenticatesAgain) {
  auto person = alice();
  const auto before = auth_time(ask(harness, person));
  harness.clock.advance(minutes(3));
  const auto page = visit(harness, person, {{"prompt", "login"}});
  ASSERT_TRUE(offers(page, "sign-in"));
  const auto response = person.press(page, "sign-in", test::credentials());
  ASSERT_TRUE(has_code(harness, response));
  EXPECT_EQ(auth_time(response), before + 180);
}

// OIDCC-3.1.2.1; oidc-06: going back or cancelling leaves the old session untouched
TEST_F(OidcCoreAuthorization, S3_1_2_1_CancellingKeepsTheSession) {
  auto person = alice();
  const auto before = auth_time(ask(harness, person));
  const auto page = visit(harness, person, {{"prompt", "login"}});
  harness.clock.advance(minutes(1));
  EXPECT_TRUE(is_told(harness, person.press(page, "cancel"), "access_denied"));
  EXPECT_EQ(auth_time(ask(harness, person)), before);
}

// OIDCC-3.1.2.1; oidc-07; oidcc-max-age-1: max_age is enforced and auth_time returned
TEST_F(OidcCoreAuthorization, S3_1_2_1_MaxAgeIsEnforced) {
  auto person = alice();
  EXPECT_TRUE(has_code(harness, ask(harness, person, {{"max_age", "10000"}})));
  harness.clock.advance(Seconds{5});
  const auto page = visit(harness, person, {{"max_age", "1"}});
  ASSERT_TRUE(offers(page, "sign-in"));
  const auto response = person.press(page, "sign-in", test::credentials());
  EXPECT_EQ(auth_time(response), harness.clock.now().unix_seconds());
  // Right after a sign-in, zero still asks.
  EXPECT_TRUE(offers(visit(harness, person, {{"max_age", "0"}}), "sign-in"));
}

// OIDCC-3.1.2.1; oidc-07: what is not a number of seconds is invalid
TEST_F(OidcCoreAuthorization, S3_1_2_1_MaxAgeIsANumber) {
  for (const char* wrong : {"-1", "1e30", "text", "1.5", "99999999999999999999"}) {
    EXPECT_TRUE(is_told(harness, ask(harness, fresh, {{"max_age", wrong}}), "invalid_request"));
    EXPECT_EQ(rule(), "CARDEA-OPENID-006");
  }
}

// OIDCC-3.1.2.1; oidc-08: a hint for another user gives neither that one nor the current one
TEST_F(OidcCoreAuthorization, S3_1_2_1_AHintForAnotherUserIsLoginRequired) {
  auto person = alice();
  const auto hint = id_token("bob");
  EXPECT_TRUE(is_told(harness, ask(harness, person, {{"prompt", "none"}, {"id_token_hint", hint}}),
                      "login_required"));
  const auto page = visit(harness, person, {{"id_token_hint", hint}});
  ASSERT_TRUE(offers(page, "sign-in"));
  // Alice proving herself again is not bob.
  EXPECT_TRUE(
      is_told(harness, person.press(page, "sign-in", test::credentials()), "login_required"));
  EXPECT_EQ(rule(), "CARDEA-STEP-002");
}

// OIDCC-3.1.2.1; oidc-08: the hinted user signs in and goes on
TEST_F(OidcCoreAuthorization, S3_1_2_1_TheHintedUserGoesOn) {
  const auto response =
      fresh.complete(ask(harness, fresh, {{"id_token_hint", id_token("bob")}}), "bob");
  EXPECT_TRUE(has_code(harness, response));
}

// OIDCC-3.1.2.1; oidc-09; oidcc-id-token-hint: an expired hint is still a hint
TEST_F(OidcCoreAuthorization, S3_1_2_1_AnExpiredHintIsUsable) {
  const auto hint = id_token();
  auto person = alice();
  harness.clock.advance(hours(1));
  EXPECT_TRUE(
      has_code(harness, ask(harness, person, {{"prompt", "none"}, {"id_token_hint", hint}})));
}

// OIDCC-3.1.2.1; oidc-09; 8725-01; 8725-10: what is not an ID token of ours for this client is
// refused
TEST_F(OidcCoreAuthorization, S3_1_2_1_AForgedHintIsRefused) {
  const auto hint = id_token();
  std::string flipped = hint;
  flipped[hint.size() - 10] = flipped[hint.size() - 10] == 'A' ? 'B' : 'A';
  const std::string body = hint.substr(hint.find('.'), hint.rfind('.') - hint.find('.'));
  const std::string none = base64url_encode(R"({"alg":"none"})") + body + ".";
  const auto access = harness.sign_up_tokens({.scope = "openid calendar.read"}).access_token;
  // Signed by our own key, and for this client: typ and iss alone tell.
  const auto key = harness.keys->signing_key(crypto::SignatureAlgorithm::RS256);
  const auto signed_as = [&](std::string_view typ, const std::string& issuer) {
    auto claims = test::claims_of(hint);
    claims.set("iss", issuer);
    return jose::sign_jwt(key->key, key->kid.value(), typ, claims);
  };
  for (const std::string& wrong :
       {flipped, none, access, std::string("x"), std::string("a.b.c"), id_token("alice", "cB"),
        hint + "x", std::string(20000, 'a'), signed_as("at+jwt", harness.settings.issuer),
        signed_as("logout+jwt", harness.settings.issuer), signed_as("JWT", "https://id.test"),
        signed_as("JWT", harness.settings.issuer + "/")}) {
    EXPECT_TRUE(
        is_told(harness, ask(harness, fresh, {{"id_token_hint", wrong}}), "invalid_request"));
    EXPECT_EQ(rule(), "CARDEA-OPENID-008");
  }
}

// OIDCC-5.5; oidc-10: the claims parameter is strictly parsed
TEST_F(OidcCoreAuthorization, S5_5_ClaimsAreStrictlyParsed) {
  const std::string deep = "{\"id_token\":" + std::string(2000, '[') + std::string(2000, ']') + "}";
  for (const std::string& wrong :
       {std::string("x"), std::string("[]"), std::string(R"({"id_token":[]})"),
        std::string(R"({"id_token":{"acr":{"values":["a",1]}}})"), deep}) {
    EXPECT_TRUE(is_told(harness, ask(harness, fresh, {{"claims", wrong}}), "invalid_request"));
    EXPECT_EQ(rule(), "CARDEA-OPENID-007");
  }
  // What other servers define is ignored (MSAL sends it).
  EXPECT_TRUE(offers(
      visit(harness, fresh, {{"claims", R"({"access_token":{"xms_cc":{"values":["CP1"]}}})"}}),
      "sign-in"));
}

// OIDCC-5.5; oidc-10: no claim is released that was not approved
TEST_F(OidcCoreAuthorization, S5_5_ASingleClaimIsApprovedFirst) {
  auto person = alice();
  const http::FormPairs wish{{"claims", R"({"id_token":{"groups":{"essential":true}}})"}};
  auto silent = wish;
  silent.emplace_back("prompt", "none");
  EXPECT_TRUE(is_told(harness, ask(harness, person, silent), "consent_required"));
  const auto page = visit(harness, person, wish);
  ASSERT_TRUE(offers(page, "allow"));
  EXPECT_NE(test_pages::read_text(page.body).find("groups"), std::string::npos);
  const auto tokens = test::redeem_reply(harness, person.press(page, "allow"));
  EXPECT_TRUE(test::claims_of(tokens.id_token).contains("groups"));
  EXPECT_TRUE(has_code(harness, ask(harness, person, silent)));
}

// OIDCC-5.5.1.1; oidc-20: an essential acr that cannot be met is an error, a voluntary one is not
TEST_F(OidcCoreAuthorization, S5_5_1_1_EssentialAcr) {
  auto person = alice();
  const std::string gold = R"({"id_token":{"acr":{"essential":true,"values":["urn:gold"]}}})";
  const auto before = harness.writes();
  EXPECT_TRUE(is_told(harness, ask(harness, person, {{"claims", gold}}),
                      "unmet_authentication_requirements"));
  EXPECT_TRUE(is_told(harness, ask(harness, person, {{"claims", gold}, {"prompt", "none"}}),
                      "unmet_authentication_requirements"));
  EXPECT_EQ(harness.writes(), before);
  const auto response = ask(harness, person, {{"acr_values", "urn:gold"}});
  ASSERT_TRUE(has_code(harness, response));
  EXPECT_EQ(
      json::string_member(test::claims_of(test::redeem_reply(harness, response).id_token), "acr"),
      acr_password);
}

// OIDCC-11; oidc-16: offline_access is given only when it was approved on our page
TEST_F(OidcCoreAuthorization, S11_OfflineAccessNeedsConsent) {
  auto person = alice();
  const http::FormPairs offline{{"scope", "openid profile email offline_access"}};
  auto silent = offline;
  silent.emplace_back("prompt", "none");
  const auto dropped = test::redeem_reply(harness, ask(harness, person, silent));
  EXPECT_EQ(dropped.scope, "openid profile email");
  EXPECT_FALSE(dropped.refresh_token.empty());
  const auto page = visit(harness, person, offline);
  ASSERT_TRUE(offers(page, "allow"));
  const auto given = test::redeem_reply(harness, person.press(page, "allow"));
  EXPECT_EQ(given.scope, "openid profile email offline_access");
  // Remembered from now on.
  EXPECT_EQ(test::redeem_reply(harness, ask(harness, person, silent)).scope, given.scope);
}

// OIDCC-11; oidc-16: the token that was not approved for offline use ends with the session
TEST_F(OidcCoreAuthorization, S11_WithoutItTheRefreshTokenEndsWithTheSession) {
  auto person = alice();
  const auto bound = test::redeem_reply(harness, ask(harness, person));
  const auto page = visit(harness, person, {{"scope", "openid profile email offline_access"}});
  const auto offline = test::redeem_reply(harness, person.press(page, "allow"));
  person.press(person.follow(person.get("/logout")), "sign-out");
  EXPECT_EQ(harness.refresh("cA", bound.refresh_token).error, "invalid_grant");
  EXPECT_EQ(harness.refresh("cA", offline.refresh_token).status, 200);
}

// OIDCC-11; oidc-16: prompt=consent shows the page again
TEST_F(OidcCoreAuthorization, S11_PromptConsentShowsThePage) {
  auto person = alice();
  EXPECT_TRUE(offers(visit(harness, person, {{"prompt", "consent"}}), "allow"));
}

// OIDCC-15.6; oidc-21: response types with an ID token are off unless registered
TEST_F(OidcCoreAuthorization, S3_HybridIsOffUnlessRegistered) {
  for (const char* type : {"id_token", "code id_token", "id_token code"}) {
    EXPECT_TRUE(is_told(harness, ask(harness, fresh, {{"response_type", type}}),
                        "unsupported_response_type"));
    EXPECT_EQ(rule(), "CARDEA-RESPONSE-003");
  }
}

struct OidcCoreFrontChannel : OidcCoreAuthorization {
  OidcCoreFrontChannel() {
    harness.edit_client("cA", [](Client& it) {
      it.response_types = {ResponseType::code, ResponseType::id_token, ResponseType::code_id_token};
    });
  }
};

// OIDCC-3.3.2.11; oidc-04: a hybrid answer carries both in the fragment, with c_hash
TEST_F(OidcCoreFrontChannel, S3_3_HybridAnswer) {
  auto person = alice();
  const auto response = ask(harness, person, {{"response_type", "code id_token"}});
  ASSERT_EQ(response.status, 303);
  EXPECT_TRUE(test::location_of(response).starts_with("https://app.example/cb#code="));
  auto reply = test::reply_of(response);
  const auto claims = test::claims_of(reply["id_token"]);
  EXPECT_EQ(json::string_member(claims, "c_hash"),
            jose::half_hash(crypto::SignatureAlgorithm::RS256, reply["code"]));
  EXPECT_EQ(json::string_member(claims, "nonce"), "n-0S6_WzA2Mj");
  EXPECT_EQ(test::redeem_reply(harness, response).status, 200);
}

// OIDCC-3.2.2.5: the implicit ID token alone, no code and no access token
TEST_F(OidcCoreFrontChannel, S3_2_ImplicitIdToken) {
  auto person = alice();
  auto reply = test::reply_of(
      ask(harness, person,
          {{"response_type", "id_token"}, {"code_challenge", ""}, {"code_challenge_method", ""}}));
  EXPECT_FALSE(reply["id_token"].empty());
  EXPECT_FALSE(reply.contains("code"));
  EXPECT_FALSE(reply.contains("access_token"));
}

// OIDCC-3.2.2.1; oidcc-ensure-request-without-nonce-fails: nonce and openid are required there
TEST_F(OidcCoreFrontChannel, S3_2_2_1_NonceAndOpenidAreRequired) {
  for (const char* type : {"id_token", "code id_token"}) {
    EXPECT_TRUE(is_told(harness, ask(harness, fresh, {{"response_type", type}, {"nonce", ""}}),
                        "invalid_request"));
    EXPECT_EQ(rule(), "CARDEA-OPENID-003");
    EXPECT_TRUE(is_told(harness, ask(harness, fresh, {{"response_type", type}, {"scope", "email"}}),
                        "invalid_request"));
    EXPECT_EQ(rule(), "CARDEA-OPENID-001");
  }
}

// OIDCC-3.2.2.5; oidc-21: an ID token is never sent in a query
TEST_F(OidcCoreFrontChannel, S3_2_2_5_NeverInAQuery) {
  const auto response =
      ask(harness, fresh, {{"response_type", "id_token"}, {"response_mode", "query"}});
  EXPECT_TRUE(is_told(harness, response, "invalid_request"));
  EXPECT_EQ(rule(), "CARDEA-RESPONSE-006");
  EXPECT_NE(test::location_of(response).find('#'), std::string::npos);
}

// OIDCC-7.2.1; K01: registration by a parameter is named as not supported
TEST_F(OidcCoreAuthorization, S7_2_1_RegistrationIsNotSupported) {
  EXPECT_TRUE(is_told(harness, ask(harness, fresh, {{"registration", "{}"}}),
                      "registration_not_supported"));
}

// OIDCC-16; oidc-19; J02; X30: display values are inert and bounded
TEST_F(OidcCoreAuthorization, S16_DisplayValuesAreInert) {
  const std::string markup = "\"><script src=https://evil.test></script><a href='//evil.test'>";
  std::string locales;
  for (int i = 0; i < 800; ++i) locales += "x" + std::to_string(i) + " ";
  for (const char* name :
       {"ui_locales", "login_hint", "acr_values", "display", "state", "nonce", "claims_locales"}) {
    const auto page = visit(harness, fresh, {{name, markup}});
    ASSERT_TRUE(offers(page, "sign-in")) << name;
    for (const auto& tag : test_pages::read_tags(page.body)) {
      EXPECT_NE(tag.name, "script") << name;
      for (const auto& [attribute, value] : tag.attributes) {
        if (attribute == "href" || attribute == "src" || attribute == "action") {
          EXPECT_EQ(value.find("evil.test"), std::string::npos) << name;
        }
      }
    }
  }
  EXPECT_TRUE(offers(visit(harness, fresh, {{"ui_locales", locales}}), "sign-in"));
  EXPECT_TRUE(
      offers(visit(harness, fresh, {{"display", "popup"}, {"ui_locales", "ar"}}), "sign-in"));
}

// OIDCC-3.1.2.1: login_hint is prefilled, and ui_locales chooses the language
TEST_F(OidcCoreAuthorization, S3_1_2_1_HintsShapeThePage) {
  const auto page = visit(harness, fresh, {{"login_hint", "bob"}, {"ui_locales", "ar"}});
  bool prefilled = false;
  for (const auto& tag : test_pages::read_tags(page.body)) {
    if (tag.name == "html") {
      EXPECT_EQ(tag.attributes.at("lang"), "ar");
      EXPECT_EQ(tag.attributes.at("dir"), "rtl");
    }
    if (tag.name == "input" && tag.attributes.at("name") == "login") {
      prefilled = tag.attributes.at("value") == "bob";
    }
  }
  EXPECT_TRUE(prefilled);
}

// OIDCC-3.1.2.1: select_account shows the chooser, and another account can be used
TEST_F(OidcCoreAuthorization, S3_1_2_1_SelectAccount) {
  auto person = alice();
  const auto page = visit(harness, person, {{"prompt", "select_account"}});
  const auto sid = harness.stored(harness.store->sessions_of(harness.user("alice").user_id))
                       .front()
                       .session_id.value();
  EXPECT_TRUE(has_code(harness, person.press(page, sid)));
  const auto again = visit(harness, person, {{"prompt", "select_account"}});
  const auto other = person.press(again, "other");
  ASSERT_TRUE(offers(other, "sign-in"));
  const auto response = person.complete(person.press(other, "sign-in", test::credentials("bob")));
  ASSERT_TRUE(has_code(harness, response));
  EXPECT_EQ(
      json::string_member(test::claims_of(test::redeem_reply(harness, response).id_token), "sub"),
      harness.user("bob").user_id.value());
}

}  // namespace cardea::oidc_core_authorization_test
