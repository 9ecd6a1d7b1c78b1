// The configuration of a development issuer: seeded people and clients, the caller's resources and
// files.
#pragma once

#include <string>
#include <vector>

#include "app/config/config.h"
#include "app/dev/frameworks.h"
#include "app/dev/options.h"
#include "server/seals/seals.h"

namespace cardea::app::dev {

struct SeededUser {
  std::string login;
  std::string password;  // printed: development only
  std::string sub;
};
struct SeededClient {
  std::string client_id;
  std::string secret;  // "" for a public client
  std::vector<std::string> redirect_uris;
};

struct Seed {
  Config config;
  std::vector<SeededUser> users;
  std::vector<SeededClient> clients;
  std::vector<ConfigProblem> problems;
};

// issuer: final. Secrets of clients are derived from the root key, so that they stay the same over
// restarts.
Seed make_seed(const DevOptions& options, const std::string& issuer, const Framework& framework,
               const RootKey& root_key);

// Where the issuer is reached from the network (--listen): passwords are random there (decision
// P8).
bool is_exposed(const DevOptions& options);

}  // namespace cardea::app::dev
