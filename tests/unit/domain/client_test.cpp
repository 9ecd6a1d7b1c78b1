// Registration rules and the client's document. RFC 7591 2; decisions Q1, Q2, Q8, Q9, Q20; the
// redirect-URI rows themselves are in redirect_uri_test.cpp.
#include "domain/client.h"

#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "crypto/key.h"

namespace cardea::client_test {

Client public_client() {
  Client client;
  client.client_id = ClientId("app");
  client.redirect_uris = {"https://app.example/cb"};
  client.token_endpoint_auth_method = ClientAuthMethod::none;
  return client;
}

Client confidential_client() {
  Client client = public_client();
  client.token_endpoint_auth_method.reset();
  client.secrets = {{.sha256 = crypto::sha256("secret"), .expires_at = {}, .created_at = {}}};
  return client;
}

json::Object a_key_set() {
  const auto key = crypto::PrivateKey::generate(crypto::SignatureAlgorithm::ES256);
  return {{"keys", json::Array{jose::write_jwk(key, "k1")}}};
}

// The members that are refused, in order; warnings are written with a leading "~".
std::vector<std::string> verdict(const Client& client) {
  std::vector<std::string> out;
  for (const auto& each : check_client(client)) {
    out.push_back((each.is_warning ? "~" : "") + each.member);
  }
  return out;
}
using Members = std::vector<std::string>;

TEST(CheckClient, PlainClientsPass) {
  EXPECT_EQ(verdict(public_client()), Members{});
  EXPECT_EQ(verdict(confidential_client()), Members{});
}

// RFC8705-2.1.2; RFC8705-2.2.2; OIDC-Registration-2: what each method of authentication needs
TEST(CheckClient, MethodsHaveWhatTheyNeed) {
  Client client = public_client();
  client.token_endpoint_auth_method = ClientAuthMethod::tls_client_auth;
  EXPECT_EQ(verdict(client), Members{"token_endpoint_auth_method"});
  client.tls_client_auth_san_dns = "app.example";
  EXPECT_EQ(verdict(client), Members{});
  client.tls_client_auth_subject_dn = "CN=app";
  EXPECT_EQ(verdict(client), Members{"token_endpoint_auth_method"});
  client = public_client();
  client.token_endpoint_auth_method = ClientAuthMethod::tls_client_auth;
  client.tls_client_auth_san_ip = "192.0.2.1/32";
  EXPECT_EQ(verdict(client), Members{"tls_client_auth_san_ip"});
  client.token_endpoint_auth_method = ClientAuthMethod::self_signed_tls_client_auth;
  client.tls_client_auth_san_ip = "";
  EXPECT_EQ(verdict(client), Members{"jwks"});
  client.jwks = a_key_set();
  EXPECT_EQ(verdict(client), Members{"jwks"});
  client.jwks.reset();
  client.jwks_uri = "https://app.example/jwks";
  EXPECT_EQ(verdict(client), Members{});
  client.secrets = confidential_client().secrets;
  EXPECT_EQ(verdict(client), Members{"token_endpoint_auth_method"});
  client = confidential_client();
  client.tls_client_auth_san_dns = "app.example";
  EXPECT_EQ(verdict(client), Members{"token_endpoint_auth_method"});
}

TEST(CheckClient, SecretsOfMacsAreSealed) {
  Client client = confidential_client();
  client.token_endpoint_auth_method = ClientAuthMethod::client_secret_jwt;
  EXPECT_EQ(verdict(client), Members{"~client_secret"});
  client.secrets.front().sealed = "k1.sealed";
  EXPECT_EQ(verdict(client), Members{});
  const auto read = read_client(write_client(client));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->secrets, client.secrets);
  client.token_endpoint_auth_signing_alg = "HS256";
  EXPECT_EQ(verdict(client), Members{});
  client.token_endpoint_auth_signing_alg = "ES256";
  EXPECT_EQ(verdict(client), Members{"token_endpoint_auth_signing_alg"});
  client.token_endpoint_auth_method = ClientAuthMethod::client_secret_basic;
  EXPECT_EQ(verdict(client), Members{"token_endpoint_auth_signing_alg"});
}

TEST(CheckClient, TokensAreBoundOnce) {
  Client client = confidential_client();
  client.tls_client_certificate_bound_access_tokens = true;
  EXPECT_EQ(verdict(client), Members{});
  client.dpop_bound_access_tokens = true;
  EXPECT_EQ(verdict(client), Members{"dpop_bound_access_tokens"});
}

