// RFC 8725: what an attacker may write into a token, and that none of it helps. Each token here is
// well signed by somebody unless the row is about the signature, so that only the named defect can
// be the reason for refusal.
#include <gtest/gtest.h>

#include "base/base64url.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "jose/jws.h"
#include "vectors/read_vectors.h"

namespace cardea::rfc8725_test {

using crypto::PrivateKey;
using jose::JwsError;
using jose::SignatureAlgorithm;

const std::vector<SignatureAlgorithm> all = {SignatureAlgorithm::RS256, SignatureAlgorithm::PS256,
                                             SignatureAlgorithm::ES256, SignatureAlgorithm::ES384,
                                             SignatureAlgorithm::EdDSA};

const PrivateKey& signer() {
  static const PrivateKey key = PrivateKey::generate(SignatureAlgorithm::EdDSA);
  return key;
}

jose::JwkSet set_of(json::Object jwk) {
  return jose::JwkSet::parse(json::Object{{"keys", json::Array{std::move(jwk)}}}).value();
}

const jose::JwkSet& keys() {
  static const jose::JwkSet set = set_of(jose::write_jwk(signer(), "k1"));
  return set;
}

// Signs exactly these bytes.
std::string signed_by(const PrivateKey& key, std::string_view header, std::string_view payload) {
  std::string token = base64url_encode(header) + "." + base64url_encode(payload);
  token += "." + base64url_encode(key.sign(token));
  return token;
}

std::string with_header(std::string_view header) {
  return signed_by(signer(), header, "{}");
}
std::string with_payload(std::string_view payload) {
  return signed_by(signer(), R"({"alg":"EdDSA"})", payload);
}

// "accepted", or the name of the error.
std::string outcome(std::string_view token, const jose::JwkSet& set = keys()) {
  const auto verified = jose::verify_jwt(token, set, all);
  return verified ? "accepted" : std::string(jose::name_of(verified.error()));
}

// RFC8725-3.1: the token that all rows below change is accepted as it is.
TEST(Rfc8725, TheUnchangedTokenIsAccepted) {
  EXPECT_EQ(outcome(with_header(R"({"alg":"EdDSA","kid":"k1"})")), "accepted");
  EXPECT_EQ(outcome(with_payload(R"({"sub":"alice"})")), "accepted");
}

// RFC8725-3.1; 8725-01: "none" in any spelling, and a missing or strange alg, are refused.
TEST(Rfc8725, S3_1_NoneIsNoAlgorithm) {
  for (const auto* header :
       {R"({"alg":"none"})", R"({"alg":"None"})", R"({"alg":"nOnE"})", R"({"alg":"NONE"})",
        R"({"alg":""})", "{}", R"({"alg":null})", R"({"alg":0})", R"({"alg":["EdDSA"]})",
        R"({"alg":"eddsa"})", R"({"Alg":"EdDSA"})"}) {
    EXPECT_EQ(outcome(with_header(header)), "unknown_algorithm") << header;
    EXPECT_EQ(outcome(base64url_encode(header) + ".e30."), "unknown_algorithm") << header;
  }
}

// RFC8725-3.1; 8725-01: an algorithm that the caller did not allow is refused, although a key for
// it is there.
TEST(Rfc8725, S3_1_TheCallerChoosesTheAlgorithms) {
  const std::string token = with_header(R"({"alg":"EdDSA","kid":"k1"})");
  const auto verified = jose::verify_jwt(token, keys(), {SignatureAlgorithm::ES256});
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error(), JwsError::algorithm_not_allowed);
  EXPECT_EQ(jose::verify_jwt(token, keys(), {}).error(), JwsError::algorithm_not_allowed);
}

// RFC8725-3.1; 8725-01: one RSA key does not serve both RSA algorithms when its alg names one.
TEST(Rfc8725, S3_1_AKeyServesOnlyItsOwnAlgorithm) {
  const auto rs = PrivateKey::generate(SignatureAlgorithm::RS256);
  const auto ps = PrivateKey::from_der(SignatureAlgorithm::PS256, rs.to_der());
  ASSERT_TRUE(ps);
  const auto set = set_of(jose::write_jwk(rs, "k"));
  EXPECT_EQ(outcome(jose::sign_jwt(rs, "k", "", json::Object{}), set), "accepted");
  EXPECT_EQ(outcome(jose::sign_jwt(*ps, "k", "", json::Object{}), set), "no_key");
  const std::string relabelled = signed_by(*ps, R"({"alg":"RS256","kid":"k"})", "{}");
  EXPECT_EQ(outcome(relabelled, set), "bad_signature");
}

