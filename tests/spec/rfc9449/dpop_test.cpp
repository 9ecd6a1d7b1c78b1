// RFC 9449: tokens bound to a key that its holder proves in each request.
#include <gtest/gtest.h>

#include "support/authorize_answers.h"
#include "support/client_certificates.h"
#include "support/dpop_proof.h"

namespace cardea::rfc9449_test {

using test::DpopKey;
using test::is_json_refusal;
using test::with_proof;

struct Rfc9449 : testing::Test {
  test::Harness harness;
  DpopKey key;
  DpopKey other;

  http::Request credentials_request() {
    return harness.as_client("cc", "/token",
                             {{"grant_type", "client_credentials"}, {"scope", "notes.read"}});
  }
  http::Response ask(const std::string& proof) {
    return harness.send(with_proof(credentials_request(), proof));
  }
  test::Tokens redeem(const std::string& client, const test::IssuedCode& code, const DpopKey& by) {
    return test::tokens_of(
        harness.send(with_proof(harness.redeem_request(client, code), by.proof(harness))));
  }
  test::Tokens refresh(const std::string& client, const std::string& token, const DpopKey& by) {
    return test::tokens_of(
        harness.send(with_proof(harness.refresh_request(client, token), by.proof(harness))));
  }
  http::Request userinfo_request(const std::string& token, const std::string& scheme = "DPoP") {
    return harness.get("/userinfo", {{"Authorization", scheme + " " + token}});
  }
  std::string userinfo_proof(const std::string& token, const DpopKey& by) {
    return by.proof(harness,
                    {.method = "GET", .url = "https://id.example/userinfo", .access_token = token});
  }
  http::Response userinfo(const std::string& token, const DpopKey& by) {
    return harness.send(with_proof(userinfo_request(token), userinfo_proof(token, by)));
  }
  // The answers of the four places that take a proof, for one that is wrong in this way.
  void expect_refused_everywhere(const json::Object& claims, const json::Object& header,
                                 const std::string& what) {
    EXPECT_TRUE(is_json_refusal(ask(key.proof(harness, {.claims = claims, .header = header})), 400,
                                "invalid_dpop_proof"))
        << what;
    const auto pushed = harness.send(with_proof(
        harness.as_client("cA", "/par", test::authorize_form(harness, "cA")),
        key.proof(harness, {.url = "https://id.example/par", .claims = claims, .header = header})));
    EXPECT_TRUE(is_json_refusal(pushed, 400, "invalid_dpop_proof")) << what;
    const auto at_userinfo = harness.send(with_proof(
        userinfo_request(bound_token()), key.proof(harness, {.method = "GET",
                                                             .url = "https://id.example/userinfo",
                                                             .access_token = bound_token(),
                                                             .claims = claims,
                                                             .header = header})));
    EXPECT_EQ(at_userinfo.status, 401) << what;
    EXPECT_TRUE(at_userinfo.headers.first("WWW-Authenticate").starts_with("DPoP ")) << what;
  }
  const std::string& bound_token() {
    if (bound_token_.empty()) bound_token_ = redeem("cA", harness.issue_code(), key).access_token;
    return bound_token_;
  }

