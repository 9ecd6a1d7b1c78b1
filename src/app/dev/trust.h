// `cardea trust`: the development authority in the stores of this machine, only when asked.
#pragma once

#include <string>

#include "app/cli/output.h"

namespace cardea::app::dev {

// Prints the PEM and the line for each runtime.
int trust_print(OutputForm form, const std::string& home);
// System store (root) and the browsers' NSS store of this user (certutil); says what was done and
// what was not.
int trust_install(OutputForm form, const std::string& home);
int trust_uninstall(OutputForm form, const std::string& home);

}  // namespace cardea::app::dev
