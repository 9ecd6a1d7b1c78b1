// Wiring; see node.h.
#include "app/node.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "http/outbound/curl_fetcher.h"
#include "server/notices/notice_delivery.h"
#include "server/outgoing/client_keys.h"
#include "server/outgoing/request_object_documents.h"
#include "server/registration/client_documents.h"
#include "server/registration/sector_documents.h"
#include "server/settings/metadata.h"
#include "server/tokens/verified_tokens.h"
#include "store/postgres/postgres_store.h"

namespace cardea::app {
namespace {

NodeError store_error(const store::sqlite::OpenError& error, const std::string& path) {
  using Kind = store::sqlite::OpenError::Kind;
  if (error.kind == Kind::locked) {
    return {NodeError::Kind::store_locked, "the store " + path + " is held by process " +
                                               std::to_string(error.locked_by) +
                                               "; one process holds a store at a time"};
  }
  return {NodeError::Kind::store_unusable, error.reason};
}

}  // namespace

struct Node::Parts {
  const NodeOptions options;
  Settings settings;
  StoreClock clock;
  ManualExecutor starting;  // turned during open() only
  std::unique_ptr<store::Store> store;
  store::sqlite::SqliteStore* file_store = nullptr;  // the same, unless it is a database
  std::unique_ptr<Seals> seals;
  std::unique_ptr<Registry> registry;
  std::unique_ptr<KeyRing> keys;
  std::unique_ptr<Freshness> freshness;
  std::unique_ptr<PasswordPool> passwords;
  std::unique_ptr<Throttle> throttle;
  VerifiedTokens verified_tokens;
  std::unique_ptr<Pages> pages;
  PublishedDocument discovery;
  std::unique_ptr<http::CurlFetcher> fetcher;
  std::unique_ptr<Outgoing> outgoing;
  std::unique_ptr<ClientKeySets> client_key_sets;
  crypto::CertificateAuthorities client_authorities;
  std::unique_ptr<ClientDocuments> client_documents;
  std::unique_ptr<SectorDocuments> sector_documents;
  std::unique_ptr<RequestObjectDocuments> request_object_documents;
  std::unique_ptr<ExecutorBackground> background;
  std::unique_ptr<NoticeDelivery> notice_delivery;
  std::unique_ptr<Deps> deps;
  std::unique_ptr<Server> server;
  std::mutex key_changes;

  explicit Parts(NodeOptions given)
      : options(std::move(given)), settings(options.config.settings) {}

  std::optional<NodeError> open() {
    if (auto error = options.database.empty() ? open_file() : open_database()) return error;
    if (auto error = take_store_time()) return error;
    if (auto error = claim_store()) return error;
    if (auto error = load_keys()) return error;
    pages = std::make_unique<Pages>(settings);
    discovery = publish(metadata_of(settings));
    passwords = std::make_unique<PasswordPool>(settings.password_cost, settings.password_threads,
                                               settings.password_queue_max);
    throttle = std::make_unique<Throttle>(*store, *seals, settings);
    if (const auto begun = run_blocking(starting, throttle->begin()); !begun) {
      return NodeError{NodeError::Kind::store_unusable, begun.error().reason};
    }
    background = std::make_unique<ExecutorBackground>(options.background_executor);
    open_outgoing();
    if (auto error = load_client_authorities()) return error;
    notice_delivery = std::make_unique<NoticeDelivery>(
        NoticeDeliveryInputs{*store, clock, options.log, settings, *registry, *keys, *seals,
                             *outgoing, *background, options.random});
    deps = std::make_unique<Deps>(Deps{settings,
                                       *store,
                                       clock,
                                       options.random,
                                       options.log,
                                       *seals,
                                       *registry,
                                       *keys,
                                       *freshness,
                                       *passwords,
                                       *throttle,
                                       verified_tokens,
                                       *pages,
                                       discovery,
                                       options.observer,
                                       *background,
                                       *outgoing,
                                       *client_key_sets,
                                       *client_documents,
                                       *sector_documents,
                                       *request_object_documents,
                                       *notice_delivery,
                                       client_authorities,
                                       options.relaxations});
    server = std::make_unique<Server>(*deps);
    return std::nullopt;
  }