std::string pem_of(std::string_view spki) {
  std::string out = "-----BEGIN PUBLIC KEY-----\n";
  const std::string text = base64_encode(spki);
  for (std::size_t i = 0; i < text.size(); i += 64) out += text.substr(i, 64) + "\n";
  return out + "-----END PUBLIC KEY-----\n";
}

// RFC8725-2.1; 8725-02: an HMAC keyed with any form of the public key is refused, also for a key
// without alg.
TEST(Rfc8725, S2_1_AnHmacByThePublicKeyIsRefused) {
  const auto vector = vectors::read("jose/rfc_signatures.json").at(0);
  json::Object jwk = *vector.find("jwk")->if_object();
  ASSERT_FALSE(jwk.contains("alg"));
  const std::string spki = base64url_decode(vectors::text(vector, "spki")).value();
  const std::string modulus = base64url_decode(vectors::text(jwk, "n")).value();
  for (const auto* alg : {"HS256", "hs256", "HS384", "HS512"}) {
    const std::string input = base64url_encode(std::string("{\"alg\":\"") + alg + "\"}") + ".e30";
    for (const std::string& secret :
         {pem_of(spki), spki, json::write(jwk), modulus, std::string()}) {
      const std::string token = input + "." + base64url_encode(crypto::hmac_sha256(secret, input));
      EXPECT_EQ(outcome(token, set_of(jwk)), "unknown_algorithm");
    }
  }
}

// RFC8725-3.3; 8725-03: detached and unencoded payloads are refused, with and without crit (RFC
// 7797).
TEST(Rfc8725, S3_3_DetachedPayloadsAreRefused) {
  const std::string token = with_header(R"({"alg":"EdDSA"})");
  const auto first = token.find('.');
  const auto second = token.rfind('.');
  EXPECT_EQ(outcome(token.substr(0, first) + "." + token.substr(second)), "bad_signature");
  EXPECT_EQ(outcome(with_payload("")), "bad_json");
  const std::string header = base64url_encode(R"({"alg":"EdDSA","b64":false,"crit":["b64"]})");
  const std::string unencoded = header + ".{}";
  EXPECT_EQ(outcome(unencoded + "." + base64url_encode(signer().sign(unencoded))),
            "critical_header");
  EXPECT_EQ(outcome(with_header(R"({"alg":"EdDSA","b64":false})")), "critical_header");
  EXPECT_EQ(outcome(with_header(R"({"alg":"EdDSA","b64":true})")), "critical_header");
}

// RFC8725-3.3; 8725-03: the JSON forms of JWS, with one signature or several, are refused.
TEST(Rfc8725, S3_3_JsonSerializationsAreRefused) {
  const std::string token = with_header(R"({"alg":"EdDSA"})");
  const auto first = token.find('.');
  const auto second = token.rfind('.');
  const json::Object one{{"protected", token.substr(0, first)},
                         {"signature", token.substr(second + 1)}};
  const json::Object bad{{"protected", token.substr(0, first)}, {"signature", "AAAA"}};
  json::Object flat = one;
  flat.set("payload", token.substr(first + 1, second - first - 1));
  EXPECT_EQ(outcome(json::write(flat)), "malformed");
  EXPECT_EQ(
      outcome(json::write(json::Object{{"payload", "e30"}, {"signatures", json::Array{one, bad}}})),
      "malformed");
}

// RFC8725-3.3; 8725-03; 8725-06; 8725-17; 8725-18: there is no JWE here: five parts are refused
// unread, whatever the header asks for.
TEST(Rfc8725, S3_3_EncryptedTokensAreRefused) {
  for (const auto* header :
       {R"({"alg":"RSA1_5","enc":"A128CBC-HS256"})", R"({"alg":"dir","enc":"A256GCM","zip":"DEF"})",
        R"({"alg":"PBES2-HS256+A128KW","p2c":2147483648,"enc":"A128GCM"})"}) {
    EXPECT_EQ(outcome(base64url_encode(header) + ".AAAA.AAAA.AAAA.AAAA"), "malformed");
    EXPECT_EQ(outcome(base64url_encode(header) + ".AAAA.AAAA"), "unknown_algorithm");
  }
}

