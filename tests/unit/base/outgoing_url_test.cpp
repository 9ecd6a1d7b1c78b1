// Which URLs the server would call at all. Security corpus 2.E, list V.
#include "base/outgoing_url.h"

#include <gtest/gtest.h>

namespace cardea::outgoing_url_test {

using enum OutgoingReach;

TEST(OutgoingUrl, TakesOrdinaryAddresses) {
  for (const char* url :
       {"https://app.example/keys", "https://app.example", "https://app.example:443/",
        "https://app.example:8443/keys?x=1", "https://8.8.8.8/keys", "https://[2606:4700::1]/k"}) {
    EXPECT_FALSE(outgoing_url_defect(url, open_internet)) << url;
  }
}

// E03; E04: other schemes, user names, numbers for names, ports of other services.
TEST(OutgoingUrl, RefusesTheListV) {
  for (const std::string url : {"http://app.example/",
                                "http://127.0.0.1/",
                                "https://127.0.0.1/",
                                "https://[::1]/",
                                "https://[::ffff:127.0.0.1]/",
                                "https://0.0.0.0/",
                                "https://169.254.169.254/latest",
                                "https://10.0.0.1/",
                                "https://172.16.0.1/",
                                "https://192.168.1.1/",
                                "https://100.64.0.1/",
                                "https://[fc00::1]/",
                                "https://[fe80::1]/",
                                "https://[64:ff9b::7f00:1]/",
                                "https://[2002:7f00:1::]/",
                                "https://2130706433/",
                                "https://0x7f000001/",
                                "https://0177.0.0.1/",
                                "https://127.1/",
                                "file:///etc/passwd",
                                "gopher://app.example/",
                                "ftp://app.example/",
                                "jar:https://app.example!/",
                                "https://user@app.example/",
                                "https://user:pw@app.example/",
                                "https://app.example:22/",
                                "https://app.example:25/",
                                "https://app.example:80/",
                                "https://app.example:6379/",
                                "https://app.example:5432/",
                                "https://app.example:0/",
                                "https://app.example:65536/",
                                "https://unix:/tmp/x:/",
                                "//app.example/",
                                "/keys",
                                "",
                                "https://",
                                "https:///x",
                                "https://app.example/#f",
                                "https://app.example/ x",
                                "https://app.example\\@127.0.0.1/",
                                "https://app.ex\xc3\xa4.test/",
                                "https://app.example/\r\nHost: x"}) {
    EXPECT_TRUE(outgoing_url_defect(url, open_internet)) << url;
  }
  EXPECT_TRUE(outgoing_url_defect("https://app.example/" + std::string(2048, 'a'), open_internet));
}

TEST(OutgoingUrl, AnOperatorMayAdmitTheOwnNetwork) {
  for (const char* url :
       {"https://127.0.0.1:9000/k", "https://10.0.0.1/", "http://localhost/k",
        "http://localhost:3000/k", "http://127.0.0.1:3000/k", "http://[::1]:3000/k"}) {
    EXPECT_FALSE(outgoing_url_defect(url, private_too)) << url;
  }
  for (const char* url : {"http://10.0.0.1/", "http://app.example/", "http://localhost:6379/",
                          "https://localhost:22/", "http://app.example:80/"}) {
    EXPECT_TRUE(outgoing_url_defect(url, private_too)) << url;
  }
}

}  // namespace cardea::outgoing_url_test
