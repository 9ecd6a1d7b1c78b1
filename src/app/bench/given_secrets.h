// The secrets that a bench is given: out of files, standard input or the environment, never out of
// options, which other people of the machine can read.
#pragma once

#include "app/admin/operations.h"
#include "app/bench/options.h"

namespace cardea::app::bench {

struct GivenSecrets {
  BenchSecret client_secret;  // empty: none was given
  BenchSecret password;
};

// A file's first line, without blanks at its end. Refuses (usage) a file that cannot be read and
// both from standard input.
Result<GivenSecrets, AdminError> read_given_secrets(const BenchOptions& options);

}  // namespace cardea::app::bench
