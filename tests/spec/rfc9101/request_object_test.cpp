// RFC 9101: authorization requests as JWTs that the client signed.
#include <gtest/gtest.h>

#include "base/base64url.h"
#include "base/limits.h"
#include "jose/jwe.h"
#include "support/authorize_answers.h"

namespace cardea::rfc9101_test {

using test::has_code;
using test::is_page;

struct Rfc9101 : testing::Test {
  explicit Rfc9101(test::HarnessOptions options = {}) : harness(std::move(options)) {}
  test::Harness harness;
  test::Browser browser{harness};

  http::Response ask(const std::string& object, http::FormPairs more = {},
                     const std::string& client = "cK") {
    more.insert(more.begin(), {{"client_id", client}, {"request", object}});
    return browser.get("/authorize?" + http::write_form(more));
  }
  testing::AssertionResult is_refused(const http::Response& response) {
    if (auto page = is_page(response, 400, "invalid_request_object"); !page) return page;
    const auto last = harness.watcher.last();
    if (!last.refusal || last.refusal->rule != "CARDEA-OBJECT-001") {
      return testing::AssertionFailure() << "refused by another rule";
    }
    return testing::AssertionSuccess();
  }
  testing::AssertionResult changed_is_refused(const json::Object& changed,
                                              std::string_view typ = "oauth-authz-req+jwt") {
    return is_refused(ask(harness.request_object(changed, typ)));
  }
};

std::string head(std::string_view text) {
  return base64url_encode(text);
}

// RFC9101-5; 9101-02: an object of the client's own is taken
TEST_F(Rfc9101, S5_ByValue) {
  EXPECT_TRUE(
      has_code(harness, browser.complete(ask(harness.request_object())), "https://k.example/cb"));
  for (const char* typ : {"", "JWT", "jwt", "application/oauth-authz-req+jwt"}) {
    EXPECT_EQ(ask(harness.request_object({}, typ)).status, 303) << typ;
  }
}

// RFC9101-6.2; 9101-01; 8725-01; 8725-02: signed by a registered key, with the registered algorithm
TEST_F(Rfc9101, S6_2_TheSignature) {
  const auto object = harness.request_object();
  const auto body = object.substr(object.find('.'));
  const auto unsigned_body = body.substr(0, body.rfind('.') + 1);
  EXPECT_TRUE(is_refused(ask(head(R"({"alg":"none"})") + unsigned_body)));
  EXPECT_TRUE(is_refused(ask(head(R"({"alg":"HS256"})") + body)));
  EXPECT_TRUE(is_refused(ask(head(R"({"alg":"RS256","kid":"k1"})") + body)));
  EXPECT_TRUE(is_refused(ask(head(R"({"alg":"ES256","crit":["x"],"x":1})") + body)));
  EXPECT_TRUE(is_refused(ask(object.substr(0, object.size() - 8) + "AAAAAAAA")));
  for (const char* text : {"x", "a.b", "e30.e30.", "a.b.c", "a.b.c.d.e", "e30.e30.e30.e30"}) {
    EXPECT_TRUE(is_refused(ask(text))) << text;
  }
  // Another client's key, and a client without keys.
  EXPECT_TRUE(is_refused(ask(object, {}, "cA")));
  harness.edit_client(
      "cK", [](Client& it) { it.request_object_signing_alg = crypto::SignatureAlgorithm::PS256; });
  EXPECT_TRUE(is_refused(ask(harness.request_object())));
  EXPECT_TRUE(is_refused(ask(object, {}, "nobody")));
}

// A server that one client may encrypt to.
struct Rfc9101Encrypted : Rfc9101 {
  Rfc9101Encrypted()
      : Rfc9101(test::HarnessOptions{.settings = [](Settings& settings) {
          settings.decryption_algorithms = {jose::KeyManagement::RSA_OAEP_256,
                                            jose::KeyManagement::ECDH_ES};
        }}) {
    harness.edit_client("cK", [](Client& it) {
      it.request_object_encryption_alg = jose::KeyManagement::RSA_OAEP_256;
      it.request_object_encryption_enc = jose::ContentEncryption::A256GCM;
    });
  }
  // To the published key that fits.
  std::string encrypted(const std::string& content,
                        jose::KeyManagement management = jose::KeyManagement::RSA_OAEP_256,
                        jose::ContentEncryption encryption = jose::ContentEncryption::A256GCM) {
    const auto published =
        jose::JwkSet::parse(json::parse_object(harness.keys->jwks()->body).value()).value();
    const auto* key = jose::find_recipient(published.recipients(), management);
    ensure(key != nullptr);
    return jose::encrypt(
        content, {.key = *key, .management = management, .encryption = encryption, .cty = "JWT"},
        harness.random);
  }
};

// RFC9101-6.1; 9101-10: what is encrypted to the server is opened, and signed inside
TEST_F(Rfc9101Encrypted, S6_1_Opened) {
  const auto object = encrypted(harness.request_object());
  EXPECT_TRUE(has_code(harness, browser.complete(ask(object)), "https://k.example/cb"));
  EXPECT_EQ(ask(harness.request_object()).status, 303);  // it may, and need not
  const auto pushed = harness.send(harness.as_client("cK", "/par", {{"request", object}}));
  EXPECT_EQ(pushed.status, 201) << pushed.body;
  EXPECT_TRUE(is_refused(ask(encrypted(R"({"client_id":"cK"})"))));
  EXPECT_TRUE(is_refused(ask(encrypted(harness.request_object({{"aud", "https://x.example"}})))));
}

// RFC9101-6.1; 9101-10; 8725-01: by the algorithms that the client registers alone
TEST_F(Rfc9101Encrypted, S6_1_AsRegistered) {
  const auto object = harness.request_object();
  EXPECT_TRUE(is_refused(ask(encrypted(object, jose::KeyManagement::ECDH_ES))));
  EXPECT_TRUE(is_refused(
      ask(encrypted(object, jose::KeyManagement::RSA_OAEP_256, jose::ContentEncryption::A128GCM))));
  harness.edit_client("cK", [](Client& it) {
    it.request_object_encryption_alg = std::nullopt;
    it.request_object_encryption_enc = std::nullopt;
  });
  EXPECT_TRUE(is_refused(ask(encrypted(object))));
}

// RFC9101-6.1; 9101-10: once, whole, not compressed, and no longer than a JWT may be
TEST_F(Rfc9101Encrypted, S6_1_Bounded) {
  const auto object = encrypted(harness.request_object());
  EXPECT_TRUE(is_refused(ask(encrypted(object))));
  EXPECT_TRUE(is_refused(ask(object.substr(0, object.size() - 6) + "AAAAAA")));
  const auto rest = object.substr(object.find('.'));
  const auto header = [&](std::string_view more) {
    return base64url_encode(R"({"alg":"RSA-OAEP-256","enc":"A256GCM")" + std::string(more) + "}");
  };
  EXPECT_TRUE(is_refused(ask(header(R"(,"zip":"DEF")") + rest)));
  EXPECT_TRUE(is_refused(ask(header(R"(,"p2c":2000000000)") + rest)));
  EXPECT_TRUE(is_refused(ask(header(R"(,"crit":["exp"],"exp":1)") + rest)));
  const auto large =
      encrypted(harness.request_object({{"x", std::string(limits::jwt_bytes_max, 'x')}}));
  EXPECT_EQ(harness.send(harness.as_client("cK", "/par", {{"request", large}})).status, 400);
}

// RFC9101-5; 9101-02: client_id outside and inside are the same
TEST_F(Rfc9101, S5_ClientIdIsTheSame) {
  EXPECT_TRUE(changed_is_refused({{"client_id", "cA"}}));
  EXPECT_TRUE(changed_is_refused({{"client_id", nullptr}}));
  const auto outside =
      browser.get("/authorize?" + http::write_form({{"request", harness.request_object()}}));
  EXPECT_TRUE(is_refused(outside));
}

// RFC9101-6.3; 9101-03; X19; 7636-09; asvs-10.4.15: nothing outside of the object counts
TEST_F(Rfc9101, S6_3_OnlyTheObjectCounts) {
  const auto response =
      browser.complete(ask(harness.request_object(), {{"redirect_uri", "https://evil.test/cb"},
                                                      {"scope", "unknown"},
                                                      {"state", "evil"},
                                                      {"response_type", "token"},
                                                      {"code_challenge", std::string(43, 'A')},
                                                      {"prompt", "none"}}));
  EXPECT_TRUE(has_code(harness, response, "https://k.example/cb"));
  EXPECT_EQ(test::redeem_reply(harness, response, "cK", "https://k.example/cb").status, 200);
  // What the object leaves out is not taken from outside either.
  EXPECT_TRUE(test::is_told(harness,
                            ask(harness.request_object({{"code_challenge", nullptr}}),
                                {{"code_challenge", test::challenge}}),
                            "invalid_request", "https://k.example/cb"));
}

// RFC9101-6.3; X20: a signed redirect URI is compared like any other
TEST_F(Rfc9101, S6_3_X20_TheObjectsRedirectUriIsChecked) {
  EXPECT_TRUE(is_page(ask(harness.request_object({{"redirect_uri", "https://evil.test/cb"}}),
                          {{"redirect_uri", "https://k.example/cb"}})));
}

// RFC9101-4; 9101-04; 8725-08: the client speaks, to this issuer
TEST_F(Rfc9101, S4_IssuerAndAudience) {
  for (const json::Value& aud :
       {json::Value("https://other.example"), json::Value("https://id.example/token"),
        json::Value("https://id.example/"), json::Value(1), json::Value(json::Array{}),
        json::Value(json::Array{"https://other.example"}), json::Value(nullptr)}) {
    EXPECT_TRUE(changed_is_refused({{"aud", aud}})) << json::write(aud);
  }
  for (const json::Value& iss : {json::Value("cA"), json::Value(1), json::Value(nullptr)}) {
    EXPECT_TRUE(changed_is_refused({{"iss", iss}})) << json::write(iss);
  }
  const json::Array both{"https://id.example", "https://other.example"};
  EXPECT_EQ(ask(harness.request_object({{"aud", both}})).status, 303);
}

// RFC7519-4.1.4; 9101-05; 8725-12: its times hold
TEST_F(Rfc9101, S4_Times) {
  const auto now = harness.clock.now().unix_seconds();
  EXPECT_TRUE(changed_is_refused({{"exp", now - 10}}));
  EXPECT_TRUE(changed_is_refused({{"nbf", now + 61}}));
  EXPECT_TRUE(changed_is_refused({{"iat", now + 61}}));
  for (const char* name : {"exp", "nbf", "iat"}) {
    for (const json::Value& odd :
         {json::Value("1800000600"), json::Value(-1), json::Value(1e300)}) {
      EXPECT_TRUE(changed_is_refused({{name, odd}})) << name << json::write(odd);
    }
  }
  EXPECT_EQ(ask(harness.request_object({{"nbf", now + 8}, {"iat", now + 8}})).status, 303);
  EXPECT_EQ(ask(harness.request_object({{"exp", nullptr}, {"nbf", nullptr}})).status, 303);
}

// RFC9101-5; RFC9101-4; 9101-06: one of request and request_uri, and neither inside
TEST_F(Rfc9101, S5_NotBoth) {
  EXPECT_TRUE(is_page(
      ask(harness.request_object(), {{"request_uri", "urn:ietf:params:oauth:request_uri:x"}})));
  EXPECT_TRUE(is_page(ask(harness.request_object(), {{"request", harness.request_object()}})));
  EXPECT_TRUE(changed_is_refused({{"request", "x"}}));
  EXPECT_TRUE(changed_is_refused({{"request_uri", "https://k.example/r"}}));
}

// RFC9101-5.2; 9101-07; 9101-08: no reference but one that was pushed or registered, and none
// longer than 512
TEST_F(Rfc9101, S5_2_References) {
  for (const std::string& uri :
       {std::string("https://k.example/request.jwt"), std::string("http://169.254.169.254/"),
        std::string("file:///etc/passwd"), std::string(513, 'u'),
        "urn:ietf:params:oauth:request_uri:" + std::string(600, 'A')}) {
    EXPECT_TRUE(is_page(
        browser.get("/authorize?" + http::write_form({{"client_id", "cK"}, {"request_uri", uri}})),
        400, "invalid_request_uri"))
        << uri;
  }
}

// RFC9101-10.8; 9101-09; 8725-10: no other kind of JWT passes, in either direction
TEST_F(Rfc9101, S10_8_NoOtherKindOfJwt) {
  for (const char* typ : {"client-authentication+jwt", "at+jwt", "dpop+jwt", "logout+jwt"}) {
    EXPECT_TRUE(changed_is_refused({}, typ)) << typ;
  }
  EXPECT_TRUE(changed_is_refused({{"sub", "cK"}}));
  EXPECT_TRUE(is_refused(ask(harness.assertion())));
  const auto tokens = harness.sign_up_tokens({.client = "cK"});
  EXPECT_TRUE(is_refused(ask(tokens.id_token)));
  // And an object authenticates nobody.
  const auto response = harness.send(harness.post(
      "/token",
      {{"grant_type", "authorization_code"},
       {"code", "x"},
       {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
       {"client_assertion", harness.request_object({{"sub", "cK"}, {"jti", "j"}})}}));
  EXPECT_TRUE(test::is_json_refusal(response, 401, "invalid_client"));
}

// RFC8725-3.11; 9101-11; X21; 8725-14: a member twice
TEST_F(Rfc9101, S4_X21_DuplicateMembers) {
  const auto object = harness.request_object();
  const auto first = object.find('.');
  const auto last = object.rfind('.');
  auto claims = base64url_decode(object.substr(first + 1, last - first - 1)).value();
  claims.insert(1, R"("redirect_uri":"https://evil.test/cb",)");
  EXPECT_TRUE(is_refused(
      ask(object.substr(0, first + 1) + base64url_encode(claims) + object.substr(last))));
}

// RFC9101-4; OIDCC-6.1; oidc-18: numbers, objects and lists are parameters too
TEST_F(Rfc9101, S4_EveryTypeOfMember) {
  EXPECT_EQ(ask(harness.request_object(
                    {{"max_age", 600},
                     {"claims", json::Object{{"id_token", json::Object{{"email", nullptr}}}}},
                     {"resource", json::Array{test::api}},
                     {"scope", "openid"}}))
                .status,
            303);
  EXPECT_EQ(harness.watcher.last().refusal, std::nullopt);
  EXPECT_TRUE(changed_is_refused({{"resource", json::Array{1}}}));
  EXPECT_TRUE(changed_is_refused({{"prompt", true}}));
  EXPECT_TRUE(test::is_told(harness, ask(harness.request_object({{"max_age", -1}})),
                            "invalid_request", "https://k.example/cb"));
}

// RFC9101-10.5; 9101-12: where a signature is required, plain parameters are refused
TEST_F(Rfc9101, S10_5_Required) {
  harness.edit_client("cK", [](Client& it) { it.require_signed_request_object = true; });
  EXPECT_TRUE(test::is_told(harness, test::ask(harness, browser, {}, "cK"), "invalid_request",
                            "https://k.example/cb"));
  EXPECT_EQ(harness.watcher.last().refusal->rule, "CARDEA-AUTHORIZE-004");
  EXPECT_EQ(ask(harness.request_object()).status, 303);
  const auto pushed =
      harness.send(harness.as_client("cK", "/par", test::authorize_form(harness, "cK")));
  EXPECT_TRUE(test::is_json_refusal(pushed, 400, "invalid_request"));
}

// RFC9101-5: an object may be posted; it is resolved before the request waits for its browser
TEST_F(Rfc9101, S5_ByPost) {
  const auto posted = harness.send(
      harness.post("/authorize", {{"client_id", "cK"}, {"request", harness.request_object()}}));
  EXPECT_EQ(posted.status, 303);
  EXPECT_TRUE(has_code(harness, browser.complete(browser.get(test::location_of(posted))),
                       "https://k.example/cb"));
}

}  // namespace cardea::rfc9101_test
