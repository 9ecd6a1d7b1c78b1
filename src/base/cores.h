// How many cores this process may use: as a container or taskset allows, not as the machine has.
#pragma once

namespace cardea {

// At least 1.
unsigned usable_cores();

}  // namespace cardea
