// Reading authorization requests and writing their answers: prompt, max_age, claims, response
// forms.
#include <gtest/gtest.h>

#include "protocol/authorization_request.h"

#include "base/limits.h"
#include "protocol/authorization_response.h"

namespace cardea::authorization_request_test {

AuthorizationRequest read(ParameterPairs pairs) {
  return read_authorization_request(RawParameters(std::move(pairs)));
}

TEST(Prompt, KnowsFourWords) {
  EXPECT_EQ(parse_prompt("login consent"), (Prompt{.login = true, .consent = true}));
  EXPECT_EQ(parse_prompt(" select_account "), (Prompt{.select_account = true}));
  EXPECT_EQ(parse_prompt("none"), (Prompt{.none = true}));
  EXPECT_EQ(parse_prompt(""), Prompt{});
  EXPECT_FALSE(parse_prompt("create"));
  EXPECT_FALSE(parse_prompt("Login"));
  EXPECT_TRUE(parse_prompt("none login")->contradicts_itself());
  EXPECT_FALSE(parse_prompt("none")->contradicts_itself());
}

TEST(MaxAge, IsUpToTwelveDigits) {
  EXPECT_EQ(parse_max_age("0"), Seconds{0});
  EXPECT_EQ(parse_max_age("86400"), days(1));
  EXPECT_EQ(parse_max_age("999999999999"), Seconds{999999999999});
  for (const char* wrong : {"", "-1", "+1", "1e30", "1.5", " 1", "1 ", "ten", "1000000000000"}) {
    EXPECT_FALSE(parse_max_age(wrong)) << wrong;
  }
}

TEST(ClaimsRequest, ReadsTargetsAndValues) {
  const auto claims = parse_claims_request(
      R"({"userinfo":{"name":{"essential":true},"email":null},)"
      R"("id_token":{"acr":{"essential":true,"values":["a","b"]},"sub":{"value":"u"}},"x":3})");
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->names(), (std::vector<std::string>{"acr", "sub", "name", "email"}));
  ASSERT_NE(claims->find_in_id_token("acr"), nullptr);
  EXPECT_TRUE(claims->find_in_id_token("acr")->essential);
  EXPECT_EQ(claims->find_in_id_token("acr")->values.size(), 2u);
  EXPECT_EQ(claims->find_in_id_token("name"), nullptr);
}

TEST(ClaimsRequest, RefusesWrongForms) {
  const std::string deep = "{\"id_token\":" + std::string(2000, '[') + std::string(2000, ']') + "}";
  for (const std::string& wrong :
       {std::string("[]"), std::string("{"), std::string(R"({"id_token":[]})"),
        std::string(R"({"id_token":{"name":"x"}})"), std::string(R"({"userinfo":7})"),
        std::string(R"({"id_token":{"acr":{"essential":"yes"}}})"),
        std::string(R"({"id_token":{"acr":{"value":null}}})"),
        std::string(R"({"id_token":{"acr":{"values":"a"}}})"),
        std::string(R"({"id_token":{"acr":{"values":[]}}})"),
        std::string(R"({"id_token":{"acr":{"values":["a",1]}}})"),
        std::string(R"({"id_token":{"acr":{"value":"a","values":["b"]}}})"),
        std::string(R"({"id_token":{},"id_token":{}})"), deep, std::string(5000, ' ')}) {
    EXPECT_FALSE(parse_claims_request(wrong)) << wrong.substr(0, 60);
  }
}

