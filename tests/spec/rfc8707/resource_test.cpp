// Resource indicators at the token endpoint. RFC 8707 2; decision Q5.
#include <gtest/gtest.h>

#include "support/harness.h"

namespace cardea::resource_test {

using test::Harness;
using test::is_json_refusal;

http::Response client_credentials(Harness& server, const http::FormPairs& more) {
  http::FormPairs form{{"grant_type", "client_credentials"}};
  form.insert(form.end(), more.begin(), more.end());
  return server.send(server.as_client("cc", "/token", form));
}

std::vector<std::string> audience(Harness& server, const http::Response& response) {
  const auto answer = server.introspect(test::tokens_of(response).access_token, "cc");
  return json::strings_member(answer, "aud").value_or(std::vector<std::string>{});
}

// RFC8707-2; 9068-03; 9700-11: the resource is the one named, else the default, else the owner of
// the scopes.
TEST(Rfc8707, S2_TheResourceIsNamedDefaultOrOwner) {
  Harness server;
  EXPECT_EQ(audience(server, client_credentials(server, {{"scope", "notes.read"}})),
            std::vector<std::string>{test::notes});
  EXPECT_EQ(audience(server, client_credentials(
                                 server, {{"scope", "calendar.read"}, {"resource", test::api}})),
            std::vector<std::string>{test::api});
  server.edit_client("cc", [](Client& client) { client.default_resource = ResourceId(test::api); });
  EXPECT_EQ(audience(server, client_credentials(server, {{"scope", "calendar.write"}})),
            std::vector<std::string>{test::api});
}

// RFC8707-2; 9700-11: unknown, malformed, several, or scopes of another resource.
TEST(Rfc8707, S2_AResourceThatDoesNotFitIsRefused) {
  Harness server;
  const std::vector<http::FormPairs> bad{
      {{"scope", "calendar.read"}, {"resource", "https://unknown.example"}},
      {{"scope", "calendar.read"}, {"resource", "api"}},
      {{"scope", "calendar.read"}, {"resource", test::api + "#x"}},
      {{"scope", "calendar.read"}, {"resource", test::api + "/"}},
      {{"scope", "calendar.read"}, {"resource", test::api}, {"resource", test::notes}},
      {{"scope", "calendar.read"}, {"resource", test::notes}},
      {{"scope", "calendar.read notes.read"}},
      {},  // every scope of the client: two owners
  };
  for (const auto& form : bad) {
    const auto writes = server.writes();
    EXPECT_TRUE(is_json_refusal(client_credentials(server, form), 400, "invalid_target"));
    EXPECT_EQ(server.writes(), writes);
  }
}

// RFC8707-2.2: a token request may name the granted resource only.
TEST(Rfc8707, S2_2_ATokenRequestNamesTheGrantedResource) {
  Harness server;
  const auto code =
      server.issue_code({.scope = "openid calendar.read offline_access", .resource = test::api});
  auto form = server.redeem_form(code);
  form.emplace_back("resource", test::notes);
  EXPECT_TRUE(
      is_json_refusal(server.send(server.as_client("cA", "/token", form)), 400, "invalid_target"));
  form.back().second = test::api;
  const auto tokens = test::tokens_of(server.send(server.as_client("cA", "/token", form)));
  ASSERT_EQ(tokens.status, 200);
  const auto same = server.refresh("cA", tokens.refresh_token, {{"resource", test::api}});
  ASSERT_EQ(same.status, 200);
  EXPECT_EQ(server.refresh("cA", same.refresh_token, {{"resource", test::notes}}).error,
            "invalid_target");
}

// RFC8707-2: two resources that both own a scope leave the choice to the client.
TEST(Rfc8707, S2_TwoOwnersLeaveTheChoiceToTheClient) {
  Harness server({.settings = [](Settings& settings) {
    settings.resources.push_back(
        {.identifier = ResourceId("urn:second"), .scopes = {"calendar.read"}});
  }});
  EXPECT_TRUE(is_json_refusal(client_credentials(server, {{"scope", "calendar.read"}}), 400,
                              "invalid_target"));
  EXPECT_EQ(
      audience(server, client_credentials(server, {{"scope", "calendar.read calendar.write"}})),
      std::vector<std::string>{test::api});
  EXPECT_EQ(audience(server, client_credentials(
                                 server, {{"scope", "calendar.read"}, {"resource", "urn:second"}})),
            std::vector<std::string>{"urn:second"});
}

}  // namespace cardea::resource_test
