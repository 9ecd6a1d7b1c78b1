// The development CA and its leaves. That other software accepts them is tried in the socket and
// browser tests.
#include "crypto/certificate.h"

#include <gtest/gtest.h>

namespace cardea::certificate_test {

constexpr Instant now = Instant::from_seconds(1'800'000'000);

crypto::CertificateAndKey authority() {
  return crypto::make_certificate_authority("Cardea CA of a test", {"localhost"}, now, days(3650))
      .value();
}

TEST(Certificate, ALeafCarriesItsNames) {
  const auto leaf = crypto::make_server_certificate(
      authority(), {"localhost", "app.localhost", "*.localhost", "127.0.0.1", "::1"}, now,
      days(396));
  ASSERT_TRUE(leaf) << leaf.error();
  EXPECT_TRUE(leaf->key_pem.reveal().starts_with("-----BEGIN PRIVATE KEY-----\n"));
  const auto facts = crypto::read_certificate(leaf->certificate_pem);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->names, (std::vector<std::string>{"localhost", "app.localhost", "*.localhost",
                                                    "127.0.0.1", "::1"}));
  EXPECT_LE(facts->not_before, now);
  EXPECT_EQ(facts->not_after, now + days(396));
}

TEST(Certificate, TheAuthoritySaysWhoseItIs) {
  const auto facts = crypto::read_certificate(authority().certificate_pem);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->subject, "CN=Cardea CA of a test,O=Cardea development");
  EXPECT_TRUE(facts->names.empty());
  EXPECT_EQ(facts->not_after, now + days(3650));
}

TEST(Certificate, TheAuthorityVouchesForLoopbackOnly) {
  const auto ca = authority();
  for (const auto* name : {"example.com", "localhost.example.com", "notlocalhost", "10.0.0.1",
                           "128.0.0.1", "::2", "2001:db8::1"}) {
    const auto leaf = crypto::make_server_certificate(ca, {"localhost", name}, now, days(30));
    ASSERT_FALSE(leaf) << name;
    EXPECT_NE(leaf.error().find("permitted subtree violation"), std::string::npos) << leaf.error();
  }
}

TEST(Certificate, AFurtherNameIsPermittedWithWhatIsBelowIt) {
  const auto ca =
      crypto::make_certificate_authority("CA", {"localhost", "cardea.test"}, now, days(30));
  ASSERT_TRUE(ca);
  EXPECT_TRUE(crypto::make_server_certificate(*ca, {"login.cardea.test"}, now, days(20)));
  EXPECT_FALSE(crypto::make_server_certificate(*ca, {"xcardea.test"}, now, days(20)));
}

TEST(Certificate, NamesThatAreNoNamesAreRefused) {
  const auto ca = authority();
  for (const auto* name : {"", "-a", "a b", "a,IP:10.0.0.1", "a\n", "a..b", "local host",
                           "*.*.localhost", "*", "[::1]"}) {
    EXPECT_FALSE(crypto::make_server_certificate(ca, {name}, now, days(30))) << name;
    EXPECT_FALSE(crypto::make_certificate_authority("CA", {name}, now, days(30))) << name;
  }
  EXPECT_FALSE(crypto::make_server_certificate(ca, {}, now, days(30)));
  EXPECT_FALSE(crypto::make_certificate_authority("", {"localhost"}, now, days(30)));
  EXPECT_FALSE(
      crypto::make_certificate_authority(std::string(65, 'x'), {"localhost"}, now, days(30)));
}

TEST(Certificate, LifetimesThatBrowsersRefuseAreRefused) {
  const auto ca = authority();
  EXPECT_FALSE(crypto::make_server_certificate(ca, {"localhost"}, now, days(397)));
  EXPECT_FALSE(crypto::make_server_certificate(ca, {"localhost"}, now, Seconds{0}));
  EXPECT_FALSE(crypto::make_certificate_authority("CA", {"localhost"}, now, Seconds{-1}));
}

TEST(Certificate, AnExpiredAuthorityVouchesForNothing) {
  const auto leaf =
      crypto::make_server_certificate(authority(), {"localhost"}, now + days(4000), days(30));
  ASSERT_FALSE(leaf);
  EXPECT_NE(leaf.error().find("expired"), std::string::npos) << leaf.error();
}

TEST(Certificate, AKeyOfAnotherAuthorityIsRefused) {
  auto mixed = authority();
  mixed.key_pem = authority().key_pem;
  EXPECT_FALSE(crypto::make_server_certificate(mixed, {"localhost"}, now, days(30)));
  mixed.key_pem = crypto::PrivateKeyPem(std::string("not PEM"));
  EXPECT_FALSE(crypto::make_server_certificate(mixed, {"localhost"}, now, days(30)));
  mixed.certificate_pem = "not PEM";
  EXPECT_FALSE(crypto::make_server_certificate(mixed, {"localhost"}, now, days(30)));
}

TEST(Certificate, ALeafCannotVouchForAnother) {
  const auto leaf = crypto::make_server_certificate(authority(), {"localhost"}, now, days(30));
  ASSERT_TRUE(leaf);
  EXPECT_FALSE(crypto::make_server_certificate(*leaf, {"localhost"}, now, days(20)));
}

TEST(Certificate, TextThatIsNoCertificateGivesNothing) {
  for (const auto* text :
       {"", "x", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    EXPECT_FALSE(crypto::read_certificate(text)) << text;
  }
}

}  // namespace cardea::certificate_test