TEST(CheckClient, NamesAreBounded) {
  Client client = public_client();
  client.client_id = ClientId("");
  EXPECT_EQ(verdict(client), Members{"client_id"});
  client.client_id = ClientId(std::string("a\x01", 2));
  EXPECT_EQ(verdict(client), Members{"client_id"});
  client.client_id = ClientId(std::string(256, 'a'));
  EXPECT_EQ(verdict(client), Members{"client_id"});
  client = public_client();
  client.client_name = "two\nlines";
  EXPECT_EQ(verdict(client), Members{"client_name"});
  client.client_name = "\xff";
  EXPECT_EQ(verdict(client), Members{"client_name"});
  client.client_name = "C1 \xc2\x9b[2J";  // an order to a terminal (I11)
  EXPECT_EQ(verdict(client), Members{"client_name"});
  client.client_name = std::string(201, 'a');
  EXPECT_EQ(verdict(client), Members{"client_name"});
  client.client_name =
      "B\xc3\xbc"
      "cher";
  EXPECT_EQ(verdict(client), Members{});
}

// Q2: a client is public by saying so, confidential by having what it authenticates with
TEST(CheckClient, AuthenticationNeedsWhatItUses) {
  Client client = confidential_client();
  client.secrets.clear();
  EXPECT_EQ(verdict(client), Members{"client_secret"});
  client = confidential_client();
  client.token_endpoint_auth_method = ClientAuthMethod::none;
  EXPECT_EQ(verdict(client), Members{"token_endpoint_auth_method"});
  client = public_client();
  client.token_endpoint_auth_method = ClientAuthMethod::private_key_jwt;
  EXPECT_EQ(verdict(client), Members{"jwks"});
  client.jwks = a_key_set();
  EXPECT_EQ(verdict(client), Members{});
  client.jwks = json::Object{{"keys", json::Array{}}};
  EXPECT_EQ(verdict(client), Members{"jwks"});
  client.jwks = json::Object{{"keys", 1}};
  EXPECT_EQ(verdict(client), Members{"jwks"});
  client.jwks = a_key_set();
  client.secrets = confidential_client().secrets;
  EXPECT_EQ(verdict(client), Members{"token_endpoint_auth_method"});
}

TEST(CheckClient, PublishedRequestsNeedKeysAndAWayToCount) {
  Client client = public_client();
  client.request_uris = {"https://app.example/request.jwt"};
  EXPECT_EQ(verdict(client), Members{"jwks"});
  client.jwks = a_key_set();
  EXPECT_EQ(verdict(client), Members{});
  client.require_pushed_authorization_requests = true;
  EXPECT_EQ(verdict(client), Members{"~request_uris"});
  client.request_uris = {"http://app.example/request.jwt"};
  EXPECT_EQ(verdict(client), (Members{"request_uris", "~request_uris"}));
}

// Q2: two secrets may be valid at a time, each kept as a digest
TEST(CheckClient, AtMostTwoSecretsAndOnlyDigests) {
  Client client = confidential_client();
  client.secrets.push_back(client.secrets.front());
  EXPECT_EQ(verdict(client), Members{});
  client.secrets.push_back(client.secrets.front());
  EXPECT_EQ(verdict(client), Members{"client_secret"});
  client = confidential_client();
  client.secrets.front().sha256 = "in clear";
  EXPECT_EQ(verdict(client), Members{"client_secret"});
}

// Security corpus 3.4: the list as a whole
TEST(CheckClient, RedirectUriListsAreBoundedAndJudged) {
  Client client = public_client();
  client.redirect_uris.clear();
  EXPECT_EQ(verdict(client), Members{"redirect_uris"});
  for (int i = 0; i < 50; ++i) {
    client.redirect_uris.push_back("https://app.example/" + std::to_string(i));
  }
  EXPECT_EQ(verdict(client), Members{});
  client.redirect_uris.push_back("https://app.example/more");
  EXPECT_EQ(verdict(client), Members{"redirect_uris"});
  client.redirect_uris = {"https://app.example/cb", "https://app.example/cb"};
  EXPECT_EQ(verdict(client), Members{"~redirect_uris"});
  client.redirect_uris = {"https://app.example/cb", "http://app.example/cb"};
  EXPECT_EQ(verdict(client), Members{"redirect_uris"});
  client = public_client();
  client.post_logout_redirect_uris = {"javascript:alert(1)"};
  EXPECT_EQ(verdict(client), Members{"post_logout_redirect_uris"});
}

