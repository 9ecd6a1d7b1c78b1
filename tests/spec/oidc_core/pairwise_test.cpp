// Pairwise subjects (OIDC Core 8): one person, another name for each sector, the same wherever a
// client meets it, and a way back only for who is at hand.
#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "domain/sector.h"
#include "server/tokens/subject.h"
#include "support/authorize_answers.h"

namespace cardea::pairwise_test {

using test::ask;
using test::has_code;
using test::is_told;

struct Pairwise : testing::Test {
  test::Harness harness;

  Pairwise() {
    for (const auto* client : {"cA", "cB"}) make_pairwise(client);
  }
  void make_pairwise(const std::string& client) {
    harness.edit_client(client,
                        [](Client& changed) { changed.subject_type = SubjectType::pairwise; });
  }
  std::string sub_of(const std::string& id_token) {
    return json::string_member(test::claims_of(id_token), "sub").value_or("");
  }
  std::string id_of(const std::string& login) { return harness.user(login).user_id.value(); }
};

// OIDCC-8; oidc-13: another sub for each sector and each person; none of them is the user's id
TEST_F(Pairwise, S8_EachSectorHasItsOwnSubject) {
  const auto a = sub_of(harness.sign_up_tokens({.client = "cA"}).id_token);
  const auto b = sub_of(harness.sign_up_tokens({.client = "cB"}).id_token);
  const auto bob = sub_of(harness.sign_up_tokens({.client = "cA", .user = "bob"}).id_token);
  EXPECT_EQ(a.size(), 43U);
  EXPECT_NE(a, b);
  EXPECT_NE(a, bob);
  EXPECT_NE(a, id_of("alice"));
  EXPECT_EQ(sub_of(harness.sign_up_tokens({.client = "cA"}).id_token), a);
  EXPECT_EQ(sub_of(harness.sign_up_tokens({.client = "pS"}).id_token), id_of("alice"));
  // The other client moves into the sector.
  harness.edit_client("cB", [](Client& changed) {
    changed.sector_identifier_uri = "https://app.example/sector.json";
  });
  EXPECT_EQ(sub_of(harness.sign_up_tokens({.client = "cB"}).id_token), a);
}

// OIDCC-8.1; oidc-13: the session's id tells two sectors no more than the subject does
TEST_F(Pairwise, S8_1_TheSessionIsNoWayAround) {
  auto person = test::signed_in(harness);
  const auto sid = [&](const std::string& client) {
    const auto response = person.authorize(client);
    const auto tokens =
        test::redeem_reply(harness, response, client, harness.client(client).redirect_uris.front());
    return json::string_member(test::claims_of(tokens.id_token), "sid").value_or("");
  };
  const auto a = sid("cA");
  EXPECT_EQ(a.size(), 43U);
  EXPECT_EQ(sid("cA"), a);
  EXPECT_NE(sid("cB"), a);
}

// OIDCC-8; oidc-11; oidc-13: every token and every answer to a client says the same
TEST_F(Pairwise, S8_TheClientMeetsOneSubjectEverywhere) {
  for (const auto& [resource, scope] :
       {std::pair{test::api, "openid calendar.read offline_access"},
        std::pair{test::notes, "openid notes.read offline_access"}}) {
    const auto first = harness.sign_up_tokens({.scope = scope, .resource = resource});
    const auto sub = sub_of(first.id_token);
    EXPECT_EQ(sub.size(), 43U);
    EXPECT_EQ(json::string_member(test::json_of(harness.userinfo(first.access_token)), "sub"), sub);
    EXPECT_EQ(json::string_member(harness.introspect(first.access_token), "sub"), sub);
    EXPECT_EQ(json::string_member(harness.introspect(first.refresh_token, "cA"), "sub"), sub);
    const auto second = harness.refresh("cA", first.refresh_token);
    EXPECT_EQ(sub_of(second.id_token), sub);
    EXPECT_EQ(json::string_member(harness.introspect(second.access_token), "sub"), sub);
  }
  const auto jwt = harness.sign_up_tokens({.scope = "openid calendar.read", .resource = test::api});
  EXPECT_EQ(sub_of(jwt.access_token), sub_of(jwt.id_token));
  // What leads to the person is the grant.
  harness.edit_user("alice", [](UserRecord& user) { user.enabled = false; });
  EXPECT_EQ(harness.userinfo(jwt.access_token).status, 401);
}

// OIDCC-8.1; oidc-13: the key of the subjects is the first one, whatever keys are made later
TEST_F(Pairwise, S8_1_SubjectsOutliveEveryRotation) {
  const auto before = sub_of(harness.sign_up_tokens().id_token);
  const auto client = harness.client("cA");
  const auto reloaded = [&] {
    auto seals =
        harness.await(Seals::load(*harness.store, RootKey(std::string(32, 'r')),
                                  harness.settings.issuer, harness.random, harness.clock.now()));
    return *std::move(seals);
  };
  // A key of the same purpose, wrapped as Seals::load wraps, and newer.
  const auto wrap = crypto::AeadKey(
      crypto::hkdf_sha256(std::string(32, 'r'), "", "cardea purpose key wrap 1", 32));
  harness.stored(harness.store->perform(
      store::PutWrappedKey{"pairwise_identifier", "zzzz",
                           crypto::seal(wrap, "7:wrapped19:pairwise_identifier4:zzzz",
                                        std::string(32, 'n'), harness.random),
                           harness.clock.now() + days(1)}));
  const auto seals = reloaded();
  EXPECT_EQ(seals->newest_key_id(SealPurpose::pairwise_identifier), "zzzz");
  EXPECT_EQ(subject_of(*seals, client, harness.user("alice").user_id), before);
  harness.stored(harness.store->perform(store::RenewEpoch{std::string(16, 'e')}));
  EXPECT_EQ(subject_of(*reloaded(), client, harness.user("alice").user_id), before);
}

// OIDCC-3.1.2.1; oidc-08; oidc-13: a hint of a pairwise client means the person it was about
TEST_F(Pairwise, S3_1_2_1_AHintLeadsBackToWhoIsSignedIn) {
  auto person = test::signed_in(harness);
  const auto alice = harness.sign_up_tokens().id_token;
  const auto bob = harness.sign_up_tokens({.user = "bob"}).id_token;
  ASSERT_TRUE(has_code(harness, ask(harness, person)));
  const auto silently = [&](const std::string& hint) {
    return ask(harness, person, {{"prompt", "none"}, {"id_token_hint", hint}});
  };
  EXPECT_TRUE(has_code(harness, silently(alice)));
  EXPECT_TRUE(is_told(harness, silently(bob), "login_required"));
  // The same by a requested sub; the user's id is nobody for this client.
  const auto requested = [&](const std::string& sub) {
    const auto claims = json::write(
        json::Object{{"id_token", json::Object{{"sub", json::Object{{"value", sub}}}}}});
    return ask(harness, person, {{"prompt", "none"}, {"claims", claims}});
  };
  EXPECT_TRUE(has_code(harness, requested(sub_of(alice))));
  EXPECT_TRUE(is_told(harness, requested(sub_of(bob)), "login_required"));
  EXPECT_TRUE(is_told(harness, requested(id_of("alice")), "login_required"));
}

// RPINIT-2; oidc-25; oidc-13: a hint of a pairwise client ends the session it was given in
TEST_F(Pairwise, S2_AHintEndsItsSession) {
  auto person = test::signed_in(harness);
  const auto hint = test::redeem_reply(harness, ask(harness, person)).id_token;
  const auto others = harness.sign_up_tokens({.user = "bob"}).id_token;
  const auto kept = person.get("/logout?" + http::write_form({{"id_token_hint", others}}));
  EXPECT_TRUE(test::offers(person.follow(kept), "sign-out"));
  const auto ended = person.get("/logout?" + http::write_form({{"id_token_hint", hint}}));
  EXPECT_EQ(ended.status, 200);
  EXPECT_TRUE(is_told(harness, ask(harness, person, {{"prompt", "none"}}), "login_required"));
}

std::vector<std::string> refused_members(const Client& client) {
  std::vector<std::string> out;
  for (const auto& problem : check_client(client)) {
    if (!problem.is_warning) out.push_back(problem.member);
  }
  return out;
}

// OIDCC-8.1; oidc-13: several hosts, or none, need a sector document; its address is https
TEST_F(Pairwise, S8_1_ASectorHasOneHost) {
  using Members = std::vector<std::string>;
  auto client = harness.client("cA");
  EXPECT_EQ(refused_members(client), Members{});
  EXPECT_EQ(sector_of(client), "app.example");
  const auto several = [&] {
    auto changed = client;
    changed.redirect_uris.push_back("https://other.example/cb");
    return changed;
  }();
  EXPECT_EQ(refused_members(several), Members{"sector_identifier_uri"});
  auto with_document = several;
  with_document.sector_identifier_uri = "https://Sector.example/list.json";
  EXPECT_EQ(refused_members(with_document), Members{});
  EXPECT_EQ(sector_of(with_document), "sector.example");
  auto hostless = client;
  hostless.application_type = ApplicationType::native;
  hostless.redirect_uris = {"com.example.app:/cb"};
  EXPECT_EQ(refused_members(hostless), Members{"sector_identifier_uri"});
  // Ports and letters do not make a host another one.
  auto ports = client;
  ports.redirect_uris = {"https://app.example/cb", "https://APP.example:8443/cb"};
  EXPECT_EQ(sector_of(ports), "app.example");
  for (const auto* uri : {"http://sector.example/list", "https://sector.example/list#x", "sector",
                          "javascript:alert(1)", "data:,x", "file:///etc/passwd"}) {
    with_document.sector_identifier_uri = uri;
    EXPECT_EQ(refused_members(with_document), Members{"sector_identifier_uri"}) << uri;
  }
  auto everywhere = several;
  everywhere.subject_type = SubjectType::same_everywhere;
  EXPECT_EQ(refused_members(everywhere), Members{});
}

}  // namespace cardea::pairwise_test
