// Operations and reads on one connection, one after the other; see trial_store.h.
#include "fuzz/trial_store.h"

#include "base/result.h"
#include "fuzz/finding.h"
#include "store/sql/apply.h"
#include "store/sql/migrate.h"
#include "store/sql/rows.h"
#include "store/sql/statements.h"

namespace cardea::fuzz {
namespace {

using store::sql::Cell;
using store::sql::Connection;
using store::sql::Row;

constexpr store::sql::Statement begin{"BEGIN"};
constexpr store::sql::Statement rollback{"ROLLBACK"};
constexpr store::sql::Statement savepoint{"SAVEPOINT operation"};
constexpr store::sql::Statement release{"RELEASE operation"};

constexpr Seconds token_retention = hours(25);  // as the engine's own default

// The store does not fail by itself here: whatever SQLite refuses is a fault of a statement.
void expect_sound(const Connection& sql) {
  expect(!sql.failure(), "a statement fails: " + (sql.failure() ? sql.failure()->reason : ""));
}

std::vector<Client> clients_of(const std::vector<std::string>& documents) {
  std::vector<Client> clients;
  for (const auto& document : documents) {
    auto client = read_client(document);
    expect(client.has_value(), "a client's document cannot be read back");
    clients.push_back(*std::move(client));
  }
  return clients;
}

std::string first_text(const Row& row) {
  return row.text(0);
}

User user_of(const Row& row) {
  return store::sql::user_row(row);
}

}  // namespace

TrialStore::TrialStore(const Clock& clock) : clock_(clock) {
  auto opened =
      store::sqlite::SqliteConnection::open(":memory:", store::sqlite::Access::read_write);
  ensure(opened.ok());
  sql_ = *std::move(opened);
  sql_->run_script("PRAGMA foreign_keys = ON; PRAGMA temp_store = 2;");
  ensure(store::sql::migrate(*sql_, store::sql::migrations(), clock.now()).ok());
  sql_->change(store::sql::insert_meta, {Cell::bytes(std::string(16, 'e')), Cell::bytes("")});
  expect_sound(*sql_);
}

void TrialStore::begin_trial() {
  sweeper_ = store::sql::Sweeper(Seconds{0});
  sql_->change(begin, {});
  expect_sound(*sql_);
}

void TrialStore::take_back() {
  sql_->clear_failure();
  sql_->change(rollback, {});
  expect_sound(*sql_);
}

void TrialStore::submit(store::Operation operation, std::int64_t, Done done) {
  sql_->change(savepoint, {});
  store::sql::ApplyContext context{
      .sql = *sql_, .now = clock_.now(), .token_retention = token_retention};
  auto outcome = store::sql::apply(context, operation);
  sweeper_.sweep(*sql_, {.now = clock_.now(), .monotonic_ms = 0}, 1);
  sql_->change(release, {});
  expect_sound(*sql_);
  done(std::move(outcome));
}

// --- reads ---

template <class Read>
auto TrialStore::reading(Read read)
    -> store::Answer<decltype(read(std::declval<store::sql::Connection&>()))> {
  auto found = read(*sql_);
  expect_sound(*sql_);
  return found;
}

store::Pending<store::Meta> TrialStore::meta() {
  co_return reading([](Connection& c) {
    return c.first(store::sql::read_meta, {}, store::sql::meta_row).value();
  });
}

store::Pending<Instant> TrialStore::store_now() {
  co_return clock_.now();
}

store::Pending<std::vector<Client>> TrialStore::clients() {
  co_return reading(
      [](Connection& c) { return clients_of(c.all(store::sql::read_clients, {}, first_text)); });
}

store::Pending<std::optional<Client>> TrialStore::find_client(ClientId client_id) {
  co_return reading([&](Connection& c) {
    auto found = clients_of(c.all(store::sql::read_client_document, {client_id}, first_text));
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
  });
}

store::Pending<std::vector<UserRecord>> TrialStore::users() {
  co_return reading(
      [](Connection& c) { return c.all(store::sql::read_users, {}, store::sql::user_record_row); });
}

store::Pending<std::optional<User>> TrialStore::find_user(UserId user_id) {
  co_return reading(
      [&](Connection& c) { return c.first(store::sql::read_user, {user_id}, user_of); });
}

store::Pending<std::optional<UserRecord>> TrialStore::find_user_by_login(
    std::string canonical_login) {
  co_return reading([&](Connection& c) {
    return c.first(store::sql::read_user_record_by_login, {canonical_login},
                   store::sql::user_record_row);
  });
}

store::Pending<std::optional<store::SessionView>> TrialStore::find_session(SessionDigest handle) {
  co_return reading([&](Connection& c) {
    return c.first(store::sql::read_session_by_handle, {Cell::bytes(handle)},
                   store::sql::session_view_row);
  });
}

store::Pending<std::optional<store::SessionView>> TrialStore::find_session_by_id(
    SessionId session_id) {
  co_return reading([&](Connection& c) {
    return c.first(store::sql::read_session_by_id, {session_id}, store::sql::session_view_row);
  });
}

store::Pending<std::vector<SessionRecord>> TrialStore::sessions_of(UserId user_id) {
  co_return reading([&](Connection& c) {
    return c.all(store::sql::read_sessions_of_user, {user_id}, store::sql::session_record_row);
  });
}

store::Pending<std::optional<Interaction>> TrialStore::find_interaction(InteractionDigest handle) {
  co_return reading([&](Connection& c) {
    return c.first(store::sql::read_interaction, {Cell::bytes(handle)},
                   store::sql::interaction_row);
  });
}

store::Pending<std::optional<Consent>> TrialStore::find_consent(UserId user_id,
                                                                ClientId client_id) {
  co_return reading([&](Connection& c) {
    return c.first(store::sql::read_consent, {user_id, client_id}, store::sql::consent_row);
  });
}

store::Pending<std::vector<Consent>> TrialStore::consents_of(UserId user_id) {
  co_return reading([&](Connection& c) {
    return c.all(store::sql::read_consents_of_user, {user_id}, store::sql::consent_row);
  });
}

store::Pending<std::optional<GrantView>> TrialStore::find_grant(GrantId grant_id, TokenId token_id,
                                                                Instant now) {
  co_return reading([&](Connection& c) {
    return c.first(store::sql::read_grant_view, {grant_id, token_id, now},
                   store::sql::grant_view_row);
  });
}

store::Pending<bool> TrialStore::is_token_marked(TokenId token_id) {
  co_return reading(
      [&](Connection& c) { return c.exists(store::sql::token_is_marked, {token_id}); });
}

store::Pending<bool> TrialStore::is_spent(OnceDigest digest, Instant now) {
  co_return reading([&](Connection& c) {
    return c.exists(store::sql::once_value_is_spent, {store::sql::Cell::bytes(digest), now});
  });
}

store::Pending<std::optional<store::RefreshView>> TrialStore::find_refresh(GrantId grant_id,
                                                                           Instant now) {
  co_return reading([&](Connection& c) {
    std::optional<store::RefreshView> view;
    auto row = c.first(store::sql::read_refresh, {grant_id}, store::sql::refresh_row);
    if (!row) return view;
    auto grant =
        c.first(store::sql::read_grant_view, {grant_id, "", now}, store::sql::grant_view_row);
    if (grant) view = store::RefreshView{.row = *std::move(row), .grant = *std::move(grant)};
    return view;
  });
}

store::Pending<std::vector<Grant>> TrialStore::grants_of(UserId user_id) {
  co_return reading([&](Connection& c) {
    return c.all(store::sql::read_grants_of_user, {user_id}, store::sql::grant_row);
  });
}

store::Pending<std::optional<std::string>> TrialStore::find_parked(ParkedId value_id) {
  co_return reading(
      [&](Connection& c) { return c.first(store::sql::read_parked, {value_id}, first_text); });
}

store::Pending<std::optional<PolledRequest>> TrialStore::find_polled_request(GrantId request_id) {
  co_return reading([&](Connection& c) {
    return c.first(store::sql::read_polled_request, {request_id}, store::sql::polled_request_row);
  });
}

store::Pending<std::optional<PolledRequest>> TrialStore::find_request_of_user_code(
    UserCodeDigest code) {
  co_return reading([&](Connection& c) {
    return c.first(store::sql::read_request_of_user_code, {store::sql::Cell::bytes(code)},
                   store::sql::polled_request_row);
  });
}

store::Pending<std::vector<PolledRequest>> TrialStore::requests_asking(UserId user_id,
                                                                       Instant now) {
  co_return reading([&](Connection& c) {
    return c.all(store::sql::read_requests_asking, {user_id, now}, store::sql::polled_request_row);
  });
}

store::Pending<std::vector<ServerKey>> TrialStore::server_keys() {
  co_return reading([](Connection& c) {
    return c.all(store::sql::read_signing_keys, {}, store::sql::server_key_row);
  });
}

store::Pending<std::vector<store::WrappedKey>> TrialStore::wrapped_keys() {
  co_return reading([](Connection& c) {
    return c.all(store::sql::read_wrapped_keys, {}, store::sql::wrapped_key_row);
  });
}

store::Pending<std::vector<store::Counter>> TrialStore::counters(std::vector<CounterDigest> keys) {
  co_return reading([&](Connection& c) {
    std::vector<store::Counter> counters;
    for (const auto& key : keys) {
      auto counter = c.first(store::sql::read_counter, {Cell::bytes(key)}, [&](const Row& row) {
        return store::Counter{.key = key, .count = row.integer(0), .window_start = row.instant(1)};
      });
      if (counter) counters.push_back(*std::move(counter));
    }
    return counters;
  });
}

store::Pending<std::vector<NoticeLane>> TrialStore::due_notice_lanes(Instant now, int at_most) {
  co_return reading([&](Connection& c) {
    return c.all(store::sql::read_due_notice_lanes, {now, at_most}, store::sql::notice_lane_row);
  });
}

store::Pending<std::vector<ClientNotice>> TrialStore::due_notices(NoticeLane lane, Instant now,
                                                                  int at_most) {
  co_return reading([&](Connection& c) {
    return c.all(store::sql::read_due_notices,
                 {lane.client_id, store::sql::word_of(lane.kind), now, at_most},
                 store::sql::client_notice_row);
  });
}

store::Pending<std::optional<KeptSecondFactor>> TrialStore::find_second_factor(UserId user_id) {
  co_return reading([&](Connection& c) {
    return c.first(store::sql::read_second_factor, {user_id}, store::sql::second_factor_row);
  });
}

store::Pending<bool> TrialStore::has_recovery_code(UserId user_id, RecoveryDigest digest) {
  co_return reading([&](Connection& c) {
    return c.exists(store::sql::recovery_code_is_present,
                    {user_id, store::sql::Cell::bytes(digest)});
  });
}

store::Pending<bool> TrialStore::is_initial_token_usable(InitialTokenDigest digest, Instant now) {
  co_return reading([&](Connection& c) {
    return c.exists(store::sql::initial_token_is_usable, {Cell::bytes(digest), now});
  });
}

store::Pending<std::optional<UserId>> TrialStore::find_link(LinkDigest digest, Instant now) {
  co_return reading([&](Connection& c) {
    return c.first(store::sql::read_link, {Cell::bytes(digest), now},
                   [](const Row& row) { return UserId(row.text(0)); });
  });
}

}  // namespace cardea::fuzz
