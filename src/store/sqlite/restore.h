// Putting a backup in place of a store (decision Q7), so that a crash at any moment leaves either
// the former store or the restored one under a new epoch, and never the copy under the epoch it was
// made in.
//
//     copy --> .restoring (epoch renewed, flushed) --rename--> .restored --open()--> the store
//
// The rename to .restored is the point of no return: whoever opens the store next, this command or
// a server, finishes what is left.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "store/sqlite/sqlite_store.h"

namespace cardea::store::sqlite {

// Called after each step with its name, for tests that end the process there.
using AfterStep = std::function<void(std::string_view step)>;

// Copies the backup (with the log beside it, if there is one), renews its epoch and puts it in
// place of options.path; what was there is kept as <path>.before-restore. Refuses what open()
// refuses (locked: a server runs), and a backup that cannot be read or is no store of ours: then
// nothing was changed.
Status<OpenError> restore(const std::string& backup, const OpenOptions& options,
                          const AfterStep& after = {});

// Finishes a restore that was cut short after its point of no return; does nothing where there is
// none. The caller holds the store's lock. Safe to repeat.
Status<OpenError> finish_restore(const std::string& path, const AfterStep& after = {});

}  // namespace cardea::store::sqlite
