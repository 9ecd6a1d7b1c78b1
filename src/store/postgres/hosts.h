// The hosts that a connection text names, one by one (PostgreSQL 15, 34.1.1.3), so that each can be
// asked on its own which of them is the primary. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cardea::store::postgres {

// An empty member is left to the library.
struct Host {
  std::string name;
  std::string address;
  std::string port;
  friend bool operator==(const Host&, const Host&) = default;
};

// The members host, hostaddr and port of a connection text, as they stand there: separated by
// commas, or empty.
struct HostLists {
  std::string_view names;
  std::string_view addresses;
  std::string_view ports;
};

// At least one. Where there are not several, or the lists do not fit together, it is one empty
// host: the library reads the text itself then, and says what is wrong with it.
std::vector<Host> split_hosts(const HostLists& lists);

}  // namespace cardea::store::postgres