// Q9: the mark is visible wherever it is set
TEST(CheckClient, DevelopmentIsWarnedAbout) {
  Client client = public_client();
  client.redirect_uris = {"http://localhost:3000/cb"};
  EXPECT_EQ(verdict(client), Members{"redirect_uris"});
  client.development = true;
  EXPECT_EQ(verdict(client), Members{"~development"});
}

// Q1; 7636-01: PKCE is required of public clients, and leaving it out is never silent
TEST(CheckClient, PkceIsOptionalForConfidentialClientsOnly) {
  Client client = public_client();
  client.pkce = PkcePolicy::optional;
  EXPECT_EQ(verdict(client), Members{"pkce"});
  client = confidential_client();
  client.pkce = PkcePolicy::optional;
  EXPECT_EQ(verdict(client), Members{"~pkce"});
}

// Q20: no consent is skipped where any program of the machine may answer
TEST(CheckClient, ConsentIsNotSkippedForLocalPublicClients) {
  Client client = public_client();
  client.consent = ConsentPolicy::skip;
  EXPECT_EQ(verdict(client), Members{});
  client.application_type = ApplicationType::native;
  client.redirect_uris = {"http://127.0.0.1/cb"};
  EXPECT_EQ(verdict(client), Members{"consent"});
  client.redirect_uris = {"com.example.app:/cb"};
  EXPECT_EQ(verdict(client), Members{"consent"});
  client.token_endpoint_auth_method.reset();
  client.secrets = confidential_client().secrets;
  EXPECT_EQ(verdict(client), Members{});
}

// Q8; 9700-12: an unbound public client always rotates
TEST(CheckClient, RotationAndGraceAreBounded) {
  Client client = public_client();
  client.refresh_rotation = RefreshRotation::off;
  EXPECT_EQ(verdict(client), Members{"refresh_rotation"});
  client = confidential_client();
  client.refresh_rotation = RefreshRotation::off;
  EXPECT_EQ(verdict(client), Members{});
  client.refresh_grace = Seconds{61};
  EXPECT_EQ(verdict(client), Members{"refresh_grace"});
  client.refresh_grace = Seconds{-1};
  EXPECT_EQ(verdict(client), Members{"refresh_grace"});
  client.refresh_grace = Seconds{0};
  EXPECT_EQ(verdict(client), Members{"~refresh_grace"});
}

// RFC7591-2.1: grant types and response types go together
TEST(CheckClient, GrantsAndResponsesAgree) {
  Client client = public_client();
  client.grant_types = {GrantType::client_credentials};
  EXPECT_EQ(verdict(client), (Members{"grant_types", "~redirect_uris"}));
  client = confidential_client();
  client.grant_types = {GrantType::client_credentials};
  client.redirect_uris.clear();
  EXPECT_EQ(verdict(client), Members{});
  client.grant_types = {};
  EXPECT_EQ(verdict(client), Members{"grant_types"});
  client.grant_types = {GrantType::refresh_token};
  EXPECT_EQ(verdict(client), Members{"grant_types"});
  client = confidential_client();
  client.response_types.clear();
  EXPECT_EQ(verdict(client), Members{"response_types"});
  client.response_types = {ResponseType::code, ResponseType::code_id_token};
  EXPECT_EQ(verdict(client), Members{});
  client.grant_types = {GrantType::client_credentials};
  EXPECT_EQ(verdict(client), (Members{"response_types", "~redirect_uris"}));
  client = confidential_client();
  client.response_types = {ResponseType::id_token};
  client.response_modes = {ResponseMode::query};
  EXPECT_EQ(verdict(client), Members{"response_modes"});
}

