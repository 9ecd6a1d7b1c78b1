// One issuer put together: store, keys, registry, password pool, pages and server. The only place
// where concrete store, clock and random meet the server's rooms; `serve`, `dev`, the offline
// command line and tests build on it.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "app/config/config.h"
#include "app/root_key.h"
#include "base/log.h"
#include "server/deps.h"
#include "server/server.h"
#include "store/sqlite/sqlite_store.h"
#include "task/background.h"

namespace cardea::app {

struct NodeError {
  enum class Kind { store_locked, store_unusable, root_key, refused } kind = Kind::refused;
  std::string reason;
};

// A signing key from outside the store: development keeps its keys beside the CA.
struct ImportedKey {
  crypto::PrivateKey key;
  ServerKey::State state = ServerKey::State::active;
  Instant created_at{};
};

struct NodeOptions {
  const Config& config;       // outlives the node
  std::string store_path;     // "" keeps everything in memory, unless there is a database
  std::string database = {};  // a PostgreSQL database to keep everything in
  RootKey root_key;
  std::string made_by;  // "serve" or "dev": a store made by the other is refused (decision Q15)
  Log& log;
  Observer& observer;
  Random& random;
  Executor& background_executor;  // runs Background work; turned by the owner
  Relaxations relaxations;
  Occupancy* occupancy = nullptr;          // of the loops that will carry requests
  std::vector<ImportedKey> imported_keys;  // put into a store that has none
};

class Node {
 public:
  static Result<std::unique_ptr<Node>, NodeError> open(NodeOptions options);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  const Deps& deps() const;
  const Server& server() const;
  store::Store& store();
  // The store, where it is a file or in memory; null where it is a database.
  store::sqlite::SqliteStore* file_store();
  Freshness& freshness();
  Registry& registry();
  KeyRing& keys();
  const Clock& clock() const;

  // Held by whoever changes signing keys from outside a request: maintenance and administration
  // take turns.
  std::unique_lock<std::mutex> lock_key_changes();

  // Blocks until background writes that were started have ended. Called when nobody makes requests
  // any more and before the node goes away, by an owner whose background_executor has a thread.
  void finish_background();

  // Periodic work, every few seconds from any one thread: reads the store's clock (decision T1),
  // removes retired keys, makes missing `next` keys. Blocks.
  void maintain(ManualExecutor& executor);

 private:
  struct Parts;
  explicit Node(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

// Creates and updates the file's clients and users, disables those that left it (decision Q22).
// Blocks. Gives what changed, as sentences for the log.
Result<std::vector<std::string>, std::string> reconcile(Node& node, const Config& config,
                                                        Ownership::By by);

}  // namespace cardea::app
