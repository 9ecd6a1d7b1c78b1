// The reads of a store as statements, the same for every engine; what an engine adds is how it runs
// them. Engine::read(f) gives what f(Connection&) returned, as a Pending. f may be run again from
// its start with the same answers, so it changes nothing but what it returns.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "store/sql/connection.h"
#include "store/sql/rows.h"
#include "store/sql/statements.h"
#include "store/store.h"

namespace cardea::store::sql {

// The documents as clients; a document that cannot be read is damage, not an absent client.
Answer<std::vector<Client>> clients_of(Answer<std::vector<std::string>> documents);
// Nothing where the store's facts are missing, which is damage: present().
std::optional<Versions> read_versions_of(Connection& connection);
Answer<Versions> present(std::optional<Versions> read);

template <class Value>
std::shared_ptr<const Value> shared(std::optional<Value> found) {
  return found ? std::make_shared<const Value>(*std::move(found)) : nullptr;
}

template <class Engine>
class ReadingStore : public Store {
 public:
  Pending<Meta> meta() override {
    auto found =
        co_await engine().read([](Connection& c) { return c.first(read_meta, {}, meta_row); });
    if (!found) co_return refuse(std::move(found).error());
    if (!*found) {
      co_return refuse(Failure{Failure::Kind::corrupt, "the store's facts are missing"});
    }
    co_return **std::move(found);
  }

  Pending<Versions> versions() override {
    auto found = co_await engine().read(read_versions_of);
    if (!found) co_return refuse(std::move(found).error());
    co_return present(*found);
  }

  Pending<std::vector<Client>> clients() override {
    co_return clients_of(co_await engine().read([](Connection& c) {
      return c.all(read_clients, {}, [](const Row& row) { return row.text(0); });
    }));
  }

  Pending<std::optional<Client>> find_client(ClientId client_id) override {
    auto found =
        clients_of(co_await engine().read([client_id = std::move(client_id)](Connection& c) {
          return c.all(read_client_document, {client_id},
                       [](const Row& row) { return row.text(0); });
        }));
    if (!found) co_return refuse(std::move(found).error());
    if (found->empty()) co_return std::optional<Client>();
    co_return std::optional(std::move(found->front()));
  }

  Pending<std::vector<UserRecord>> users_after(std::string login, std::size_t most) override {
    return engine().read([login = std::move(login), most](Connection& c) {
      return c.all(read_users_after, {login, static_cast<std::int64_t>(most)}, user_record_row);
    });
  }

  Pending<std::vector<UserRecord>> users_owned_by(Ownership::By owner) override {
    return engine().read([owner](Connection& c) {
      return c.all(read_users_owned_by, {std::string(name_of(owner))}, user_record_row);
    });
  }

  Pending<std::shared_ptr<const User>> find_user(UserId user_id) override {
    return engine().read([user_id = std::move(user_id)](Connection& c) {
      return shared(c.first(read_user, {user_id}, [](const Row& row) { return user_row(row); }));
    });
  }

  Pending<std::optional<UserRecord>> find_user_by_login(std::string canonical_login) override {
    return engine().read([login = std::move(canonical_login)](Connection& c) {
      return c.first(read_user_record_by_login, {login}, user_record_row);
    });
  }

  Pending<std::optional<SessionView>> find_session(SessionDigest handle) override {
    return engine().read([handle = std::move(handle)](Connection& c) {
      return c.first(read_session_by_handle, {Cell::bytes(handle)}, session_view_row);
    });
  }

  Pending<std::optional<SessionView>> find_session_by_id(SessionId session_id) override {
    return engine().read([session_id = std::move(session_id)](Connection& c) {
      return c.first(read_session_by_id, {session_id}, session_view_row);
    });
  }

  Pending<std::vector<SessionRecord>> sessions_of(UserId user_id) override {
    return engine().read([user_id = std::move(user_id)](Connection& c) {
      return c.all(read_sessions_of_user, {user_id}, session_record_row);
    });
  }

  Pending<std::optional<Interaction>> find_interaction(InteractionDigest handle) override {
    return engine().read([handle = std::move(handle)](Connection& c) {
      return c.first(read_interaction, {Cell::bytes(handle)}, interaction_row);
    });
  }

  Pending<std::optional<Consent>> find_consent(UserId user_id, ClientId client_id) override {
    return engine().read(
        [user_id = std::move(user_id), client_id = std::move(client_id)](Connection& c) {
          return c.first(read_consent, {user_id, client_id}, consent_row);
        });
  }

  Pending<std::vector<Consent>> consents_of(UserId user_id) override {
    return engine().read([user_id = std::move(user_id)](Connection& c) {
      return c.all(read_consents_of_user, {user_id}, consent_row);
    });
  }

  Pending<std::shared_ptr<const GrantView>> find_grant(GrantId grant_id,
                                                       TokenId token_id) override {
    return engine().read(
        [grant_id = std::move(grant_id), token_id = std::move(token_id)](Connection& c) {
          return shared(c.first(read_grant_view, {grant_id, token_id}, grant_view_row));
        });
  }

