// Client authentication at the token endpoint. RFC 6749 2.3, 5.2; security corpus 1.1; decision Q2.
#include <gtest/gtest.h>

#include "base/base64url.h"
#include "crypto/hash.h"
#include "support/harness.h"

namespace cardea::client_authentication_test {

using test::basic;
using test::Harness;
using test::is_json_refusal;
using test::secret_of;

http::FormPairs cc_form() {
  return {{"grant_type", "client_credentials"}, {"scope", "notes.read"}};
}

http::Response with_header(Harness& server, const std::string& authorization) {
  return server.send(server.post("/token", cc_form(), {{"Authorization", authorization}}));
}

void expect_challenged(const http::Response& response) {
  EXPECT_TRUE(is_json_refusal(response, 401, "invalid_client"));
  EXPECT_TRUE(response.headers.first("WWW-Authenticate").starts_with("Basic "));
}

// A client with an id and secret of unusual characters.
void add_client(Harness& server, const std::string& client_id, const std::string& secret) {
  auto client = server.client("cc");
  client.client_id = ClientId(client_id);
  client.secrets = {{.sha256 = crypto::sha256(secret), .expires_at = std::nullopt}};
  server.put_client(client);
}

// RFC6749-2.3; 6749-07: one method of client authentication in a request.
TEST(Rfc6749, S2_3_TwoMethodsAreRefused) {
  Harness server;
  const auto header = basic("cc", secret_of("cc"));
  const std::vector<http::FormPairs> extras{
      {{"client_secret", secret_of("cc")}},
      {{"client_assertion", server.assertion()}},
      {{"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}},
  };
  for (const auto& extra : extras) {
    auto form = cc_form();
    form.insert(form.end(), extra.begin(), extra.end());
    EXPECT_TRUE(
        is_json_refusal(server.send(server.post("/token", form, {{"Authorization", header}})), 400,
                        "invalid_request"));
  }
  auto both = cc_form();
  both.insert(both.end(), {{"client_id", "cc"},
                           {"client_secret", secret_of("cc")},
                           {"client_assertion", server.assertion()}});
  EXPECT_TRUE(is_json_refusal(server.send(server.post("/token", both)), 400, "invalid_request"));
  auto twice = server.post("/token", cc_form(), {{"Authorization", header}});
  twice.headers.add("Authorization", header);
  EXPECT_TRUE(is_json_refusal(server.send(twice), 400, "invalid_request"));
}

// RFC6749-2.3.1; 6749-08: ids and secrets of any VSCHAR work when form-encoded, and raw.
TEST(Rfc6749, S2_3_1_BasicIsFormDecodedAndRawIsTriedOnce) {
  Harness server;
  const std::string id = "c-1_x.y~z";
  const std::string secret = "a secret: with/slash+plus%percent and thirty two characters";
  add_client(server, id, secret);
  EXPECT_EQ(with_header(server, basic(id, secret)).status, 200);
  // oauth4webapi encodes even unreserved characters; Python and the MCP SDK encode nothing.
  EXPECT_EQ(
      with_header(server, "Basic " + base64_encode("c%2D1%5Fx%2Ey%7Ez:" +
                                                   std::string("a%20secret%3A%20with%2Fslash%2B"
                                                               "plus%25percent%20and%20thirty%20"
                                                               "two%20characters")))
          .status,
      200);
  EXPECT_EQ(with_header(server, "Basic " + base64_encode(id + ":" + secret)).status, 200);
  EXPECT_EQ(with_header(server, "bAsIc " + base64_encode(id + ":" + secret)).status, 200);
  expect_challenged(with_header(server, basic(id, secret + "x")));

  add_client(server, "with:colon", secret_of("colon"));
  EXPECT_EQ(with_header(server, basic("with:colon", secret_of("colon"))).status, 200);
}

// RFC6749-2.3.1; 6749-08: Basic is strict base64 of VSCHAR with a colon.
TEST(Rfc6749, S2_3_1_BasicIsStrict) {
  Harness server;
  const auto good = base64_encode("cc:" + secret_of("cc"));
  ASSERT_EQ(with_header(server, "Basic " + good).status, 200);
  const std::string zero("cc\0:x", 5);
  const std::vector<std::string> bad{
      "Basic",
      "Basic ",
      "Basic " + good.substr(0, 8) + " " + good.substr(8),
      "Basic " + good + "=",
      "Basic " + good + "\n",
      "Basic  " + good,
      "Basic " + base64_encode("cc"),
      "Basic " + base64_encode(zero),
      "Basic " + base64_encode("cc:s\x01"),
      "Basic " + base64_encode("cc:\xc3\xa9"),
      "Basic " + base64url_encode("cc:\xff\xfe\xfd"),
      "Bearer " + good,
      "Digest username=cc",
  };
  const auto writes = server.writes();
  for (const auto& header : bad) expect_challenged(with_header(server, header));
  EXPECT_EQ(server.writes(), writes);
  // A right value whose padding was cut off.
  add_client(server, "ccc", secret_of("cc"));
  auto padded = base64_encode("ccc:" + secret_of("cc"));
  ASSERT_TRUE(padded.ends_with('='));
  ASSERT_EQ(with_header(server, "Basic " + padded).status, 200);
  while (padded.ends_with('=')) padded.pop_back();
  expect_challenged(with_header(server, "Basic " + padded));
}

// RFC6749-5.2; 6749-09: a failed header is answered 401 with a challenge, a failed body without.
TEST(Rfc6749, S5_2_FailuresSayTheSameAndChallengeTheHeader) {
  Harness server;
  server.edit_client("api", [](Client& client) { client.enabled = false; });
  const auto wrong = with_header(server, basic("cc", "wrong"));
  const auto unknown = with_header(server, basic("nobody", "wrong"));
  const auto disabled = with_header(server, basic("api", secret_of("api")));
  for (const auto& response : {wrong, unknown, disabled}) {
    expect_challenged(response);
    EXPECT_EQ(response.body, wrong.body);
  }
  auto form = cc_form();
  form.insert(form.end(), {{"client_id", "cc"}, {"client_secret", "wrong"}});
  const auto post = server.send(server.post("/token", form));
  EXPECT_TRUE(is_json_refusal(post, 401, "invalid_client"));
  EXPECT_FALSE(post.headers.contains("WWW-Authenticate"));
  form.back().second = secret_of("cc");
  EXPECT_EQ(server.send(server.post("/token", form)).status, 200);
}

// RFC6749-3.2.1: no credentials, or a client_id that is not the header's, is no authentication.
TEST(Rfc6749, S3_2_1_AClientMustSayAndProveWhoItIs) {
  Harness server;
  EXPECT_TRUE(
      is_json_refusal(server.send(server.post("/token", cc_form())), 401, "invalid_client"));
  auto named = cc_form();
  named.emplace_back("client_id", "cc");
  EXPECT_TRUE(is_json_refusal(server.send(server.post("/token", named)), 401, "invalid_client"));
  named.back().second = "cA";
  expect_challenged(
      server.send(server.post("/token", named, {{"Authorization", basic("cc", secret_of("cc"))}})));
  named.back().second = "cc";
  EXPECT_EQ(
      server.send(server.post("/token", named, {{"Authorization", basic("cc", secret_of("cc"))}}))
          .status,
      200);
}

// RFC6749-2.3.1; 6749-10: guessing makes its own address wait and locks nobody else out.
TEST(Rfc6749, S2_3_1_GuessingMakesItsOwnAddressWait) {
  Harness server;
  int refused = 0;
  int waiting = 0;
  for (int i = 0; i < 500; ++i) {
    const auto response = with_header(server, basic("cc", "guess" + std::to_string(i)));
    refused += response.status == 401 ? 1 : 0;
    waiting += response.status == 429 ? 1 : 0;
    if (response.status == 429) {
      EXPECT_GE(std::stoi(std::string(response.headers.first("Retry-After"))), 1);
      EXPECT_EQ(test::error_of(response), "invalid_client");
    }
  }
  EXPECT_EQ(refused, server.settings.throttle.client_per_address);
  EXPECT_EQ(refused + waiting, 500);
  // The right secret waits here too: otherwise the throttle would not stop guessing.
  EXPECT_EQ(with_header(server, basic("cc", secret_of("cc"))).status, 429);
  auto elsewhere = server.as_client("cc", "/token", cc_form());
  elsewhere.peer_address = "192.0.2.77";
  EXPECT_EQ(server.send(elsewhere).status, 200);
  EXPECT_EQ(server.send(server.as_client("api", "/token", cc_form())).status, 200);
  server.clock.advance(server.settings.throttle.window);
  EXPECT_EQ(with_header(server, basic("cc", secret_of("cc"))).status, 200);
}

// RFC6749-2.3.1; 6749-10: an IPv6 guesser is counted by its /64, however it spells its address.
TEST(Rfc6749, S2_3_1_AnIpv6GuesserIsCountedByItsNetwork) {
  Harness server;
  server.settings.throttle.client_per_address = 3;
  const auto from = [&](const std::string& address, const std::string& secret) {
    auto request = server.post("/token", cc_form(), {{"Authorization", basic("cc", secret)}});
    request.peer_address = address;
    return server.send(request).status;
  };
  EXPECT_EQ(from("2001:db8:0:1::1", "x"), 401);
  EXPECT_EQ(from("2001:DB8:0:1:ffff::2", "x"), 401);
  EXPECT_EQ(from("2001:db8:0000:0001:1:2:3:4", "x"), 401);
  EXPECT_EQ(from("2001:db8:0:1::ffff", secret_of("cc")), 429);
  EXPECT_EQ(from("2001:db8:0:2::1", secret_of("cc")), 200);
  EXPECT_EQ(from("2001:db8::1", secret_of("cc")), 200);
}

// RFC6749-2.3; 8252-07: a registered method is the only one; public clients have no
// usable secret.
TEST(Rfc6749, S2_3_OnlyTheRegisteredMethodIsTaken) {
  Harness server;
  const auto code = server.issue_code({.client = "pN"});
  auto form = server.redeem_form(code);
  form.insert(form.end(), {{"client_id", "pN"}, {"client_secret", "anything"}});
  EXPECT_TRUE(is_json_refusal(server.send(server.post("/token", form)), 401, "invalid_client"));
  EXPECT_EQ(server.redeem("pN", code).status, 200);

  server.edit_client("cc", [](Client& client) {
    client.token_endpoint_auth_method = ClientAuthMethod::client_secret_post;
  });
  expect_challenged(with_header(server, basic("cc", secret_of("cc"))));
  auto post = cc_form();
  post.insert(post.end(), {{"client_id", "cc"}, {"client_secret", secret_of("cc")}});
  EXPECT_EQ(server.send(server.post("/token", post)).status, 200);
  // A confidential client cannot pass for a public one.
  auto nothing = cc_form();
  nothing.emplace_back("client_id", "cc");
  EXPECT_TRUE(is_json_refusal(server.send(server.post("/token", nothing)), 401, "invalid_client"));
}

// RFC6749-2.3.1: two secrets may be valid at a time, each to its end (decision Q2).
TEST(Rfc6749, S2_3_1_TwoSecretsMayBeValidAtATime) {
  Harness server;
  server.edit_client("cc", [](Client& client) {
    client.secrets.front().expires_at = test::start + hours(1);
    client.secrets.push_back({.sha256 = crypto::sha256("the new secret of more than 32 characters"),
                              .expires_at = std::nullopt});
  });
  const std::string fresh = "the new secret of more than 32 characters";
  EXPECT_EQ(with_header(server, basic("cc", secret_of("cc"))).status, 200);
  EXPECT_EQ(with_header(server, basic("cc", fresh)).status, 200);
  server.clock.advance(hours(1));
  expect_challenged(with_header(server, basic("cc", secret_of("cc"))));
  EXPECT_EQ(with_header(server, basic("cc", fresh)).status, 200);
}

// RFC6749-5.2: a disabled client is refused at once, whatever it presents.
TEST(Rfc6749, S5_2_ADisabledClientIsRefusedAtOnce) {
  Harness server;
  const auto tokens = server.sign_up_tokens();
  server.edit_client("cA", [](Client& client) { client.enabled = false; });
  EXPECT_EQ(server.refresh("cA", tokens.refresh_token).error, "invalid_client");
  EXPECT_EQ(server.userinfo(tokens.access_token).status, 401);
}

// RFC6749-2.3; B07: a confidential client's tokens need its authentication.
TEST(Rfc6749, S6_ARefreshNeedsTheClientsAuthentication) {
  Harness server;
  const auto tokens = server.sign_up_tokens();
  http::FormPairs form{{"grant_type", "refresh_token"},
                       {"refresh_token", tokens.refresh_token},
                       {"client_id", "cA"}};
  EXPECT_TRUE(is_json_refusal(server.send(server.post("/token", form)), 401, "invalid_client"));
  EXPECT_EQ(server.refresh("cA", tokens.refresh_token).status, 200);
}

}  // namespace cardea::client_authentication_test
