// Management of registrations (RFC 7592): the client reads, replaces and removes its own, by the
// token that came with it.
#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "support/authorize_answers.h"
#include "support/registration.h"

namespace cardea::rfc7592_test {

using test::is_json_refusal;
using test::json_of;
using test::registration_of;
using test::text_of;
using Texts = std::vector<std::string>;

struct Rfc7592 : testing::Test {
  test::Harness harness{test::open_registration()};
  std::string id;
  std::string secret;
  std::string token;

  Rfc7592() {
    const auto answer = json_of(test::register_client(harness, registration_of()));
    id = text_of(answer, "client_id");
    secret = text_of(answer, "client_secret");
    token = text_of(answer, "registration_access_token");
  }
  http::Response manage(const std::string& method, const std::string& body = "",
                        std::optional<std::string> with = {}, std::string of = "") {
    return harness.send(test::json_request(harness, method, "/register/" + (of.empty() ? id : of),
                                           body, with.value_or(token)));
  }
  http::Response put(json::Object changed = {}, std::optional<std::string> with = {}) {
    if (!changed.contains("client_id")) changed.set("client_id", id);
    return manage("PUT", json::write(registration_of(changed)), std::move(with));
  }
  std::string kept() { return write_client(harness.client(id)); }
};

// RFC7592-2.1: reading gives the registration, without the secret, which nobody knows any more
TEST_F(Rfc7592, S2_1_ReadingGivesTheRegistration) {
  const auto response = manage("GET");
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(response.headers.first("Cache-Control"), "no-store");
  const auto answer = json_of(response);
  EXPECT_EQ(text_of(answer, "client_id"), id);
  EXPECT_EQ(text_of(answer, "client_name"), "Calendar");
  EXPECT_EQ(text_of(answer, "registration_access_token"), token);
  EXPECT_EQ(text_of(answer, "registration_client_uri"), "https://id.example/register/" + id);
  EXPECT_FALSE(answer.contains("client_secret"));
}

// RFC7592-2; 7592-01: every wrong token, and every client that is not there, is refused alike
TEST_F(Rfc7592, S2_TheTokenIsBoundToItsClient) {
  const auto other = json_of(test::register_client(harness, registration_of()));
  const auto before = kept();
  std::string seen;
  for (const auto& [of, with] : std::vector<std::pair<std::string, std::string>>{
           {id, text_of(other, "registration_access_token")},
           {id, "nobodys"},
           {id, secret},
           {"cA", token},
           {"nobody", token},
           {id + "/", token},
           {"%2e%2e/" + id, token}}) {
    for (const auto* method : {"GET", "PUT", "DELETE"}) {
      const auto response =
          manage(method, json::write(registration_of({{"client_id", of}})), with, of);
      EXPECT_TRUE(is_json_refusal(response, 401, "invalid_token")) << of << " " << method;
      EXPECT_EQ(response.headers.first("WWW-Authenticate").substr(0, 33),
                "Bearer realm=\"https://id.example\"");
      if (seen.empty()) seen = response.body;
      EXPECT_EQ(response.body, seen);
    }
  }
  const auto bare = harness.send(harness.get("/register/" + id));
  EXPECT_EQ(bare.status, 401);
  EXPECT_EQ(bare.headers.first("WWW-Authenticate"), "Bearer realm=\"https://id.example\"");
  EXPECT_EQ(kept(), before);
  EXPECT_NE(harness.registry->find(ClientId("cA")), nullptr);
}

// RFC7592-2.2: replacing replaces all; what is left out has its default again
TEST_F(Rfc7592, S2_2_ReplacingReplacesAll) {
  const auto response = put({{"client_name", nullptr},
                             {"grant_types", nullptr},
                             {"redirect_uris", Texts{"https://new.example/cb2"}},
                             {"tos_uri", "https://new.example/tos"}});
  ASSERT_EQ(response.status, 200) << response.body;
  const auto answer = json_of(response);
  EXPECT_EQ(text_of(answer, "client_name"), "");
  EXPECT_EQ(json::strings_member(answer, "grant_types"), Texts{"authorization_code"});
  const auto client = harness.client(id);
  EXPECT_EQ(client.redirect_uris, Texts{"https://new.example/cb2"});
  EXPECT_EQ(client.created_at, test::start);
  EXPECT_FALSE(answer.contains("client_secret"));
  EXPECT_EQ(client.secrets.front().sha256, crypto::sha256(secret));
  // It holds for the next request.
  EXPECT_EQ(
      json::strings_member(json_of(manage("GET", "", text_of(answer, "registration_access_token"))),
                           "redirect_uris"),
      Texts{"https://new.example/cb2"});
}

// RFC7592-3; 7592-01: each change brings a new token, and the old one is dead
TEST_F(Rfc7592, S3_TheTokenRotates) {
  const auto next = text_of(json_of(put()), "registration_access_token");
  EXPECT_EQ(next.size(), 43U);
  EXPECT_NE(next, token);
  EXPECT_TRUE(is_json_refusal(manage("GET"), 401, "invalid_token"));
  EXPECT_TRUE(is_json_refusal(put(), 401, "invalid_token"));
  EXPECT_EQ(manage("GET", "", next).status, 200);
  EXPECT_EQ(harness.log.text().find(next), std::string::npos);
}

// RFC7592-2.2; 7592-01: of changes at once with one token one counts
TEST_F(Rfc7592, S2_2_OneTokenChangesOnce) {
  std::vector<http::Request> requests;
  for (int i = 0; i < 6; ++i) {
    const auto body = registration_of({{"client_id", id}, {"client_name", std::to_string(i)}});
    requests.push_back(
        test::json_request(harness, "PUT", "/register/" + id, json::write(body), token));
  }
  int changed = 0;
  for (const auto& response : harness.send_all(std::move(requests))) {
    if (response.status == 200) ++changed;
    if (response.status != 200) EXPECT_TRUE(is_json_refusal(response, 401, "invalid_token"));
  }
  EXPECT_EQ(changed, 1);
}

// RFC7592-2.2; 7592-01; F01: a change passes every rule again, and a refused one changes nothing
TEST_F(Rfc7592, S2_2_AChangePassesEveryRuleAgain) {
  const auto before = kept();
  EXPECT_TRUE(is_json_refusal(put({{"redirect_uris", Texts{"https://new.example/*"}}}), 400,
                              "invalid_redirect_uri"));
  for (const auto& [name, value] : std::vector<std::pair<std::string, json::Value>>{
           {"redirect_uris", json::Array{1}},
           {"client_name", json::Object{}},
           {"scope", "calendar.write"},
           {"logo_uri", "javascript:alert(1)"},
           {"token_endpoint_auth_method", "private_key_jwt"},
           {"client_id", "cA"},
           {"client_id", 1},
           {"client_secret", "chosen-by-the-client-itself-0123456789"},
           {"client_secret", nullptr},
           {"registration_access_token", token},
           {"registration_client_uri", "https://id.example/register/x"},
           {"client_id_issued_at", 1},
           {"client_secret_expires_at", 0}}) {
    auto metadata = registration_of({{"client_id", id}});
    metadata.set(name, value);
    EXPECT_TRUE(is_json_refusal(
        manage("PUT", json::write(metadata)), 400,
        name == "redirect_uris" ? "invalid_redirect_uri" : "invalid_client_metadata"))
        << name;
  }
  EXPECT_EQ(kept(), before);
  const auto response = put({{"consent", "skip"}, {"client_secret", secret}, {"enabled", false}});
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(harness.client(id).consent, ConsentPolicy::ask);
  EXPECT_TRUE(harness.client(id).enabled);
}

// RFC7592-2.2: who gives its secret up has none, and who wants one again gets a new one
TEST_F(Rfc7592, S2_2_TheSecretFollowsTheMethod) {
  auto answer = json_of(put({{"token_endpoint_auth_method", "none"}}));
  EXPECT_TRUE(harness.client(id).secrets.empty());
  EXPECT_FALSE(answer.contains("client_secret"));
  answer = json_of(put({}, text_of(answer, "registration_access_token")));
  EXPECT_EQ(text_of(answer, "client_secret").size(), 43U);
  EXPECT_NE(text_of(answer, "client_secret"), secret);
}

// RFC7592-2.3: removing ends the client and all it was given
TEST_F(Rfc7592, S2_3_RemovingEndsEverything) {
  const auto code = harness.issue_code({.client = id, .scope = "openid email"});
  const auto tokens = test::tokens_of(harness.send(harness.post(
      "/token", harness.redeem_form(code), {{"Authorization", test::basic(id, secret)}})));
  EXPECT_EQ(harness.userinfo(tokens.access_token).status, 200);
  const auto response = manage("DELETE");
  EXPECT_EQ(response.status, 204);
  EXPECT_TRUE(response.body.empty());
  EXPECT_FALSE(response.headers.contains("Content-Type"));
  EXPECT_TRUE(response.body.empty());
  EXPECT_EQ(harness.registry->find(ClientId(id)), nullptr);
  EXPECT_FALSE(harness.stored(harness.store->find_client(ClientId(id))));
  EXPECT_EQ(harness.userinfo(tokens.access_token).status, 401);
  EXPECT_TRUE(is_json_refusal(manage("DELETE"), 401, "invalid_token"));
}

// RFC7592-2: a disabled client manages nothing
TEST_F(Rfc7592, S2_ADisabledClientManagesNothing) {
  harness.edit_client(id, [](Client& client) { client.enabled = false; });
  EXPECT_TRUE(is_json_refusal(put(), 401, "invalid_token"));
}

// RFC7592-2.2; 7592-01; F01: what the operator said of the client stays, whatever it says of itself
TEST_F(Rfc7592, S2_2_TheOperatorsWordStays) {
  harness.edit_client(id, [](Client& client) {
    client.allowed_groups = {"staff"};
    client.require_second_factor = true;
    client.allowed_origins = {"https://new.example"};
    client.refresh_grace = Seconds{5};
  });
  ASSERT_EQ(put({{"client_name", "Another"}, {"allowed_groups", Texts{}}}).status, 200);
  const auto kept = harness.client(id);
  EXPECT_EQ(kept.client_name, "Another");
  EXPECT_EQ(kept.allowed_groups, Texts{"staff"});
  EXPECT_TRUE(kept.require_second_factor);
  EXPECT_EQ(kept.allowed_origins, Texts{"https://new.example"});
  EXPECT_EQ(kept.refresh_grace, Seconds{5});
}

// RFC7592-2.2; 7592-01; F01: also what the operator says while the client's sector is fetched
TEST_F(Rfc7592, S2_2_AClientThatIsDisabledMeanwhileStaysSo) {
  const std::string sector = "https://sector.example/list.json";
  harness.fetcher.answer(sector, [&](const http::Fetch&) {
    harness.edit_client(id, [](Client& client) { client.enabled = false; });
    return http::TransportResult(http::Response{.status = 200,
                                                .headers = {{"Content-Type", "application/json"}},
                                                .body = R"(["https://new.example/cb"])"});
  });
  (void)put({{"sector_identifier_uri", sector}});
  EXPECT_FALSE(harness.client(id).enabled);
}

}  // namespace cardea::rfc7592_test