// 7523-05; 8693-05; ciba-02: whoever speaks for people who are not there proves who it is
TEST(CheckClient, GrantsForAbsentPeopleAreForConfidentialClients) {
  for (const auto grant : {GrantType::jwt_bearer, GrantType::ciba}) {
    Client client = public_client();
    client.grant_types.push_back(grant);
    EXPECT_EQ(verdict(client), Members{"grant_types"});
    client = confidential_client();
    client.grant_types.push_back(grant);
    EXPECT_EQ(verdict(client), Members{});
  }
  Client client = public_client();
  client.grant_types.push_back(GrantType::device_code);
  EXPECT_EQ(verdict(client), Members{});
  client = confidential_client();
  client.grant_types = {GrantType::token_exchange};
  client.redirect_uris.clear();
  EXPECT_EQ(verdict(client), Members{"token_exchange"});
  client.token_exchange = TokenExchangePolicy{.subject_clients = {ClientId("shop")},
                                              .resources = {ResourceId("https://stock.example")}};
  EXPECT_EQ(verdict(client), Members{});
  client.grant_types = {GrantType::client_credentials};
  EXPECT_EQ(verdict(client), Members{"~token_exchange"});
  client = public_client();
  client.token_exchange = TokenExchangePolicy{};
  client.grant_types.push_back(GrantType::token_exchange);
  EXPECT_EQ(verdict(client), Members{"grant_types"});
}

// CIBACore-4; ciba-31; 7591-03; E04: a client of ping has an address, of the open internet; who
// signs has keys
TEST(CheckClient, ClientsOfPingHaveAnAddress) {
  const std::string member = "backchannel_client_notification_endpoint";
  Client client = confidential_client();
  client.grant_types.push_back(GrantType::ciba);
  client.backchannel_token_delivery_mode = TokenDeliveryMode::ping;
  EXPECT_EQ(verdict(client), Members{member});
  client.backchannel_client_notification_endpoint = "https://app.example/ping";
  EXPECT_EQ(verdict(client), Members{});
  for (const auto* uri :
       {"http://app.example/ping", "https://127.0.0.1/ping", "https://[::1]/",
        "https://169.254.169.254/", "https://10.0.0.1/", "https://u:p@app.example/",
        "https://app.example/#f", "https://app.example:22/", "file:///x", "x"}) {
    client.backchannel_client_notification_endpoint = uri;
    EXPECT_EQ(verdict(client), Members{member}) << uri;
  }
  client.backchannel_client_notification_endpoint = "https://app.example/ping";
  client.backchannel_token_delivery_mode = TokenDeliveryMode::poll;
  EXPECT_EQ(verdict(client), Members{"~" + member});
  client.backchannel_client_notification_endpoint.clear();
  client.backchannel_authentication_request_signing_alg = crypto::SignatureAlgorithm::ES256;
  EXPECT_EQ(verdict(client), Members{"jwks"});
}

TEST(CheckClient, ListsHoldWhatTheirNamesSay) {
  Client client = public_client();
  client.scope = {"openid", "a b"};
  EXPECT_EQ(verdict(client), Members{"scope"});
  client = public_client();
  client.allowed_origins = {"https://app.example"};
  EXPECT_EQ(verdict(client), Members{});
  client.allowed_origins = {"https://app.example/"};
  EXPECT_EQ(verdict(client), Members{"allowed_origins"});
  client.allowed_origins = {"*"};
  EXPECT_EQ(verdict(client), Members{"allowed_origins"});
  client = public_client();
  client.default_resource = ResourceId("https://api.example/");
  EXPECT_EQ(verdict(client), Members{});
  client.default_resource = ResourceId("https://api.example/#f");
  EXPECT_EQ(verdict(client), Members{"default_resource"});
  client.default_resource = ResourceId("api");
  EXPECT_EQ(verdict(client), Members{"default_resource"});
  client = public_client();
  client.default_max_age = Seconds{-1};
  EXPECT_EQ(verdict(client), Members{"default_max_age"});
}

TEST(Client, AllowsWhatItsListsHold) {
  Client client = public_client();
  EXPECT_TRUE(client.allows(GrantType::authorization_code));
  EXPECT_FALSE(client.allows(GrantType::client_credentials));
  EXPECT_TRUE(client.allows(ResponseType::code));
  EXPECT_FALSE(client.allows(ResponseType::id_token));
  EXPECT_TRUE(client.allows(ResponseMode::form_post));
  client.response_modes = {ResponseMode::query};
  EXPECT_FALSE(client.allows(ResponseMode::form_post));
  EXPECT_EQ(client.display_name(), "app");
  client.client_name = "App";
  EXPECT_EQ(client.display_name(), "App");
}

// --- the document

