// What a client checks of a logout token. OIDC Back-Channel Logout 1.0 2.4, 2.6; RFC 8725.
#include <gtest/gtest.h>

#include "jose/jws.h"
#include "protocol/id_token.h"
#include "protocol/logout_token.h"

namespace cardea::logout_token_test {

using crypto::SignatureAlgorithm;
using Rule = LogoutTokenRule;

constexpr Instant now{1'800'000'000'000};
const std::string issuer = "https://id.example";

const crypto::PrivateKey& key() {
  static const auto made = crypto::PrivateKey::generate(SignatureAlgorithm::ES256);
  return made;
}
jose::JwkSet keys() {
  return *jose::JwkSet::parse(json::Object{{"keys", json::Array{jose::write_jwk(key(), "k1")}}});
}
LogoutTokenExpectations expected() {
  return {.issuer = issuer, .client_id = "app", .algorithms = {SignatureAlgorithm::ES256}};
}

json::Object claims() {
  const auto text = logout_claims({.issuer = issuer,
                                   .client_id = "app",
                                   .token_id = "j1",
                                   .subject = "alice",
                                   .session_id = "s1"},
                                  now);
  return *json::parse_object(json::ObjectText(text).take());
}
std::string token(const json::Object& changed = {}, std::string_view typ = logout_token_type) {
  auto all = claims();
  for (const auto& member : changed.members()) {
    if (member.value.is_null()) {
      all.erase(member.name);
    } else {
      all.set(member.name, member.value);
    }
  }
  return jose::sign_jwt(key(), "k1", typ, all);
}

void expect_refused(const std::string& text, Rule rule) {
  const auto checked = check_logout_token(text, keys(), expected(), now);
  ASSERT_FALSE(checked.ok()) << name_of(rule);
  EXPECT_EQ(name_of(checked.error().rule), name_of(rule)) << checked.error().reason;
}

// oidc-28: exactly these claims, and no nonce.
TEST(BackChannelLogout, S2_4_TheClaimsOfALogoutToken) {
  const auto all = claims();
  std::vector<std::string> names;
  for (const auto& member : all.members()) names.push_back(member.name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"iss", "sub", "aud", "iat", "exp", "jti", "sid", "events"}));
  EXPECT_EQ(json::integer_member(all, "exp"), now.unix_seconds() + 120);
  const auto* events = all.find("events")->if_object();
  ASSERT_NE(events, nullptr);
  EXPECT_EQ(events->members().size(), 1u);
  EXPECT_NE(events->find("http://schemas.openid.net/event/backchannel-logout"), nullptr);
}

// oidc-30; asvs-10.5.5: a good one, with either or both of sub and sid.
TEST(BackChannelLogout, S2_6_AGoodTokenIsTaken) {
  const auto checked = check_logout_token(token(), keys(), expected(), now);
  ASSERT_TRUE(checked.ok()) << checked.error().reason;
  EXPECT_EQ(checked->token_id(), "j1");
  EXPECT_EQ(checked->subject(), "alice");
  EXPECT_EQ(checked->session_id(), "s1");
  EXPECT_EQ(checked->expires_at().unix_seconds(), now.unix_seconds() + 150);
  for (const std::string typ : {"JWT", "", "application/logout+jwt"}) {
    EXPECT_TRUE(check_logout_token(token({}, typ), keys(), expected(), now).ok()) << typ;
  }
  EXPECT_TRUE(check_logout_token(token({{"sid", nullptr}}), keys(), expected(), now).ok());
  EXPECT_TRUE(check_logout_token(token({{"sub", nullptr}}), keys(), expected(), now).ok());
  EXPECT_TRUE(
      check_logout_token(token({{"aud", json::Array{"app"}}}), keys(), expected(), now).ok());
}

