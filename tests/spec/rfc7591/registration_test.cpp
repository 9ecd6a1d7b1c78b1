// Dynamic client registration (RFC 7591, OpenID Connect Registration 1.0): who may register, what a
// client may say about itself, and what becomes of it.
#include <gtest/gtest.h>

#include "base/limits.h"
#include "crypto/hash.h"
#include "server/client_auth/kept_secret.h"
#include "support/authorize_answers.h"
#include "support/registration.h"

namespace cardea::rfc7591_test {

using test::is_json_refusal;
using test::json_of;
using test::register_client;
using test::registration_of;
using test::text_of;
using Texts = std::vector<std::string>;

struct Rfc7591 : testing::Test {
  test::Harness harness{test::open_registration()};

  Client client_of(const http::Response& response) {
    return harness.client(text_of(json_of(response), "client_id"));
  }
  // Refused with the code, and nothing was registered.
  testing::AssertionResult refuses(const json::Object& metadata, std::string_view error) {
    const auto before = harness.stored(harness.store->clients()).size();
    auto verdict = is_json_refusal(register_client(harness, metadata), 400, error);
    if (verdict && harness.stored(harness.store->clients()).size() != before) {
      return testing::AssertionFailure() << "a client was stored";
    }
    return verdict << " " << json::write(metadata);
  }
};

// RFC7591-3.2.1: the answer says all that is registered, defaults among it, and is not kept
TEST_F(Rfc7591, S3_2_1_TheAnswerHoldsWhatIsRegistered) {
  const auto response = register_client(harness, registration_of());
  ASSERT_EQ(response.status, 201) << response.body;
  EXPECT_EQ(response.headers.first("Content-Type"), "application/json");
  EXPECT_EQ(response.headers.first("Cache-Control"), "no-store");
  const auto answer = json_of(response);
  const auto id = text_of(answer, "client_id");
  EXPECT_EQ(id.size(), 22U);
  EXPECT_EQ(json::integer_member(answer, "client_id_issued_at"), test::start.unix_seconds());
  EXPECT_EQ(text_of(answer, "client_secret").size(), 43U);
  EXPECT_EQ(json::integer_member(answer, "client_secret_expires_at"), 0);
  EXPECT_EQ(text_of(answer, "registration_access_token").size(), 43U);
  EXPECT_EQ(text_of(answer, "registration_client_uri"), "https://id.example/register/" + id);
  EXPECT_EQ(text_of(answer, "client_name"), "Calendar");
  EXPECT_EQ(json::strings_member(answer, "redirect_uris"), Texts{"https://new.example/cb"});
  EXPECT_EQ(json::strings_member(answer, "grant_types"),
            (Texts{"authorization_code", "refresh_token"}));
  EXPECT_EQ(json::strings_member(answer, "response_types"), Texts{"code"});
  EXPECT_EQ(text_of(answer, "token_endpoint_auth_method"), "client_secret_basic");
  EXPECT_EQ(text_of(answer, "application_type"), "web");
  EXPECT_EQ(text_of(answer, "scope"), "openid profile email offline_access");
  EXPECT_EQ(text_of(answer, "id_token_signed_response_alg"), "RS256");
  EXPECT_EQ(text_of(answer, "subject_type"), "public");
  for (const auto* name : {"consent", "pkce", "enabled", "refresh_rotation"}) {
    EXPECT_FALSE(answer.contains(name)) << name;
  }
}

// RFC7591-2: a client that does not say has the defaults of the specification
TEST_F(Rfc7591, S2_Defaults) {
  const auto answer =
      json_of(register_client(harness, {{"redirect_uris", Texts{"https://new.example/cb"}}}));
  EXPECT_EQ(json::strings_member(answer, "grant_types"), Texts{"authorization_code"});
  EXPECT_EQ(json::strings_member(answer, "response_types"), Texts{"code"});
  EXPECT_EQ(text_of(answer, "token_endpoint_auth_method"), "client_secret_basic");
  EXPECT_EQ(text_of(answer, "scope"), "openid profile email offline_access");
}

// RFC7591-1.2; 8725-05: the secret is long, kept as a digest, and works; so does the whole flow
TEST_F(Rfc7591, S1_2_TheClientSignsPeopleIn) {
  const auto answer = json_of(register_client(harness, registration_of()));
  const auto id = text_of(answer, "client_id");
  const auto secret = text_of(answer, "client_secret");
  const auto token = text_of(answer, "registration_access_token");
  const auto document = write_client(harness.client(id));
  for (const auto& credential : {secret, token}) {
    EXPECT_EQ(document.find(credential), std::string::npos);
    EXPECT_EQ(harness.log.text().find(credential), std::string::npos);
  }
  const auto code = harness.issue_code({.client = id, .scope = "openid email"});
  const auto response = harness.send(harness.post("/token", harness.redeem_form(code),
                                                  {{"Authorization", test::basic(id, secret)}}));
  EXPECT_EQ(response.status, 200) << response.body;
}

// RFC7591-3; 7591-01: a token that is presented must be good, also where nobody needs one
TEST_F(Rfc7591, S3_AWrongTokenIsRefusedWhereNoneIsNeeded) {
  EXPECT_TRUE(is_json_refusal(register_client(harness, registration_of(), "nobodys"), 401,
                              "invalid_token"));
}

// RFC7591-3; 7591-01; F05: registration is off by default, and what is off is not there
TEST(Rfc7591Off, S3_OffIsNotThere) {
  test::Harness harness;
  EXPECT_EQ(register_client(harness, registration_of()).status, 404);
  EXPECT_EQ(harness.send(test::json_request(harness, "GET", "/register/cA", "")).status, 404);
  const auto metadata = harness.send(harness.get("/.well-known/openid-configuration"));
  EXPECT_FALSE(json_of(metadata).contains("registration_endpoint"));
}

// RFC8414-2: the endpoint is announced where it is
TEST_F(Rfc7591, S3_TheMetadataNamesTheEndpoint) {
  // The harness publishes what the settings said when it was made.
  const auto metadata = harness.send(harness.get("/.well-known/openid-configuration"));
  EXPECT_EQ(text_of(json_of(metadata), "registration_endpoint"), "https://id.example/register");
}

// RFC7591-3.1: one strict JSON object, called so
TEST_F(Rfc7591, S3_1_TheBodyIsOneJsonObject) {
  for (const std::string body :
       {"", "[]", "null", "\"x\"", "{", R"({"client_name":"a","client_name":"b"})",
        R"({"redirect_uris":["https://new.example/cb"]} x)"}) {
    EXPECT_TRUE(
        is_json_refusal(harness.send(test::json_request(harness, "POST", "/register", body)), 400,
                        "invalid_client_metadata"))
        << body;
  }
  auto form = harness.post("/register", {{"redirect_uris", "https://new.example/cb"}});
  EXPECT_TRUE(is_json_refusal(harness.send(std::move(form)), 400, "invalid_client_metadata"));
}

// RFC7591-2; 7591-02; F01: policy is the operator's; what is no member of the client's is ignored
TEST_F(Rfc7591, S2_NoMemberReachesAPolicy) {
  const auto response = register_client(
      harness, registration_of({{"client_id", "cA"},
                                {"client_secret", "chosen-by-the-client-itself-0123456789"},
                                {"consent", "skip"},
                                {"skip_consent", true},
                                {"first_party", true},
                                {"pkce", "optional"},
                                {"development", true},
                                {"enabled", false},
                                {"allowed_groups", Texts{"admins"}},
                                {"allowed_origins", Texts{"https://evil.test"}},
                                {"default_resource", test::api},
                                {"refresh_rotation", "off"},
                                {"refresh_grace", 60},
                                {"id_token_claims", "minimal"},
                                {"service_account", true},
                                {"roles", Texts{"admin"}},
                                {"sub", "alice"},
                                {"owner", json::Object{{"by", "file"}}},
                                {"secrets", json::Array{}},
                                {"registration_access_token", "chosen"},
                                {"client_name#ja", "x"}}));
  ASSERT_EQ(response.status, 201) << response.body;
  const auto client = client_of(response);
  EXPECT_NE(client.client_id, ClientId("cA"));
  EXPECT_EQ(client.consent, ConsentPolicy::ask);
  EXPECT_EQ(client.pkce, PkcePolicy::required);
  EXPECT_FALSE(client.development);
  EXPECT_TRUE(client.enabled);
  EXPECT_TRUE(client.allowed_groups.empty());
  EXPECT_TRUE(client.allowed_origins.empty());
  EXPECT_FALSE(client.default_resource);
  EXPECT_EQ(client.refresh_rotation, RefreshRotation::on);
  EXPECT_EQ(client.id_token_claims, IdTokenClaims::scopes);
  EXPECT_EQ(client.owner.by, Ownership::By::registration);
  EXPECT_NE(client.secrets.front().sha256,
            crypto::sha256("chosen-by-the-client-itself-0123456789"));
  EXPECT_EQ(harness.client("cA").client_name, "Client cA");
}

// RFC7591-3.2.2; 7591-02: every member has its type
TEST_F(Rfc7591, S3_2_2_MembersAreStrictlyTyped) {
  const json::Value list(Texts{"x"});
  for (const auto& [name, value] : std::vector<std::pair<std::string, json::Value>>{
           {"client_name", 1},
           {"client_name", nullptr},
           {"scope", 1},
           {"grant_types", "authorization_code"},
           {"response_types", json::Array{"code", nullptr}},
           {"contacts", json::Array{1}},
           {"jwks", "x"},
           {"jwks_uri", list},
           {"default_max_age", "60"},
           {"default_max_age", -1},
           {"require_auth_time", "true"},
           {"dpop_bound_access_tokens", 1},
           {"token_endpoint_auth_method", list},
           {"software_id", json::Object{}}}) {
    json::Object metadata = registration_of();
    metadata.set(name, value);
    EXPECT_TRUE(refuses(metadata, "invalid_client_metadata"));
  }
  for (const json::Value& uris :
       {json::Value("https://new.example/cb"), json::Value(nullptr), json::Value(json::Array{1}),
        json::Value(json::Array{"https://new.example/cb", nullptr}),
        json::Value(json::Array{json::Value(json::Array{"https://new.example/cb"})}),
        json::Value(json::Array{json::Object{}}), json::Value(json::Array{})}) {
    json::Object metadata = registration_of();
    metadata.set("redirect_uris", uris);
    EXPECT_TRUE(refuses(metadata, "invalid_redirect_uri"));
  }
}

// RFC7591-3.2.2; 7591-03: every address that a client names is judged alike
TEST_F(Rfc7591, S3_2_2_EveryAddressIsJudged) {
  for (const std::string uri :
       {"javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "http://169.254.169.254/",
        "http://new.example/", "https://127.0.0.1/", "https://user:pw@new.example/",
        "//new.example", "https://new.example/#f"}) {
    for (const auto* member :
         {"client_uri", "logo_uri", "policy_uri", "tos_uri", "jwks_uri", "initiate_login_uri",
          "sector_identifier_uri", "backchannel_logout_uri", "frontchannel_logout_uri"}) {
      EXPECT_TRUE(refuses(registration_of({{member, uri}}), "invalid_client_metadata"));
    }
    EXPECT_TRUE(refuses(registration_of({{"redirect_uris", Texts{uri}}}), "invalid_redirect_uri"));
    EXPECT_TRUE(refuses(registration_of({{"post_logout_redirect_uris", Texts{uri}}}),
                        "invalid_client_metadata"));
    EXPECT_TRUE(refuses(
        registration_of({{"request_uris", Texts{uri}}, {"jwks_uri", "https://new.example/keys"}}),
        "invalid_client_metadata"));
  }
  EXPECT_TRUE(harness.fetcher.sent().empty());
  // Members of features that are not there are ignored like any other.
  const auto answer = json_of(register_client(
      harness, registration_of({{"backchannel_client_notification_endpoint", "javascript:x"}})));
  EXPECT_FALSE(answer.contains("backchannel_client_notification_endpoint"));
}

// OIDCREGISTRATION-2; RFC9101-5.2; RFC9101-6.2; 7591-03; 9101-01; 9101-08: addresses of request
// objects, with the digest of what is there or without, and keys to verify it with
TEST_F(Rfc7591, OidcRegistration_S2_RequestUris) {
  const std::string address = "https://new.example/r/1";
  const auto with = [](const Texts& uris) {
    return registration_of({{"request_uris", uris}, {"jwks_uri", "https://new.example/keys"}});
  };
  const Texts good{address, address + "#" + std::string(42, 'A') + "E",
                   address + "?" + std::string(512 - address.size() - 1, 'x')};
  const auto answer = json_of(register_client(harness, with(good)));
  EXPECT_EQ(json::strings_member(answer, "request_uris"), good);
  EXPECT_TRUE(harness.fetcher.sent().empty());
  for (const auto& bad :
       {address + "#", address + "#" + std::string(42, 'A'), address + "#" + std::string(43, 'B'),
        address + "#" + std::string(44, 'A'), address + "#" + std::string(43, '='),
        address + "?" + std::string(512 - address.size(), 'x')}) {
    EXPECT_TRUE(refuses(with({address, bad}), "invalid_client_metadata")) << bad;
  }
  EXPECT_TRUE(
      refuses(with(Texts(limits::request_uris_max + 1, address)), "invalid_client_metadata"));
  EXPECT_TRUE(
      refuses(registration_of({{"request_uris", Texts{address}}}), "invalid_client_metadata"));
}

// RFC7591-5; E06: a logo is given back and never fetched
TEST_F(Rfc7591, S5_WhatAClientShowsIsNeverFetched) {
  const auto answer = json_of(
      register_client(harness, registration_of({{"logo_uri", "https://new.example/logo.png"},
                                                {"client_uri", "https://new.example/"},
                                                {"contacts", Texts{"ops@new.example"}},
                                                {"software_id", "4NRB1-0XZABZI9E6-5SM3R"},
                                                {"software_version", "2.1"}})));
  EXPECT_EQ(text_of(answer, "logo_uri"), "https://new.example/logo.png");
  EXPECT_EQ(text_of(answer, "software_version"), "2.1");
  EXPECT_EQ(json::strings_member(answer, "contacts"), Texts{"ops@new.example"});
  EXPECT_TRUE(harness.fetcher.sent().empty());
}

// RFC7591-5; E10: keys of whoever registered are fetched among the addresses that anybody names
TEST_F(Rfc7591, S5_ItsKeysAreFetchedAsAStrangers) {
  const auto answer = json_of(
      register_client(harness, registration_of({{"token_endpoint_auth_method", "private_key_jwt"},
                                                {"jwks_uri", "https://new.example/keys"}})));
  const auto id = text_of(answer, "client_id");
  const auto claims = json::Object{{"iss", id}, {"sub", id}, {"jti", "1"}};
  const auto key = crypto::PrivateKey::generate(crypto::SignatureAlgorithm::ES256);
  EXPECT_TRUE(is_json_refusal(
      harness.send(harness.post(
          "/token",
          {{"grant_type", "authorization_code"},
           {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
           {"client_assertion", jose::sign_jwt(key, "k", "JWT", claims)}})),
      401, "invalid_client"));
  ASSERT_EQ(harness.fetcher.sent_to("https://new.example/keys"), 1U);
  EXPECT_EQ(harness.fetcher.sent().front().lane, http::FetchLane::anybody);
}

// RFC7591-3.2.1: scopes and grant types beyond what such clients may have are left out, and said so
TEST_F(Rfc7591, S3_2_1_WhatIsNotAdmittedIsLeftOut) {
  const auto answer = json_of(register_client(
      harness,
      registration_of({{"scope", "openid groups calendar.write offline_access"},
                       {"grant_types", Texts{"authorization_code", "client_credentials",
                                             "urn:ietf:params:oauth:grant-type:device_code",
                                             "refresh_token", "password"}}})));
  EXPECT_EQ(text_of(answer, "scope"), "openid profile email offline_access");
  EXPECT_EQ(json::strings_member(answer, "grant_types"),
            (Texts{"authorization_code", "refresh_token"}));
  EXPECT_TRUE(refuses(registration_of({{"scope", "calendar.write"}}), "invalid_client_metadata"));
  EXPECT_TRUE(refuses(registration_of({{"grant_types", Texts{"client_credentials"}}}),
                      "invalid_client_metadata"));
  EXPECT_TRUE(
      refuses(registration_of({{"response_types", Texts{"token"}}}), "invalid_client_metadata"));
}

// RFC7591-2.1; OIDCREGISTRATION-2; oidc-17: methods and algorithms are those that are offered
TEST_F(Rfc7591, S2_1_OnlyWhatIsOfferedRegisters) {
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"token_endpoint_auth_method", "tls_client_auth"},  // without a name
           {"token_endpoint_auth_method", "private_key_jwt"},  // without keys
           {"id_token_signed_response_alg", "none"},
           {"id_token_signed_response_alg", "HS256"},
           {"request_object_signing_alg", "none"},
           {"subject_type", "other"},
           {"application_type", "desktop"}}) {
    EXPECT_TRUE(refuses(registration_of({{name, value}}), "invalid_client_metadata"));
  }
  // No certificate comes in at the test server (RFC 8705 2.1).
  EXPECT_TRUE(refuses(registration_of({{"token_endpoint_auth_method", "tls_client_auth"},
                                       {"tls_client_auth_san_dns", "new.example"}}),
                      "invalid_client_metadata"));
  // The test server has no PS256 key, and keys are made at start only.
  EXPECT_TRUE(refuses(registration_of({{"id_token_signed_response_alg", "PS256"}}),
                      "invalid_client_metadata"));
}

