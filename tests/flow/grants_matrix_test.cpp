// Every rule about person, client, approval and request, against every grant: one table of grants,
// one of rules. A grant that is not in the table fails the first test, so none can be added without
// being judged here. Security corpus B04, B11, B18; INV1.
#include <array>

#include "support/further_grants.h"

namespace cardea::grants_matrix_test {

using namespace test;

struct Matrix;

// What the client holds when nothing is missing but the token request: "" for client credentials.
using Value = std::string;

struct GrantCase {
  GrantType grant_type;
  Value (*prepare)(Matrix&);
  http::FormPairs (*form)(const Value&);
  // Asks anew for a scope or resource; gives the error that comes back.
  std::string (*ask)(Matrix&, const http::FormPairs& changed);
  std::string dead;         // the error when what stands behind the value counts no longer
  bool has_person = true;   // somebody else than the client stands behind it
  bool has_session = true;  // and it ends with the session
  bool has_consent = true;
  bool is_once = true;
};

struct Matrix : FurtherGrants {
  Tokens redeem(const GrantCase& grant, const Value& value, const std::string& client = "cA") {
    auto form = grant.form(value);
    form.emplace_back("grant_type", name_of(grant.grant_type));
    return tokens_of(harness.send(harness.as_client(client, "/token", std::move(form))));
  }
  http::Request request(const GrantCase& grant, const Value& value) {
    auto form = grant.form(value);
    form.emplace_back("grant_type", name_of(grant.grant_type));
    return harness.as_client("cA", "/token", std::move(form));
  }
  std::string error_at(const std::string& path, http::FormPairs form) {
    return error_of(harness.send(harness.as_client("cA", path, std::move(form))));
  }
  std::string code(SessionBinding binding = SessionBinding::ends_with_session) {
    return harness.issue_code({.scope = "openid email calendar.read", .binding = binding}).code;
  }
};

http::FormPairs over(http::FormPairs form, const http::FormPairs& changed) {
  for (const auto& [name, value] : changed) {
    std::erase_if(form, [&](const auto& pair) { return pair.first == name; });
    form.emplace_back(name, value);
  }
  return form;
}

http::FormPairs code_form(const Value& code) {
  return {{"code", code}, {"redirect_uri", "https://app.example/cb"}, {"code_verifier", verifier}};
}

const std::array grants{
    GrantCase{.grant_type = GrantType::authorization_code,
              .prepare = [](Matrix& at) { return at.code(); },
              .form = code_form,
              .ask =
                  [](Matrix& at, const http::FormPairs& changed) {
                    return reply_of(ask(at.harness, at.browser, changed))["error"];
                  },
              .dead = "invalid_grant"},
    GrantCase{
        .grant_type = GrantType::refresh_token,
        .prepare =
            [](Matrix& at) {
              return tokens_of(
                         at.harness.send(at.harness.as_client(
                             "cA", "/token",
                             over(code_form(at.code()), {{"grant_type", "authorization_code"}}))))
                  .refresh_token;
            },
        .form = [](const Value& value) { return http::FormPairs{{"refresh_token", value}}; },
        .ask =
            [](Matrix& at, const http::FormPairs& changed) {
              return at.harness.refresh("cA", at.harness.sign_up_tokens().refresh_token, changed)
                  .error;
            },
        .dead = "invalid_grant",
        .is_once = false},
    GrantCase{.grant_type = GrantType::client_credentials,
              .prepare = [](Matrix&) { return Value(); },
              .form = [](const Value&) { return http::FormPairs{{"scope", "calendar.read"}}; },
              .ask =
                  [](Matrix& at, const http::FormPairs& changed) {
                    return at.error_at("/token",
                                       over({{"grant_type", "client_credentials"}}, changed));
                  },
              .dead = "",
              .has_person = false,
              .has_session = false,
              .has_consent = false,
              .is_once = false},
    GrantCase{.grant_type = GrantType::device_code,
              .prepare =
                  [](Matrix& at) {
                    const auto asked = at.device("openid email calendar.read");
                    at.allow(at.browser, asked);
                    return Matrix::text_in(asked, "device_code");
                  },
              .form = [](const Value& value) { return http::FormPairs{{"device_code", value}}; },
              .ask =
                  [](Matrix& at, const http::FormPairs& changed) {
                    return at.error_at("/device_authorization",
                                       over({{"scope", "openid"}}, changed));
                  },
              .dead = "invalid_grant"},
    GrantCase{.grant_type = GrantType::jwt_bearer,
              .prepare = [](Matrix& at) { return at.partner_assertion(); },
              .form =
                  [](const Value& value) {
                    return http::FormPairs{{"assertion", value}, {"scope", "openid email"}};
                  },
              .ask =
                  [](Matrix& at, const http::FormPairs& changed) {
                    return at.error_at("/token", over({{"grant_type", bearer_grant},
                                                       {"assertion", at.partner_assertion()}},
                                                      changed));
                  },
              .dead = "invalid_grant",
              .has_session = false,
              .has_consent = false},
    GrantCase{.grant_type = GrantType::token_exchange,
              .prepare =
                  [](Matrix& at) {
                    return tokens_of(at.harness.send(at.harness.as_client(
                                         "cA", "/token",
                                         over(code_form(at.code()),
                                              {{"grant_type", "authorization_code"}}))))
                        .access_token;
                  },
              .form =
                  [](const Value& value) {
                    return http::FormPairs{{"subject_token", value},
                                           {"subject_token_type", access_token_type},
                                           {"resource", api}};
                  },
              .ask =
                  [](Matrix& at, const http::FormPairs& changed) {
                    return error_of(at.exchange_answer(
                        over({{"subject_token", at.harness.sign_up_tokens().access_token},
                              {"subject_token_type", access_token_type},
                              {"resource", api}},
                             changed)));
                  },
              .dead = "invalid_request",
              .is_once = false},
    GrantCase{.grant_type = GrantType::ciba,
              .prepare =
                  [](Matrix& at) {
                    const auto id = at.asked({{"scope", "openid email calendar.read"}});
                    (void)at.browser.press(at.enter_account(at.browser), "allow");
                    return id;
                  },
              .form = [](const Value& value) { return http::FormPairs{{"auth_req_id", value}}; },
              .ask =
                  [](Matrix& at, const http::FormPairs& changed) {
                    return at.error_at(
                        "/bc-authorize",
                        over({{"scope", "openid"}, {"login_hint", "alice"}}, changed));
                  },
              .dead = "invalid_grant"},
};

// B18: a grant that is not in the table is judged by nobody
TEST_F(Matrix, EveryGrantIsInTheTable) {
  harness.edit_client(
      "cA", [](Client& client) { client.grant_types.push_back(GrantType::client_credentials); });
  const auto body = json_of(harness.send(harness.get("/.well-known/openid-configuration")));
  const auto named = json::strings_member(body, "grant_types_supported").value();
  EXPECT_EQ(named.size(), grants.size());
  for (const auto& grant : grants) {
    EXPECT_TRUE(std::ranges::find(named, name_of(grant.grant_type)) != named.end());
    const auto tokens = redeem(grant, grant.prepare(*this));
    EXPECT_EQ(tokens.status, 200) << name_of(grant.grant_type) << tokens.response.body;
  }
}

// A rule: what happens between the approval and the token request, and whom it concerns.
struct Rule {
  std::string name;
  void (*happens)(Harness&);
  bool (*concerns)(const GrantCase&);
  std::string error;                   // "": the grant's own word for what counts no longer
  void (*undone)(Harness&) = nullptr;  // after which the value works: the refusal spent nothing
};

bool everybody(const GrantCase&) {
  return true;
}
bool persons(const GrantCase& grant) {
  return grant.has_person;
}
// Another issuer's word stands for a sign-in that it judged.
bool signed_in_here(const GrantCase& grant) {
  return grant.has_person && grant.grant_type != GrantType::jwt_bearer;
}
bool approvals(const GrantCase& grant) {
  return grant.has_consent;
}

const std::array rules{
    Rule{.name = "the person is locked",
         .happens =
             [](Harness& server) {
               server.edit_user("alice", [](UserRecord& user) { user.enabled = false; });
             },
         .concerns = persons,
         .error = ""},
    Rule{.name = "the person is removed",
         .happens =
             [](Harness& server) {
               server.stored(
                   server.store->perform(store::RemoveUser{server.user("alice").user_id}));
             },
         .concerns = persons,
         .error = ""},
    Rule{.name = "the password is changed",
         .happens =
             [](Harness& server) {
               const auto user = server.user("alice");
               EXPECT_EQ(server.stored(server.store->perform(
                             store::ChangePassword{.user_id = user.user_id,
                                                   .security_version = user.security_version,
                                                   .password_hash = user.password_hash,
                                                   .keep = std::nullopt})),
                         store::ChangePassword::Outcome::changed);
             },
         .concerns = approvals,
         .error = ""},
    Rule{.name = "the consent is withdrawn",
         .happens =
             [](Harness& server) {
               server.stored(server.store->perform(store::WithdrawConsent{
                   .user_id = server.user("alice").user_id, .client_id = ClientId("cA")}));
             },
         .concerns = approvals,
         .error = ""},
    Rule{.name = "the sessions are ended",
         .happens =
             [](Harness& server) {
               server.stored(server.store->perform(store::EndAllSessions{
                   .user_id = server.user("alice").user_id, .keep = std::nullopt}));
             },
         .concerns = [](const GrantCase& grant) { return grant.has_session; },
         .error = ""},
    Rule{.name = "the person is not in an allowed group",
         .happens =
             [](Harness& server) {
               server.edit_client("cA", [](Client& client) { client.allowed_groups = {"admins"}; });
             },
         .concerns = persons,
         .error = "",
         .undone =
             [](Harness& server) {
               server.edit_client("cA", [](Client& client) { client.allowed_groups.clear(); });
             }},
    Rule{.name = "the client's people need a second factor",
         .happens =
             [](Harness& server) {
               server.edit_client("cA",
                                  [](Client& client) { client.require_second_factor = true; });
             },
         .concerns = signed_in_here,
         .error = "",
         .undone =
             [](Harness& server) {
               server.edit_client("cA",
                                  [](Client& client) { client.require_second_factor = false; });
             }},
    Rule{.name = "the client is disabled",
         .happens =
             [](Harness& server) {
               server.edit_client("cA", [](Client& client) { client.enabled = false; });
             },
         .concerns = everybody,
         .error = "invalid_client",
         .undone =
             [](Harness& server) {
               server.edit_client("cA", [](Client& client) { client.enabled = true; });
             }},
    Rule{.name = "the grant is not registered",
         .happens =
             [](Harness& server) {
               server.edit_client("cA", [](Client& client) { client.grant_types.clear(); });
             },
         .concerns = everybody,
         .error = "unauthorized_client",
         .undone = nullptr},
};

struct RuleOverGrants : Matrix, testing::WithParamInterface<std::tuple<std::size_t, std::size_t>> {
  const GrantCase& grant = grants[std::get<0>(GetParam())];
  const Rule& rule = rules[std::get<1>(GetParam())];
};

// B11; B18; 8628-06; Q19: whoever is disabled, removed or no longer allowed gets nothing
TEST_P(RuleOverGrants, HoldsOrDoesNotConcernIt) {
  SCOPED_TRACE(std::string(name_of(grant.grant_type)) + ": " + rule.name);
  harness.edit_client(
      "cA", [](Client& client) { client.grant_types.push_back(GrantType::client_credentials); });
  const auto value = grant.prepare(*this);
  rule.happens(harness);
  const auto tokens = redeem(grant, value);
  if (!rule.concerns(grant)) {
    EXPECT_EQ(tokens.status, 200) << tokens.response.body;
    return;
  }
  EXPECT_TRUE(is_json_refusal(tokens.response, rule.error == "invalid_client" ? 401 : 400,
                              rule.error.empty() ? grant.dead : rule.error));
  EXPECT_TRUE(tokens.access_token.empty());
  if (rule.undone == nullptr) return;
  rule.undone(harness);
  EXPECT_EQ(redeem(grant, value).status, 200) << "the refusal spent it";
}

INSTANTIATE_TEST_SUITE_P(Every, RuleOverGrants,
                         testing::Combine(testing::Range<std::size_t>(0, grants.size()),
                                          testing::Range<std::size_t>(0, rules.size())));

// B11; B18; 8628-05: what was given to one client is nothing in another's hands, and not spent
// there
TEST_F(Matrix, AnotherClientGetsNothing) {
  harness.edit_client("cB", [](Client& client) {
    for (const auto& grant : grants) {
      if (!client.allows(grant.grant_type)) client.grant_types.push_back(grant.grant_type);
    }
    client.token_exchange =
        TokenExchangePolicy{.subject_clients = {ClientId("cB")}, .resources = {ResourceId(api)}};
  });
  for (const auto& grant : grants) {
    if (!grant.has_person) continue;
    SCOPED_TRACE(name_of(grant.grant_type));
    const auto value = grant.prepare(*this);
    EXPECT_TRUE(is_json_refusal(redeem(grant, value, "cB").response, 400, grant.dead));
    EXPECT_EQ(redeem(grant, value).status, 200);
  }
}

// B18; asvs-10.4.11: no grant asks for a scope that the client is not registered for
TEST_F(Matrix, AnUnregisteredScopeIsRefusedByEveryGrant) {
  harness.edit_client(
      "cA", [](Client& client) { client.grant_types.push_back(GrantType::client_credentials); });
  for (const auto& grant : grants) {
    EXPECT_EQ(grant.ask(*this, {{"scope", "openid admin"}}), "invalid_scope")
        << name_of(grant.grant_type);
  }
}

// B18; RFC8707-2: no grant is for a resource that nobody knows
TEST_F(Matrix, AnUnknownResourceIsRefusedByEveryGrant) {
  harness.edit_client(
      "cA", [](Client& client) { client.grant_types.push_back(GrantType::client_credentials); });
  for (const auto& grant : grants) {
    EXPECT_EQ(grant.ask(*this, {{"resource", "https://nowhere.example"}}), "invalid_target")
        << name_of(grant.grant_type);
  }
}

// B12; B18: a scope taken from the client since the approval is given by no grant
TEST_F(Matrix, AScopeTakenFromTheClientIsGivenByNoGrant) {
  for (const auto& grant : grants) {
    if (!grant.has_person || grant.grant_type == GrantType::jwt_bearer) continue;
    SCOPED_TRACE(name_of(grant.grant_type));
    const auto value = grant.prepare(*this);
    harness.edit_client("cA", [](Client& client) { std::erase(client.scope, "email"); });
    const auto tokens = redeem(grant, value);
    EXPECT_EQ(tokens.status, 200) << tokens.response.body;
    EXPECT_EQ(tokens.scope.find("email"), std::string::npos) << tokens.scope;
    EXPECT_NE(tokens.scope.find("calendar.read"), std::string::npos) << tokens.scope;
    harness.edit_client("cA", [](Client& client) { client.scope.push_back("email"); });
  }
}

// INV1; B04; 6749-12: of sixty-four at once exactly one gets tokens, and even those are revoked
// then
TEST_F(Matrix, OfSixtyFourAtOnceOneSucceeds) {
  for (const auto& grant : grants) {
    if (!grant.is_once) continue;
    SCOPED_TRACE(name_of(grant.grant_type));
    const auto value = grant.prepare(*this);
    std::vector<http::Request> requests;
    for (int i = 0; i < 64; ++i) requests.push_back(request(grant, value));
    std::vector<std::string> given;
    for (const auto& response : harness.send_all(std::move(requests))) {
      if (response.status == 200) {
        given.push_back(tokens_of(response).access_token);
      } else {
        EXPECT_TRUE(is_json_refusal(response, 400, "invalid_grant"));
      }
    }
    ASSERT_EQ(given.size(), 1u);
    EXPECT_FALSE(harness.is_active(given.front(), "cA"));
  }
}

// B04: a value of one kind is nothing at the place of another, and is not spent by being tried
// there
TEST_F(Matrix, AValueOfOneKindIsRefusedAtThePlaceOfEveryOther) {
  for (const auto& own : grants) {
    if (!own.has_person) continue;
    SCOPED_TRACE(name_of(own.grant_type));
    const auto value = own.prepare(*this);
    for (const auto& other : grants) {
      if (!other.has_person || other.grant_type == own.grant_type) continue;
      const auto tokens = redeem(other, value);
      EXPECT_TRUE(is_json_refusal(tokens.response, 400, other.dead))
          << "at " << name_of(other.grant_type);
    }
    EXPECT_EQ(redeem(own, value).status, 200);
  }
}

// B04: a jti chosen to be the id of a live request or code has no effect on it
TEST_F(Matrix, ANameChosenByTheSenderCollidesWithNothing) {
  const auto issued = harness.issue_code({.scope = "openid"});
  EXPECT_EQ(bear(partner_assertion({{"jti", issued.grant_id.value()}})).status, 200);
  EXPECT_EQ(harness.redeem("cA", issued).status, 200);
}

}  // namespace cardea::grants_matrix_test
