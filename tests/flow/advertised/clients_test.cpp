// Every advertised way to prove a client and every grant gives tokens.
#include "domain/client_vocabulary.h"
#include "flow/advertised/world.h"
#include "support/dpop_proof.h"

namespace cardea::advertised_test {
namespace {

std::string address(const World& world, const std::string& endpoint) {
  return World::text_in(world.metadata, endpoint);
}

void token_method(World& world, const std::string& method) {
  const auto client = world.client_of(method);
  ASSERT_TRUE(client.has_value());
  const auto code = world.harness.issue_code({.client = *client});
  const auto tokens = test::tokens_of(world.harness.send(
      world.proven(method, address(world, "token_endpoint"), world.harness.redeem_form(code))));
  EXPECT_EQ(tokens.status, 200) << tokens.response.body;
}

void introspection_method(World& world, const std::string& method) {
  const auto client = world.client_of(method);
  ASSERT_TRUE(client.has_value());
  const auto code = world.harness.issue_code({.client = *client});
  const auto tokens = test::tokens_of(world.harness.send(
      world.proven(method, address(world, "token_endpoint"), world.harness.redeem_form(code))));
  const auto answer = world.harness.send(world.proven(
      method, address(world, "introspection_endpoint"), {{"token", tokens.access_token}}));
  EXPECT_EQ(json::bool_member(test::json_of(answer), "active"), true) << answer.body;
}

void revocation_method(World& world, const std::string& method) {
  const auto client = world.client_of(method);
  ASSERT_TRUE(client.has_value());
  const auto code = world.harness.issue_code({.client = *client});
  const auto tokens = test::tokens_of(world.harness.send(
      world.proven(method, address(world, "token_endpoint"), world.harness.redeem_form(code))));
  const auto answer = world.harness.send(world.proven(method, address(world, "revocation_endpoint"),
                                                      {{"token", tokens.refresh_token}}));
  EXPECT_EQ(answer.status, 200) << answer.body;
  const auto again = world.harness.send(
      world.proven(method, address(world, "token_endpoint"),
                   {{"grant_type", "refresh_token"}, {"refresh_token", tokens.refresh_token}}));
  EXPECT_EQ(test::error_of(again), "invalid_grant");
}

test::Tokens by_grant(World& world, const std::string& grant) {
  if (grant == "authorization_code") return world.sign_in();
  if (grant == "refresh_token") {
    return world.harness.refresh("cA", world.harness.sign_up_tokens().refresh_token);
  }
  if (grant == "client_credentials") {
    return test::tokens_of(world.harness.send(world.harness.as_client(
        "cc", "/token", {{"grant_type", grant}, {"scope", "calendar.read"}})));
  }
  if (grant == test::device_grant) {
    const auto asked = world.device();
    world.allow(world.browser, asked);
    return world.poll(asked);
  }
  if (grant == test::bearer_grant) return world.bear(world.partner_assertion());
  if (grant == test::exchange_grant) {
    return world.exchange(world.harness.sign_up_tokens().access_token);
  }
  if (grant == test::ciba_grant) {
    const auto request = world.asked();
    (void)world.browser.press(world.enter_account(world.browser), "allow");
    return world.poll_ciba(request);
  }
  ADD_FAILURE() << "nobody knows this grant";
  return {};
}

void grant_type(World& world, const std::string& grant) {
  const auto tokens = by_grant(world, grant);
  EXPECT_EQ(tokens.status, 200) << tokens.response.body;
  EXPECT_NE(tokens.access_token, "");
}

void delivery_mode(World& world, const std::string& mode) {
  if (mode == "poll") return grant_type(world, test::ciba_grant);
  EXPECT_EQ(mode, "ping");
  const std::string address = "https://app.example/ping";
  world.edit([&](Client& client) {
    client.backchannel_token_delivery_mode = token_delivery_mode_named(mode);
    client.backchannel_client_notification_endpoint = address;
  });
  world.harness.fetcher.answer(address, 204, "");
  const auto request = world.asked({{"client_notification_token", "8d67dc78-7faa"}});
  (void)world.browser.press(world.enter_account(world.browser), "allow");
  world.harness.settle();
  ASSERT_EQ(world.harness.fetcher.sent_to(address), 1U);
  EXPECT_NE(world.harness.fetcher.sent().back().request.body.find(request), std::string::npos);
  EXPECT_EQ(world.poll_ciba(request).status, 200);
}

// CIBA 7.1: without support a user_code changes nothing.
void user_code(World& world, const std::string& flag) {
  EXPECT_EQ(flag, "false");
  EXPECT_EQ(
      world.ask_backchannel({{"scope", "openid"}, {"login_hint", "alice"}, {"user_code", "1234"}})
          .status,
      200);
}

void subject_type(World& world, const std::string& type) {
  world.edit([&](Client& client) {
    client.subject_type = type == "pairwise" ? SubjectType::pairwise : SubjectType::same_everywhere;
  });
  const auto subject = World::text_in(test::claims_of(world.sign_in().id_token), "sub");
  EXPECT_EQ(subject == world.harness.user("alice").user_id.value(), type == "public");
  EXPECT_NE(subject, "");
}

void bound_to_certificate(World& world, const std::string&) {
  world.edit([](Client& client) { client.tls_client_certificate_bound_access_tokens = true; });
  auto request = world.harness.redeem_request(
      "cA", world.harness.issue_code({.scope = "openid calendar.read", .resource = test::api}));
  request.client_certificates = {world.own.der()};
  const auto tokens = test::tokens_of(world.harness.send(std::move(request)));
  const auto claims = test::claims_of(tokens.access_token);
  const auto* confirmation = claims.find("cnf");
  ASSERT_NE(confirmation, nullptr);
  EXPECT_NE(World::text_in(*confirmation->if_object(), "x5t#S256"), "");
}

// A client that is known by its document alone comes in, or does not.
void client_document(World& world, const std::string& flag) {
  const std::string id = "https://app.tool.example/oauth/client.json";
  const std::string back = "https://app.tool.example/cb";
  const json::Object document{{"client_id", id},
                              {"client_name", "Tool"},
                              {"redirect_uris", std::vector{back}},
                              {"token_endpoint_auth_method", "none"}};
  world.harness.fetcher.answer(id, 200, json::write(document),
                               {{"Content-Type", "application/json"}});
  const http::FormPairs form{{"client_id", id},
                             {"redirect_uri", back},
                             {"scope", "openid"},
                             {"response_type", "code"},
                             {"state", test::usual_state},
                             {"code_challenge", test::challenge},
                             {"code_challenge_method", "S256"}};
  const auto answer =
      world.browser.complete(world.browser.get("/authorize?" + http::write_form(form)));
  if (flag == "true") {
    EXPECT_TRUE(test::has_code(world.harness, answer, back));
  } else {
    EXPECT_TRUE(test::is_page(answer, 400, "invalid_request"));
  }
}

}  // namespace

Rows client_rows() {
  static constexpr std::array rows{
      Row{"token_endpoint_auth_methods_supported", token_method},
      Row{"introspection_endpoint_auth_methods_supported", introspection_method},
      Row{"revocation_endpoint_auth_methods_supported", revocation_method},
      Row{"grant_types_supported", grant_type},
      Row{"backchannel_token_delivery_modes_supported", delivery_mode},
      Row{"backchannel_user_code_parameter_supported", user_code},
      Row{"subject_types_supported", subject_type},
      Row{"tls_client_certificate_bound_access_tokens", bound_to_certificate},
      Row{"client_id_metadata_document_supported", client_document},
  };
  return rows;
}

// RFC8414-2; RFC8705-3.3; oidc-22; 9700-17: each advertised value works
TEST(Advertised, S2_Clients) {
  exercise(client_rows());
}

}  // namespace cardea::advertised_test