// RFC7591-2.1; OIDC Core 9: the secret of an answer proves by MACs where the client asked for that
TEST_F(Rfc7591, S2_1_ASecretForAssertions) {
  const auto answer = json_of(register_client(
      harness, registration_of({{"token_endpoint_auth_method", "client_secret_jwt"}})));
  const auto client = harness.client(text_of(answer, "client_id"));
  ASSERT_EQ(client.secrets.size(), 1U);
  const auto kept = open_secret(client, client.secrets[0], *harness.seals);
  ASSERT_TRUE(kept.has_value());
  EXPECT_EQ(kept->reveal(), text_of(answer, "client_secret"));
}

// RFC7591-2; RFC8252-7.3; 7591-06: an app that waits on the person's own machine is native, said or
// not
TEST_F(Rfc7591, S2_AnAppOnThePersonsMachineIsNative) {
  const auto answer = json_of(register_client(
      harness, {{"redirect_uris", Texts{"http://127.0.0.1:33418/cb", "https://editor.example/cb"}},
                {"token_endpoint_auth_method", "none"}}));
  EXPECT_EQ(text_of(answer, "application_type"), "native");
  EXPECT_FALSE(answer.contains("client_secret"));
  for (const char* method : {"none", "client_secret_basic"}) {
    const auto said_web = json_of(register_client(
        harness, {{"redirect_uris", Texts{"http://localhost:4242", "com.example.app:/cb"}},
                  {"application_type", "web"},
                  {"token_endpoint_auth_method", method}}));
    EXPECT_EQ(text_of(said_web, "application_type"), "native") << method;
  }
}

