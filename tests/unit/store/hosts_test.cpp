// The hosts of a connection text one by one, as PQconninfoParse gives its lists.
#include "store/postgres/hosts.h"

#include <gtest/gtest.h>

namespace cardea::hosts_test {

using store::postgres::Host;
using store::postgres::split_hosts;
using Hosts = std::vector<Host>;

const Hosts left_to_the_library{Host{}};

TEST(Hosts, ListsAreReadSideBySide) {
  EXPECT_EQ(split_hosts({.names = "a,b", .addresses = "10.0.0.1,10.0.0.2", .ports = "1,2"}),
            (Hosts{{"a", "10.0.0.1", "1"}, {"b", "10.0.0.2", "2"}}));
}

TEST(Hosts, OnePortIsEveryHosts) {
  EXPECT_EQ(split_hosts({.names = "a,b", .addresses = "", .ports = "6432"}),
            (Hosts{{"a", "", "6432"}, {"b", "", "6432"}}));
}

TEST(Hosts, APortThatIsNotSaidIsTheUsualOne) {
  EXPECT_EQ(split_hosts({.names = "a,b,c", .addresses = "", .ports = ",7,"}),
            (Hosts{{"a", "", "5432"}, {"b", "", "7"}, {"c", "", "5432"}}));
  EXPECT_EQ(split_hosts({.names = "", .addresses = "10.0.0.1,10.0.0.2", .ports = ""}),
            (Hosts{{"", "10.0.0.1", "5432"}, {"", "10.0.0.2", "5432"}}));
}

TEST(Hosts, OneHostOrNoneIsLeftToTheLibrary) {
  EXPECT_EQ(split_hosts({.names = "", .addresses = "", .ports = ""}), left_to_the_library);
  EXPECT_EQ(split_hosts({.names = "a", .addresses = "10.0.0.1", .ports = "1"}),
            left_to_the_library);
}

TEST(Hosts, ListsThatDoNotFitAreLeftToTheLibrary) {
  EXPECT_EQ(split_hosts({.names = "a,b", .addresses = "10.0.0.1", .ports = ""}),
            left_to_the_library);
  EXPECT_EQ(split_hosts({.names = "a,b", .addresses = "", .ports = "1,2,3"}), left_to_the_library);
  EXPECT_EQ(split_hosts({.names = "a,,c", .addresses = "", .ports = ""}), left_to_the_library);
}

}  // namespace cardea::hosts_test