TEST(AuthorizationRequest, IsReadOnceIntoTypedFields) {
  const auto request = read({{"client_id", "web"},
                             {"response_type", "id_token code"},
                             {"response_mode", "form_post"},
                             {"redirect_uri", "https://app.example/cb"},
                             {"scope", "openid email openid"},
                             {"state", "s"},
                             {"nonce", "n"},
                             {"max_age", "5"},
                             {"ui_locales", "ar en"},
                             {"resource", "https://a"},
                             {"resource", "https://b"}});
  EXPECT_EQ(request.response_type, ResponseType::code_id_token);
  EXPECT_EQ(request.response_mode, ResponseMode::form_post);
  EXPECT_EQ(request.scopes, (std::vector<std::string>{"openid", "email"}));
  EXPECT_EQ(request.resources.size(), 2u);
  EXPECT_TRUE(request.asks_for_code());
  EXPECT_TRUE(request.asks_for_id_token());
  EXPECT_TRUE(request.asks_for_openid());
  EXPECT_TRUE(request.malformed.empty());
  EXPECT_EQ(request.repeated, "");
}

TEST(AuthorizationRequest, NamesWhatItCannotRead) {
  const auto request = read({{"scope", "a\"b"},
                             {"prompt", "dance"},
                             {"max_age", "soon"},
                             {"claims", "[]"},
                             {"state", std::string(4097, 's')},
                             {"nonce", std::string(4097, 'n')},
                             {"registration", "{}"}});
  for (const char* name : {"scope", "prompt", "max_age", "claims", "state", "nonce"}) {
    EXPECT_TRUE(request.is_malformed(name)) << name;
  }
  EXPECT_TRUE(request.has_registration);
}

TEST(AuthorizationRequest, PreferencesAreBounded) {
  std::string locales;
  for (int i = 0; i < 10000; ++i) locales += "aa-" + std::to_string(i) + " ";
  EXPECT_EQ(read({{"ui_locales", locales}}).ui_locales.size(), limits::words_max);
  EXPECT_EQ(read({{"login_hint", std::string(400, 'a')}}).login_hint, "");
}

TEST(AuthorizationRequest, ARepeatedStateIsNotEchoed) {
  const auto request = read({{"state", "a"}, {"state", "a"}});
  EXPECT_EQ(request.state, "");
  EXPECT_EQ(request.repeated, "state");
}

TEST(AuthorizationResponse, AddsParametersAfterTheUriAsItIs) {
  const ParameterPairs pairs{{"code", "c d"}, {"iss", "https://i"}};
  EXPECT_EQ(response_location("https://a/cb", ResponseMode::query, pairs),
            "https://a/cb?code=c%20d&iss=https%3A%2F%2Fi");
  EXPECT_EQ(response_location("https://a/cb?t=1", ResponseMode::query, pairs),
            "https://a/cb?t=1&code=c%20d&iss=https%3A%2F%2Fi");
  EXPECT_EQ(response_location("https://a/cb?", ResponseMode::query, pairs),
            "https://a/cb?code=c%20d&iss=https%3A%2F%2Fi");
  EXPECT_EQ(response_location("https://a/cb?t=1", ResponseMode::fragment, pairs),
            "https://a/cb?t=1#code=c%20d&iss=https%3A%2F%2Fi");
  EXPECT_EQ(response_location("app.example:/cb", ResponseMode::query, {}), "app.example:/cb");
}

TEST(AuthorizationResponse, CarriesIssuerAlwaysAndStateWhenThereIsOne) {
  const OAuthError error{.code = ErrorCode::access_denied, .description = "No."};
  EXPECT_EQ(error_parameters(error, {.state = "s", .issuer = "https://i"}),
            (ParameterPairs{{"error", "access_denied"},
                            {"error_description", "No."},
                            {"state", "s"},
                            {"iss", "https://i"}}));
  EXPECT_EQ(success_parameters({.code = "c", .id_token = ""}, {.state = "", .issuer = "https://i"}),
            (ParameterPairs{{"code", "c"}, {"iss", "https://i"}}));
}

TEST(AuthorizationResponse, TokensAreNeverSentInAQueryByDefault) {
  EXPECT_EQ(default_response_mode("code"), ResponseMode::query);
  EXPECT_EQ(default_response_mode("code id_token"), ResponseMode::fragment);
  EXPECT_EQ(default_response_mode("token"), ResponseMode::fragment);
  EXPECT_EQ(default_response_mode(""), ResponseMode::query);
}

}  // namespace cardea::authorization_request_test
