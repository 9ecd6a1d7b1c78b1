// Which addresses belong to the open Internet. Security corpus 2.E, list V.
#include "base/ip_address.h"

#include <gtest/gtest.h>

namespace cardea::ip_address_test {

// E04; E09: first, last and a middle address of every block that is not public.
TEST(IpAddress, EverySpecialBlockIsRefused) {
  for (const char* literal : {"0.0.0.0",
                              "0.255.255.255",
                              "10.0.0.0",
                              "10.255.255.255",
                              "100.64.0.0",
                              "100.127.255.255",
                              "127.0.0.1",
                              "127.255.255.255",
                              "169.254.0.0",
                              "169.254.169.254",
                              "169.254.255.255",
                              "172.16.0.0",
                              "172.31.255.255",
                              "192.0.0.8",
                              "192.0.2.1",
                              "192.88.99.1",
                              "192.168.0.0",
                              "192.168.255.255",
                              "198.18.0.0",
                              "198.19.255.255",
                              "198.51.100.9",
                              "203.0.113.200",
                              "224.0.0.1",
                              "239.255.255.255",
                              "240.0.0.1",
                              "255.255.255.255",
                              "::",
                              "::1",
                              "::ffff:127.0.0.1",
                              "::ffff:10.1.2.3",
                              "::ffff:169.254.169.254",
                              "::ffff:0.0.0.0",
                              "::127.0.0.1",
                              "64:ff9b::7f00:1",
                              "64:ff9b::a00:1",
                              "64:ff9b::a9fe:a9fe",
                              "64:ff9b:1::808:808",
                              "100::1",
                              "2001::1",
                              "2001:0:808:808::1",
                              "2001:2::1",
                              "2001:10::1",
                              "2001:20::1",
                              "2001:db8::1",
                              "2002:7f00:1::",
                              "2002:808:808::1",
                              "3fff::1",
                              "4000::1",
                              "fc00::1",
                              "fdff:ffff::1",
                              "fe80::1",
                              "febf::1",
                              "fec0::1",
                              "ff02::1",
                              "ff0e::1"}) {
    const auto address = parse_ip(literal);
    ASSERT_TRUE(address) << literal;
    EXPECT_FALSE(is_public(*address)) << literal;
  }
}

TEST(IpAddress, TheNeighboursOfTheBlocksArePublic) {
  for (const char* literal : {"1.0.0.0",
                              "9.255.255.255",
                              "11.0.0.0",
                              "100.63.255.255",
                              "100.128.0.0",
                              "126.255.255.255",
                              "128.0.0.0",
                              "169.253.255.255",
                              "169.255.0.0",
                              "172.15.255.255",
                              "172.32.0.0",
                              "192.0.1.0",
                              "192.0.3.0",
                              "192.167.255.255",
                              "192.169.0.0",
                              "198.17.255.255",
                              "198.20.0.0",
                              "198.51.99.255",
                              "203.0.114.0",
                              "223.255.255.255",
                              "8.8.8.8",
                              "::ffff:8.8.8.8",
                              "64:ff9b::808:808",
                              "2001:200::1",
                              "2001:4860:4860::8888",
                              "2001:db9::1",
                              "2003::1",
                              "2606:4700::1111",
                              "3ffe::1"}) {
    const auto address = parse_ip(literal);
    ASSERT_TRUE(address) << literal;
    EXPECT_TRUE(is_public(*address)) << literal;
  }
}

TEST(IpAddress, OnlyLiteralsAreRead) {
  for (const char* text : {"", "localhost", "127.1", "0x7f000001", "2130706433", "0177.0.0.1",
                           "127.0.0.1:443", "[::1]", "fe80::1%eth0", " 127.0.0.1"}) {
    EXPECT_FALSE(parse_ip(text)) << text;
  }
}

TEST(IpAddress, LoopbackIsKnownInEverySpelling) {
  for (const char* literal : {"127.0.0.1", "127.9.9.9", "::1", "0:0::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(is_loopback(*parse_ip(literal))) << literal;
  }
  for (const char* literal : {"128.0.0.1", "::2", "10.0.0.1", "::ffff:126.0.0.1"}) {
    EXPECT_FALSE(is_loopback(*parse_ip(literal))) << literal;
  }
}

// RFC 4291 2.2, RFC 5952: the text that keys of limits and the log have.
TEST(IpAddress, IsWrittenInOneWay) {
  for (const char* literal :
       {"0.0.0.0", "9.10.99.100", "192.0.2.1", "255.255.255.255", "::1", "2001:db8::a:1"}) {
    EXPECT_EQ(write_ip(parse_ip(literal).value()), literal);
  }
  EXPECT_EQ(write_ip(parse_ip("::ffff:192.0.2.1").value()), "192.0.2.1");
}

}  // namespace cardea::ip_address_test
