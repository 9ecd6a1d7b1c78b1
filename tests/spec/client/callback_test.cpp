// Authorization URL and callback: what is sent, what comes back, and every answer that is refused
// before a code is used.
#include "client/callback.h"

#include <gtest/gtest.h>

#include <set>

#include "base/url.h"
#include "client/authorization.h"
#include "support/fake_issuer.h"

namespace cardea::client_callback_test {

using client::AuthorizationRequest;
using client::Configuration;
using client::PendingAuthorization;
using fake_issuer::FakeIssuer;
using fake_issuer::parameter;
using fake_issuer::start;

Configuration configuration() {
  return {.issuer = "https://issuer.example",
          .client_id = "web",
          .redirect_uri = "https://app.example/callback",
          .scope = {"openid", "profile"}};
}

client::StartedAuthorization begin(const AuthorizationRequest& request = {},
                                   const Configuration& by = configuration()) {
  FakeIssuer issuer;
  auto started = client::start_authorization(by, issuer.metadata(), request, issuer.random, start);
  return std::move(*started);
}

std::string query_of(const std::string& url) {
  return url.substr(url.find('?') + 1);
}

struct Judging {
  Configuration by = configuration();
  ProviderMetadata metadata = FakeIssuer().metadata();
  Instant now = start;
};

std::string verdict(const PendingAuthorization& pending, const std::string& parameters,
                    const Judging& judging = {}) {
  const auto judged =
      client::validate_callback(judging.by, judging.metadata, pending, parameters, judging.now);
  return judged ? "ok" : std::string(judged.error().code);
}

const std::string iss = "&iss=https%3A%2F%2Fissuer.example";

// RFC6749-4.1.1; RFC7636-4.3; OIDCC-3.1.2.1: the request holds what it must.
TEST(ClientAuthorization, UrlHoldsStateNonceAndChallenge) {
  const auto started = begin();
  EXPECT_TRUE(started.url.starts_with("https://issuer.example/authorize?"));
  const auto query = query_of(started.url);
  EXPECT_EQ(parameter(query, "response_type"), "code");
  EXPECT_EQ(parameter(query, "client_id"), "web");
  EXPECT_EQ(parameter(query, "redirect_uri"), "https://app.example/callback");
  EXPECT_EQ(parameter(query, "scope"), "openid profile");
  EXPECT_EQ(parameter(query, "state"), started.pending.state());
  EXPECT_EQ(parameter(query, "state").size(), 43u);
  EXPECT_EQ(parameter(query, "nonce").size(), 43u);
  EXPECT_EQ(parameter(query, "code_challenge_method"), "S256");
  EXPECT_TRUE(pkce::is_challenge(parameter(query, "code_challenge")));
  std::set<std::string> values;
  for (int i = 0; i < 10; ++i) {
    const auto other = query_of(begin().url);
    for (const std::string_view name : {"state", "nonce", "code_challenge"})
      values.insert(parameter(other, name));
  }
  EXPECT_EQ(values.size(), 30u);
}

TEST(ClientAuthorization, OptionalParametersAreSentAsAsked) {
  AuthorizationRequest request;
  request.scope = {"openid", "calendar.read"};
  request.prompt = {"login", "consent"};
  request.max_age = Seconds{0};
  request.acr_values = {"a", "b"};
  request.login_hint = "alice&x=1";
  request.id_token_hint = IdTokenText("a.b.c");
  request.ui_locales = {"ar", "en"};
  request.claims = json::Object{{"userinfo", json::Object{}}};
  request.response_mode = AuthorizationRequest::ResponseMode::form_post;
  request.additional = {{"audience", "x y"}};
  auto by = configuration();
  by.resource = "https://api.example";
  const auto query = query_of(begin(request, by).url);
  EXPECT_EQ(parameter(query, "scope"), "openid calendar.read");
  EXPECT_EQ(parameter(query, "prompt"), "login consent");
  EXPECT_EQ(parameter(query, "max_age"), "0");
  EXPECT_EQ(parameter(query, "acr_values"), "a b");
  EXPECT_EQ(parameter(query, "login_hint"), "alice&x=1");
  EXPECT_EQ(parameter(query, "id_token_hint"), "a.b.c");
  EXPECT_EQ(parameter(query, "ui_locales"), "ar en");
  EXPECT_EQ(parameter(query, "claims"), R"({"userinfo":{}})");
  EXPECT_EQ(parameter(query, "response_mode"), "form_post");
  EXPECT_EQ(parameter(query, "resource"), "https://api.example");
  EXPECT_EQ(parameter(query, "audience"), "x y");
}

TEST(ClientAuthorization, EndpointsQueryIsKept) {
  FakeIssuer issuer;
  auto metadata = issuer.metadata();
  metadata.authorization_endpoint += "?tenant=1";
  const auto started =
      client::start_authorization(configuration(), metadata, {}, issuer.random, start);
  EXPECT_TRUE(started->url.starts_with("https://issuer.example/authorize?tenant=1&response_type"));
}

TEST(ClientAuthorization, WhatTheLibrarySetsCannotBeOverridden) {
  FakeIssuer issuer;
  for (const std::string name : {"state", "nonce", "code_challenge", "code_challenge_method",
                                 "redirect_uri", "client_id", "response_type", "request"}) {
    AuthorizationRequest request;
    request.additional = {{name, "x"}};
    const auto started = client::start_authorization(configuration(), issuer.metadata(), request,
                                                     issuer.random, start);
    ASSERT_FALSE(started) << name;
    EXPECT_EQ(started.error().code, "authorization.parameter");
  }
  AuthorizationRequest mixed;
  mixed.prompt = {"none", "login"};
  EXPECT_EQ(
      client::start_authorization(configuration(), issuer.metadata(), mixed, issuer.random, start)
          .error()
          .code,
      "authorization.parameter");
}

TEST(PendingAuthorization, SurvivesTheSessionStore) {
  AuthorizationRequest request;
  request.max_age = Seconds{60};
  request.acr_values = {"gold"};
  const auto started = begin(request);
  const auto read = PendingAuthorization::parse(started.pending.serialise());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->serialise(), started.pending.serialise());
  const auto judged = client::validate_callback(configuration(), FakeIssuer().metadata(), *read,
                                                "code=c&state=" + read->state() + iss, start);
  ASSERT_TRUE(judged);
  EXPECT_EQ(judged->max_age(), Seconds{60});
  EXPECT_EQ(judged->acr_values(), std::vector<std::string>{"gold"});
  EXPECT_EQ(judged->nonce(), parameter(query_of(started.url), "nonce"));
  EXPECT_TRUE(pkce::holds({.challenge = parameter(query_of(started.url), "code_challenge"),
                           .verifier = judged->verifier().reveal()}));
}

