// Every advertised way to tell a client that a session ended.
#include "flow/advertised/world.h"

namespace cardea::advertised_test {
namespace {

http::Response sign_out(World& world, const std::string& id_token) {
  return world.browser.get("/logout?" + http::write_form({{"id_token_hint", id_token}}));
}

// The claims of what the client is sent behind the browser's back.
json::Object told(World& world) {
  const std::string address = "https://app.example/told";
  world.edit([&](Client& client) { client.backchannel_logout_uri = address; });
  world.harness.fetcher.answer(address, 200, "");
  const auto tokens = world.sign_in();
  (void)sign_out(world, tokens.id_token);
  world.harness.settle();
  EXPECT_EQ(world.harness.fetcher.sent_to(address), 1U);
  const auto pairs = http::parse_form(world.harness.fetcher.sent().back().request.body);
  EXPECT_TRUE(pairs && pairs->front().first == "logout_token");
  const auto claims = world.verified(pairs->front().second, "RS256");
  EXPECT_EQ(json::string_member(claims, "sid"),
            json::string_member(test::claims_of(tokens.id_token), "sid"));
  return claims;
}

void back_channel(World& world, const std::string& flag) {
  EXPECT_EQ(flag, "true");
  EXPECT_TRUE(told(world).contains("events"));
}

void back_channel_session(World& world, const std::string& flag) {
  EXPECT_EQ(flag, "true");
  EXPECT_TRUE(told(world).contains("sid"));
}

// The page after a sign-out, which loads the client's address in a frame.
http::Response framed(World& world, bool with_session) {
  world.edit([&](Client& client) {
    client.frontchannel_logout_uri = "https://app.example/out";
    client.frontchannel_logout_session_required = with_session;
  });
  return sign_out(world, world.sign_in().id_token);
}

void front_channel(World& world, const std::string& flag) {
  EXPECT_EQ(flag, "true");
  EXPECT_NE(framed(world, false).body.find("<iframe src=\"https://app.example/out\""),
            std::string::npos);
}

void front_channel_session(World& world, const std::string& flag) {
  EXPECT_EQ(flag, "true");
  EXPECT_NE(framed(world, true).body.find("&amp;sid="), std::string::npos);
}

}  // namespace

Rows logout_rows() {
  static constexpr std::array rows{
      Row{"backchannel_logout_supported", back_channel},
      Row{"backchannel_logout_session_supported", back_channel_session},
      Row{"frontchannel_logout_supported", front_channel},
      Row{"frontchannel_logout_session_supported", front_channel_session},
  };
  return rows;
}

// OIDC-Discovery-3; oidc-22: each advertised value works
TEST(Advertised, S2_Logout) {
  exercise(logout_rows());
}

}  // namespace cardea::advertised_test
