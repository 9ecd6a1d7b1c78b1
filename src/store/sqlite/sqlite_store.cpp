// The store's reads, each one statement on a lent connection; writes go to the writer. See
// sqlite_store.h.
#include "store/sqlite/sqlite_store.h"

#include <cstdio>

#include <fcntl.h>
#include <unistd.h>

#include "store/sql/rows.h"
#include "store/sql/statements.h"
#include "store/sqlite/parts.h"

namespace cardea::store::sqlite {
namespace {

using sql::Cell;
using sql::Row;

Failure broken(std::string what) {
  return {.kind = Failure::Kind::corrupt, .reason = std::move(what)};
}

// The documents as clients; a document that cannot be read is damage, not an absent client.
Answer<std::vector<Client>> clients_of(Answer<std::vector<std::string>> documents) {
  if (!documents) return refuse(std::move(documents).error());
  std::vector<Client> out;
  for (const std::string& document : *documents) {
    auto client = read_client(document);
    if (!client) return refuse(broken("a client's document cannot be read"));
    out.push_back(*std::move(client));
  }
  return out;
}

// Makes the file of a backup durable under its final name.
bool publish(const std::string& part, const std::string& path) {
  const int descriptor = ::open(part.c_str(), O_RDONLY | O_CLOEXEC);
  const bool flushed = descriptor >= 0 && fsync(descriptor) == 0;
  if (descriptor >= 0) ::close(descriptor);
  // link, not rename: never replaces a file.
  return flushed && link(part.c_str(), path.c_str()) == 0;
}

}  // namespace

SqliteStore::SqliteStore(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

// The last connection to close empties the log into the database.
SqliteStore::~SqliteStore() = default;

void SqliteStore::submit(Operation operation, std::int64_t deadline_ms, Done done) {
  parts_->writer->submit(std::move(operation), deadline_ms, std::move(done));
}

WriteStatistics SqliteStore::statistics() const {
  WriteStatistics out = parts_->writer->statistics();
  if (parts_->checkpointer) out.checkpoints = parts_->checkpointer->checkpoints();
  return out;
}

Status<Failure> SqliteStore::backup_to(const std::string& path) {
  if (access(path.c_str(), F_OK) == 0) {
    return refuse(Failure{Failure::Kind::unavailable, path + " is there already"});
  }
  const std::string part = path + ".part";
  unlink(part.c_str());
  const int descriptor = ::open(part.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return refuse(Failure{Failure::Kind::unavailable, part + " cannot be made"});
  }
  ::close(descriptor);
  auto copied = parts_->readers->with([&](SqliteConnection& c) { return c.copy_to(part); });
  std::optional<std::string> problem;
  if (!copied) {
    problem = copied.error().reason;
  } else if (*copied) {
    problem = (*copied)->reason;
  } else if (!publish(part, path)) {
    problem = path + " cannot be written";
  }
  unlink(part.c_str());
  if (problem) return refuse(Failure{Failure::Kind::unavailable, *std::move(problem)});
  return Unit{};
}

Pending<Meta> SqliteStore::meta() {
  auto found = parts_->readers->with(
      [](SqliteConnection& c) { return c.first(sql::read_meta, {}, sql::meta_row); });
  if (!found) co_return refuse(std::move(found).error());
  if (!*found) co_return refuse(broken("the store's facts are missing"));
  co_return **std::move(found);
}

Pending<Instant> SqliteStore::store_now() {
  co_return parts_->clock->now();
}

Pending<std::vector<Client>> SqliteStore::clients() {
  co_return clients_of(parts_->readers->with([](SqliteConnection& c) {
    return c.all(sql::read_clients, {}, [](const Row& row) { return row.text(0); });
  }));
}

Pending<std::optional<Client>> SqliteStore::find_client(ClientId client_id) {
  auto found = clients_of(parts_->readers->with([&](SqliteConnection& c) {
    return c.all(sql::read_client_document, {client_id},
                 [](const Row& row) { return row.text(0); });
  }));
  if (!found) co_return refuse(std::move(found).error());
  if (found->empty()) co_return std::optional<Client>();
  co_return std::optional(std::move(found->front()));
}

Pending<std::vector<UserRecord>> SqliteStore::users() {
  co_return parts_->readers->with(
      [](SqliteConnection& c) { return c.all(sql::read_users, {}, sql::user_record_row); });
}

Pending<std::optional<User>> SqliteStore::find_user(UserId user_id) {
  co_return parts_->readers->with([&](SqliteConnection& c) {
    return c.first(sql::read_user, {user_id}, [](const Row& row) { return sql::user_row(row); });
  });
}

Pending<std::optional<UserRecord>> SqliteStore::find_user_by_login(std::string canonical_login) {
  co_return parts_->readers->with([&](SqliteConnection& c) {
    return c.first(sql::read_user_record_by_login, {canonical_login}, sql::user_record_row);
  });
}

Pending<std::optional<SessionView>> SqliteStore::find_session(SessionDigest handle) {
  co_return parts_->readers->with([&](SqliteConnection& c) {
    return c.first(sql::read_session_by_handle, {Cell::bytes(handle)}, sql::session_view_row);
  });
}

Pending<std::optional<SessionView>> SqliteStore::find_session_by_id(SessionId session_id) {
  co_return parts_->readers->with([&](SqliteConnection& c) {
    return c.first(sql::read_session_by_id, {session_id}, sql::session_view_row);
  });
}

Pending<std::vector<SessionRecord>> SqliteStore::sessions_of(UserId user_id) {
  co_return parts_->readers->with([&](SqliteConnection& c) {
    return c.all(sql::read_sessions_of_user, {user_id}, sql::session_record_row);
  });
}

Pending<std::optional<Interaction>> SqliteStore::find_interaction(InteractionDigest handle) {
  co_return parts_->readers->with([&](SqliteConnection& c) {
    return c.first(sql::read_interaction, {Cell::bytes(handle)}, sql::interaction_row);
  });
}

Pending<std::optional<Consent>> SqliteStore::find_consent(UserId user_id, ClientId client_id) {
  co_return parts_->readers->with([&](SqliteConnection& c) {
    return c.first(sql::read_consent, {user_id, client_id}, sql::consent_row);
  });
}

Pending<std::vector<Consent>> SqliteStore::consents_of(UserId user_id) {
  co_return parts_->readers->with([&](SqliteConnection& c) {
    return c.all(sql::read_consents_of_user, {user_id}, sql::consent_row);
  });
}

Pending<std::optional<GrantView>> SqliteStore::find_grant(GrantId grant_id, TokenId token_id,
                                                          Instant now) {
  co_return parts_->readers->with([&](SqliteConnection& c) {
    return c.first(sql::read_grant_view, {grant_id, token_id, now}, sql::grant_view_row);
  });
}

Pending<bool> SqliteStore::is_token_marked(TokenId token_id) {
  co_return parts_->readers->with(
      [&](SqliteConnection& c) { return c.exists(sql::token_is_marked, {token_id}); });
}

Pending<bool> SqliteStore::is_spent(OnceDigest digest, Instant now) {
  co_return parts_->readers->with([&](SqliteConnection& c) {
    return c.exists(sql::once_value_is_spent, {sql::Cell::bytes(digest), now});
  });
}

Pending<std::optional<RefreshView>> SqliteStore::find_refresh(GrantId grant_id, Instant now) {
  co_return parts_->readers->with([&](SqliteConnection& c) {
    std::optional<RefreshView> out;  // both rows of one moment: the pool's snapshot
    auto row = c.first(sql::read_refresh, {grant_id}, sql::refresh_row);
    if (row) {
      auto grant = c.first(sql::read_grant_view, {grant_id, "", now}, sql::grant_view_row);
      if (grant) out = RefreshView{.row = *std::move(row), .grant = *std::move(grant)};
    }
    return out;
  });
}

Pending<std::vector<Grant>> SqliteStore::grants_of(UserId user_id) {
  co_return parts_->readers->with([&](SqliteConnection& c) {
    return c.all(sql::read_grants_of_user, {user_id}, sql::grant_row);
  });
}

Pending<std::optional<std::string>> SqliteStore::find_parked(ParkedId value_id) {
  co_return parts_->readers->with([&](SqliteConnection& c) {
    return c.first(sql::read_parked, {value_id}, [](const Row& row) { return row.text(0); });
  });
}

Pending<std::optional<PolledRequest>> SqliteStore::find_polled_request(GrantId request_id) {
  co_return parts_->readers->with([&](SqliteConnection& c) {
    return c.first(sql::read_polled_request, {request_id}, sql::polled_request_row);
  });
}

Pending<std::optional<PolledRequest>> SqliteStore::find_request_of_user_code(UserCodeDigest code) {
  co_return parts_->readers->with([&](SqliteConnection& c) {
    return c.first(sql::read_request_of_user_code, {Cell::bytes(code)}, sql::polled_request_row);
  });
}

Pending<std::vector<PolledRequest>> SqliteStore::requests_asking(UserId user_id, Instant now) {
  co_return parts_->readers->with([&](SqliteConnection& c) {
    return c.all(sql::read_requests_asking, {user_id, now}, sql::polled_request_row);
  });
}

Pending<std::vector<ServerKey>> SqliteStore::server_keys() {
  co_return parts_->readers->with(
      [](SqliteConnection& c) { return c.all(sql::read_signing_keys, {}, sql::server_key_row); });
}

Pending<std::vector<WrappedKey>> SqliteStore::wrapped_keys() {
  co_return parts_->readers->with(
      [](SqliteConnection& c) { return c.all(sql::read_wrapped_keys, {}, sql::wrapped_key_row); });
}

Pending<std::vector<Counter>> SqliteStore::counters(std::vector<CounterDigest> keys) {
  co_return parts_->readers->with([&](SqliteConnection& c) {
    std::vector<Counter> out;
    for (const CounterDigest& key : keys) {
      auto counter = c.first(sql::read_counter, {Cell::bytes(key)}, [&](const Row& row) {
        return Counter{.key = key, .count = row.integer(0), .window_start = row.instant(1)};
      });
      if (counter) out.push_back(*std::move(counter));
    }
    return out;
  });
}

Pending<std::vector<NoticeLane>> SqliteStore::due_notice_lanes(Instant now, int at_most) {
  co_return parts_->readers->with([&](SqliteConnection& c) {
    return c.all(sql::read_due_notice_lanes, {now, at_most}, sql::notice_lane_row);
  });
}

Pending<std::vector<ClientNotice>> SqliteStore::due_notices(NoticeLane lane, Instant now,
                                                            int at_most) {
  co_return parts_->readers->with([&](SqliteConnection& c) {
    return c.all(sql::read_due_notices, {lane.client_id, sql::word_of(lane.kind), now, at_most},
                 sql::client_notice_row);
  });
}

Pending<std::optional<KeptSecondFactor>> SqliteStore::find_second_factor(UserId user_id) {
  co_return parts_->readers->with([&](SqliteConnection& c) {
    return c.first(sql::read_second_factor, {user_id}, sql::second_factor_row);
  });
}

Pending<bool> SqliteStore::has_recovery_code(UserId user_id, RecoveryDigest digest) {
  co_return parts_->readers->with([&](SqliteConnection& c) {
    return c.exists(sql::recovery_code_is_present, {user_id, Cell::bytes(digest)});
  });
}

Pending<bool> SqliteStore::is_initial_token_usable(InitialTokenDigest digest, Instant now) {
  co_return parts_->readers->with([&](SqliteConnection& c) {
    return c.exists(sql::initial_token_is_usable, {sql::Cell::bytes(digest), now});
  });
}

Pending<std::optional<UserId>> SqliteStore::find_link(LinkDigest digest, Instant now) {
  co_return parts_->readers->with([&](SqliteConnection& c) {
    return c.first(sql::read_link, {Cell::bytes(digest), now},
                   [](const Row& row) { return UserId(row.text(0)); });
  });
}

}  // namespace cardea::store::sqlite