// RFC7591-5; asvs-10.4.7; F02: people are told that nobody looked at the client, and always asked
TEST_F(Rfc7591, S5_PeopleAreToldAndAsked) {
  const auto id = text_of(json_of(register_client(harness, registration_of())), "client_id");
  auto person = test::signed_in(harness);
  const auto page = person.follow(test::ask(harness, person, {{"scope", "openid email"}}, id));
  const auto text = test_pages::read_text(page.body);
  EXPECT_NE(text.find("Not verified"), std::string::npos) << text;
  EXPECT_NE(text.find("nobody here has checked"), std::string::npos);
  EXPECT_NE(text.find("new.example"), std::string::npos);
  const auto known = person.follow(test::ask(harness, person));
  EXPECT_EQ(test_pages::read_text(known.body).find("Not verified"), std::string::npos);
}

// The address that a page would take the person to, and whether it is reached by a link or a form.
std::pair<std::string, std::string> way_out(const http::Response& page) {
  for (const auto& tag : test_pages::read_tags(page.body)) {
    if (tag.name == "a" && tag.attributes.contains("id") && tag.attributes.at("id") == "continue") {
      return {"link", tag.attributes.at("href")};
    }
    if (tag.name == "form") return {"form", tag.attributes.at("action")};
  }
  return {};
}

