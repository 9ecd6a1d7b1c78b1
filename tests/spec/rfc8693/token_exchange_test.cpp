// RFC 8693: token exchange. Ids of the security corpus.
#include "support/dpop_proof.h"
#include "support/further_grants.h"

namespace cardea::rfc8693_test {

using namespace test;

struct Rfc8693 : FurtherGrants {
  // A token of cB for the calendar, to be exchanged by cA.
  Tokens subject(const std::string& scope = "openid profile calendar.read offline_access") {
    return harness.sign_up_tokens({.client = "cB", .scope = scope, .resource = api});
  }
  void expect_refused(const http::FormPairs& form, std::string_view error = "invalid_request") {
    EXPECT_TRUE(is_json_refusal(exchange_answer(form), 400, error));
  }
};

// RFC8693-2.2.1; 8693-02: the answer is an access token with its type, narrowed and bound
TEST_F(Rfc8693, S2_2_1_GivesANarrowerToken) {
  const auto from = subject();
  const auto writes = harness.writes();
  const auto tokens = exchange(from.access_token);
  ASSERT_EQ(tokens.status, 200) << tokens.response.body;
  EXPECT_EQ(harness.writes(), writes);
  EXPECT_EQ(json::string_member(json_of(tokens.response), "issued_token_type"), access_token_type);
  EXPECT_EQ(tokens.scope, "profile calendar.read");
  EXPECT_TRUE(tokens.refresh_token.empty());
  EXPECT_TRUE(tokens.id_token.empty());
  const auto claims = claims_of(tokens.access_token);
  EXPECT_EQ(json::string_member(claims, "sub"), harness.user("alice").user_id.value());
  EXPECT_EQ(json::string_member(claims, "client_id"), "cA");
  EXPECT_EQ(json::strings_member(claims, "aud"), std::vector{api});
  EXPECT_TRUE(harness.is_active(tokens.access_token));
}

// RFC8693-2.1; 8693-01: what is absent, garbled, of another type or dead is refused, never dropped
TEST_F(Rfc8693, S2_1_TheSubjectTokenIsValidatedOrRefused) {
  const auto from = subject();
  const auto type = std::pair<std::string, std::string>("subject_token_type", access_token_type);
  const auto target = std::pair<std::string, std::string>("resource", api);
  expect_refused({type, target});
  expect_refused({{"subject_token", from.access_token}, target});
  expect_refused({{"subject_token", ""}, type, target});
  for (const auto& bad : {std::string("x"), from.access_token + "x", from.id_token,
                          from.refresh_token, from.access_token.substr(3)}) {
    expect_refused({{"subject_token", bad}, type, target});
  }
  for (const auto* other :
       {"urn:ietf:params:oauth:token-type:jwt", "urn:ietf:params:oauth:token-type:id_token",
        "urn:ietf:params:oauth:token-type:refresh_token", "x"}) {
    expect_refused({{"subject_token", from.access_token}, {"subject_token_type", other}, target});
  }
  expect_refused({{"subject_token", from.access_token},
                  type,
                  target,
                  {"requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token"}});
  EXPECT_EQ(exchange(from.access_token, {{"requested_token_type", access_token_type}}).status, 200);
  // Expired, revoked, or of a person without a grant.
  (void)harness.revoke("cB", from.access_token);
  EXPECT_EQ(exchange(from.access_token).error, "invalid_request");
  const auto late = subject();
  harness.clock.advance(minutes(10));
  EXPECT_EQ(exchange(late.access_token).error, "invalid_request");
  const auto own = tokens_of(
      harness.send(harness.as_client("cc", "/token", {{"grant_type", "client_credentials"}})));
  harness.edit_client(
      "cA", [](Client& client) { client.token_exchange->subject_clients.emplace_back("cc"); });
  EXPECT_EQ(exchange(own.access_token).error, "invalid_request");
}

// RFC8693-2.1; 8693-03: an actor token comes with its type, is live, and is the client's own
TEST_F(Rfc8693, S2_1_TheActorTokenIsValidatedOrRefused) {
  const auto from = subject();
  const auto actor = harness.sign_up_tokens({.user = "bob"});
  const http::FormPairs typed{{"actor_token_type", access_token_type}};
  EXPECT_EQ(exchange(from.access_token, typed).error, "invalid_request");
  EXPECT_EQ(exchange(from.access_token, {{"actor_token", actor.access_token}}).error,
            "invalid_request");
  EXPECT_EQ(exchange(from.access_token, {{"actor_token", "x"}, typed[0]}).error, "invalid_request");
  EXPECT_EQ(exchange(from.access_token, {{"actor_token", from.access_token}, typed[0]}).error,
            "invalid_request");
  const auto tokens = exchange(from.access_token, {{"actor_token", actor.access_token}, typed[0]});
  ASSERT_EQ(tokens.status, 200) << tokens.response.body;
  const auto claims = claims_of(tokens.access_token);
  const auto* act = claims.find("act")->if_object();
  EXPECT_EQ(json::string_member(*act, "sub"), harness.user("bob").user_id.value());
}

// RFC8693-4.1; 8693-04: the token names who acts, one inside another, and not without end
TEST_F(Rfc8693, S4_1_ActorsAreNestedAndBounded) {
  auto tokens = exchange(subject().access_token);
  auto act = *claims_of(tokens.access_token).find("act")->if_object();
  EXPECT_EQ(json::string_member(act, "client_id"), "cA");
  EXPECT_FALSE(act.contains("act"));
  EXPECT_EQ(json::string_member(*harness.introspect(tokens.access_token).find("act")->if_object(),
                                "client_id"),
            "cA");
  for (int depth = 2; depth <= 4; ++depth) {
    tokens = exchange(tokens.access_token);
    ASSERT_EQ(tokens.status, 200) << depth << tokens.response.body;
  }
  EXPECT_EQ(exchange(tokens.access_token).error, "invalid_request");
  // An opaque token carries it as well.
  const auto opaque = tokens_of(exchange_answer({{"subject_token", subject().access_token},
                                                 {"subject_token_type", access_token_type},
                                                 {"resource", notes}}));
  ASSERT_EQ(opaque.status, 200) << opaque.response.body;
  EXPECT_FALSE(jose::parse_unverified(opaque.access_token).ok());
  const auto told = harness.introspect(opaque.access_token);
  ASSERT_TRUE(told.contains("act"));
  EXPECT_EQ(json::string_member(*told.find("act")->if_object(), "client_id"), "cA");
  // Impersonation adds nobody.
  harness.edit_client("cA", [](Client& client) {
    client.token_exchange->mode = TokenExchangePolicy::Mode::impersonation;
  });
  EXPECT_FALSE(claims_of(exchange(subject().access_token).access_token).contains("act"));
}

// 8693-05: who may exchange whose token for what is the client's policy
TEST_F(Rfc8693, S5_PolicyDecides) {
  const auto from = subject();
  // For another client, of another client, for another API.
  EXPECT_TRUE(
      is_json_refusal(exchange(from.access_token, {}, "cB").response, 400, "unauthorized_client"));
  harness.edit_client("cA", [](Client& client) {
    client.token_exchange->subject_clients = {ClientId("cA")};
    client.token_exchange->resources = {ResourceId(api)};
  });
  EXPECT_TRUE(is_json_refusal(exchange(from.access_token).response, 400, "invalid_request"));
  const auto own = harness.sign_up_tokens({.scope = "openid calendar.read offline_access"});
  EXPECT_EQ(exchange(own.access_token).status, 200);
  EXPECT_TRUE(is_json_refusal(exchange_answer({{"subject_token", own.access_token},
                                               {"subject_token_type", access_token_type},
                                               {"resource", notes}}),
                              400, "invalid_target"));
  EXPECT_TRUE(is_json_refusal(exchange_answer({{"subject_token", own.access_token},
                                               {"subject_token_type", access_token_type},
                                               {"audience", "https://nowhere.example"}}),
                              400, "invalid_target"));
  // Two targets are not one.
  EXPECT_EQ(exchange(own.access_token, {{"audience", notes}}).error, "invalid_target");
  harness.edit_client("cA", [](Client& client) { client.token_exchange.reset(); });
  EXPECT_EQ(exchange(own.access_token).error, "unauthorized_client");
}

// RFC8693-2.1; 8693-06: scopes are narrowed only: by the token, the client and the target
TEST_F(Rfc8693, S2_1_ScopesAreOnlyNarrowed) {
  const auto from = subject();
  EXPECT_EQ(exchange(from.access_token, {{"scope", "calendar.read"}}).scope, "calendar.read");
  for (const auto* scope :
       {"calendar.write", "email", "openid", "offline_access", "calendar.read notes.read"}) {
    EXPECT_EQ(exchange(from.access_token, {{"scope", scope}}).error, "invalid_scope") << scope;
  }
  // A scope of another API means nothing at this one.
  const auto for_notes = http::FormPairs{{"subject_token", from.access_token},
                                         {"subject_token_type", access_token_type},
                                         {"resource", notes}};
  EXPECT_EQ(tokens_of(exchange_answer(for_notes)).scope, "profile");
  harness.edit_client("cA", [](Client& client) { std::erase(client.scope, "calendar.read"); });
  EXPECT_EQ(exchange(from.access_token).scope, "profile");
}

// 8693-07: the new token ends with the old one and dies with its grant
TEST_F(Rfc8693, S2_2_1_DiesWithItsSubject) {
  const auto from = subject();
  harness.clock.advance(minutes(4));
  const auto tokens = exchange(from.access_token);
  EXPECT_EQ(tokens.expires_in, 360);
  EXPECT_TRUE(harness.is_active(tokens.access_token));
  (void)harness.revoke("cB", from.refresh_token);
  EXPECT_FALSE(harness.is_active(tokens.access_token));

  const auto other = subject();
  const auto second = exchange(other.access_token);
  EXPECT_TRUE(harness.is_active(second.access_token));
  harness.edit_user("alice", [](UserRecord& user) { user.enabled = false; });
  EXPECT_FALSE(harness.is_active(second.access_token));
}

// B19; 8693-09: a client's own token that is bound to a key is exchanged with that key's proof
// alone, and what comes out is bound to the key that was proven
TEST_F(Rfc8693, S2_1_ABoundTokenStaysBound) {
  const DpopKey key;
  const DpopKey other;
  const auto issued =
      harness.issue_code({.scope = "openid calendar.read offline_access", .resource = api});
  const auto own =
      tokens_of(harness.send(with_proof(harness.redeem_request("cA", issued), key.proof(harness))));
  ASSERT_EQ(own.status, 200) << own.response.body;
  const auto request = [&] {
    return harness.as_client("cA", "/token",
                             {{"grant_type", exchange_grant},
                              {"subject_token", own.access_token},
                              {"subject_token_type", access_token_type},
                              {"resource", api}});
  };
  EXPECT_TRUE(is_json_refusal(harness.send(request()), 400, "invalid_request"));
  EXPECT_TRUE(is_json_refusal(harness.send(with_proof(request(), other.proof(harness))), 400,
                              "invalid_request"));
  const auto response = harness.send(with_proof(request(), key.proof(harness)));
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(json::string_member(json_of(response), "token_type"), "DPoP");
  EXPECT_TRUE(claims_of(tokens_of(response).access_token).contains("cnf"));
}

// B18; 8693-08: nobody can be exchanged who may not use the client that exchanges
TEST_F(Rfc8693, S5_EntitlementCounts) {
  const auto from = subject();
  harness.edit_client("cA", [](Client& client) { client.allowed_groups = {"admins"}; });
  EXPECT_EQ(exchange(from.access_token).error, "invalid_request");
}

}  // namespace cardea::rfc8693_test
