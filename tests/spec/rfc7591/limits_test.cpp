// Who may register, how many clients, and for how long (RFC 7591 1.2, 3, 5): initial access tokens,
// quotas, and registrations that nobody used.
#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "server/registration/initial_token.h"
#include "support/registration.h"

namespace cardea::rfc7591_limits_test {

using test::is_json_refusal;
using test::json_of;
using test::register_client;
using test::registration_of;
using test::text_of;
using Texts = std::vector<std::string>;

struct Rfc7591Limits : testing::Test {
  test::Harness harness{test::open_registration()};

  std::size_t clients() { return harness.registry->all().size(); }
  std::string mint(std::int64_t uses, Seconds lifetime = hours(1)) {
    return harness.stored(
        mint_initial_token(*harness.store, harness.random, uses, harness.clock.now() + lifetime));
  }
};

struct Rfc7591ByToken : Rfc7591Limits {
  Rfc7591ByToken() { harness.settings.registration.mode = RegistrationSettings::Mode::token; }
};

// RFC7591-3; 7591-01: without an initial access token nothing is even read
TEST_F(Rfc7591ByToken, S3_WhoeverRegistersNeedsAToken) {
  const auto bare = register_client(harness, registration_of());
  EXPECT_EQ(bare.status, 401);
  EXPECT_EQ(bare.headers.first("WWW-Authenticate"), "Bearer realm=\"https://id.example\"");
  EXPECT_TRUE(is_json_refusal(register_client(harness, registration_of(), "nobodys"), 401,
                              "invalid_token"));
  EXPECT_TRUE(is_json_refusal(
      harness.send(test::json_request(harness, "POST", "/register", "no JSON", "nobodys")), 401,
      "invalid_token"));
  EXPECT_EQ(clients(), 7U);
  EXPECT_EQ(register_client(harness, registration_of(), mint(1)).status, 201);
}

// RFC7591-1.2; 7591-01: a token is good for so many registrations, until then, and for nothing else
TEST_F(Rfc7591ByToken, S1_2_AnInitialTokenIsGoodForItsUses) {
  const auto token = mint(2);
  EXPECT_EQ(token.size(), 43U);
  // What is refused spends nothing.
  EXPECT_TRUE(is_json_refusal(
      register_client(harness, registration_of({{"redirect_uris", Texts{"http://x.example/"}}}),
                      token),
      400, "invalid_redirect_uri"));
  EXPECT_EQ(register_client(harness, registration_of(), token).status, 201);
  EXPECT_EQ(register_client(harness, registration_of(), token).status, 201);
  EXPECT_TRUE(
      is_json_refusal(register_client(harness, registration_of(), token), 401, "invalid_token"));
  const auto late = mint(1, hours(1));
  harness.clock.advance(hours(1));
  EXPECT_TRUE(
      is_json_refusal(register_client(harness, registration_of(), late), 401, "invalid_token"));
  EXPECT_EQ(harness.userinfo(mint(1)).status, 401);
}

// RFC7591-1.2; 7591-01: of many registrations at once with the last use of a token one succeeds
TEST_F(Rfc7591ByToken, S1_2_TheLastUseIsSpentOnce) {
  const auto token = mint(1);
  std::vector<http::Request> requests;
  for (int i = 0; i < 8; ++i) {
    requests.push_back(
        test::json_request(harness, "POST", "/register", json::write(registration_of()), token));
  }
  int registered = 0;
  for (const auto& response : harness.send_all(std::move(requests))) {
    if (response.status == 201) ++registered;
    if (response.status != 201) EXPECT_TRUE(is_json_refusal(response, 401, "invalid_token"));
  }
  EXPECT_EQ(registered, 1);
  EXPECT_EQ(clients(), 8U);
}

// RFC7591-5; 7591-01: one address leaves only so many registrations that nobody uses
TEST_F(Rfc7591Limits, S5_UnusedRegistrationsAreBounded) {
  harness.settings.registration.unused_per_address = 3;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(register_client(harness, registration_of()).status, 201);
  const auto refused = register_client(harness, registration_of());
  EXPECT_TRUE(is_json_refusal(refused, 429, "invalid_request"));
  EXPECT_EQ(refused.headers.first("Retry-After"), "3600");
  auto elsewhere = test::json_request(harness, "POST", "/register", json::write(registration_of()));
  elsewhere.peer_address = test::other_peer;
  const auto other = harness.send(std::move(elsewhere));
  EXPECT_EQ(other.status, 201);
  // One that is used counts no longer.
  const auto used = harness.registry->all();
  for (const auto& client : used) {
    if (client->owner.by != Ownership::By::registration) continue;
    if (client->client_id.value() == text_of(json_of(other), "client_id")) continue;
    const auto code = harness.issue_code({.client = client->client_id.value(), .scope = "openid"});
    harness.edit_client(client->client_id.value(), [](Client& changed) {
      changed.secrets = {{.sha256 = crypto::sha256("s"), .expires_at = {}, .created_at = {}}};
    });
    const auto redeemed = harness.send(
        harness.post("/token", harness.redeem_form(code),
                     {{"Authorization", test::basic(client->client_id.value(), "s")}}));
    EXPECT_EQ(redeemed.status, 200) << redeemed.body;
    break;
  }
  EXPECT_EQ(register_client(harness, registration_of()).status, 201);
  EXPECT_EQ(register_client(harness, registration_of()).status, 429);
}

// RFC7591-5; 7591-01: an IPv6 network is one address
TEST_F(Rfc7591Limits, S5_AnIpv6NetworkIsOneAddress) {
  harness.settings.registration.unused_per_address = 1;
  const auto from = [&](const std::string& address) {
    auto request = test::json_request(harness, "POST", "/register", json::write(registration_of()));
    request.peer_address = address;
    return harness.send(std::move(request)).status;
  };
  EXPECT_EQ(from("2001:db8:0:1::1"), 201);
  EXPECT_EQ(from("2001:db8:0:1:ffff::2"), 429);
  EXPECT_EQ(from("2001:db8:0:2::1"), 201);
}

// RFC7591-5: all together are bounded too
TEST_F(Rfc7591Limits, S5_AllRegistrationsAreBounded) {
  harness.settings.registration.clients_max = 2;
  EXPECT_EQ(register_client(harness, registration_of()).status, 201);
  EXPECT_EQ(register_client(harness, registration_of()).status, 201);
  EXPECT_TRUE(is_json_refusal(register_client(harness, registration_of()), 429, "invalid_request"));
}

// RFC7591-5: what nobody uses is forgotten; what was used stays as long as its tokens, and longer
TEST_F(Rfc7591Limits, S5_UnusedRegistrationsAreForgotten) {
  harness.settings.registration.unused_for = hours(2);
  const auto unused = text_of(json_of(register_client(harness, registration_of())), "client_id");
  const auto answer = json_of(register_client(harness, registration_of()));
  const auto used = text_of(answer, "client_id");
  const auto code = harness.issue_code({.client = used, .scope = "openid email"});
  const auto redeemed = harness.send(
      harness.post("/token", harness.redeem_form(code),
                   {{"Authorization", test::basic(used, text_of(answer, "client_secret"))}}));
  ASSERT_EQ(redeemed.status, 200) << redeemed.body;
  harness.clock.advance(hours(2));
  EXPECT_NE(harness.registry->find(ClientId(unused)), nullptr);
  harness.clock.advance(Seconds{1});
  EXPECT_EQ(register_client(harness, registration_of()).status, 201);
  EXPECT_EQ(harness.registry->find(ClientId(unused)), nullptr);
  EXPECT_FALSE(harness.stored(harness.store->find_client(ClientId(unused))));
  EXPECT_EQ(harness.log.count("client.forgotten"), 1);
  EXPECT_NE(harness.registry->find(ClientId(used)), nullptr);
  // Its refresh token has ended for good by then, and so may the client.
  harness.clock.advance(days(95));
  EXPECT_EQ(register_client(harness, registration_of()).status, 201);
  EXPECT_EQ(harness.registry->find(ClientId(used)), nullptr);
  // Clients of an operator stay.
  EXPECT_NE(harness.registry->find(ClientId("cB")), nullptr);
}

}  // namespace cardea::rfc7591_limits_test
