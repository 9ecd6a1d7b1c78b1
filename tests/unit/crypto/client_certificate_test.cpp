// What client certificates say and who vouches for them (RFC 5280, RFC 8705 2; security corpus
// 7.12).
#include "crypto/client_certificate.h"

#include <gtest/gtest.h>

#include "support/client_certificates.h"

namespace cardea::client_certificate_test {

using test::TestAuthority;

constexpr Instant now{1'800'000'000'000};

// RFC5280-4.2.1.6; RFC8705-2.1.2: every name of it, and the subject in the form of RFC 4514
TEST(ClientCertificate, SaysWhoItIsFor) {
  const auto read = crypto::read_client_certificate(
      test::self_signed({.common_name = "Zoë, \"x\"",
                         .names = "DNS:a.example,DNS:b.example,URI:urn:a,IP:192.0.2.1,"
                                  "IP:2001:db8::1,email:a@b.example,RID:1.2.3"})
          .der());
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->subject, "CN=Zoë\\, \\\"x\\\",O=Example");
  EXPECT_EQ(read->dns_names, (std::vector<std::string>{"a.example", "b.example"}));
  EXPECT_EQ(read->uris, std::vector<std::string>{"urn:a"});
  EXPECT_EQ(read->addresses, (std::vector<std::string>{"192.0.2.1", "2001:db8::1"}));
  EXPECT_EQ(read->emails, std::vector<std::string>{"a@b.example"});
  EXPECT_TRUE(read->is_valid_at(now));
}

// RFC5280-4.1.2.5: both ends count
TEST(ClientCertificate, IsValidFromItsFirstToItsLastSecond) {
  const auto read = crypto::read_client_certificate(
      test::self_signed({.from = now, .until = now + Seconds{60}}).der());
  ASSERT_TRUE(read.has_value());
  EXPECT_FALSE(read->is_valid_at(now - Seconds{1}));
  EXPECT_TRUE(read->is_valid_at(now));
  EXPECT_TRUE(read->is_valid_at(now + Seconds{60}));
  EXPECT_FALSE(read->is_valid_at(now + Seconds{61}));
}

// RFC5280-4.1: not a byte before, behind or missing
TEST(ClientCertificate, IsOneCertificateAndNothingElse) {
  const auto der = test::self_signed().der();
  for (const auto& odd : {der + "x", der.substr(1), der.substr(0, der.size() - 1), std::string(),
                          std::string("\x30\x00", 2), der + der}) {
    EXPECT_FALSE(crypto::read_client_certificate(odd).has_value());
    EXPECT_FALSE(crypto::certificate_key(odd).has_value());
  }
}

// SEC1-2.3.4; 8725-04: OpenSSL reads a certificate for the point at infinity, which no key is
TEST(ClientCertificate, ThePointAtInfinityIsNoKey) {
  const auto der = base64_decode(test::certificate_of_no_point);
  ASSERT_TRUE(der && crypto::read_client_certificate(*der));
  EXPECT_FALSE(crypto::certificate_key(*der).has_value());
}

// RFC8705-2.1: all of a file, or a refusal
TEST(CertificateAuthorities, ReadWholeBundles) {
  const TestAuthority first;
  const TestAuthority second("Second");
  const auto both = crypto::CertificateAuthorities::parse("Two of them:\n" + first.pem() + "and\n" +
                                                          second.pem());
  ASSERT_TRUE(both.ok());
  EXPECT_EQ(both->objection({first.issue().der()}, now), std::nullopt);
  EXPECT_EQ(both->objection({second.issue().der()}, now), std::nullopt);
  EXPECT_NE(both->objection({TestAuthority().issue().der()}, now), std::nullopt);
  EXPECT_FALSE(both->empty());
  auto broken = second.pem();
  broken[60] = '!';
  EXPECT_FALSE(crypto::CertificateAuthorities::parse(first.pem() + broken).ok());
  EXPECT_FALSE(crypto::CertificateAuthorities::parse("").ok());
  EXPECT_FALSE(crypto::CertificateAuthorities::parse("no certificate\n").ok());
  EXPECT_TRUE(crypto::CertificateAuthorities().empty());
  EXPECT_NE(crypto::CertificateAuthorities().objection({first.issue().der()}, now), std::nullopt);
  EXPECT_NE(both->objection({}, now), std::nullopt);
}

}  // namespace cardea::client_certificate_test