// RFC7591-5; RFC9700-4.11.2; 9700-02: nobody is sent to such a client by a refusal without a click
TEST_F(Rfc7591, S5_RefusalsNeedAClick) {
  const auto id = text_of(json_of(register_client(harness, registration_of())), "client_id");
  test::Browser browser(harness);
  const http::FormPairs usual{{"redirect_uri", "https://new.example/cb"}, {"scope", "openid"}};
  for (const auto& [changed, error] : std::vector<std::pair<http::FormPairs, std::string>>{
           {{{"scope", "bogus"}}, "invalid_scope"},
           {{{"prompt", "none"}}, "login_required"},
           {{{"response_type", "token"}}, "unsupported_response_type"},
           {{{"code_challenge", ""}}, "invalid_request"}}) {
    http::FormPairs form = usual;
    for (const auto& pair : changed) {
      std::erase_if(form, [&](const auto& known) { return known.first == pair.first; });
      form.push_back(pair);
    }
    const auto response = test::ask(harness, browser, form, id);
    EXPECT_EQ(response.status, 400) << error;
    EXPECT_FALSE(response.headers.contains("Location")) << error;
    EXPECT_NE(test_pages::read_text(response.body).find(error), std::string::npos) << error;
    const auto [way, target] = way_out(response);
    EXPECT_EQ(way, "link") << error;
    const auto separator = error == "unsupported_response_type" ? "#" : "?";
    EXPECT_TRUE(target.starts_with("https://new.example/cb" + (separator + ("error=" + error))))
        << target;
  }
  const auto posted = test::ask(harness, browser,
                                {{"redirect_uri", "https://new.example/cb"},
                                 {"scope", "bogus"},
                                 {"response_mode", "form_post"}},
                                id);
  EXPECT_EQ(way_out(posted),
            (std::pair<std::string, std::string>{"form", "https://new.example/cb"}));
  EXPECT_EQ(posted.body.find("<script"), std::string::npos);
  // Whoever pressed a button here goes there at once.
  auto person = test::signed_in(harness);
  const auto page = person.follow(test::ask(harness, person, usual, id));
  const auto denied = person.press(page, "deny");
  EXPECT_TRUE(test::is_told(harness, denied, "access_denied", "https://new.example/cb"));
}