Client full_client() {
  Client client = confidential_client();
  client.client_name =
      "B\xc3\xbc"
      "cher \"&<";
  client.secrets.push_back(
      {.sha256 = crypto::sha256("other"), .expires_at = Instant{5}, .created_at = Instant{4}});
  client.jwks = a_key_set();
  client.request_uris = {"https://app.example/request.jwt"};
  client.post_logout_redirect_uris = {"https://app.example/bye"};
  client.scope = {"openid", "email"};
  client.application_type = ApplicationType::native;
  client.token_endpoint_auth_method = ClientAuthMethod::client_secret_post;
  client.grant_types = {GrantType::authorization_code, GrantType::client_credentials};
  client.response_types = {ResponseType::code_id_token, ResponseType::id_token};
  client.response_modes = {ResponseMode::form_post, ResponseMode::fragment};
  client.pkce = PkcePolicy::optional;
  client.consent = ConsentPolicy::skip;
  client.development = true;
  client.allowed_groups = {"staff"};
  client.allowed_origins = {"https://app.example"};
  client.default_resource = ResourceId("https://api.example/");
  client.id_token_signed_response_alg = crypto::SignatureAlgorithm::EdDSA;
  client.id_token_claims = IdTokenClaims::minimal;
  client.refresh_rotation = RefreshRotation::off;
  client.refresh_grace = Seconds{7};
  client.id_token_on_refresh = false;
  client.default_max_age = Seconds{600};
  client.require_auth_time = true;
  client.token_exchange = TokenExchangePolicy{.subject_clients = {ClientId("shop")},
                                              .resources = {ResourceId("https://stock.example")},
                                              .mode = TokenExchangePolicy::Mode::impersonation};
  client.enabled = false;
  client.owner = {
      .by = Ownership::By::file, .place = "cardea.toml:33", .configured_digest = "\x01\xff"};
  client.created_at = Instant{123};
  return client;
}

TEST(ClientDocument, ReadingIsTheInverseOfWriting) {
  for (const Client& client : {public_client(), confidential_client(), full_client()}) {
    const std::string document = write_client(client);
    const auto back = read_client(document);
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(write_client(*back), document);
  }
  const auto back = read_client(write_client(full_client()));
  const Client client = full_client();
  EXPECT_EQ(back->secrets, client.secrets);
  EXPECT_EQ(back->redirect_uris, client.redirect_uris);
  EXPECT_EQ(back->request_uris, client.request_uris);
  EXPECT_EQ(back->token_endpoint_auth_method, client.token_endpoint_auth_method);
  EXPECT_EQ(back->response_types, client.response_types);
  EXPECT_EQ(back->default_resource, client.default_resource);
  EXPECT_EQ(back->default_max_age, client.default_max_age);
  EXPECT_EQ(back->owner, client.owner);
  EXPECT_EQ(back->token_exchange, client.token_exchange);
  EXPECT_FALSE(back->enabled);
  EXPECT_EQ(back->pkce, PkcePolicy::optional);
  EXPECT_EQ(back->id_token_signed_response_alg, crypto::SignatureAlgorithm::EdDSA);
}

// Security corpus 3.4: the same URI twice is stored once
TEST(ClientDocument, ARepeatedRedirectUriIsStoredOnce) {
  Client client = public_client();
  client.redirect_uris = {"https://a.example/", "https://b.example/", "https://a.example/"};
  EXPECT_EQ(read_client(write_client(client))->redirect_uris,
            (std::vector<std::string>{"https://a.example/", "https://b.example/"}));
}

// Security corpus 3.4: array with null, number, object, nested array, hole
TEST(ClientDocument, AnythingThatWritingCannotMakeIsRefused) {
  EXPECT_FALSE(read_client("").has_value());
  EXPECT_FALSE(read_client("[]").has_value());
  EXPECT_FALSE(read_client("{}").has_value());
  const auto document = json::parse_object(write_client(full_client()));
  ASSERT_TRUE(document.has_value());
  for (const json::Member& member : document->members()) {
    json::Object spoilt = *document;
    spoilt.set(member.name, json::Value(nullptr));
    EXPECT_FALSE(read_client(json::write(spoilt)).has_value()) << member.name;
  }
  for (const char* list : {"[null]", "[1]", "[{}]", "[[\"https://app.example/cb\"]]"}) {
    json::Object spoilt = *document;
    spoilt.set("redirect_uris", *json::parse(list));
    EXPECT_FALSE(read_client(json::write(spoilt)).has_value()) << list;
  }
  json::Object spoilt = *document;
  spoilt.set("pkce", "plain");
  EXPECT_FALSE(read_client(json::write(spoilt)).has_value());
}

}  // namespace cardea::client_test
