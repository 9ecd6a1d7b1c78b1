// Clients that are known by a document at their client_id (OAuth Client ID Metadata Document 02).
#include <gtest/gtest.h>

#include "domain/client_registration.h"
#include "support/authorize_answers.h"
#include "support/registration.h"

namespace cardea::client_document_test {

using test::ask;
using test::has_code;
using test::is_page;
using Texts = std::vector<std::string>;

const std::string address = "https://app.tool.example/oauth/client.json";
const std::string callback = "https://app.tool.example/cb";

json::Object document_of(const json::Object& changed = {}) {
  json::Object document{{"client_id", address},
                        {"client_name", "Tool"},
                        {"redirect_uris", Texts{callback}},
                        {"grant_types", Texts{"authorization_code", "refresh_token"}},
                        {"response_types", Texts{"code"}},
                        {"token_endpoint_auth_method", "none"}};
  for (const auto& member : changed.members()) {
    if (member.value.is_null()) {
      document.erase(member.name);
    } else {
      document.set(member.name, member.value);
    }
  }
  return document;
}

struct ClientDocument : testing::Test {
  test::Harness harness;
  test::Browser browser{harness};

  ClientDocument() {
    harness.settings.client_documents.enabled = true;
    publish(document_of());
  }
  void publish(const json::Object& document, const std::string& cache_control = "") {
    http::Headers headers{{"Content-Type", "application/json"}};
    if (!cache_control.empty()) headers.add("Cache-Control", cache_control);
    harness.fetcher.answer(address, 200, json::write(document), headers);
  }
  http::FormPairs request(const std::string& id = address, const std::string& uri = callback) {
    return {{"client_id", id},
            {"redirect_uri", uri},
            {"scope", "openid email"},
            {"response_type", "code"},
            {"state", test::usual_state},
            {"code_challenge", test::challenge},
            {"code_challenge_method", "S256"}};
  }
  http::Response come(const std::string& id = address, const std::string& uri = callback) {
    return browser.get("/authorize?" + http::write_form(request(id, uri)));
  }
  http::Response sign_in() { return browser.complete(browser.follow(come())); }
  test::Tokens redeem(const http::Response& response) {
    return test::tokens_of(
        harness.send(harness.post("/token", {{"grant_type", "authorization_code"},
                                             {"code", test::reply_of(response)["code"]},
                                             {"redirect_uri", callback},
                                             {"client_id", address},
                                             {"code_verifier", test::verifier}})));
  }
  // A page that says nothing of why, and nothing is kept.
  testing::AssertionResult is_unknown(const http::Response& response) {
    if (auto page = is_page(response); !page) return page;
    if (harness.registry->find(ClientId(address)) != nullptr) {
      return testing::AssertionFailure() << "a client is there";
    }
    return testing::AssertionSuccess();
  }
};

// cimd-03: the document is fetched when the client comes, and the whole flow works
TEST_F(ClientDocument, S5_TheDocumentIsTheRegistration) {
  const auto response = sign_in();
  EXPECT_TRUE(has_code(harness, response, callback));
  const auto tokens = redeem(response);
  EXPECT_EQ(tokens.status, 200) << tokens.response.body;
  EXPECT_FALSE(tokens.refresh_token.empty());
  EXPECT_EQ(harness.fetcher.sent_to(address), 1U);
  const auto sent = harness.fetcher.sent().front();
  EXPECT_EQ(sent.lane, http::FetchLane::anybody);
  EXPECT_EQ(name_of(sent.purpose), "client_metadata");
  EXPECT_EQ(sent.body_bytes_max, 5U * 1024);
  // What was kept serves without the document.
  harness.fetcher.answer(address, 500, "");
  const auto again =
      test::tokens_of(harness.send(harness.post("/token", {{"grant_type", "refresh_token"},
                                                           {"refresh_token", tokens.refresh_token},
                                                           {"client_id", address}})));
  EXPECT_EQ(again.status, 200) << again.response.body;
}

// 7591-04; 7591-05: a document is held to the scope that it names, and to PKCE whatever holds for
// registrations
TEST_F(ClientDocument, S4_ADocumentsScopeBinds) {
  harness.settings.registration.pkce = PkcePolicy::optional;
  publish(document_of({{"scope", "openid email groups"}}));
  come();
  const auto client = harness.client(address);
  EXPECT_EQ(client.scope, (std::vector<std::string>{"openid", "email"}));
  EXPECT_EQ(client.pkce, PkcePolicy::required);
  auto confidential = document_of({{"token_endpoint_auth_method", "private_key_jwt"},
                                   {"jwks_uri", "https://app.example/keys"}});
  publish(confidential);
  harness.clock.advance(days(2));
  come();
  EXPECT_EQ(harness.client(address).token_endpoint_auth_method, ClientAuthMethod::private_key_jwt);
  EXPECT_EQ(harness.client(address).pkce, PkcePolicy::required);
}

// cimd-03; 9126-03: a pushed request may be the first that is heard of the client
TEST_F(ClientDocument, S5_APushedRequestMayComeFirst) {
  const auto response = harness.send(harness.post("/par", request()));
  EXPECT_EQ(response.status, 201) << response.body;
}

// cimd-03: the metadata says whether documents are taken
TEST_F(ClientDocument, S6_TheMetadataSaysSo) {
  const auto said = [](test::HarnessOptions options) {
    test::Harness server(std::move(options));
    return json::bool_member(
        test::json_of(server.send(server.get("/.well-known/oauth-authorization-server"))),
        "client_id_metadata_document_supported");
  };
  test::HarnessOptions with;
  with.settings = [](Settings& settings) { settings.client_documents.enabled = true; };
  EXPECT_EQ(said(std::move(with)), true);
  EXPECT_EQ(said({}), false);
}

// cimd-03; F05: where documents are not taken none is fetched
TEST_F(ClientDocument, S5_OffFetchesNothing) {
  harness.settings.client_documents.enabled = false;
  EXPECT_TRUE(is_unknown(come()));
  EXPECT_TRUE(harness.fetcher.sent().empty());
}

// cimd-01: what cannot be the address of a document is no client, and nobody is asked
TEST_F(ClientDocument, S3_TheAddressHasAForm) {
  for (const std::string id :
       {"http://app.tool.example/client.json", "https://app.tool.example",
        "https://u@app.tool.example/client.json", "https://app.tool.example/client.json#f",
        "https://app.tool.example/a/../client.json", "https://app.tool.example/./client.json",
        "https://app.tool.example/%2e%2e/client.json", "https:app.tool.example/client.json",
        "HTTPS://app.tool.example/client.json", "https://app.tool.example\\client.json",
        "https:///client.json", "ftp://app.tool.example/client.json"}) {
    EXPECT_FALSE(is_client_document_url(id)) << id;
    EXPECT_TRUE(is_page(come(id))) << id;
  }
  EXPECT_TRUE(harness.fetcher.sent().empty());
  for (const std::string id :
       {"https://app.tool.example/", "https://app.tool.example:8443/c",
        "https://app.tool.example/c?v=1", "https://app.tool.example/..c/c."}) {
    EXPECT_TRUE(is_client_document_url(id)) << id;
  }
}

// cimd-02; 7591-02; 7591-03: a document that breaks a rule is no client
TEST_F(ClientDocument, S4_TheDocumentIsJudged) {
  const auto refuses = [&](const json::Object& changed) {
    harness.clock.advance(Seconds{16});  // the pause between two requests for one address
    publish(document_of(changed));
    return is_unknown(come());
  };
  for (const auto& changed : std::vector<json::Object>{
           {{"client_id", nullptr}},
           {{"client_id", "https://app.tool.example/oauth/client.json/"}},
           {{"client_id", "https://app.tool.example:443/oauth/client.json"}},
           {{"client_id", "https://APP.tool.example/oauth/client.json"}},
           {{"client_secret", "x"}},
           {{"client_secret_expires_at", 0}},
           {{"token_endpoint_auth_method", "client_secret_basic"}},
           {{"token_endpoint_auth_method", "client_secret_post"}},
           {{"token_endpoint_auth_method", "client_secret_jwt"}},
           {{"token_endpoint_auth_method", "private_key_jwt"}},  // without keys
           {{"redirect_uris", nullptr}},
           {{"redirect_uris", Texts{}}},
           {{"redirect_uris", Texts{"https://app.tool.example/*"}}},
           {{"redirect_uris", Texts{"javascript:alert(1)"}}},
           {{"redirect_uris", json::Array{1}}},
           {{"logo_uri", "javascript:alert(1)"}},
           {{"jwks_uri", "https://127.0.0.1/keys"}},
           {{"grant_types", Texts{"client_credentials"}}},
           {{"client_name", 1}}}) {
    EXPECT_TRUE(refuses(changed)) << json::write(changed);
  }
  // Private keys are no public document's business.
  auto private_key =
      jose::write_jwk(crypto::PrivateKey::generate(crypto::SignatureAlgorithm::ES256), "k");
  private_key.set("d", "AAAA");
  EXPECT_TRUE(refuses({{"jwks", json::Object{{"keys", json::Array{private_key}}}}}));
  for (const std::string body : {"", "[]", "<html>", R"({"client_id":1})"}) {
    harness.clock.advance(Seconds{16});
    harness.fetcher.answer(address, 200, body, {{"Content-Type", "application/json"}});
    EXPECT_TRUE(is_unknown(come())) << body;
  }
}

// cimd-03; E03: only 200 with JSON is a document; redirects are not followed
TEST_F(ClientDocument, S5_OnlyAJsonAnswerIsADocument) {
  const auto body = json::write(document_of());
  const auto refuses = [&](int status, http::Headers headers) {
    harness.clock.advance(Seconds{16});
    harness.fetcher.answer(address, status, body, std::move(headers));
    return is_unknown(come());
  };
  const http::FieldView json_type{"Content-Type", "application/json"};
  EXPECT_TRUE(refuses(302, {json_type, {"Location", "https://app.tool.example/other.json"}}));
  EXPECT_TRUE(refuses(404, {json_type}));
  EXPECT_TRUE(refuses(201, {json_type}));
  EXPECT_TRUE(refuses(200, {{"Content-Type", "text/html"}}));
  EXPECT_TRUE(refuses(200, {{"Content-Type", "text/plain"}}));
  EXPECT_TRUE(refuses(200, {}));
  EXPECT_EQ(harness.fetcher.sent_to("https://app.tool.example/other.json"), 0U);
  harness.clock.advance(Seconds{16});
  harness.fetcher.answer(address, 200, body,
                         {{"Content-Type", "application/vnd.client+json; charset=utf-8"}});
  EXPECT_EQ(come().status, 303);
}

// cimd-03; E09: why a document cannot be had is nobody's business but the operator's
TEST_F(ClientDocument, S5_1_EveryFailureLooksTheSame) {
  using Kind = http::TransportFailure::Kind;
  std::string seen;
  for (const auto kind : {Kind::connect, Kind::timeout, Kind::refused, Kind::too_large}) {
    harness.clock.advance(Seconds{16});
    harness.fetcher.answer(address, [=](const http::Fetch&) -> http::TransportResult {
      return refuse(http::TransportFailure{kind, "10.0.0.7 said no"});
    });
    const auto response = come();
    EXPECT_TRUE(is_unknown(response));
    EXPECT_EQ(response.body.find("10.0.0.7"), std::string::npos);
    auto text = test_pages::read_text(response.body);
    text = text.substr(0, text.find("Request"));  // the id of the request follows
    if (seen.empty()) seen = text;
    EXPECT_EQ(text, seen);
  }
}

// cimd-04: a fresh document is not fetched again, within the server's own bounds
TEST_F(ClientDocument, S5_2_FreshnessIsKept) {
  publish(document_of(), "max-age=3600");
  EXPECT_EQ(come().status, 303);
  harness.clock.advance(minutes(59));
  EXPECT_EQ(come().status, 303);
  EXPECT_EQ(harness.fetcher.sent_to(address), 1U);
  harness.clock.advance(minutes(2));
  publish(document_of(), "max-age=99999999");
  EXPECT_EQ(come().status, 303);
  EXPECT_EQ(harness.fetcher.sent_to(address), 2U);
  harness.clock.advance(hours(23));
  EXPECT_EQ(come().status, 303);
  EXPECT_EQ(harness.fetcher.sent_to(address), 2U);
  harness.clock.advance(hours(2));
  publish(document_of(), "max-age=0");
  EXPECT_EQ(come().status, 303);
  EXPECT_EQ(harness.fetcher.sent_to(address), 3U);
  EXPECT_EQ(come().status, 303);  // a minute is the least
  EXPECT_EQ(harness.fetcher.sent_to(address), 3U);
}

// cimd-04: what is no document is not kept: a mended one counts after the pause
TEST_F(ClientDocument, S5_2_FailuresAreNotKept) {
  harness.fetcher.answer(address, 503, "");
  EXPECT_TRUE(is_unknown(come()));
  publish(document_of());
  harness.clock.advance(Seconds{16});
  EXPECT_EQ(come().status, 303);
}

// cimd-05; X24: a document that changed counts, also for codes that are out
TEST_F(ClientDocument, S8_4_AChangedDocumentCounts) {
  harness.settings.lifetimes.authorization_code = minutes(10);
  const auto response = sign_in();
  harness.clock.advance(minutes(6));
  publish(document_of({{"redirect_uris", Texts{"https://app.tool.example/new"}}}));
  EXPECT_TRUE(is_page(come()));
  EXPECT_EQ(harness.client(address).redirect_uris, Texts{"https://app.tool.example/new"});
  EXPECT_EQ(redeem(response).error, "invalid_grant");
  EXPECT_EQ(come(address, "https://app.tool.example/new").status, 303);
}

// cimd-02: a client with keys proves itself, from the first request on
TEST_F(ClientDocument, S8_2_AClientWithKeysProvesItself) {
  const auto key = crypto::PrivateKey::generate(crypto::SignatureAlgorithm::ES256);
  publish(document_of({{"token_endpoint_auth_method", "private_key_jwt"},
                       {"jwks", json::Object{{"keys", json::Array{jose::write_jwk(key, "k1")}}}}}));
  EXPECT_TRUE(
      test::is_json_refusal(harness.send(harness.post("/par", request())), 401, "invalid_client"));
  const auto now = harness.clock.now().unix_seconds();
  auto form = request();
  form.emplace_back("client_assertion_type",
                    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
  form.emplace_back("client_assertion",
                    jose::sign_jwt(key, "k1", "JWT",
                                   json::Object{{"iss", address},
                                                {"sub", address},
                                                {"aud", harness.settings.issuer},
                                                {"exp", now + 60},
                                                {"iat", now},
                                                {"jti", "1"}}));
  const auto response = harness.send(harness.post("/par", form));
  EXPECT_EQ(response.status, 201) << response.body;
}

// cimd-06; asvs-10.4.7: people see the host of the document, and that nobody looked at it
TEST_F(ClientDocument, S8_5_PeopleSeeTheHost) {
  publish(document_of({{"redirect_uris", Texts{"https://elsewhere.example/cb"}}}));
  auto person = test::signed_in(harness);
  const auto page = person.follow(person.get(
      "/authorize?" + http::write_form(request(address, "https://elsewhere.example/cb"))));
  ASSERT_TRUE(test::offers(page, "allow"));
  const auto text = test_pages::read_text(page.body);
  EXPECT_NE(text.find("app.tool.example"), std::string::npos) << text;
  EXPECT_NE(text.find("Not verified"), std::string::npos);
}

// cimd-07; A07: the operator says whose documents are taken
TEST_F(ClientDocument, S8_9_HostsAreAdmittedAndRefused) {
  const auto counts = [&](Texts admitted, Texts refused) {
    harness.settings.client_documents.admitted_hosts = std::move(admitted);
    harness.settings.client_documents.refused_hosts = std::move(refused);
    return admits_client_document(harness.settings, address);
  };
  EXPECT_TRUE(counts({}, {}));
  EXPECT_TRUE(counts({"app.tool.example"}, {}));
  EXPECT_TRUE(counts({"*.tool.example"}, {}));
  EXPECT_TRUE(counts({"*.example"}, {"tool.example"}));
  EXPECT_FALSE(counts({"tool.example"}, {}));
  EXPECT_FALSE(counts({"*.app.tool.example"}, {}));
  EXPECT_FALSE(counts({"*.ool.example"}, {}));
  EXPECT_FALSE(counts({"app.tool.example.evil.test"}, {}));
  EXPECT_FALSE(counts({"*.tool.example"}, {"app.tool.example"}));
  EXPECT_FALSE(counts({}, {"*.tool.example"}));
  EXPECT_TRUE(is_unknown(come()));
  EXPECT_TRUE(harness.fetcher.sent().empty());
}

// cimd-07: a client that an operator registered under such an address is the operator's
TEST_F(ClientDocument, S7_2_AnOperatorsRegistrationCounts) {
  Client mine = harness.client("pS");
  mine.client_id = ClientId(address);
  mine.redirect_uris = {callback};
  mine.client_name = "Ours";
  harness.put_client(mine);
  EXPECT_EQ(come().status, 303);
  EXPECT_TRUE(harness.fetcher.sent().empty());
  EXPECT_EQ(harness.client(address).client_name, "Ours");
}

// E10; K02: many addresses are bounded in number, and each is asked for once in a while
TEST_F(ClientDocument, S8_7_ManyDocumentsAreBounded) {
  harness.settings.registration.unused_per_address = 5;
  harness.fetcher.answer("", [](const http::Fetch& fetch) -> http::TransportResult {
    return http::Response{.status = 200,
                          .headers = {{"Content-Type", "application/json"}},
                          .body = json::write(document_of({{"client_id", fetch.request.url}}))};
  });
  int taken = 0;
  for (int i = 0; i < 12; ++i) {
    const auto response = come("https://app.tool.example/" + std::to_string(i));
    if (response.status == 303) ++taken;
    if (response.status != 303) EXPECT_TRUE(is_page(response));
  }
  EXPECT_EQ(taken, 5);
  harness.fetcher.answer(address, 500, "");
  const auto before = harness.fetcher.sent().size();
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(is_unknown(come()));
  EXPECT_EQ(harness.fetcher.sent().size(), before + 1);
  // Others are served meanwhile.
  EXPECT_EQ(ask(harness, browser).status, 303);
}

}  // namespace cardea::client_document_test
