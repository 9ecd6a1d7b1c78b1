// `cardea bench`: looks at what was asked for, prepares, measures, prints.
#pragma once

#include "app/bench/options.h"
#include "app/cli/output.h"

namespace cardea::app::bench {

// The exit code: 0 when every operation succeeded, 1 when one failed; 2, 5, 6, 7 when it could not
// measure (docs/cli.md). Results go to standard output, progress to standard error.
int run_bench(const BenchOptions& options, OutputForm form);

}  // namespace cardea::app::bench