  Pending<bool> is_token_marked(TokenId token_id) override {
    return engine().read([token_id = std::move(token_id)](Connection& c) {
      return c.exists(token_is_marked, {token_id});
    });
  }

  Pending<bool> is_spent(OnceDigest digest, Instant now) override {
    return engine().read([digest = std::move(digest), now](Connection& c) {
      return c.exists(once_value_is_spent, {Cell::bytes(digest), now});
    });
  }

  Pending<std::optional<RefreshView>> find_refresh(GrantId grant_id) override {
    return engine().read([grant_id = std::move(grant_id)](Connection& c) {
      return c.first(read_refresh_view, {grant_id}, refresh_view_row);
    });
  }

  Pending<std::vector<Grant>> grants_of(UserId user_id) override {
    return engine().read([user_id = std::move(user_id)](Connection& c) {
      return c.all(read_grants_of_user, {user_id}, grant_row);
    });
  }

  Pending<std::optional<std::string>> find_parked(ParkedId value_id) override {
    return engine().read([value_id = std::move(value_id)](Connection& c) {
      return c.first(read_parked, {value_id}, [](const Row& row) { return row.text(0); });
    });
  }

  Pending<std::optional<PolledRequest>> find_polled_request(GrantId request_id) override {
    return engine().read([request_id = std::move(request_id)](Connection& c) {
      return c.first(read_polled_request, {request_id}, polled_request_row);
    });
  }

  Pending<std::optional<PolledRequest>> find_request_of_user_code(UserCodeDigest code) override {
    return engine().read([code = std::move(code)](Connection& c) {
      return c.first(read_request_of_user_code, {Cell::bytes(code)}, polled_request_row);
    });
  }

  Pending<std::vector<PolledRequest>> requests_asking(UserId user_id, Instant now) override {
    return engine().read([user_id = std::move(user_id), now](Connection& c) {
      return c.all(read_requests_asking, {user_id, now}, polled_request_row);
    });
  }

  Pending<std::vector<ServerKey>> server_keys() override {
    return engine().read(
        [](Connection& c) { return c.all(read_signing_keys, {}, server_key_row); });
  }

  Pending<std::vector<WrappedKey>> wrapped_keys() override {
    return engine().read(
        [](Connection& c) { return c.all(read_wrapped_keys, {}, wrapped_key_row); });
  }

  Pending<std::vector<Counter>> counters(std::vector<CounterDigest> keys) override {
    return engine().read([keys = std::move(keys)](Connection& c) {
      std::vector<Counter> out;
      for (const CounterDigest& key : keys) {
        auto counter = c.first(read_counter, {Cell::bytes(key)}, [&](const Row& row) {
          return Counter{.key = key, .count = row.integer(0), .window_start = row.instant(1)};
        });
        if (counter) out.push_back(*std::move(counter));
      }
      return out;
    });
  }

  Pending<bool> has_counters() override {
    return engine().read([](Connection& c) { return c.exists(read_any_counter, {}); });
  }

  Pending<std::vector<NoticeLane>> due_notice_lanes(Instant now, int at_most) override {
    return engine().read([now, at_most](Connection& c) {
      return c.all(read_due_notice_lanes, {now, at_most}, notice_lane_row);
    });
  }

  Pending<std::vector<ClientNotice>> due_notices(NoticeLane lane, Instant now,
                                                 int at_most) override {
    return engine().read([lane = std::move(lane), now, at_most](Connection& c) {
      return c.all(read_due_notices, {lane.client_id, word_of(lane.kind), now, at_most},
                   client_notice_row);
    });
  }

  Pending<std::optional<KeptSecondFactor>> find_second_factor(UserId user_id) override {
    return engine().read([user_id = std::move(user_id)](Connection& c) {
      return c.first(read_second_factor, {user_id}, second_factor_row);
    });
  }

  Pending<bool> has_recovery_code(UserId user_id, RecoveryDigest digest) override {
    return engine().read([user_id = std::move(user_id), digest = std::move(digest)](Connection& c) {
      return c.exists(recovery_code_is_present, {user_id, Cell::bytes(digest)});
    });
  }

  Pending<bool> is_initial_token_usable(InitialTokenDigest digest, Instant now) override {
    return engine().read([digest = std::move(digest), now](Connection& c) {
      return c.exists(initial_token_is_usable, {Cell::bytes(digest), now});
    });
  }

  Pending<std::optional<UserId>> find_link(LinkDigest digest, Instant now) override {
    return engine().read([digest = std::move(digest), now](Connection& c) {
      return c.first(read_link, {Cell::bytes(digest), now},
                     [](const Row& row) { return UserId(row.text(0)); });
    });
  }

 private:
  Engine& engine() { return static_cast<Engine&>(*this); }
};

}  // namespace cardea::store::sql