  std::optional<NodeError> open_file() {
    auto opened = store::sqlite::open({.path = options.store_path,
                                       .random = &options.random,
                                       .log = &options.log,
                                       .occupancy = options.occupancy});
    if (!opened) return store_error(opened.error(), options.store_path);
    file_store = opened->get();
    store = *std::move(opened);
    return std::nullopt;
  }

  std::optional<NodeError> open_database() {
    auto opened = store::postgres::open(
        {.link = {.conninfo = options.database}, .random = &options.random, .log = &options.log});
    if (!opened) return NodeError{NodeError::Kind::store_unusable, opened.error().reason};
    store = *std::move(opened);
    return std::nullopt;
  }

  void open_outgoing() {
    fetcher = std::make_unique<http::CurlFetcher>(http::CurlFetcherOptions{
        .reach = settings.outgoing_reach, .extra_ca_file = settings.outgoing_ca_file});
    outgoing = std::make_unique<Outgoing>(*fetcher, options.log, options.observer);
    client_key_sets = std::make_unique<ClientKeySets>(*outgoing);
    client_documents = std::make_unique<ClientDocuments>(*outgoing, settings);
    sector_documents = std::make_unique<SectorDocuments>(*outgoing);
    request_object_documents = std::make_unique<RequestObjectDocuments>(*outgoing);
    if (settings.outgoing_reach == OutgoingReach::private_too && !settings.is_dev) {
      options.log.warning("outgoing.private_addresses_allowed",
                          {{"setting", "outgoing.private_addresses"}});
    }
  }

  // RFC 8705 2.1.
  std::optional<NodeError> load_client_authorities() {
    const auto& path = options.config.mtls_ca_file;
    if (path.empty()) return std::nullopt;
    std::ifstream file(path, std::ios::binary);
    std::ostringstream content;
    content << file.rdbuf();
    auto parsed = file ? crypto::CertificateAuthorities::parse(content.str())
                       : Result<crypto::CertificateAuthorities, std::string>(
                             refuse(std::string("it cannot be read")));
    if (!parsed)
      return NodeError{NodeError::Kind::refused, "mtls.ca_file " + path + ": " + parsed.error()};
    client_authorities = *std::move(parsed);
    return std::nullopt;
  }

  // Decision T1: lifetimes are judged by the store's clock from the first request on.
  std::optional<NodeError> take_store_time() {
    auto now = run_blocking(starting, store->store_now());
    if (!now) return NodeError{NodeError::Kind::store_unusable, now.error().reason};
    clock.synchronise(*now);
    return std::nullopt;
  }

  // Decision Q15: a store made by dev is refused by serve, and the other way round.
  std::optional<NodeError> claim_store() {
    auto meta = run_blocking(starting, store->meta());
    if (!meta) return NodeError{NodeError::Kind::store_unusable, meta.error().reason};
    if (meta->made_by == options.made_by) return std::nullopt;
    if (!meta->made_by.empty()) {
      return NodeError{NodeError::Kind::refused, "the store was made by `cardea " + meta->made_by +
                                                     "` and is refused by `cardea " +
                                                     options.made_by +
                                                     "` (decision Q15); name another store"};
    }
    auto claimed =
        run_blocking(starting, store->perform(store::PutMeta{std::nullopt, options.made_by}));
    if (!claimed) return NodeError{NodeError::Kind::store_unusable, claimed.error().reason};
    return std::nullopt;
  }

  std::optional<NodeError> import_keys() {
    if (options.imported_keys.empty()) return std::nullopt;
    auto there = run_blocking(starting, store->server_keys());
    if (!there) return NodeError{NodeError::Kind::store_unusable, there.error().reason};
    if (!there->empty()) return std::nullopt;
    store::ChangeServerKeys change;
    for (const auto& imported : options.imported_keys) {
      change.put.push_back(seal_server_key(*seals, imported.key, imported.state,
                                           imported.created_at, options.random));
    }
    auto changed = run_blocking(starting, store->perform(std::move(change)));
    if (!changed) return NodeError{NodeError::Kind::store_unusable, changed.error().reason};
    return std::nullopt;
  }

