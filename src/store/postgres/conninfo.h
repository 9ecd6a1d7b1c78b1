// What an operator says of where the database is: a connection URI or keywords (PostgreSQL 15,
// 34.1.1), read by libpq.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/postgres/hosts.h"

namespace cardea::store::postgres {

// Whether the library can read it. What it says is not checked.
bool is_conninfo(const std::string& text);
// Whether nobody between a node and its database can read or take over what passes: it stays on
// this machine, or the database must prove by its certificate that it is the host that was named
// (sslmode=verify-full; PostgreSQL 15, 34.19.4). What the environment adds does not count.
bool is_way_protected(const std::string& conninfo);
// A connection URI without the password that may stand in it, for showing it to people.
std::string without_password(std::string_view uri);
// The hosts it names, in order; one that says nothing where it names none.
std::vector<Host> hosts_of(const std::string& conninfo);

}  // namespace cardea::store::postgres
