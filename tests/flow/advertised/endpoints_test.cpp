// Every advertised address does what it is for, under its alias for certificates as well.
#include "flow/advertised/world.h"

namespace cardea::advertised_test {
namespace {

void issuer(World& world, const std::string& value) {
  EXPECT_EQ(value, world.harness.settings.issuer);
  EXPECT_EQ(json::string_member(test::claims_of(world.sign_in().id_token), "iss"), value);
}

void authorization(World& world, const std::string& url) {
  const auto form = test::authorize_form(world.harness, "cA");
  const auto first = world.browser.get(world.path_of(url) + "?" + http::write_form(form));
  EXPECT_TRUE(test::has_code(world.harness, world.browser.complete(first)));
}

void token(World& world, const std::string& url) {
  const auto code = world.harness.issue_code();
  const auto tokens = test::tokens_of(world.harness.send(
      world.harness.as_client("cA", world.path_of(url), world.harness.redeem_form(code))));
  EXPECT_EQ(tokens.status, 200);
  EXPECT_NE(tokens.id_token, "");
}

void userinfo(World& world, const std::string& url) {
  const auto bearer = "Bearer " + world.harness.sign_up_tokens().access_token;
  const auto answer =
      world.harness.send(world.harness.get(world.path_of(url), {{"Authorization", bearer}}));
  EXPECT_EQ(json::string_member(test::json_of(answer), "name"), "Alice Adams");
}

void keys(World& world, const std::string& url) {
  const auto answer = world.harness.send(world.harness.get(world.path_of(url)));
  EXPECT_EQ(test::json_of(answer), test::json_of(world.harness.send(world.harness.get("/jwks"))));
  world.verified(world.sign_in().id_token, "RS256");
}

void introspection(World& world, const std::string& url) {
  const auto access_token = world.harness.sign_up_tokens().access_token;
  const auto answer = world.harness.send(
      world.harness.as_client("cA", world.path_of(url), {{"token", access_token}}));
  EXPECT_EQ(json::bool_member(test::json_of(answer), "active"), true);
}

void revocation(World& world, const std::string& url) {
  const auto tokens = world.harness.sign_up_tokens();
  const auto answer = world.harness.send(
      world.harness.as_client("cA", world.path_of(url), {{"token", tokens.refresh_token}}));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(world.harness.refresh("cA", tokens.refresh_token).error, "invalid_grant");
}

void end_session(World& world, const std::string& url) {
  const http::FormPairs form{{"id_token_hint", world.sign_in().id_token},
                             {"post_logout_redirect_uri", "https://app.example/bye"}};
  const auto answer = world.browser.get(world.path_of(url) + "?" + http::write_form(form));
  EXPECT_EQ(test::location_of(answer), "https://app.example/bye");
  EXPECT_TRUE(test::is_told(world.harness,
                            test::ask(world.harness, world.browser, {{"prompt", "none"}}),
                            "login_required"));
}

void pushed_request(World& world, const std::string& url) {
  const auto pushed = world.harness.send(
      world.harness.as_client("cA", world.path_of(url), test::authorize_form(world.harness, "cA")));
  EXPECT_EQ(pushed.status, 201);
  const http::FormPairs form{{"client_id", "cA"},
                             {"request_uri", World::text_in(test::json_of(pushed), "request_uri")}};
  EXPECT_TRUE(test::has_code(world.harness, world.browser.complete(world.browser.get(
                                                "/authorize?" + http::write_form(form)))));
}

void registration(World& world, const std::string& url) {
  const auto answer = world.harness.send(test::json_request(
      world.harness, "POST", world.path_of(url),
      json::write(test::registration_of({{"redirect_uris", std::vector{callback}}}))));
  EXPECT_EQ(answer.status, 201);
  const auto client = World::text_in(test::json_of(answer), "client_id");
  world.harness.stored(world.harness.registry->reload());
  const auto target = test::authorize_target(world.harness, client,
                                             {{"scope", "openid"}, {"redirect_uri", callback}});
  EXPECT_TRUE(test::has_code(world.harness, world.browser.complete(world.browser.get(target))));
}

void device(World& world, const std::string& url) {
  const auto asked = world.harness.send(
      world.harness.as_client("cA", world.path_of(url), {{"scope", "openid profile"}}));
  world.allow(world.browser, test::json_of(asked));
  EXPECT_EQ(world.poll(test::json_of(asked)).status, 200);
}

void backchannel(World& world, const std::string& url) {
  const auto asked = world.harness.send(world.harness.as_client(
      "cA", world.path_of(url), {{"scope", "openid"}, {"login_hint", "alice"}}));
  const auto request = World::text_in(test::json_of(asked), "auth_req_id");
  EXPECT_EQ(world.poll_ciba(request).error, "authorization_pending");
}

// The frame may be held by others, and what it is asked about comes with the answer.
void session_frame(World& world, const std::string& url) {
  const auto frame = world.harness.send(world.harness.get(world.path_of(url)));
  EXPECT_EQ(frame.status, 200);
  EXPECT_NE(frame.headers.first("Content-Security-Policy").find("frame-ancestors *"),
            std::string_view::npos);
  EXPECT_NE(test::reply_of(world.browser.authorize("cA"))["session_state"], "");
}

constexpr std::array endpoints{
    Row{"issuer", issuer},
    Row{"authorization_endpoint", authorization},
    Row{"token_endpoint", token},
    Row{"userinfo_endpoint", userinfo},
    Row{"jwks_uri", keys},
    Row{"introspection_endpoint", introspection},
    Row{"revocation_endpoint", revocation},
    Row{"end_session_endpoint", end_session},
    Row{"pushed_authorization_request_endpoint", pushed_request},
    Row{"registration_endpoint", registration},
    Row{"check_session_iframe", session_frame},
    Row{"device_authorization_endpoint", device},
    Row{"backchannel_authentication_endpoint", backchannel},
};

// RFC 8705 5: the address under which a client brings its certificate does the same.
void alias(World& world, const std::string& name) {
  const auto url = World::text_in(*world.metadata.find("mtls_endpoint_aliases")->if_object(), name);
  EXPECT_TRUE(url.starts_with(mtls_origin + "/")) << url;
  const auto* row = std::ranges::find(endpoints, name, &Row::member);
  ASSERT_NE(row, endpoints.end());
  row->exercise(world, url);
}

constexpr std::array aliases{Row{"mtls_endpoint_aliases", alias}};

}  // namespace

Rows endpoint_rows() {
  static const auto all = [] {
    std::vector<Row> rows(endpoints.begin(), endpoints.end());
    rows.insert(rows.end(), aliases.begin(), aliases.end());
    return rows;
  }();
  return all;
}

// RFC8414-2; RFC8705-5; oidc-22: each advertised value works
TEST(Advertised, S2_Endpoints) {
  exercise(endpoint_rows());
}

}  // namespace cardea::advertised_test