  // Clients of metadata documents that the settings no longer admit: nothing of them goes on.
  std::optional<NodeError> disable_refused_documents() {
    for (const auto& client : registry->all()) {
      if (client->owner.by != Ownership::By::document || !client->enabled) continue;
      if (admits_client_document(settings, client->client_id.value())) continue;
      Client disabled = *client;
      disabled.enabled = false;
      auto stored = run_blocking(starting, store->perform(store::PutClient{std::move(disabled)}));
      if (!stored) return NodeError{NodeError::Kind::store_unusable, stored.error().reason};
      auto shown = run_blocking(starting, registry->refresh(client->client_id));
      if (!shown) return NodeError{NodeError::Kind::store_unusable, shown.error().reason};
    }
    return std::nullopt;
  }

  std::optional<NodeError> load_keys() {
    auto loaded = run_blocking(starting, Seals::load(*store, options.root_key, settings.issuer,
                                                     options.random, clock.now()));
    if (!loaded) return NodeError{NodeError::Kind::root_key, loaded.error()};
    seals = std::move(*loaded);
    registry = std::make_unique<Registry>(*store);
    auto clients = run_blocking(starting, registry->reload());
    if (!clients) return NodeError{NodeError::Kind::store_unusable, clients.error().reason};
    if (auto error = disable_refused_documents()) return error;
    // Every algorithm that a registered client uses has a key.
    for (const auto& client : registry->all()) settings.need_keys_for(*client);
    if (auto error = import_keys()) return error;
    keys = std::make_unique<KeyRing>(*store, *seals, settings, options.random);
    freshness = std::make_unique<Freshness>(*store, *registry, *keys);
    auto ready = run_blocking(starting, keys->load(clock.now()));
    if (!ready) return NodeError{NodeError::Kind::refused, ready.error()};
    return std::nullopt;
  }
};

Node::Node(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Node::~Node() = default;

Result<std::unique_ptr<Node>, NodeError> Node::open(NodeOptions options) {
  auto parts = std::make_unique<Parts>(std::move(options));
  if (auto error = parts->open()) return refuse(std::move(*error));
  return std::unique_ptr<Node>(new Node(std::move(parts)));
}

const Deps& Node::deps() const {
  return *parts_->deps;
}
const Server& Node::server() const {
  return *parts_->server;
}
store::Store& Node::store() {
  return *parts_->store;
}
store::sqlite::SqliteStore* Node::file_store() {
  return parts_->file_store;
}
Freshness& Node::freshness() {
  return *parts_->freshness;
}
Registry& Node::registry() {
  return *parts_->registry;
}
KeyRing& Node::keys() {
  return *parts_->keys;
}
const Clock& Node::clock() const {
  return parts_->clock;
}

std::unique_lock<std::mutex> Node::lock_key_changes() {
  return std::unique_lock(parts_->key_changes);
}

void Node::finish_background() {
  parts_->notice_delivery->stop();
  parts_->fetcher->stop();
  parts_->background->finish();
}

void Node::maintain(ManualExecutor& executor) {
  auto now = run_blocking(executor, parts_->store->store_now());
  if (!now) {
    parts_->options.log.error("store.clock_unread", {{"reason", now.error().reason}});
    return;
  }
  const auto step = parts_->clock.synchronise(*now);
  if (step > 1000 || step < -1000) {
    parts_->options.log.warning("store.clock_stepped", {{"milliseconds", step}});
  }
  if (parts_->freshness->is_needed()) {
    // The published keys must not lag behind while nobody asks for anything else.
    const auto fresh = run_blocking(executor, parts_->freshness->ensure());
    if (!fresh) parts_->options.log.error("store.unread", {{"reason", fresh.error().reason}});
  }
  parts_->notice_delivery->wake();  // what waits, and what another way than a page has ended
  const auto turn = lock_key_changes();
  for (auto task : {&KeyRing::remove_expired, &KeyRing::ensure_next}) {
    auto done = run_blocking(executor, (parts_->keys.get()->*task)(parts_->clock.now()));
    if (!done) parts_->options.log.error("keys.maintenance_failed", {{"reason", done.error()}});
  }
}

}  // namespace cardea::app