 private:
  std::string bound_token_;
};

// RFC9449-4.3; 9449-02: htm is the method that was sent, also where the answer is that of another
TEST_F(Rfc9449, S4_3_AHeadIsProvenAsHead) {
  const auto code = harness.issue_code();
  const auto token = redeem("cA", code, key).access_token;
  const auto look = [&](const std::string& htm) {
    auto request = userinfo_request(token);
    request.method = "HEAD";
    return harness
        .send(
            with_proof(std::move(request), key.proof(harness, {.method = htm,
                                                               .url = "https://id.example/userinfo",
                                                               .access_token = token,
                                                               .claims = {},
                                                               .header = {}})))
        .status;
  };
  EXPECT_EQ(look("HEAD"), 200);
  EXPECT_EQ(look("GET"), 401);
}

// RFC9449-4.3; 8725-04; 8725-09: the key of a proof is its key; a certificate beside it is not read
TEST_F(Rfc9449, S4_3_ACertificateInAProofIsNotRead) {
  auto jwk = key.jwk();
  jwk.set("x5c", json::Array{std::string(test::certificate_of_no_point)});
  const auto proof = [&](const DpopKey& by) {
    return by.proof(harness, {.claims = {}, .header = {{"jwk", jwk}}});
  };
  EXPECT_EQ(ask(proof(key)).status, 200);
  EXPECT_TRUE(is_json_refusal(ask(proof(other)), 400, "invalid_dpop_proof"));
}

// RFC9449-5; RFC9449-6; 9449-01; asvs-10.3.5: the token says DPoP and is bound to the proven key
TEST_F(Rfc9449, S5_S6_TokensAreBound) {
  const auto tokens = redeem("cA", harness.issue_code({.resource = test::api}), key);
  ASSERT_EQ(tokens.status, 200);
  EXPECT_EQ(json::string_member(test::json_of(tokens.response), "token_type"), "DPoP");
  const auto cnf = *test::claims_of(tokens.access_token).find("cnf")->if_object();
  EXPECT_EQ(json::string_member(cnf, "jkt"), key.thumbprint());
  const auto shown = harness.introspect(tokens.access_token);
  EXPECT_EQ(json::string_member(shown, "token_type"), "DPoP");
  EXPECT_EQ(json::string_member(*shown.find("cnf")->if_object(), "jkt"), key.thumbprint());
  // Opaque tokens and those of the client itself as well.
  const auto opaque = harness.introspect(bound_token(), "cA");
  EXPECT_EQ(json::string_member(*opaque.find("cnf")->if_object(), "jkt"), key.thumbprint());
  const auto own = test::json_of(ask(key.proof(harness)));
  EXPECT_EQ(json::string_member(own, "token_type"), "DPoP");
  // Without a proof nothing changes.
  EXPECT_EQ(json::string_member(test::json_of(harness.send(credentials_request())), "token_type"),
            "Bearer");
}

// RFC9449-7.1; RFC9449-7.2; 9449-02; 9449-22; B19: a bound token is used with its key, in its
// scheme
TEST_F(Rfc9449, S7_AtUserinfo) {
  const auto token = bound_token();
  EXPECT_EQ(userinfo(token, key).status, 200);
  EXPECT_EQ(
      harness.send(with_proof(userinfo_request(token, "dpop"), userinfo_proof(token, key))).status,
      200);
  EXPECT_EQ(userinfo(token, other).status, 401);
  EXPECT_EQ(harness.send(userinfo_request(token)).status, 401);
  EXPECT_EQ(harness.send(userinfo_request(token, "Bearer")).status, 401);
  EXPECT_EQ(harness.send(with_proof(userinfo_request(token, "Bearer"), userinfo_proof(token, key)))
                .status,
            401);
  auto in_form = harness.post("/userinfo", {{"access_token", token}});
  EXPECT_EQ(harness.send(in_form).status, 401);
  // And a token bound to nothing is no DPoP token.
  const auto plain = harness.sign_up_tokens().access_token;
  EXPECT_EQ(userinfo(plain, key).status, 401);
  EXPECT_EQ(harness.userinfo(plain).status, 200);
}

// RFC9449-7.1: the challenge names the scheme and the algorithms of proofs
TEST_F(Rfc9449, S7_1_TheChallenge) {
  const auto response = userinfo(bound_token(), other);
  const auto challenge = response.headers.first("WWW-Authenticate");
  EXPECT_TRUE(challenge.starts_with("DPoP "));
  EXPECT_NE(challenge.find("error=\"invalid_token\""), std::string::npos) << challenge;
  EXPECT_NE(challenge.find("algs=\"ES256 EdDSA PS256 ES384\""), std::string::npos) << challenge;
}

// RFC9449-5; 9449-03; RT13: the refresh token of a public client is bound, stays the same,
// and refuses another key; a confidential client may change its key
TEST_F(Rfc9449, S5_RT13_RefreshTokens) {
  const auto first = redeem("pS", harness.issue_code({.client = "pS"}), key);
  ASSERT_EQ(first.status, 200);
  const auto again = refresh("pS", first.refresh_token, key);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.refresh_token, first.refresh_token);
  EXPECT_TRUE(
      is_json_refusal(refresh("pS", first.refresh_token, other).response, 400, "invalid_grant"));
  EXPECT_TRUE(
      is_json_refusal(harness.refresh("pS", first.refresh_token).response, 400, "invalid_grant"));
  EXPECT_EQ(harness.log.count("rt_wrong_key"), 2);
  EXPECT_EQ(refresh("pS", first.refresh_token, key).status, 200);

