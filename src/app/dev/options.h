// What `cardea dev` was asked for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/settings/settings.h"

namespace cardea::app::dev {

enum class Strictness { strict, warn, open };
enum class Scheme { https, http };

struct DevOptions {
  Scheme scheme = Scheme::https;
  int port = 9443;     // 0: a free one
  std::string listen;  // --listen ADDR:PORT, with --issuer: containers (decision P8)
  std::string issuer;
  Strictness strictness = Strictness::warn;
  Settings::Interaction interaction = Settings::Interaction::picker;
  std::string state = "memory";        // or a directory
  std::string home;                    // CA, root key and dev keys; "": one per user
  std::vector<std::string> resources;  // "ID", "ID=jwt", "ID=opaque"
  std::vector<std::string> redirect_uris;
  std::string users_file;
  std::string clients_file;
  std::string app;  // "authjs", ...; "": plain names
  std::string env_file;
  int ready_fd = -1;
  bool prints_json = false;
  bool is_verbose = false;
};

// Serves until stopped; gives the exit code.
int run_dev(const DevOptions& options);

}  // namespace cardea::app::dev
