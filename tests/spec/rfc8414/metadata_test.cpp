// Discovery and the key set as documents. RFC 8414, OIDC Discovery 3 and 4, RFC 7517 5; security
// corpus 1.6, 1.7, 1.15; decisions P4, T4.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "protocol/provider_metadata.h"
#include "server/routes.h"
#include "support/harness.h"

namespace cardea::metadata_test {

using test::Harness;

json::Object discovery(Harness& server) {
  auto request = server.get("");
  request.target = "/.well-known/oauth-authorization-server" + server.settings.issuer_path;
  return test::json_of(server.send(request));
}

// RFC8414-3; OIDC-Discovery-4; P4; oidc-22: three places, one document, whatever Host says.
TEST(Rfc8414, S3_1_EveryPlaceHoldsTheSameDocument) {
  for (const auto* issuer : {"https://id.example", "https://id.example/tenant"}) {
    Harness server({.issuer = issuer});
    const auto path = server.settings.issuer_path;
    const auto expected = discovery(server);
    EXPECT_EQ(json::string_member(expected, "issuer"), issuer);
    for (const auto& place :
         {"/.well-known/oauth-authorization-server" + path,
          "/.well-known/openid-configuration" + path, path + "/.well-known/openid-configuration"}) {
      auto request = server.get("");
      request.target = place;
      for (const auto* host : {"id.example", "evil.example", ""}) {
        request.headers.set("Host", host);
        request.headers.set("X-Forwarded-Host", "evil.example");
        EXPECT_EQ(test::json_of(server.send(request)), expected) << place;
      }
    }
    auto elsewhere = server.get("");
    elsewhere.target = "/.well-known/openid-configuration/other";
    EXPECT_EQ(server.send(elsewhere).status, 404);
    elsewhere.target =
        issuer == std::string_view("https://id.example") ? "/tenant/token" : "/token";
    EXPECT_EQ(server.send(elsewhere).status, 404);
  }
}

// RFC8414-2; 9207-03; 9700-16; 9700-17: what clients need is there, and nothing that does not work.
TEST(Rfc8414, S2_WhatIsSaidWorks) {
  Harness server;
  const auto document = discovery(server);
  const auto read = parse_provider_metadata(json::write(document), "https://id.example");
  ASSERT_TRUE(read.ok()) << read.error();
  EXPECT_EQ(read->authorization_response_iss_parameter_supported, true);
  EXPECT_EQ(read->request_uri_parameter_supported, true);
  EXPECT_EQ(json::bool_member(document, "require_request_uri_registration"), true);
  EXPECT_EQ(read->grant_types_supported,
            (std::vector<std::string>{"authorization_code", "refresh_token", "client_credentials",
                                      "urn:ietf:params:oauth:grant-type:device_code",
                                      "urn:ietf:params:oauth:grant-type:token-exchange",
                                      "urn:openid:params:grant-type:ciba"}));
  EXPECT_NE(std::ranges::find(read->token_endpoint_auth_methods_supported, "private_key_jwt"),
            read->token_endpoint_auth_methods_supported.end());
  for (const auto& member : document.members()) {
    EXPECT_FALSE(member.value.is_null()) << member.name;
    if (!member.name.ends_with("_endpoint") && member.name != "jwks_uri") continue;
    const auto* text = member.value.if_string();
    ASSERT_NE(text, nullptr) << member.name;
    const auto& url = *text;
    ASSERT_TRUE(url.starts_with("https://id.example/")) << url;
    EXPECT_NE(find_route(server.settings, url.substr(18)), nullptr) << url;
  }
  EXPECT_TRUE(read->registration_endpoint.empty());
}

// OIDC-Discovery-3; 9101-10: the ways to encrypt to us are named where there are keys for them.
TEST(Rfc8414, S2_EncryptionToUsIsNamedWithItsKeys) {
  const auto named = [](const json::Object& document) {
    return json::strings_member(document, "request_object_encryption_alg_values_supported");
  };
  Harness without;
  EXPECT_EQ(named(discovery(without)), std::nullopt);
  Harness with({.settings = [](Settings& settings) {
    Client client;
    client.request_object_encryption_alg = jose::KeyManagement::ECDH_ES;
    settings.need_keys_for(client);
    settings.need_keys_for(client);
  }});
  EXPECT_EQ(named(discovery(with)), std::vector<std::string>{"ECDH-ES"});
  EXPECT_EQ(with.keys->decryption_keys()->size(), 1U);
}

// RFC8414-3.2; 10017-04; 9700-06: both documents may be read by any origin, cached, and asked
// again.
TEST(Rfc8414, S3_2_DocumentsAreCheapToFetchAgain) {
  Harness server;
  for (const auto* place : {"/.well-known/openid-configuration", "/jwks"}) {
    const auto first = server.send(server.get(place, {{"Origin", "https://any.example"}}));
    EXPECT_EQ(first.status, 200);
    EXPECT_EQ(first.headers.first("Content-Type"), "application/json");
    EXPECT_EQ(first.headers.first("Access-Control-Allow-Origin"), "*");
    EXPECT_FALSE(first.headers.contains("Access-Control-Allow-Credentials"));
    EXPECT_TRUE(first.headers.first("Cache-Control").starts_with("public, max-age="));
    const std::string etag(first.headers.first("ETag"));
    ASSERT_TRUE(etag.starts_with("\"") && etag.ends_with("\""));
    for (const auto& match : {etag, "W/" + etag, "\"x\", " + etag, std::string("*")}) {
      const auto again = server.send(server.get(place, {{"If-None-Match", match}}));
      EXPECT_EQ(again.status, 304) << match;
      EXPECT_EQ(again.body, "");
      EXPECT_EQ(again.headers.first("ETag"), etag);
    }
    EXPECT_EQ(server.send(server.get(place, {{"If-None-Match", "\"x\""}})).status, 200);
    auto head = server.get(place);
    head.method = "HEAD";
    EXPECT_EQ(server.send(head).status, 200);
    head.method = "POST";
    EXPECT_EQ(server.send(head).status, 405);
  }
}

// RFC9111-5.2.2.4: a development issuer is changed, and begun anew, under the same address.
TEST(Rfc8414, S3_2_NoBrowserKeepsTheDocumentsOfADevelopmentIssuer) {
  Harness server({.settings = [](Settings& it) { it.is_dev = true; }});
  for (const auto* place : {"/.well-known/openid-configuration", "/jwks"}) {
    const auto first = server.send(server.get(place));
    EXPECT_EQ(first.headers.all("Cache-Control"), std::vector<std::string_view>{"no-cache"});
    const std::string etag(first.headers.first("ETag"));
    EXPECT_EQ(server.send(server.get(place, {{"If-None-Match", etag}})).status, 304) << place;
  }
}

std::vector<json::Object> published_keys(Harness& server) {
  const auto set = test::json_of(server.send(server.get("/jwks")));
  const auto* keys = set.find("keys");
  const auto* list = keys != nullptr ? keys->if_array() : nullptr;
  EXPECT_NE(list, nullptr) << json::write(set);
  std::vector<json::Object> objects;
  for (const auto& key : list != nullptr ? *list : json::Array()) {
    const auto* object = key.if_object();
    EXPECT_NE(object, nullptr) << json::write(set);
    if (object != nullptr) objects.push_back(*object);
  }
  return objects;
}

// OIDC-Discovery-3; oidc-23: public keys only, each with its own kid, use and alg.
TEST(Rfc8414, S2_TheKeySetIsPublic) {
  Harness server;
  std::set<std::string> kids;
  for (const auto& jwk : published_keys(server)) {
    const auto kid = json::string_member(jwk, "kid");
    ASSERT_TRUE(kid.has_value()) << json::write(jwk);
    EXPECT_TRUE(kids.insert(*kid).second);
    EXPECT_EQ(json::string_member(jwk, "use"), "sig");
    EXPECT_TRUE(jwk.contains("alg"));
    for (const auto* secret : {"d", "p", "q", "dp", "dq", "qi", "k"}) {
      EXPECT_FALSE(jwk.contains(secret)) << secret;
    }
  }
  EXPECT_EQ(kids.size(), server.settings.signing_algorithms.size());
}

bool holds_kid(Harness& server, const std::string& kid) {
  return std::ranges::any_of(published_keys(server), [&](const json::Object& jwk) {
    return json::string_member(jwk, "kid") == kid;
  });
}

std::string kid_of(const std::string& jwt) {
  const auto kid = json::string_member(test::header_of(jwt), "kid");
  EXPECT_TRUE(kid.has_value()) << jwt;
  return kid.value_or("");
}

// OIDC-Core-10.1.1; oidc-24; T4: a key is published before it signs, and stays until what it signed
// has expired: a client that caches the set for its max-age never meets an unknown kid.
TEST(OidcCore, S10_1_1_RotationNeverSurprisesACachingClient) {
  Harness server({.settings = [](Settings& settings) {
    settings.signing_algorithms = {crypto::SignatureAlgorithm::RS256,
                                   crypto::SignatureAlgorithm::ES256};
  }});
  const auto es256 = crypto::SignatureAlgorithm::ES256;
  server.edit_client("cA", [](Client& client) {
    client.id_token_signed_response_alg = crypto::SignatureAlgorithm::ES256;
  });
  const auto before = kid_of(server.sign_up_tokens().id_token);
  ASSERT_TRUE(server.await(server.keys->ensure_next(server.clock.now())).ok());
  // Too early: the next key has only just been published.
  EXPECT_FALSE(
      server
          .await(server.keys->rotate(es256, RotateWhen::published_long_enough, server.clock.now()))
          .ok());
  server.clock.advance(server.settings.jwks_max_age);
  const auto cached = test::json_of(server.send(server.get("/jwks")));
  ASSERT_TRUE(
      server
          .await(server.keys->rotate(es256, RotateWhen::published_long_enough, server.clock.now()))
          .ok());
  const auto after = server.sign_up_tokens();
  EXPECT_NE(kid_of(after.id_token), before);
  const auto old_set = jose::JwkSet::parse(cached);
  ASSERT_TRUE(old_set.ok());
  EXPECT_TRUE(jose::verify_jwt(after.id_token, *old_set, {es256}).ok());
  // The old key is there until the last token it signed has expired.
  server.clock.advance(server.settings.lifetimes.id_token);
  ASSERT_TRUE(server.await(server.keys->remove_expired(server.clock.now())).ok());
  EXPECT_TRUE(holds_kid(server, before));
  server.clock.advance(server.settings.jwks_max_age);
  server.clock.advance({61});
  ASSERT_TRUE(server.await(server.keys->remove_expired(server.clock.now())).ok());
  EXPECT_FALSE(holds_kid(server, before));
}

// T4: --now does not wait, and a rotation without a next key is refused with a sentence.
TEST(OidcCore, S10_1_1_RotationCanBeForcedAndExplainsItself) {
  Harness server;
  const auto es256 = crypto::SignatureAlgorithm::ES256;
  const auto none = server.await(server.keys->rotate(es256, RotateWhen::now, server.clock.now()));
  ASSERT_FALSE(none.ok());
  EXPECT_NE(none.error().find("ES256"), std::string::npos);
}

}  // namespace cardea::metadata_test