// RFC8725-3.4; 8725-04: a key of the wrong curve for its alg, or off its curve, is not in the set
// at all.
TEST(Rfc8725, S3_4_EcInputsAreValidated) {
  const auto p384 = PrivateKey::generate(SignatureAlgorithm::ES384);
  json::Object wrong_alg = jose::write_jwk(p384, "k");
  wrong_alg.set("alg", "ES256");
  json::Object wrong_curve = jose::write_jwk(p384, "k");
  wrong_curve.set("crv", "P-256");
  wrong_curve.erase("alg");
  json::Object infinity = jose::write_jwk(PrivateKey::generate(SignatureAlgorithm::ES256), "k");
  infinity.set("x", base64url_encode(std::string(32, '\0')));
  infinity.set("y", base64url_encode(std::string(32, '\0')));
  json::Object off_curve = jose::write_jwk(PrivateKey::generate(SignatureAlgorithm::ES256), "k");
  off_curve.set("y", *off_curve.find("x"));
  for (const auto& jwk : {wrong_alg, wrong_curve, infinity, off_curve}) {
    EXPECT_FALSE(jose::parse_jwk(jwk));
    EXPECT_EQ(outcome(signed_by(p384, R"({"alg":"ES384","kid":"k"})", "{}"), set_of(jwk)),
              "no_key");
    EXPECT_EQ(outcome(signed_by(p384, R"({"alg":"ES256","kid":"k"})", "{}"), set_of(jwk)),
              "no_key");
  }
}

// RFC8725-3.4; 8725-04: a signature of zeros does not verify.
TEST(Rfc8725, S3_4_ASignatureOfZerosIsRefused) {
  const auto key = PrivateKey::generate(SignatureAlgorithm::ES256);
  const auto set = set_of(jose::write_jwk(key, "k"));
  const std::string input = base64url_encode(R"({"alg":"ES256","kid":"k"})") + ".e30.";
  EXPECT_EQ(outcome(input + base64url_encode(std::string(64, '\0')), set), "bad_signature");
  EXPECT_EQ(outcome(input + base64url_encode(key.sign(input.substr(0, input.size() - 1))), set),
            "accepted");
}

// RFC8725-3.7; 8725-07: header and claims are UTF-8 without a byte order mark.
TEST(Rfc8725, S3_7_OnlyUtf8) {
  std::string utf16;
  for (const char c : std::string_view(R"({"alg":"EdDSA"})")) {
    utf16 += c;
    utf16 += '\0';
  }
  for (const std::string& bad :
       {std::string("{\"alg\":\"EdDSA\",\"x\":\"\xff\"}"),
        std::string("{\"alg\":\"EdDSA\",\"x\":\"\xed\xa0\x80\"}"),
        "\xef\xbb\xbf" + std::string(R"({"alg":"EdDSA"})"), "\xff\xfe" + utf16, utf16,
        std::string(R"({"alg":"EdDSA","x":"\ud800"})")}) {
    EXPECT_EQ(outcome(with_header(bad)), "bad_json");
    EXPECT_EQ(outcome(with_payload(bad)), "bad_json");
  }
}

// RFC8725-3.10; 8725-09: a kid is compared, never used as a path, a query or a C string.
TEST(Rfc8725, S3_10_AKidIsOnlyCompared) {
  for (const auto& kid :
       {std::string("../../etc/passwd"), std::string("' OR '1'='1"), std::string("k1\0", 3),
        std::string("k1 "), std::string("K1"), std::string("http://127.0.0.1/key")}) {
    const json::Object header{{"alg", "EdDSA"}, {"kid", kid}};
    EXPECT_EQ(outcome(with_header(json::write(header))), "no_key") << kid;
  }
  const json::Object huge{{"alg", "EdDSA"}, {"kid", std::string(64 * 1024, 'k')}};
  EXPECT_EQ(outcome(with_header(json::write(huge))), "too_large");
}