// oidc-30; asvs-10.5.5; K06: every step of 2.6 refuses by itself.
TEST(BackChannelLogout, S2_6_EveryStepRefuses) {
  expect_refused(token({{"iss", "https://other.example"}}), Rule::iss);
  expect_refused(token({{"iss", nullptr}}), Rule::iss);
  expect_refused(token({{"aud", "other"}}), Rule::aud);
  expect_refused(token({{"aud", json::Array{"app", "other"}}}), Rule::aud);
  expect_refused(token({{"aud", nullptr}}), Rule::aud);
  expect_refused(token({{"iat", nullptr}}), Rule::iat);
  expect_refused(token({{"iat", "1800000000"}}), Rule::iat);
  expect_refused(token({{"iat", now.unix_seconds() + 31}}), Rule::iat);
  expect_refused(token({{"iat", now.unix_seconds() - 631}}), Rule::iat);
  expect_refused(token({{"exp", nullptr}}), Rule::exp);
  expect_refused(token({{"exp", now.unix_seconds() - 30}}), Rule::exp);
  expect_refused(token({{"jti", nullptr}}), Rule::jti);
  expect_refused(token({{"jti", ""}}), Rule::jti);
  expect_refused(token({{"jti", 7}}), Rule::jti);
  expect_refused(token({{"sub", nullptr}, {"sid", nullptr}}), Rule::subject_or_session);
  expect_refused(token({{"sub", 7}}), Rule::subject_or_session);
  expect_refused(token({{"sid", ""}}), Rule::subject_or_session);
  const std::string event(backchannel_logout_event);
  expect_refused(token({{"events", nullptr}}), Rule::events);
  expect_refused(token({{"events", json::Array{event}}}), Rule::events);
  expect_refused(token({{"events", json::Object{{"https://other", json::Object{}}}}}),
                 Rule::events);
  expect_refused(token({{"events", json::Object{{event, true}}}}), Rule::events);
  expect_refused(token({{"nonce", "n"}}), Rule::nonce);
  expect_refused(token({}, "at+jwt"), Rule::typ);
  expect_refused(token({}, "secevent+jwt"), Rule::typ);
}

// oidc-30: the signature, by the algorithm that the client configured; never none.
TEST(BackChannelLogout, S2_6_TheSignatureMustVerify) {
  auto changed = token();
  changed[changed.find('.') + 5] ^= 1;
  const auto tampered = check_logout_token(changed, keys(), expected(), now);
  ASSERT_FALSE(tampered.ok());
  const auto stranger = crypto::PrivateKey::generate(SignatureAlgorithm::ES256);
  expect_refused(jose::sign_jwt(stranger, "k1", logout_token_type, claims()), Rule::signature);
  expect_refused(jose::sign_jwt(stranger, "k9", logout_token_type, claims()), Rule::signature);
  auto other = expected();
  other.algorithms = {SignatureAlgorithm::RS256};
  const auto refused = check_logout_token(token(), keys(), other, now);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().rule, Rule::alg);
  const auto body = token().substr(token().find('.'));
  const auto unsigned_token = "eyJhbGciOiJub25lIn0" + body.substr(0, body.rfind('.') + 1);
  expect_refused(unsigned_token, Rule::alg);
  expect_refused("not a token", Rule::form);
}

// 8725-10: neither kind passes for the other.
TEST(BackChannelLogout, S4_1_NoLogoutTokenIsAnIdToken) {
  const auto as_id_token =
      check_id_token(token(), keys(),
                     {.issuer = issuer,
                      .client_id = "app",
                      .algorithms = {SignatureAlgorithm::ES256},
                      .nonce_presence = IdTokenExpectations::NoncePresence::may_be_absent},
                     now);
  ASSERT_FALSE(as_id_token.ok());
  EXPECT_EQ(as_id_token.error().rule, IdTokenRule::typ);
  auto id_token = claims();
  id_token.erase("events");
  id_token.set("nonce", "n");
  expect_refused(jose::sign_jwt(key(), "k1", "JWT", id_token), Rule::events);
}

}  // namespace cardea::logout_token_test
