// What a client that registers itself gets within the operator's bounds: scopes, PKCE, and the kind
// of app that it is (RFC 7591 2 and 3.2.1, RFC 8252 7, RFC 9700 2.1.1).
#include <gtest/gtest.h>

#include "support/authorize_answers.h"
#include "support/registration.h"

namespace cardea::rfc7591_policy_test {

using test::is_json_refusal;
using test::json_of;
using test::register_client;
using test::registration_of;
using test::text_of;
using Texts = std::vector<std::string>;

struct Rfc7591Policy : testing::Test {
  test::Harness harness{test::open_registration()};

  Client client_of(const http::Response& response) {
    return harness.client(text_of(json_of(response), "client_id"));
  }
  testing::AssertionResult refuses(const json::Object& metadata, std::string_view error) {
    const auto before = harness.registry->all().size();
    auto verdict = is_json_refusal(register_client(harness, metadata), 400, error);
    return harness.registry->all().size() == before
               ? verdict
               : testing::AssertionFailure() << "a client was stored";
  }
};

// RFC7591-3.2.1; 7591-04: the scope that a client happens to send is not what bounds it: the
// operator's list is, and no more than that is ever given
TEST_F(Rfc7591Policy, S3_2_1_TheOperatorsScopesAreTheBound) {
  harness.settings.registration.scopes = {"openid", "calendar.read", "calendar.write"};
  const auto answer =
      json_of(register_client(harness, registration_of({{"scope", "calendar.read groups"}})));
  const auto id = text_of(answer, "client_id");
  EXPECT_EQ(text_of(answer, "scope"), "openid calendar.read calendar.write");
  EXPECT_EQ(harness.client(id).scope, (Texts{"openid", "calendar.read", "calendar.write"}));
  // It steps up by asking a person, without registering again (RFC 6750 3).
  auto person = test::signed_in(harness);
  const http::FormPairs to{{"redirect_uri", "https://new.example/cb"}};
  const auto asked = [&](const std::string& scope) {
    auto form = to;
    form.emplace_back("scope", scope);
    return person.follow(test::ask(harness, person, form, id));
  };
  EXPECT_TRUE(test::offers(asked("calendar.read calendar.write"), "allow"));
  EXPECT_FALSE(test::offers(asked("calendar.read groups"), "allow"));
  EXPECT_NE(test_pages::read_text(asked("groups").body).find("invalid_scope"), std::string::npos);
  // Asking for nothing of the list is refused as ever, and so is a scope that is no text.
  EXPECT_TRUE(refuses(registration_of({{"scope", "groups"}}), "invalid_client_metadata"));
  EXPECT_TRUE(refuses(registration_of({{"scope", 1}}), "invalid_client_metadata"));
}

// RFC9700-2.1.1; 7591-05: where the operator says so for a certification, confidential clients that
// registered themselves need no PKCE; public ones do all the same
TEST_F(Rfc7591Policy, S2_PkceIsTheOperators) {
  harness.settings.registration.pkce = PkcePolicy::optional;
  const auto pkce_of = [&](const json::Object& changed) {
    return client_of(register_client(harness, registration_of(changed))).pkce;
  };
  EXPECT_EQ(pkce_of({}), PkcePolicy::optional);
  EXPECT_EQ(pkce_of({{"pkce", "required"}}), PkcePolicy::optional);
  EXPECT_EQ(pkce_of({{"token_endpoint_auth_method", "none"}}), PkcePolicy::required);
  harness.settings.registration.pkce = PkcePolicy::required;
  EXPECT_EQ(pkce_of({{"pkce", "optional"}}), PkcePolicy::required);
}

// RFC9700-2.1.1; 7591-05: at the authorization endpoint
TEST_F(Rfc7591Policy, S2_WithoutPkceOnlyWhereItIsOptional) {
  const auto asks_without = [&](const json::Object& changed) {
    const auto id =
        text_of(json_of(register_client(harness, registration_of(changed))), "client_id");
    test::Browser browser(harness);
    return test::visit(harness, browser,
                       {{"redirect_uri", "https://new.example/cb"},
                        {"scope", "openid"},
                        {"code_challenge", ""},
                        {"code_challenge_method", ""}},
                       id);
  };
  const auto refused = asks_without({});
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(test_pages::read_text(refused.body).find("invalid_request"), std::string::npos);
  harness.settings.registration.pkce = PkcePolicy::optional;
  EXPECT_TRUE(test::offers(asks_without({}), "sign-in"));
  EXPECT_EQ(asks_without({{"token_endpoint_auth_method", "none"}}).status, 400);
}

// RFC8252-7.3; 7591-06: one that says it is of the web, and waits there too, is no native one
TEST_F(Rfc7591Policy, S2_AnAppOfTheWebWaitsThereAlone) {
  const Texts both{"http://127.0.0.1:33418/cb", "https://editor.example/cb"};
  EXPECT_TRUE(refuses({{"redirect_uris", both},
                       {"application_type", "web"},
                       {"token_endpoint_auth_method", "none"}},
                      "invalid_redirect_uri"));
  EXPECT_TRUE(refuses({{"redirect_uris", both}}, "invalid_redirect_uri"));
  EXPECT_TRUE(refuses({{"redirect_uris", Texts{"http://new.example/cb"}}}, "invalid_redirect_uri"));
}

// Decision Q9: where clients are in development, a web client is taken at its word
TEST_F(Rfc7591Policy, S2_AWebClientInDevelopment) {
  harness.settings.is_dev = true;
  const auto answer =
      json_of(register_client(harness, {{"redirect_uris", Texts{"http://localhost:3000/cb"}},
                                        {"application_type", "web"}}));
  EXPECT_EQ(text_of(answer, "application_type"), "web");
}

}  // namespace cardea::rfc7591_policy_test
