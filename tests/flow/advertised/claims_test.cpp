// Every advertised claim and level of authentication comes when it is asked for.
#include "flow/advertised/world.h"
#include "support/authenticator.h"

namespace cardea::advertised_test {
namespace {

// A value for every claim that a scope stands for, each of its type (OIDC Core 5.1).
void fill(World& world) {
  world.harness.edit_user("alice", [&](UserRecord& user) {
    for (const auto& [scope, described] : world.harness.settings.scopes) {
      for (const auto& claim : described.claims) {
        if (user.claims.read().contains(claim)) continue;
        if (claim.ends_with("_verified")) {
          user.claims.set(claim, true);
        } else if (claim == "updated_at") {
          user.claims.set(claim, 1'700'000'000);
        } else if (claim == "address") {
          user.claims.set(claim, json::Object{{"formatted", "1 Road"}});
        } else {
          user.claims.set(claim, "https://alice.example/");
        }
      }
    }
  });
}

void claim(World& world, const std::string& name) {
  fill(world);
  world.edit([](Client& client) { client.response_types = {ResponseType::code_id_token}; });
  const auto asked = json::write(
      json::Object{{"id_token", json::Object{{name, json::Object{{"essential", true}}}}},
                   {"userinfo", json::Object{{name, nullptr}}}});
  const auto answer =
      world.browser.authorize("cA", {{"response_type", "code id_token"}, {"claims", asked}});
  const auto tokens = test::redeem_reply(world.harness, answer);
  ASSERT_EQ(tokens.status, 200) << tokens.response.body;
  const auto front = test::claims_of(test::reply_of(answer)["id_token"]);
  const auto back = test::claims_of(tokens.id_token);
  EXPECT_TRUE(front.contains(name) || back.contains(name));
  // What is a person's own comes by userinfo as well.
  const bool of_person = world.harness.user("alice").claims.read().contains(name);
  const auto userinfo = test::json_of(world.harness.userinfo(tokens.access_token));
  EXPECT_EQ(userinfo.contains(name), of_person || name == "sub");
}

void claims_parameter(World& world, const std::string& flag) {
  EXPECT_EQ(flag, "true");
  const auto tokens =
      world.sign_in({{"scope", "openid"}, {"claims", R"({"id_token":{"name":null}})"}});
  EXPECT_EQ(World::text_in(test::claims_of(tokens.id_token), "name"), "Alice Adams");
}

void claim_type(World& world, const std::string& type) {
  EXPECT_EQ(type, "normal");
  const auto userinfo = test::json_of(world.harness.userinfo(world.sign_in().access_token));
  EXPECT_EQ(World::text_in(userinfo, "email"), "alice@example.com");
}

void acr(World&, const std::string& value) {
  World world(Kind::least);  // a person adds one factor
  const auto alice = enrol(world.harness, world.browser);
  test::Browser person(world.harness);
  const auto asked = R"({"id_token":{"acr":{"essential":true,"value":")" + value + R"("}}})";
  auto page = person.press(test::visit(world.harness, person, {{"claims", asked}}), "sign-in",
                           test::credentials());
  if (test::offers(page, "verify")) {
    page = person.press(page, "verify", {{"code", alice.app.code(world.harness.clock.now())}});
  }
  const auto tokens = test::redeem_reply(world.harness, person.complete(page));
  EXPECT_EQ(World::text_in(test::claims_of(tokens.id_token), "acr"), value);
}

}  // namespace

Rows claim_rows() {
  static constexpr std::array rows{
      Row{"claims_supported", claim},
      Row{"claims_parameter_supported", claims_parameter},
      Row{"claim_types_supported", claim_type},
      Row{"acr_values_supported", acr},
  };
  return rows;
}

// OIDC-Discovery-3; OIDCC-5.5; RFC9470-7; oidc-22: each advertised value works
TEST(Advertised, S2_Claims) {
  exercise(claim_rows());
}

}  // namespace cardea::advertised_test
