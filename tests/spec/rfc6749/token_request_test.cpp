// The form of token requests and answers. RFC 6749 3.2, 5.1, 5.2; security corpus 1.1.
#include <gtest/gtest.h>

#include <array>
#include <map>

#include "support/harness.h"

namespace cardea::token_request_test {

using test::Harness;
using test::is_json_refusal;

// Sends a form that must be refused, and proves that nothing was stored and the code still works.
void expect_refused(Harness& server, const test::IssuedCode& code, http::Request request,
                    int status, std::string_view error) {
  const auto writes = server.writes();
  const auto response = server.send(std::move(request));
  EXPECT_TRUE(is_json_refusal(response, status, error));
  EXPECT_EQ(server.writes(), writes);
  EXPECT_TRUE(server.stored(server.store->grants_of(code.user_id)).empty());
}

// RFC6749-3.2; 6749-01: a parameter sent twice is an error, identical copies too.
TEST(Rfc6749, S3_2_AParameterSentTwiceIsRefused) {
  Harness server;
  const auto code = server.issue_code();
  for (const auto* name :
       {"grant_type", "code", "redirect_uri", "code_verifier", "client_id", "foo"}) {
    for (const auto* second : {"same", "other", ""}) {
      auto form = server.redeem_form(code);
      form.emplace_back("client_id", "cA");
      form.emplace_back("foo", "bar");
      std::string value = second;
      for (const auto& [key, first] : form) {
        if (key == name && value == "same") value = first;
      }
      form.emplace_back(name, value);
      expect_refused(server, code, server.as_client("cA", "/token", form), 400, "invalid_request");
    }
  }
  EXPECT_EQ(server.redeem("cA", code).status, 200);
}

// RFC8707-2; 6749-01: resource may repeat.
TEST(Rfc6749, S3_2_ResourceMayRepeat) {
  Harness server;
  const auto code = server.issue_code({.scope = "openid calendar.read", .resource = test::api});
  auto form = server.redeem_form(code);
  form.emplace_back("resource", test::api);
  form.emplace_back("resource", test::api);
  EXPECT_EQ(server.send(server.as_client("cA", "/token", form)).status, 200);
}

// RFC6749-3.2; 6749-02: an empty value counts as absent, unknown parameters are ignored.
TEST(Rfc6749, S3_2_EmptyIsAbsentAndUnknownIsIgnored) {
  Harness server;
  const auto code = server.issue_code();
  auto form = server.redeem_form(code);
  // What real clients add to a code exchange (experience C13).
  form.insert(form.end(), {{"scope", "openid profile"}, {"client_info", "1"}, {"audience", ""}});
  EXPECT_EQ(server.send(server.as_client("cA", "/token", form)).status, 200);

  const auto other = server.issue_code({.user = "bob"});
  auto empty = server.redeem_form(other);
  empty[1].second = "";
  expect_refused(server, other, server.as_client("cA", "/token", empty), 400, "invalid_request");
}

// RFC6749-3.2; 6749-06: the token endpoint answers POST alone.
TEST(Rfc6749, S3_2_OnlyPostIsAnswered) {
  Harness server;
  const auto code = server.issue_code();
  for (const auto* method : {"GET", "HEAD", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS"}) {
    auto request = server.redeem_request("cA", code);
    request.method = method;
    const auto response = server.send(request);
    EXPECT_EQ(response.status, 405) << method;
    EXPECT_EQ(response.headers.first("Allow"), "POST") << method;
  }
  EXPECT_EQ(server.redeem("cA", code).status, 200);
}

// RFC6749-2.3.1; 6749-06: credentials never ride in the URL, even when the body is right.
TEST(Rfc6749, S2_3_1_CredentialsInTheUrlAreRefused) {
  Harness server;
  const auto code = server.issue_code();
  for (const auto* query : {"client_secret=s", "code=x", "refresh_token=x", "client_assertion=x",
                            "code_verifier=x", "client_secret", "%zz"}) {
    auto request = server.redeem_request("cA", code);
    request.target += "?" + std::string(query);
    expect_refused(server, code, std::move(request), 400, "invalid_request");
  }
  auto harmless = server.redeem_request("cA", code);
  harmless.target += "?p=policy";
  EXPECT_EQ(server.send(harmless).status, 200);
}

// RFC6749-3.2: the body is a form and nothing else.
TEST(Rfc6749, S3_2_TheBodyMustBeAForm) {
  Harness server;
  const auto code = server.issue_code();
  for (const auto* type :
       {"application/json", "text/plain", "multipart/form-data; boundary=x", ""}) {
    auto request = server.redeem_request("cA", code);
    request.headers.set("Content-Type", type);
    expect_refused(server, code, std::move(request), 400, "invalid_request");
  }
  for (const auto* body : {"grant_type=%zz", "grant_type=%ff%fe", "a=%00"}) {
    auto request = server.redeem_request("cA", code);
    request.body = body;
    expect_refused(server, code, std::move(request), 400, "invalid_request");
  }
  auto zipped = server.redeem_request("cA", code);
  zipped.headers.set("Content-Encoding", "gzip");
  expect_refused(server, code, std::move(zipped), 400, "invalid_request");
  auto charset = server.redeem_request("cA", code);
  charset.headers.set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8");
  EXPECT_EQ(server.send(charset).status, 200);
}

// RFC6749-5.2; 6749-24; 9700-12: unknown, missing and unregistered grant types.
TEST(Rfc6749, S5_2_GrantTypesAreCheckedAgainstTheClient) {
  Harness server;
  const auto code = server.issue_code();
  struct Row {
    std::string client;
    std::string grant_type;
    std::string error;
  };
  const std::vector<Row> rows{
      {"cA", "", "invalid_request"},
      {"cA", "password", "unsupported_grant_type"},
      {"cA", "implicit", "unsupported_grant_type"},
      {"cA", "Authorization_Code", "unsupported_grant_type"},
      {"cA", "urn:ietf:params:oauth:grant-type:device_code", "unauthorized_client"},
      {"cA", "urn:ietf:params:oauth:grant-type:jwt-bearer", "unauthorized_client"},
      {"cA", "urn:ietf:params:oauth:grant-type:token-exchange", "unauthorized_client"},
      {"cA", "urn:openid:params:grant-type:ciba", "unauthorized_client"},
      {"cA", "urn:ietf:params:oauth:grant-type:saml2-bearer", "unsupported_grant_type"},
      {"cA", "client_credentials", "unauthorized_client"},
      {"cc", "authorization_code", "unauthorized_client"},
      {"cc", "refresh_token", "unauthorized_client"},
  };
  for (const auto& row : rows) {
    auto form = server.redeem_form(code);
    form[0].second = row.grant_type;
    form.insert(form.end(), {{"username", "alice"}, {"password", "x"}, {"refresh_token", "x"}});
    expect_refused(server, code, server.as_client(row.client, "/token", form), 400, row.error);
  }
}

// RFC6749-5.1; 6749-18: every answer, good or bad, is uncacheable JSON.
TEST(Rfc6749, S5_1_EveryAnswerIsUncacheableJson) {
  Harness server;
  const auto tokens = server.sign_up_tokens();
  const std::vector<http::Response> answers{
      tokens.response,
      server.send(server.post("/token", {})),
      server.send(server.as_client("cA", "/introspect", {{"token", tokens.access_token}})),
      server.send(server.as_client("cA", "/introspect", {})),
      server.revoke("cA", "nothing"),
      server.send(server.post("/revoke", {{"token", "x"}})),
      server.userinfo(tokens.access_token),
      server.userinfo("x"),
  };
  for (const auto& answer : answers) {
    EXPECT_EQ(answer.headers.first("Content-Type"), "application/json") << answer.body;
    EXPECT_EQ(answer.headers.first("Cache-Control"), "no-store") << answer.body;
    EXPECT_EQ(answer.headers.first("X-Content-Type-Options"), "nosniff") << answer.body;
    EXPECT_EQ(answer.headers.first("Referrer-Policy"), "no-referrer") << answer.body;
    EXPECT_EQ(answer.headers.first("X-Request-Id").size(), 22U);
  }
}

// RFC6749-5.2; 6749-19: nothing of the request comes back in an error, so no byte can be foreign.
TEST(Rfc6749, S5_2_ErrorsHoldNothingOfTheRequest) {
  Harness server;
  const std::string evil = "\"\\\n<svg/onload>\xc3\xa9";
  for (const auto* name : {"grant_type", "client_id", "client_secret", "code", "scope", "resource",
                           "redirect_uri", "code_verifier", "refresh_token"}) {
    for (const auto* grant : {"authorization_code", "refresh_token", "client_credentials"}) {
      http::FormPairs form{{"grant_type", grant}};
      if (std::string_view(name) == "grant_type") form.clear();
      form.emplace_back(name, evil);
      for (const auto* path : {"/token", "/introspect", "/revoke"}) {
        const auto response = server.send(server.as_client("cc", path, form));
        for (const char c :
             response.body + std::string(response.headers.first("WWW-Authenticate"))) {
          EXPECT_TRUE(c >= 0x20 && c <= 0x7e) << name << " " << response.body;
        }
        EXPECT_EQ(response.body.find("svg"), std::string::npos) << name;
        EXPECT_EQ(response.body.find('\\'), std::string::npos) << name;
      }
    }
  }
}

// RFC6749-5.1; 6749-30: token_type and expires_in are stated and true.
TEST(Rfc6749, S5_1_TypeAndLifetimeAreStatedAndTrue) {
  Harness server;
  const auto tokens = server.sign_up_tokens();
  EXPECT_EQ(json::string_member(test::json_of(tokens.response), "token_type"), "Bearer");
  EXPECT_EQ(tokens.expires_in, 600);
  server.clock.advance({599});
  EXPECT_EQ(server.userinfo(tokens.access_token).status, 200);
  server.clock.advance({1});
  EXPECT_EQ(server.userinfo(tokens.access_token).status, 401);
}

// RFC6749-10.10; 6749-25: codes and tokens are unguessable.
TEST(Rfc6749, S10_10_CodesAndTokensAreUnguessable) {
  Harness server;
  const auto code = server.issue_code();
  const auto tokens = server.redeem("cA", code);
  std::map<std::string, int> seen;
  std::array<int, 64> frequency{};
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  constexpr int drawn = 2000;
  for (int i = 0; i < drawn; ++i) {
    const auto token =
        test::tokens_of(
            server.send(server.as_client(
                "cc", "/token", {{"grant_type", "client_credentials"}, {"scope", "notes.read"}})))
            .access_token;
    ASSERT_TRUE(token.starts_with("at1_"));
    EXPECT_EQ(++seen[token], 1);
    // Not the last one, which holds fewer bits than a character can.
    for (const char c : token.substr(token.size() - 33, 32)) ++frequency[alphabet.find(c)];
  }
  // Chi-square with 63 degrees of freedom: above 130 once in a million runs.
  const double expected = drawn * 32 / 64.0;
  double chi_square = 0;
  for (const int count : frequency)
    chi_square += (count - expected) * (count - expected) / expected;
  EXPECT_LT(chi_square, 130);
  // A code and a refresh token hold far more than 128 bits that nobody else knows.
  EXPECT_GE(code.code.size(), 128U);
  EXPECT_LE(code.code.size(), 512U);
  EXPECT_GE(tokens.refresh_token.size(), 100U);
}

}  // namespace cardea::token_request_test