// RFC8725-3.10; 8725-09: keys that the header brings or points to are never used.
TEST(Rfc8725, S3_10_HeaderHintsAreData) {
  const auto attacker = PrivateKey::generate(SignatureAlgorithm::EdDSA);
  for (const auto* hint : {"jku", "x5u", "jwk", "x5c", "x5t"}) {
    json::Object header{{"alg", "EdDSA"}, {"kid", "k1"}};
    header.set(hint, std::string_view(hint) == "jwk" ? json::Value(jose::write_jwk(attacker, "k1"))
                                                     : json::Value("http://127.0.0.1:1/keys"));
    EXPECT_EQ(outcome(signed_by(attacker, json::write(header), "{}")), "bad_signature") << hint;
    EXPECT_EQ(outcome(signed_by(signer(), json::write(header), "{}")), "accepted") << hint;
  }
}

// RFC7515-4.1.11; 8725-11: crit is refused whatever it names: we understand no extension.
TEST(Rfc8725, CritIsRefused) {
  for (const auto* crit :
       {R"(["exp2"])", "[]", R"(["alg"])", R"(["b64"])", R"("exp2")", "null", "{}"}) {
    const std::string header = std::string(R"({"alg":"EdDSA","exp2":1,"crit":)") + crit + "}";
    EXPECT_EQ(outcome(with_header(header)), "critical_header") << crit;
  }
}

// RFC8725-2.9; 8725-14: a member that is there twice refuses the token, in the header and in the
// claims.
TEST(Rfc8725, DuplicateMembersAreRefused) {
  EXPECT_EQ(outcome(with_header(R"({"alg":"none","alg":"EdDSA"})")), "bad_json");
  EXPECT_EQ(outcome(with_header(R"({"alg":"EdDSA","alg":"none"})")), "bad_json");
  EXPECT_EQ(outcome(with_header(R"({"alg":"EdDSA","\u0061lg":"none"})")), "bad_json");
  EXPECT_EQ(outcome(with_payload(R"({"sub":"alice","sub":"mallory"})")), "bad_json");
  EXPECT_EQ(outcome(with_payload(R"({"cnf":{"jkt":"a","jkt":"b"}})")), "bad_json");
}

// RFC7515-2; 8725-15: base64url has one spelling: no padding, no foreign alphabet, no white space,
// no trailing bits.
TEST(Rfc8725, Base64urlIsStrictInEveryPart) {
  const std::string token = with_payload(R"({"sub":"a"})");
  const auto first = token.find('.');
  const auto second = token.rfind('.');
  const std::string header = token.substr(0, first);
  const std::string payload = token.substr(first + 1, second - first - 1);
  const std::string signature = token.substr(second + 1);
  for (const std::string suffix : {"=", "==", "\n", " ", "+", "/", "%3D"}) {
    EXPECT_EQ(outcome(header + suffix + "." + payload + "." + signature), "bad_base64url")
        << suffix;
    EXPECT_EQ(outcome(header + "." + payload + "." + signature + suffix), "bad_base64url")
        << suffix;
    std::string input = header + "." + payload + suffix;
    EXPECT_EQ(outcome(input + "." + base64url_encode(signer().sign(input))), "bad_base64url")
        << suffix;
  }
  ASSERT_EQ(signature.size() % 4,
            2u);  // the last character of an Ed25519 signature has four spare bits
  std::string spare = signature;
  spare.back() = static_cast<char>(spare.back() + 1);
  EXPECT_EQ(outcome(header + "." + payload + "." + spare), "bad_base64url");
}

// RFC8725-3.10; 8725-16: large and deep tokens are refused before anything is computed from them.
TEST(Rfc8725, SizeAndDepthAreLimited) {
  EXPECT_EQ(outcome(std::string(1024 * 1024, 'A')), "too_large");
  EXPECT_EQ(outcome(std::string(limits::jwt_bytes_max + 1, '.')), "too_large");
  EXPECT_EQ(outcome(std::string(limits::jwt_bytes_max, '.')), "malformed");
  EXPECT_EQ(outcome(with_payload(json::write(json::Object{{"x", std::string(20'000, 'x')}}))),
            "too_large");
  const std::string deep =
      R"({"alg":"EdDSA","x":)" + std::string(5'000, '[') + std::string(5'000, ']') + "}";
  EXPECT_EQ(outcome(with_header(deep)), "bad_json");
  EXPECT_EQ(outcome(with_payload(deep)), "bad_json");
}

}  // namespace cardea::rfc8725_test