TEST(PendingAuthorization, OtherTextIsNone) {
  const auto text = begin().pending.serialise();
  for (const std::string& bad : {std::string(), std::string("{}"), text.substr(1), text + "x",
                                 std::string(R"({"version":2})")}) {
    EXPECT_FALSE(PendingAuthorization::parse(bad)) << bad;
  }
}

// RFC6749-4.1.2; RFC9207-2.4: a good answer gives the code.
TEST(ClientCallback, GoodAnswerGivesTheCode) {
  const auto started = begin();
  const auto judged = client::validate_callback(
      configuration(), FakeIssuer().metadata(), started.pending,
      "code=the%2Dcode&state=" + started.pending.state() + iss + "&session_state=x", start);
  ASSERT_TRUE(judged) << judged.error().message;
  EXPECT_EQ(judged->code().reveal(), "the-code");
  EXPECT_EQ(judged->redirect_uri(), "https://app.example/callback");
}

// RFC6749-10.12; G12: an answer with another state, or none, is not looked at further.
TEST(Rfc6749, S10_12_StateMustBeThatOfThisSignIn) {
  const auto started = begin();
  EXPECT_EQ(verdict(started.pending, "code=c&state=" + begin().pending.state() + iss),
            "callback.state");
  EXPECT_EQ(verdict(started.pending, "code=c" + iss), "callback.state");
  EXPECT_EQ(verdict(started.pending, "code=c&state=" + iss), "callback.state");
  EXPECT_EQ(verdict(started.pending, "error=access_denied&state=x" + iss), "callback.state");
}

// RFC9207-2.4; 9207-04; 9700-04: iss is compared as an exact string before anything is used.
TEST(Rfc9207, S2_4_IssuerMustBeExact) {
  const auto started = begin();
  const std::string good = "code=c&state=" + started.pending.state();
  for (const std::string_view bad :
       {"https://other.example", "https://issuer.example/", "https://ISSUER.example",
        "http://issuer.example", "https://issuer.example:443", ""}) {
    EXPECT_EQ(verdict(started.pending, good + "&iss=" + url::encode(bad)), "callback.iss") << bad;
  }
  // An error of another issuer says nothing either.
  EXPECT_EQ(verdict(started.pending, "error=access_denied&state=" + started.pending.state() +
                                         "&iss=https%3A%2F%2Fother.example"),
            "callback.iss");
}