  const auto confidential = redeem("cA", harness.issue_code(), key);
  const auto changed = refresh("cA", confidential.refresh_token, other);
  ASSERT_EQ(changed.status, 200);
  EXPECT_EQ(userinfo(changed.access_token, other).status, 200);
  EXPECT_NE(changed.refresh_token, confidential.refresh_token);
}

// RFC9449-10; RFC8705-3: a client whose tokens are bound to its certificate asks for no code that
// it could never redeem
TEST_F(Rfc9449, S10_NoKeyBesideACertificate) {
  auto person = test::signed_in(harness);
  harness.edit_client(
      "cA", [](Client& client) { client.tls_client_certificate_bound_access_tokens = true; });
  EXPECT_TRUE(test::is_told(harness, test::ask(harness, person, {{"dpop_jkt", key.thumbprint()}}),
                            "invalid_request"));
}

// RFC9449-10; 9449-04: a code that was asked for with dpop_jkt is redeemed with that key
TEST_F(Rfc9449, S10_DpopJkt) {
  auto person = test::signed_in(harness);
  const auto code_of = [&](const http::FormPairs& changed) {
    return test::reply_of(test::ask(harness, person, changed))["code"];
  };
  const auto form = [&](const std::string& code) {
    return harness.as_client("cA", "/token",
                             {{"grant_type", "authorization_code"},
                              {"code", code},
                              {"redirect_uri", "https://app.example/cb"},
                              {"code_verifier", test::verifier}});
  };
  const auto code = code_of({{"dpop_jkt", key.thumbprint()}});
  EXPECT_TRUE(is_json_refusal(harness.send(form(code)), 400, "invalid_grant"));
  EXPECT_TRUE(is_json_refusal(harness.send(with_proof(form(code), other.proof(harness))), 400,
                              "invalid_grant"));
  EXPECT_EQ(harness.send(with_proof(form(code), key.proof(harness))).status, 200);
  for (const char* bad : {"x", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c", "a b"}) {
    EXPECT_TRUE(
        test::is_told(harness, test::ask(harness, person, {{"dpop_jkt", bad}}), "invalid_request"));
  }
}

// RFC9449-10.1; 9449-04: a proof with the pushed request binds its code the same way
TEST_F(Rfc9449, S10_1_WithPushedRequests) {
  const auto push = [&](const http::FormPairs& changed) {
    return harness.send(
        with_proof(harness.as_client("cA", "/par", test::authorize_form(harness, "cA", changed)),
                   key.proof(harness, {.url = "https://id.example/par"})));
  };
  EXPECT_TRUE(is_json_refusal(push({{"dpop_jkt", other.thumbprint()}}), 400, "invalid_dpop_proof"));
  EXPECT_EQ(push({{"dpop_jkt", key.thumbprint()}}).status, 201);
  const auto pushed = test::json_of(push({}));
  test::Browser browser(harness);
  const auto response = browser.complete(
      browser.get("/authorize?" +
                  http::write_form(
                      {{"client_id", "cA"},
                       {"request_uri", json::string_member(pushed, "request_uri").value_or("")}})));
  const auto redeem_by = [&](const DpopKey& by) {
    return harness.send(with_proof(harness.as_client("cA", "/token",
                                                     {{"grant_type", "authorization_code"},
                                                      {"code", test::reply_of(response)["code"]},
                                                      {"redirect_uri", "https://app.example/cb"},
                                                      {"code_verifier", test::verifier}}),
                                   by.proof(harness)));
  };
  EXPECT_TRUE(is_json_refusal(redeem_by(other), 400, "invalid_grant"));
  EXPECT_EQ(redeem_by(key).status, 200);
}

// RFC9449-4.3; 9449-05; 9449-06: one header, one JWT
TEST_F(Rfc9449, S4_3_OneWellFormedProof) {
  const auto good = key.proof(harness);
  auto twice = with_proof(with_proof(credentials_request(), good), key.proof(harness));
  EXPECT_TRUE(is_json_refusal(harness.send(twice), 400, "invalid_dpop_proof"));
  const auto dot = good.find('.');
  for (const auto& text :
       {good + "," + key.proof(harness), good + ", " + good, std::string("x"), std::string(""),
        good.substr(0, good.rfind('.')), good + ".x", good.substr(dot), "=" + good,
        good.substr(0, dot) + "." + good.substr(dot + 2), std::string(20000, 'a')}) {
    EXPECT_TRUE(is_json_refusal(ask(text), 400, "invalid_dpop_proof")) << text.substr(0, 40);
  }
  EXPECT_EQ(ask(good).status, 200);
}

// RFC9449-4.2; RFC9449-4.3; 9449-07; 9449-08; 9449-12; 9449-17: every claim, wherever proofs come
TEST_F(Rfc9449, S4_3_EveryClaim) {
  for (const char* name : {"jti", "htm", "htu", "iat"}) {
    expect_refused_everywhere({{name, nullptr}}, {}, name);
    expect_refused_everywhere({{name, json::Object{}}}, {}, name);
  }
  expect_refused_everywhere({{"jti", ""}}, {}, "empty jti");
  expect_refused_everywhere({{"jti", std::string(257, 'j')}}, {}, "long jti");
  for (const char* method : {"PUT", "post", "get", ""}) {
    expect_refused_everywhere({{"htm", method}}, {}, method);
  }
  for (const json::Value& typ :
       {json::Value("JWT"), json::Value("dpop"), json::Value(nullptr), json::Value("at+jwt")}) {
    expect_refused_everywhere({}, {{"typ", typ}}, json::write(typ));
  }
  expect_refused_everywhere({{"nonce", 7}}, {}, "nonce");
  // ath, at the one place where an access token comes along.
  const auto token = bound_token();
  for (const json::Value& ath : {json::Value(nullptr), json::Value("x"), json::Value(1),
                                 json::Value(base64url_encode(crypto::sha256("another")))}) {
    const auto proof = key.proof(harness, {.method = "GET",
                                           .url = "https://id.example/userinfo",
                                           .access_token = token,
                                           .claims = {{"ath", ath}}});
    EXPECT_EQ(harness.send(with_proof(userinfo_request(token), proof)).status, 401);
  }
}

// RFC9449-4.3; 9449-13: htu is the address of the request, in any of its spellings
TEST_F(Rfc9449, S4_3_Htu) {
  for (const char* same :
       {"https://id.example/token?a=b", "https://id.example/token#x", "https://ID.EXAMPLE/token",
        "HTTPS://id.example/token", "https://id.example:443/token"}) {
    EXPECT_EQ(ask(key.proof(harness, {.url = same})).status, 200) << same;
  }
  for (const char* wrong :
       {"https://id.example/par", "https://id.example/token/", "https://id.example/Token",
        "http://id.example/token", "https://id.example:8443/token", "https://evil.test/token",
        "https://id.example@evil.test/token", "/token", "", "https://id.example"}) {
    EXPECT_TRUE(is_json_refusal(ask(key.proof(harness, {.url = wrong})), 400, "invalid_dpop_proof"))
        << wrong;
  }
  // What a proxy says of the host changes nothing.
  auto request =
      with_proof(credentials_request(), key.proof(harness, {.url = "https://evil.test/token"}));
  request.headers.add("Host", "evil.test");
  request.headers.add("X-Forwarded-Host", "evil.test");
  EXPECT_TRUE(is_json_refusal(harness.send(request), 400, "invalid_dpop_proof"));
  expect_refused_everywhere({{"htu", json::Array{"https://id.example/token"}}}, {}, "list");
}

// RFC9449-4.3; RFC9449-11.6; 9449-09; 9449-10; 9449-11; 9449-21; fapi-5.4.1: the key in the header
TEST_F(Rfc9449, S4_3_TheKey) {
  for (const char* algorithm : {"none", "HS256", "RS256", "ES512", "es256", ""}) {
    expect_refused_everywhere({}, {{"alg", algorithm}}, algorithm);
  }
  expect_refused_everywhere({}, {{"jwk", nullptr}}, "no jwk");
  expect_refused_everywhere({}, {{"jwk", "x"}}, "text");
  expect_refused_everywhere({}, {{"jwk", other.jwk()}}, "another key");
  auto secret = key.jwk();
  secret.set("d", base64url_encode(std::string(32, 'd')));
  expect_refused_everywhere({}, {{"jwk", secret}}, "private");
  EXPECT_EQ(harness.log.text().find(base64url_encode(std::string(32, 'd'))), std::string::npos);
  for (const auto* coordinate : {"x", "y"}) {
    auto odd = key.jwk();
    odd.set(coordinate, base64url_encode(std::string(31, 'x')));
    expect_refused_everywhere({}, {{"jwk", odd}}, coordinate);
    odd.set(coordinate, base64url_encode(std::string(32, 'x')));
    expect_refused_everywhere({}, {{"jwk", odd}}, "off the curve");
  }
  expect_refused_everywhere(
      {}, {{"jwk", json::Object{{"kty", "oct"}, {"k", base64url_encode(std::string(32, 'k'))}}}},
      "symmetric");
  // Every algorithm on offer works.
  for (const auto algorithm :
       {crypto::SignatureAlgorithm::ES256, crypto::SignatureAlgorithm::ES384,
        crypto::SignatureAlgorithm::EdDSA, crypto::SignatureAlgorithm::PS256}) {
    EXPECT_EQ(ask(DpopKey(algorithm).proof(harness)).status, 200);
  }
}

// RFC9449-4.3; RFC9449-11.1; 9449-15; fapi-5.3.2.1-g: neither old nor ahead
TEST_F(Rfc9449, S11_1_Times) {
  const auto now = harness.clock.now().unix_seconds();
  for (const std::int64_t good : {now, now - 10, now - 59, now + 8}) {
    EXPECT_EQ(ask(key.proof(harness, {.claims = {{"iat", good}}})).status, 200) << good - now;
  }
  for (const json::Value& bad :
       {json::Value(now - 61), json::Value(now - 3600), json::Value(now + 61),
        json::Value(now + 3600), json::Value(1e300), json::Value("1800000000"), json::Value(-1)}) {
    expect_refused_everywhere({{"iat", bad}}, {}, json::write(bad));
  }
}

// RFC9449-11.1; 9449-16; 9449-18: a proof is used once, whoever comes first; its row leaves again
TEST_F(Rfc9449, S11_1_UsedOnce) {
  const auto proof = key.proof(harness);
  std::vector<http::Request> requests;
  for (int i = 0; i < 64; ++i) requests.push_back(with_proof(credentials_request(), proof));
  int good = 0;
  for (const auto& response : harness.send_all(std::move(requests))) {
    if (response.status == 200) {
      ++good;
    } else {
      EXPECT_TRUE(is_json_refusal(response, 400, "invalid_dpop_proof"));
    }
  }
  EXPECT_EQ(good, 1);
  const auto token = bound_token();
  const auto at_userinfo = userinfo_proof(token, key);
  EXPECT_EQ(harness.send(with_proof(userinfo_request(token), at_userinfo)).status, 200);
  EXPECT_EQ(harness.send(with_proof(userinfo_request(token), at_userinfo)).status, 401);
  // One write a proof, and no more.
  const auto before = harness.writes();
  EXPECT_EQ(ask(key.proof(harness)).status, 200);
  EXPECT_EQ(harness.writes(), before + 1);
}

// RFC9449-11.1: what is refused for another reason has spent neither code nor refresh token
TEST_F(Rfc9449, S11_1_ARefusedProofSpendsNothing) {
  const auto code = harness.issue_code();
  const auto refused = harness.send(with_proof(harness.redeem_request("cA", code), "x"));
  EXPECT_TRUE(is_json_refusal(refused, 400, "invalid_dpop_proof"));
  EXPECT_EQ(redeem("cA", code, key).status, 200);
}

// RFC9449-5.2; asvs-10.4.14; fapi-5.3.2.1-b: a client whose tokens must be bound gets no others
TEST_F(Rfc9449, S5_2_Required) {
  harness.edit_client("cc", [](Client& it) { it.dpop_bound_access_tokens = true; });
  EXPECT_TRUE(is_json_refusal(harness.send(credentials_request()), 400, "invalid_dpop_proof"));
  EXPECT_EQ(ask(key.proof(harness)).status, 200);
}

// RFC9449-4.2; 9449-19: members that we do not know are ignored
TEST_F(Rfc9449, S4_2_UnknownMembers) {
  EXPECT_EQ(ask(key.proof(harness, {.claims = {{"x", 1}}, .header = {{"y", "z"}}})).status, 200);
  expect_refused_everywhere({}, {{"crit", json::Array{"y"}}, {"y", 1}}, "crit");
}

// RFC9449-8; RFC9449-9; 9449-14; fapi-5.3.2.1-h: where a nonce is required, ours and a fresh one
TEST(Rfc9449Nonce, S8_S9_Nonces) {
  test::Harness harness({.settings = [](Settings& it) { it.require_dpop_nonce = true; }});
  const DpopKey key;
  const auto ask = [&](const json::Object& claims) {
    return harness.send(with_proof(
        harness.as_client("cc", "/token",
                          {{"grant_type", "client_credentials"}, {"scope", "notes.read"}}),
        key.proof(harness, {.claims = claims})));
  };
  const auto before = harness.writes();
  const auto refused = ask({});
  EXPECT_TRUE(is_json_refusal(refused, 400, "use_dpop_nonce"));
  EXPECT_EQ(harness.writes(), before);
  const std::string nonce(refused.headers.first("DPoP-Nonce"));
  ASSERT_FALSE(nonce.empty());
  const auto accepted = ask({{"nonce", nonce}});
  EXPECT_EQ(accepted.status, 200);
  EXPECT_FALSE(accepted.headers.contains("DPoP-Nonce"));
  // It goes on for a while, and its successor comes along before its end (8.2).
  harness.clock.advance(minutes(3));
  const auto later = ask({{"nonce", nonce}});
  EXPECT_EQ(later.status, 200);
  EXPECT_FALSE(later.headers.first("DPoP-Nonce").empty());
  harness.clock.advance(minutes(3));
  EXPECT_TRUE(is_json_refusal(ask({{"nonce", nonce}}), 400, "use_dpop_nonce"));
  EXPECT_EQ(ask({{"nonce", std::string(later.headers.first("DPoP-Nonce"))}}).status, 200);
  EXPECT_TRUE(is_json_refusal(ask({{"nonce", "made-up"}}), 400, "use_dpop_nonce"));
}

// RFC9449-5.1: discovery names the algorithms
TEST_F(Rfc9449, S5_1_Discovery) {
  const auto document =
      test::json_of(harness.send(harness.get("/.well-known/openid-configuration")));
  EXPECT_EQ(json::strings_member(document, "dpop_signing_alg_values_supported"),
            (std::vector<std::string>{"ES256", "EdDSA", "PS256", "ES384"}));
}

}  // namespace cardea::rfc9449_test