// RFC9700-2.6; SC18: a page of any origin may register its app
TEST_F(Rfc7591, S3_AnyOriginMayRegister) {
  http::Request preflight{.method = "OPTIONS",
                          .target = "/register",
                          .headers = {{"Origin", "https://inspector.example"},
                                      {"Access-Control-Request-Method", "POST"}},
                          .body = {},
                          .peer_address = "192.0.2.1"};
  const auto allowed = harness.send(std::move(preflight));
  EXPECT_EQ(allowed.headers.first("Access-Control-Allow-Origin"), "*");
  EXPECT_NE(allowed.headers.first("Access-Control-Allow-Headers").find("MCP-Protocol-Version"),
            std::string_view::npos);
  auto request = test::json_request(harness, "POST", "/register", json::write(registration_of()));
  request.headers.add("Origin", "https://inspector.example");
  EXPECT_EQ(harness.send(std::move(request)).headers.first("Access-Control-Allow-Origin"), "*");
}

// RFC7591-2; 7591-04: the default grant type is the operator's to give as well
TEST_F(Rfc7591, S2_TheDefaultGrantTypeIsWithinThePolicy) {
  harness.settings.registration.grant_types = {GrantType::client_credentials};
  EXPECT_TRUE(refuses(registration_of({{"grant_types", nullptr}}), "invalid_client_metadata"));
}

// RFC9396-10; 7591-04: what a client may ask people for is what the operator lets such clients have
TEST_F(Rfc7591, RFC9396_S10_TypesOfDetailsAreWithinThePolicy) {
  const auto registered = [&] {
    const auto answer = test::json_of(test::register_client(
        harness, registration_of({{"authorization_details_types", Texts{"payment", "account"}}})));
    return harness.client(test::text_of(answer, "client_id")).authorization_details_types;
  };
  EXPECT_EQ(registered(), Texts{});
  harness.settings.registration.authorization_details_types = {"account"};
  EXPECT_EQ(registered(), Texts{"account"});
}

}  // namespace cardea::rfc7591_test