// RFC9207-2.4; 9207-04: an advertised iss that is missing ends the sign-in.
TEST(Rfc9207, S2_4_AdvertisedIssuerMayNotBeMissing) {
  const auto started = begin();
  const std::string good = "code=c&state=" + started.pending.state();
  EXPECT_EQ(verdict(started.pending, good), "callback.iss");
  Judging relaxed;
  relaxed.by.relaxations.accept_callback_without_iss_although_advertised("a proxy strips it");
  EXPECT_EQ(verdict(started.pending, good, relaxed), "ok");
  EXPECT_EQ(verdict(started.pending, good + "&iss=https%3A%2F%2Fother.example", relaxed),
            "callback.iss");
  Judging silent;
  silent.metadata.authorization_response_iss_parameter_supported = std::nullopt;
  EXPECT_EQ(verdict(started.pending, good, silent), "ok");
  EXPECT_EQ(verdict(started.pending, good + "&iss=https%3A%2F%2Fother.example", silent),
            "callback.iss");
}

// RFC9700-4.4: a sign-in begun at one issuer is not finished at another.
TEST(Rfc9700, S4_4_MixUpIsRefused) {
  const auto started = begin();
  Judging other;
  other.by.issuer = "https://other.example";
  other.metadata = FakeIssuer("https://other.example").metadata();
  EXPECT_EQ(verdict(started.pending,
                    "code=c&state=" + started.pending.state() + "&iss=https%3A%2F%2Fother.example",
                    other),
            "callback.iss");
  other.metadata.authorization_response_iss_parameter_supported = false;
  EXPECT_EQ(verdict(started.pending, "code=c&state=" + started.pending.state(), other),
            "callback.iss");
}

// RFC6749-3.1: a parameter that appears twice makes the answer malformed.
TEST(Rfc6749, S3_1_DoubledParametersAreRefused) {
  const auto started = begin();
  const std::string good = "code=c&state=" + started.pending.state() + iss;
  EXPECT_EQ(verdict(started.pending, good + "&code=d"), "callback.malformed");
  EXPECT_EQ(verdict(started.pending, good + iss), "callback.malformed");
  EXPECT_EQ(verdict(started.pending, "state=x&" + good), "callback.malformed");
  EXPECT_EQ(verdict(started.pending, good + "&x=1&x=2"), "callback.malformed");
  EXPECT_EQ(verdict(started.pending, good + "&y=%zz"), "callback.malformed");
  EXPECT_FALSE(client::state_of(good + "&state=x"));
  EXPECT_EQ(client::state_of(good), started.pending.state());
  EXPECT_FALSE(client::state_of("code=c"));
}

// RFC6749-4.1.2.1: the issuer's refusal is a value, in the issuer's words.
TEST(Rfc6749, S4_1_2_1_ErrorsAreValues) {
  const auto started = begin();
  const auto judged = client::validate_callback(
      configuration(), FakeIssuer().metadata(), started.pending,
      "error=access_denied&error_description=not+today&code=c&state=" + started.pending.state() +
          iss,
      start);
  ASSERT_FALSE(judged);
  EXPECT_EQ(judged.error().code, "callback.refused");
  EXPECT_EQ(judged.error().refusal->error, "access_denied");
  EXPECT_EQ(judged.error().refusal->error_description, "not today");
}

TEST(ClientCallback, NoCodeIsRefused) {
  const auto started = begin();
  EXPECT_EQ(verdict(started.pending, "state=" + started.pending.state() + iss), "callback.code");
  EXPECT_EQ(verdict(started.pending, "code=&state=" + started.pending.state() + iss),
            "callback.code");
}

TEST(ClientCallback, OldSignInsAreRefused) {
  const auto started = begin();
  const std::string good = "code=c&state=" + started.pending.state() + iss;
  Judging later;
  later.now = start + minutes(30);
  EXPECT_EQ(verdict(started.pending, good, later), "ok");
  later.now = start + minutes(30) + Seconds{1};
  EXPECT_EQ(verdict(started.pending, good, later), "callback.late");
}

}  // namespace cardea::client_callback_test
