// FAPI 2.0: what a client under a profile is refused that others are allowed.
#include <gtest/gtest.h>

#include "crypto/key.h"
#include "domain/client_profile.h"
#include "support/authorize_answers.h"
#include "support/dpop_proof.h"

namespace cardea::fapi2_test {

using test::is_json_refusal;

void put_under(Client& client, Profile profile) {
  settle_by_profile(client, profile, TokenBinding::dpop);
}

struct Fapi2 : testing::Test {
  test::Harness harness;

  Fapi2() { use(Profile::fapi2_security); }
  void use(Profile profile) {
    harness.edit_client("cK", [&](Client& it) { put_under(it, profile); });
  }
  http::Response push(const http::FormPairs& form, const std::string& assertion) {
    auto all = form;
    all.emplace_back("client_assertion_type",
                     "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    all.emplace_back("client_assertion", assertion);
    return harness.send(harness.post("/par", all));
  }
  http::Response push(const std::string& assertion) {
    return push(test::authorize_form(harness, "cK"), assertion);
  }
  http::Response push_object(const json::Object& changed) {
    return push({{"client_id", "cK"}, {"request", harness.request_object(changed)}},
                harness.assertion());
  }
  // Nothing is stored, no reference is given.
  testing::AssertionResult is_refused(const std::string& assertion) {
    const auto before = harness.writes();
    if (auto refused = is_json_refusal(push(assertion), 401, "invalid_client"); !refused) {
      return refused;
    }
    if (harness.writes() != before) return testing::AssertionFailure() << "something was stored";
    return testing::AssertionSuccess();
  }
  testing::AssertionResult object_is_refused(const json::Object& changed) {
    return is_json_refusal(push_object(changed), 400, "invalid_request_object");
  }
};

// fapi-5.3.2.1-e: the audience of an assertion is the issuer, as a string
// (fapi2-security-profile-final-par-test-array-as-audience-fails,
// …-par-test-token-endpoint-url-as-audience-fails, …-par-test-par-endpoint-url-as-audience-fails)
TEST_F(Fapi2, S5_3_2_1_TheAudienceIsTheIssuerAsAString) {
  const std::string issuer = harness.settings.issuer;
  EXPECT_EQ(push(harness.assertion({{"aud", issuer}})).status, 201);
  EXPECT_TRUE(is_refused(harness.assertion({{"aud", json::Array{issuer}}})));
  EXPECT_TRUE(is_refused(harness.assertion({{"aud", issuer + "/token"}})));
  EXPECT_TRUE(is_refused(harness.assertion({{"aud", issuer + "/par"}})));
  // Others may name the token endpoint, or both (decision Q13).
  harness.edit_client("cK", [](Client& it) { it.profile.reset(); });
  EXPECT_EQ(push(harness.assertion({{"aud", json::Array{issuer}}})).status, 201);
  EXPECT_EQ(push(harness.assertion({{"aud", issuer + "/token"}})).status, 201);
}

// fapi-5.4.1: assertions and request objects by PS256, ES256 or EdDSA only
// (…-ensure-signed-client-assertion-with-RS256-fails,
// …-ensure-signed-request-object-with-RS256-fails)
TEST_F(Fapi2, S5_4_1_OtherAlgorithmsAreRefused) {
  for (const auto algorithm : {crypto::SignatureAlgorithm::RS256, crypto::SignatureAlgorithm::PS256,
                               crypto::SignatureAlgorithm::ES384}) {
    const bool is_allowed = algorithm == crypto::SignatureAlgorithm::PS256;
    const auto key = crypto::PrivateKey::generate(algorithm);
    harness.edit_client("cK", [&](Client& it) {
      it.jwks = json::Object{{"keys", json::Array{jose::write_jwk(key, "k1")}}};
    });
    const auto now = harness.clock.now().unix_seconds();
    const json::Object claims{{"iss", "cK"},     {"sub", "cK"}, {"aud", harness.settings.issuer},
                              {"exp", now + 60}, {"iat", now},  {"jti", jose::name_of(algorithm)}};
    const auto assertion = jose::sign_jwt(key, "k1", "JWT", claims);
    if (is_allowed) {
      EXPECT_EQ(push(assertion).status, 201);
    } else {
      EXPECT_TRUE(is_refused(assertion)) << jose::name_of(algorithm);
      harness.edit_client("cK", [](Client& it) { it.profile.reset(); });
      EXPECT_EQ(push(assertion).status, 201) << jose::name_of(algorithm);
      use(Profile::fapi2_security);
    }
  }
}

// fapi-5.4.1: DPoP proofs as well, wherever one may come; others may use what discovery offers
TEST_F(Fapi2, S5_4_1_OtherAlgorithmsOfProofsAreRefused) {
  const auto proof_of = [&](const test::DpopKey& key, const std::string& path,
                            const std::string& access_token = "") {
    const bool is_get = path == "/userinfo";
    return key.proof(harness, {.method = is_get ? "GET" : "POST",
                               .url = harness.settings.issuer + path,
                               .access_token = access_token,
                               .claims = {},
                               .header = {}});
  };
  const auto send = [&](const test::DpopKey& key, const std::string& path, http::FormPairs form) {
    return harness.send(
        test::with_proof(harness.as_client("cK", path, std::move(form)), proof_of(key, path)));
  };
  for (const auto algorithm : {crypto::SignatureAlgorithm::ES256, crypto::SignatureAlgorithm::PS256,
                               crypto::SignatureAlgorithm::EdDSA, crypto::SignatureAlgorithm::ES384,
                               crypto::SignatureAlgorithm::RS256}) {
    const auto name = jose::name_of(algorithm);
    const bool is_admitted = algorithm != crypto::SignatureAlgorithm::ES384 &&
                             algorithm != crypto::SignatureAlgorithm::RS256;
    const test::DpopKey key(algorithm);
    const auto refused = [&](const http::Response& response) {
      const auto refusal = harness.watcher.last().refusal;
      return is_json_refusal(response, 400, "invalid_dpop_proof") && refusal &&
             refusal->rule == "CARDEA-DPOP-001";
    };
    const auto pushed = send(key, "/par", test::authorize_form(harness, "cK"));
    EXPECT_TRUE(is_admitted ? pushed.status == 201 : refused(pushed)) << name;
    const auto code = harness.issue_code({.client = "cK"});
    const auto tokens = send(key, "/token", harness.redeem_form(code));
    EXPECT_TRUE(is_admitted ? tokens.status == 200 : refused(tokens)) << name;
    // Without the profile the fourth passes too; a token bound to it is of no use under the
    // profile.
    if (algorithm != crypto::SignatureAlgorithm::ES384) continue;
    harness.edit_client("cK", [](Client& it) { it.profile.reset(); });
    const auto bound = test::tokens_of(send(key, "/token", harness.redeem_form(code)));
    ASSERT_EQ(bound.status, 200) << bound.error;
    const auto ask_userinfo = [&] {
      return harness.send(test::with_proof(
          harness.get("/userinfo", {{"Authorization", "DPoP " + bound.access_token}}),
          proof_of(key, "/userinfo", bound.access_token)));
    };
    EXPECT_EQ(ask_userinfo().status, 200);
    use(Profile::fapi2_security);
    EXPECT_TRUE(is_json_refusal(ask_userinfo(), 401, "invalid_dpop_proof"));
  }
  const auto metadata = json::parse_object(harness.discovery.body).value();
  EXPECT_EQ(json::strings_member(metadata, "dpop_signing_alg_values_supported"),
            (std::vector<std::string>{"ES256", "EdDSA", "PS256", "ES384"}));
}

// fapi-5.3.2.2-c: redirect_uri is sent, even where the client has one alone and openid is not asked
// for (…-ensure-request-object-without-redirect-uri-fails,
// …-ensure-redirect-uri-in-authorization-request)
TEST_F(Fapi2, S5_3_2_2_RedirectUriIsSent) {
  const auto form = test::authorize_form(harness, "cK", {{"scope", "profile"}});
  auto without = form;
  std::erase_if(without, [](const auto& pair) { return pair.first == "redirect_uri"; });
  const auto before = harness.writes();
  EXPECT_TRUE(is_json_refusal(push(without, harness.assertion()), 400, "invalid_request"));
  const auto refusal = harness.watcher.last().refusal;
  EXPECT_EQ(refusal ? refusal->rule : "", "CARDEA-REDIRECT-007");
  EXPECT_EQ(harness.writes(), before + 1);  // the assertion is used up, nothing else
  EXPECT_EQ(push(form, harness.assertion()).status, 201);
  harness.edit_client("cK", [](Client& it) { it.profile.reset(); });
  EXPECT_EQ(push(without, harness.assertion()).status, 201);
}

// fapi-ms-5.3.1; 9101-05: a signed request says since when and until when, an hour at most
// (…-ensure-request-object-without-exp-fails, -without-nbf-fails, -with-exp-over-60-fails,
// -with-nbf-over-60-fails)
TEST_F(Fapi2, MessageSigning5_3_1_TheWindowOfASignedRequest) {
  use(Profile::fapi2_message_signing);
  const auto now = harness.clock.now().unix_seconds();
  EXPECT_EQ(push_object({}).status, 201);
  EXPECT_EQ(push_object({{"nbf", now - 3600}, {"exp", now + 1}}).status, 400);
  EXPECT_EQ(push_object({{"nbf", now - 3595}, {"exp", now + 5}}).status, 201);
  EXPECT_EQ(push_object({{"nbf", now + 8}, {"exp", now + 60}}).status, 201);
  EXPECT_TRUE(object_is_refused({{"exp", nullptr}}));
  EXPECT_TRUE(object_is_refused({{"nbf", nullptr}}));
  EXPECT_TRUE(object_is_refused({{"nbf", now}, {"exp", now + 3601}}));
  EXPECT_TRUE(object_is_refused({{"nbf", now - 3601}, {"exp", now - 1}}));
  // Without the profile the same objects pass: the times may be left out.
  use(Profile::fapi2_security);
  EXPECT_EQ(push_object({{"exp", nullptr}, {"nbf", nullptr}}).status, 201);
}

// The reasons why a registration is refused, each the member that is missing.
std::vector<std::string> needs(const Client& client) {
  std::vector<std::string> found;
  for (const auto& problem : check_client(client)) {
    if (problem.member == "profile") found.push_back(problem.reason.substr(6));
  }
  return found;
}

// fapi-5.3.2.1-b; fapi-5.3.2.1-c; fapi-5.3.2.1-f; fapi-5.3.2.2-a; fapi-5.3.2.2-b; fapi-5.4.1;
// fapi-ciba-5.2.2:
// settings beside a profile that allow what it forbids are refused
TEST_F(Fapi2, S5_3_2_RegistrationsThatLeaveADoorOpenAreRefused) {
  auto client = harness.client("cK");
  EXPECT_TRUE(needs(client).empty());
  const auto lacks = [&](const std::function<void(Client&)>& change, const std::string& what) {
    auto changed = client;
    change(changed);
    const auto found = needs(changed);
    EXPECT_EQ(found.size(), 1U) << what;
    EXPECT_TRUE(!found.empty() && found.front().starts_with(what)) << what;
  };
  lacks([](Client& it) { it.token_endpoint_auth_method.reset(); }, "token_endpoint_auth_method");
  lacks([](Client& it) { it.dpop_bound_access_tokens = false; }, "dpop_bound_access_tokens");
  lacks([](Client& it) { it.refresh_rotation = RefreshRotation::on; }, "refresh_rotation");
  lacks([](Client& it) { it.require_pushed_authorization_requests = false; },
        "require_pushed_authorization_requests");
  lacks([](Client& it) { it.response_types.push_back(ResponseType::code_id_token); },
        "response_types");
  lacks([](Client& it) { it.pkce = PkcePolicy::optional; }, "pkce");
  lacks([](Client& it) { it.id_token_signed_response_alg = crypto::SignatureAlgorithm::RS256; },
        "PS256");
  lacks([](Client& it) { it.profile = Profile::fapi2_message_signing; },
        "require_signed_request_object");
  lacks([](Client& it) { it.request_object_signing_alg = crypto::SignatureAlgorithm::RS256; },
        "PS256");
  lacks([](Client& it) { it.token_endpoint_auth_signing_alg = "ES384"; }, "PS256");
  lacks(
      [](Client& it) {
        it.backchannel_authentication_request_signing_alg = crypto::SignatureAlgorithm::ES384;
      },
      "PS256");
  lacks([](Client& it) { it.grant_types.push_back(GrantType::ciba); },
        "backchannel_authentication_request_signing_alg");
  for (const auto method :
       {ClientAuthMethod::tls_client_auth, ClientAuthMethod::self_signed_tls_client_auth}) {
    client.token_endpoint_auth_method = method;
    EXPECT_TRUE(needs(client).empty());
  }
  put_under(client, Profile::fapi2_message_signing);
  EXPECT_TRUE(needs(client).empty());
  settle_by_profile(client, Profile::fapi2_security, TokenBinding::certificate);
  EXPECT_FALSE(client.dpop_bound_access_tokens);
  EXPECT_TRUE(needs(client).empty());
  client.profile.reset();
  client.tls_client_certificate_bound_access_tokens = false;
  EXPECT_TRUE(needs(client).empty());
}

// fapi-5.3.2.2-d: whatever the issuer's setting, a code is good for a minute
TEST_F(Fapi2, S5_3_2_2_ACodeLivesAMinuteAtMost) {
  auto client = harness.client("cK");
  EXPECT_EQ(code_lifetime(client, minutes(5)), minutes(1));
  EXPECT_EQ(code_lifetime(client, Seconds{20}), Seconds{20});
  client.profile.reset();
  EXPECT_EQ(code_lifetime(client, minutes(5)), minutes(5));
}

}  // namespace cardea::fapi2_test
