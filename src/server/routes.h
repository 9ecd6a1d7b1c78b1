// The path table: one line per endpoint with its methods and what other origins may read (decision
// Q18). Paths are decision P4, all below the issuer's path.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "protocol/spec.h"
#include "server/deps.h"
#include "server/exchange.h"
#include "task/task.h"

namespace cardea {

// Who may read an answer from a page of another origin (decision Q18). Credentials: never.
enum class CorsPolicy {
  none,           // browser pages and introspection
  any_origin,     // public documents
  client_origins  // preflights and refusals: any; successes: the client's own origins
};

struct Route {
  std::string_view endpoint;  // "token": for log, metrics and inspector
  std::string_view path;      // below the issuer's path; a prefix when it ends in "/"
  std::vector<std::string_view> methods;
  CorsPolicy cors = CorsPolicy::none;
  SpecRef spec;
  Task<http::Response> (*handler)(const Deps&, Exchange&) = nullptr;
  // Where it is a setting whether there is such an endpoint: what is off has no address (F05).
  bool (*is_on)(const Settings&) = nullptr;
  // Whether people see it, so that trouble is told on a page.
  bool is_for_people = false;
  // Whether its answers are the same whatever the store holds, or may lag behind it as any cache of
  // them does.
  bool is_document = false;

  bool allows(std::string_view method) const;
  std::string allow() const;  // the Allow header (RFC 9110 10.2.1)
};

const std::vector<Route>& routes();
// Null when nothing is there. path: undecoded, without query.
const Route* find_route(const Settings& settings, std::string_view path);

}  // namespace cardea
