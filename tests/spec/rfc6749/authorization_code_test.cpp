// Redeeming authorization codes. RFC 6749 4.1.2, 4.1.3, 10.5; security corpus 1.1; decision Q7.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/harness.h"

namespace cardea::authorization_code_test {

using test::Harness;
using test::is_json_refusal;

// The form is refused as invalid_grant, nothing is written and no grant exists.
void expect_invalid_grant(Harness& server, const test::IssuedCode& code, const std::string& client,
                          const http::FormPairs& form) {
  const auto writes = server.writes();
  EXPECT_TRUE(
      is_json_refusal(server.send(server.as_client(client, "/token", form)), 400, "invalid_grant"));
  // An assertion's jti is remembered whatever follows.
  EXPECT_EQ(server.writes(), writes + (client == "cK" ? 1 : 0));
  EXPECT_TRUE(server.stored(server.store->grants_of(code.user_id)).empty());
}

// RFC6749-4.1.2; 6749-11: a code lives 60 seconds.
TEST(Rfc6749, S4_1_2_ACodeLivesAMinute) {
  Harness server;
  const auto late = server.issue_code();
  server.clock.advance({60});
  expect_invalid_grant(server, late, "cA", server.redeem_form(late));
  const auto in_time = server.issue_code();
  server.clock.advance({59});
  EXPECT_EQ(server.redeem("cA", in_time).status, 200);
}

// RFC6749-4.1.2; 6749-12: a code used twice revokes what its first use gave.
TEST(Rfc6749, S4_1_2_ACodeUsedTwiceRevokesWhatItGave) {
  Harness server;
  const auto code = server.issue_code({.scope = "openid calendar.read", .resource = test::api});
  const auto first = server.redeem("cA", code);
  ASSERT_EQ(first.status, 200);
  ASSERT_EQ(server.userinfo(first.access_token).status, 200);
  EXPECT_TRUE(is_json_refusal(server.redeem("cA", code).response, 400, "invalid_grant"));
  EXPECT_EQ(server.userinfo(first.access_token).status, 401);
  EXPECT_FALSE(server.is_active(first.access_token));
  EXPECT_TRUE(
      is_json_refusal(server.refresh("cA", first.refresh_token).response, 400, "invalid_grant"));
  EXPECT_EQ(server.log.count("grant.replayed"), 1);
}

// RFC6749-10.5; 6749-12: also after its end, while the server still knows it.
TEST(Rfc6749, S10_5_AnExpiredCodeUsedAgainGivesNothing) {
  Harness server;
  const auto code = server.issue_code();
  const auto first = server.redeem("cA", code);
  server.clock.advance({61});
  EXPECT_TRUE(is_json_refusal(server.redeem("cA", code).response, 400, "invalid_grant"));
  EXPECT_EQ(server.refresh("cA", first.refresh_token).status, 200);
}

// RFC6749-4.1.2; 6749-13: one winner of 64 parallel redemptions, and the replay rule has no window:
// afterwards the winner's tokens are dead too.
TEST(Rfc6749, S4_1_2_OneWinnerOf64ParallelRedemptions) {
  Harness server;
  const auto code = server.issue_code();
  std::vector<http::Request> requests;
  for (int i = 0; i < 64; ++i) requests.push_back(server.redeem_request("cA", code));
  test::Tokens winner;
  int refused = 0;
  for (const auto& response : server.send_all(std::move(requests))) {
    if (response.status == 200) {
      EXPECT_TRUE(winner.access_token.empty()) << "a second winner";
      winner = test::tokens_of(response);
    } else {
      EXPECT_TRUE(is_json_refusal(response, 400, "invalid_grant"));
      ++refused;
    }
  }
  EXPECT_EQ(refused, 63);
  ASSERT_FALSE(winner.access_token.empty());
  EXPECT_EQ(server.userinfo(winner.access_token).status, 401);
  EXPECT_EQ(server.refresh("cA", winner.refresh_token).error, "invalid_grant");
}

// RFC6749-4.1.3; 6749-14: a code is bound to its client; a stranger's try changes nothing.
TEST(Rfc6749, S4_1_3_ACodeIsBoundToItsClient) {
  Harness server;
  const auto code = server.issue_code();
  for (const auto* stranger : {"cB", "pN", "pS", "cK"}) {
    expect_invalid_grant(server, code, stranger, server.redeem_form(code));
  }
  EXPECT_EQ(server.redeem("cA", code).status, 200);
}

// RFC6749-4.1.3; 6749-15; 21-05: redirect_uri must be sent again, byte for byte.
TEST(Rfc6749, S4_1_3_RedirectUriMustBeTheSame) {
  Harness server;
  const auto code = server.issue_code();
  for (const auto* other :
       {"", "https://app.example/other", "https://app.example/cb/", "https://app.example/cb?x",
        "https://APP.example/cb", "https://app.example:443/cb", "https://app.example/c%62"}) {
    auto form = server.redeem_form(code);
    form[2].second = other;
    expect_invalid_grant(server, code, "cA", form);
  }
  auto absent = server.redeem_form(code);
  absent.erase(absent.begin() + 2);
  expect_invalid_grant(server, code, "cA", absent);
  EXPECT_EQ(server.redeem("cA", code).status, 200);
}

// RFC6749-4.1.3; 21-05: where the authorization request had none, it may be left out, and what is
// sent must still match.
TEST(Rfc6749, S4_1_3_RedirectUriThatWasNotSentMayBeLeftOut) {
  Harness server;
  const auto wrong = server.issue_code({.redirect_uri_was_sent = false});
  auto form = server.redeem_form(wrong);
  form[2].second = "https://app.example/other";
  expect_invalid_grant(server, wrong, "cA", form);
  form.erase(form.begin() + 2);
  EXPECT_EQ(server.send(server.as_client("cA", "/token", form)).status, 200);
}

// RFC6749-5.2: what is not a code of this server is refused: forged, cut, lengthened, changed.
TEST(Rfc6749, S5_2_ACodeThatIsNotOursIsRefused) {
  Harness server;
  const auto code = server.issue_code();
  const auto tokens = server.sign_up_tokens({.user = "bob"});
  std::vector<std::string> bad{"x", ".", "AAAA.AAAA", code.code + "A", "A" + code.code,
                               code.code.substr(1), code.code.substr(0, code.code.size() - 1),
                               std::string(600, 'A'), tokens.access_token, tokens.refresh_token,
                               tokens.id_token,
                               // The opaque token's seal under a code's guise: another purpose.
                               tokens.access_token.substr(4)};
  for (std::size_t i = 0; i < code.code.size(); i += 17) {
    auto flipped = code.code;
    flipped[i] = flipped[i] == 'A' ? 'B' : 'A';
    bad.push_back(flipped);
  }
  for (const auto& text : bad) {
    auto form = server.redeem_form(code);
    form[1].second = text;
    expect_invalid_grant(server, code, "cA", form);
  }
  EXPECT_EQ(server.redeem("cA", code).status, 200);
}

// RFC6749-4.1.2: a request too large to travel in a code is kept in a row, and works the same.
TEST(Rfc6749, S4_1_2_ALargeRequestIsParked) {
  Harness server;
  const std::string nonce(3000, 'n');
  const auto writes = server.writes();
  const auto code = server.issue_code({.nonce = nonce});
  EXPECT_LE(code.code.size(), 512U);
  EXPECT_EQ(server.writes(), writes + 4);  // session, interaction, approval, parked code
  const auto parked = server.stored(server.store->find_parked(ParkedId(code.grant_id.value())));
  ASSERT_TRUE(parked.has_value());
  // What the store holds is no code: a stolen store redeems nothing.
  auto form = server.redeem_form(code);
  form[1].second = *parked;
  expect_invalid_grant(server, code, "cA", form);
  const auto tokens = server.redeem("cA", code);
  ASSERT_EQ(tokens.status, 200);
  EXPECT_EQ(json::string_member(test::claims_of(tokens.id_token), "nonce"), nonce);
  EXPECT_EQ(server.redeem("cA", code).error, "invalid_grant");
}

// RFC6749-4.1.2: usual requests need no row.
TEST(Rfc6749, S4_1_2_UsualRequestsFitTheCode) {
  Harness server;
  const auto code = server.issue_code(
      {.scope = "openid profile email offline_access calendar.read", .resource = test::api});
  EXPECT_FALSE(
      server.stored(server.store->find_parked(ParkedId(code.grant_id.value()))).has_value());
  EXPECT_LE(code.code.size(), 512U);
}

// RFC6749-3.3; 6749-20: the scope that was granted is stated.
TEST(Rfc6749, S3_3_TheGrantedScopeIsStated) {
  Harness server;
  EXPECT_EQ(server.sign_up_tokens({.scope = "openid email"}).scope, "openid email");
  EXPECT_EQ(server.sign_up_tokens({.scope = "email openid"}).scope, "email openid");
}

// RFC6749-1.5: a client without the refresh grant gets no refresh token (decision Q14).
TEST(Rfc6749, S1_5_NoRefreshTokenWithoutTheGrant) {
  Harness server;
  server.edit_client("cA",
                     [](Client& client) { client.grant_types = {GrantType::authorization_code}; });
  EXPECT_EQ(server.sign_up_tokens().refresh_token, "");
}

// --- what may change between authorize and token (decision Q7; issue 2, acceptance 4) ---

void expect_gone(Harness& server, const test::IssuedCode& code) {
  EXPECT_TRUE(is_json_refusal(server.redeem("cA", code).response, 400, "invalid_grant"));
  EXPECT_TRUE(server.stored(server.store->grants_of(code.user_id)).empty());
}

// RFC6749-10.5; B11: a person disabled or removed in between gets nothing.
TEST(Rfc6749, S10_5_APersonGoneInBetweenGetsNothing) {
  Harness server;
  const auto disabled = server.issue_code({.user = "alice"});
  server.edit_user("alice", [](UserRecord& user) { user.enabled = false; });
  expect_gone(server, disabled);
  const auto removed = server.issue_code({.user = "bob"});
  server.stored(server.store->perform(store::RemoveUser{removed.user_id}));
  expect_gone(server, removed);
}

// RFC6749-10.5; 9700-10: a changed password voids codes made before it.
TEST(Rfc6749, S10_5_AChangedPasswordVoidsCodes) {
  Harness server;
  const auto code = server.issue_code();
  EXPECT_EQ(server.stored(server.store->perform(store::ChangePassword{
                .user_id = code.user_id,
                .security_version = 1,
                .password_hash = PasswordHash("$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA"),
                .keep = code.session_id})),
            store::ChangePassword::Outcome::changed);
  expect_gone(server, code);
}

// RFC6749-3.1.2; B11: a redirect URI taken from the client in between.
TEST(Rfc6749, S3_1_2_ARedirectUriRemovedInBetweenIsRefused) {
  Harness server;
  const auto code = server.issue_code();
  server.edit_client("cA",
                     [](Client& client) { client.redirect_uris = {"https://app.example/other"}; });
  expect_gone(server, code);
}

// RFC6749-5.2; B11: a client disabled in between.
TEST(Rfc6749, S5_2_AClientDisabledInBetweenIsRefused) {
  Harness server;
  const auto code = server.issue_code();
  server.edit_client("cA", [](Client& client) { client.enabled = false; });
  EXPECT_TRUE(is_json_refusal(server.redeem("cA", code).response, 401, "invalid_client"));
  EXPECT_TRUE(server.stored(server.store->grants_of(code.user_id)).empty());
}

// RFC6749-10.5; B11: a session ended in between.
TEST(Rfc6749, S10_5_ASessionEndedInBetweenIsRefused) {
  Harness server;
  const auto code = server.issue_code();
  server.stored(server.store->perform(
      store::EndSessions{.session_ids = {code.session_id}, .user_id = std::nullopt}));
  expect_gone(server, code);
}

// RFC6749-10.5; B11: consent withdrawn in between, even when it was given anew since.
TEST(Rfc6749, S10_5_ConsentWithdrawnInBetweenIsRefused) {
  Harness server;
  const auto code = server.issue_code();
  server.stored(server.store->perform(store::WithdrawConsent{code.user_id, ClientId("cA")}));
  const auto fresh = server.issue_code();
  expect_gone(server, code);
  EXPECT_EQ(server.redeem("cA", fresh).status, 200);
}

// RFC6749-5.2; Q19: a person who left the allowed groups in between.
TEST(Rfc6749, S5_2_APersonWhoLostEntitlementIsRefused) {
  Harness server;
  const auto code = server.issue_code();
  server.edit_client("cA", [](Client& client) { client.allowed_groups = {"board"}; });
  expect_gone(server, code);
}

// RFC6749-10.5; Q7: what was sealed before a restore is void.
TEST(Rfc6749, S10_5_ARenewedEpochVoidsCodes) {
  Harness server;
  const auto code = server.issue_code();
  server.stored(server.store->perform(store::RenewEpoch{std::string(16, 'e')}));
  expect_gone(server, code);
}

}  // namespace cardea::authorization_code_test
