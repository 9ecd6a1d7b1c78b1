// `cardea doctor`: looks at configuration, files and issuer, asks the running server for what it
// knows, prints. Opens no store and changes nothing.
#pragma once

#include "app/cli/commands.h"

namespace cardea::app {

struct DoctorOptions {
  std::string profile;  // "fapi2", "oauth21", "mcp"; "" for the general checks
  std::string ca_file;  // PEM of a CA that vouches for the issuer; "" for the system's
  std::string client;   // with a profile: this one alone; "" for all
};

// The exit code: 0 when nothing failed, 1 when something did; 2 to 4 when it could not look.
int doctor_command(const CommonOptions& common, const DoctorOptions& options);

}  // namespace cardea::app
