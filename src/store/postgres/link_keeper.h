// A link that is opened when it is needed and opened anew after it broke, not more often than a
// database that comes back can bear. Used by one thread at a time.
#pragma once

#include <functional>
#include <memory>

#include "base/log.h"
#include "store/postgres/link.h"

namespace cardea::store::postgres {

class LinkKeeper {
 public:
  // first: one that is open already, or null. on_reopen: called before a link that was opened
  // since is used; may be empty. Both references must outlive the keeper.
  LinkKeeper(const LinkOptions& options, Log& log, std::unique_ptr<Link> first,
             std::function<void()> on_reopen = {})
      : options_(options), log_(log), link_(std::move(first)), on_reopen_(std::move(on_reopen)) {}

  // An open link; null while the database cannot be reached. Blocks while it connects.
  Link* get();
  // The link at hand is of no use any more, or not trusted.
  void drop();
  // Why get() gave nothing, or the link was dropped.
  const sql::SqlFailure& trouble() const { return trouble_; }
  void note(sql::SqlFailure trouble) { trouble_ = std::move(trouble); }
  std::int64_t reopened() const { return reopened_; }

 private:
  const LinkOptions& options_;
  Log& log_;
  std::unique_ptr<Link> link_;
  std::function<void()> on_reopen_;
  sql::SqlFailure trouble_;
  std::int64_t next_try_ms_ = 0;
  std::int64_t pause_ms_ = 0;
  std::int64_t reopened_ = 0;
};

}  // namespace cardea::store::postgres
