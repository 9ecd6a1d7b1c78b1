// What surrounds every request: routes, methods, headers, request ids, the access log, and the
// notes that the inspector shows. Decisions P4, P8, Q12.
#include <gtest/gtest.h>

#include <set>

#include "support/harness.h"

namespace cardea::request_frame_test {

using test::Harness;

TEST(RequestFrame, UnknownPathsAreNotFound) {
  Harness server;
  for (const auto* path : {"/nothing", "/token/", "/token/x", "/Token", "//token", "/interaction/",
                           "/assets/", "/.well-known/other", "/authorize;.css", "/account.css"}) {
    const auto response = server.send(server.get(path));
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_EQ(response.headers.first("Cache-Control"), "no-store") << path;
  }
}

// RFC9110-15.5.6; 6749-03: other methods are answered 405 with Allow.
TEST(RequestFrame, OtherMethodsAreRefusedWithAllow) {
  Harness server;
  for (const auto& [path, allow] :
       {std::pair{"/authorize", "GET, POST"}, std::pair{"/logout", "GET, POST"},
        std::pair{"/token", "POST"}, std::pair{"/jwks", "GET, HEAD"},
        std::pair{"/userinfo", "GET, HEAD, POST"}}) {
    for (const auto* method : {"PUT", "DELETE", "TRACE", "PATCH", "OPTIONS"}) {
      auto request = server.get(path);
      request.method = method;
      const auto response = server.send(request);
      EXPECT_EQ(response.status, 405) << method << path;
      EXPECT_EQ(response.headers.first("Allow"), allow);
    }
  }
}

// RFC9110-9.3.2: HEAD has the status and the header fields of GET, and the body by whose length the
// listener states Content-Length. Nothing is stored. Where a request is taken up it is refused.
TEST(RequestFrame, HeadIsAnsweredAsGet) {
  Harness server;
  const auto tokens = server.sign_up_tokens();
  for (const std::string path :
       {"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/jwks",
        "/userinfo", "/account", "/account/sign-in", "/account/nothing", "/link/none",
        "/interaction/none/sign-in", "/assets/cardea.css", "/authorize", "/logout", "/token"}) {
    auto get = server.get(
        path, {{"Authorization", "Bearer " + tokens.access_token}, {"Accept-Language", "ar"}});
    auto head = get;
    head.method = "HEAD";
    const auto writes = server.writes();
    const auto answer = server.send(head);
    EXPECT_EQ(server.writes(), writes) << path;
    EXPECT_EQ(server.watcher.last().request.method, "HEAD");
    if (path == "/authorize" || path == "/logout" || path == "/token") {
      EXPECT_EQ(answer.status, 405) << path;
      continue;
    }
    const auto expected = server.send(get);
    EXPECT_EQ(answer.status, expected.status) << path;
    EXPECT_EQ(answer.body.size(), expected.body.size()) << path;
    std::vector<std::string> names;
    std::vector<std::string> expected_names;
    for (const auto& field : answer.headers.fields()) names.emplace_back(field.name);
    for (const auto& field : expected.headers.fields()) expected_names.emplace_back(field.name);
    EXPECT_EQ(names, expected_names) << path;
    for (const auto* name : {"Content-Type", "ETag", "Cache-Control", "Location", "Vary"}) {
      EXPECT_EQ(answer.headers.first(name), expected.headers.first(name)) << path << name;
    }
  }
}

// P8: HSTS from a real https issuer, never from a loopback one.
TEST(RequestFrame, HstsIsNotSentFromALoopbackIssuer) {
  Harness real;
  EXPECT_TRUE(real.send(real.get("/jwks")).headers.contains("Strict-Transport-Security"));
  for (const auto* issuer : {"https://localhost:9443", "http://127.0.0.1:9443"}) {
    Harness loopback({.issuer = issuer});
    EXPECT_FALSE(
        loopback.send(loopback.get("/jwks")).headers.contains("Strict-Transport-Security"));
  }
}

// Q12: every request has an id of its own, in the answer, the log and the report; the log holds
// neither query nor body nor handle.
TEST(RequestFrame, EveryRequestIsReportedWithoutItsSecrets) {
  Harness server;
  std::set<std::string> ids;
  const std::string secret = "DoNotLogThisValue";
  for (const auto& request :
       {server.get("/jwks?x=" + secret), server.get("/interaction/" + secret + "/sign-in"),
        server.get("/link/" + secret),
        server.get("/userinfo", {{"Authorization", "Bearer " + secret}}),
        server.as_client(
            "cA", "/token",
            {{"grant_type", "authorization_code"}, {"code", secret}, {"code_verifier", secret}}),
        server.as_client("cA", "/revoke", {{"token", secret}})}) {
    const auto response = server.send(request);
    const std::string id(response.headers.first("X-Request-Id"));
    EXPECT_EQ(id, server.watcher.last().request_id);
    EXPECT_NE(server.log.text().find(id), std::string::npos);
    EXPECT_TRUE(ids.insert(id).second);
    for (const auto& parameter : server.watcher.last().shown_parameters) {
      EXPECT_EQ(parameter.second.find(secret), std::string::npos) << parameter.first;
    }
  }
  EXPECT_EQ(server.log.text().find(secret), std::string::npos);
  EXPECT_EQ(server.watcher.finished_count(), 6);
}

// Q12: a refusal names its rule and section, and says what to change where that is known.
TEST(RequestFrame, ARefusalNamesItsRuleAndSection) {
  Harness server;
  const auto code = server.issue_code();
  auto form = server.redeem_form(code);
  form.back().second = std::string(43, 'x');
  server.send(server.as_client("cA", "/token", form));
  const auto exchange = server.watcher.last();
  EXPECT_EQ(exchange.endpoint, "token");
  EXPECT_EQ(exchange.client_id, "cA");
  ASSERT_TRUE(exchange.refusal.has_value());
  EXPECT_EQ(exchange.refusal->rule, "CARDEA-CODE-007");
  EXPECT_EQ(exchange.refusal->spec.text(), "RFC 7636 4.6");
  ASSERT_FALSE(exchange.notes.empty());
  EXPECT_EQ(exchange.notes.back().verdict, CheckNote::Verdict::refused);
  EXPECT_FALSE(exchange.notes.back().fix.empty());
  EXPECT_EQ(exchange.notes.front().verdict, CheckNote::Verdict::passed);
}

// Q12: the private reason stays private.
TEST(RequestFrame, TheReasonStaysPrivate) {
  Harness server;
  const auto code = server.issue_code();
  const auto response = server.send(server.redeem_request("cB", code));
  EXPECT_EQ(response.body.find("cA"), std::string::npos);
  EXPECT_NE(server.watcher.last().refusal->reason.find("cA"), std::string::npos);
}

}  // namespace cardea::request_frame_test
