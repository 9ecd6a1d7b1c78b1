// The store of the targets that drive a whole server: in memory, every operation done at once on
// the one thread there is (a hand-over to a writer costs more than most operations do), and taken
// back to where it was before the next input. What it runs are the engines' own operations and
// statements (store/sql); group commit, readers and files have tests of their own.
#pragma once

#include <memory>
#include <utility>

#include "store/sql/sweep.h"
#include "store/sqlite/connection.h"
#include "store/store.h"

namespace cardea::fuzz {

class TrialStore final : public store::Store {
 public:
  explicit TrialStore(const Clock& clock);

  // From here on nothing lasts.
  void begin_trial();
  void take_back();

  store::Pending<store::Meta> meta() override;
  store::Pending<Instant> store_now() override;
  store::Pending<std::vector<Client>> clients() override;
  store::Pending<std::optional<Client>> find_client(ClientId client_id) override;
  store::Pending<std::vector<UserRecord>> users() override;
  store::Pending<std::optional<User>> find_user(UserId user_id) override;
  store::Pending<std::optional<UserRecord>> find_user_by_login(
      std::string canonical_login) override;
  store::Pending<std::optional<store::SessionView>> find_session(SessionDigest handle) override;
  store::Pending<std::optional<store::SessionView>> find_session_by_id(
      SessionId session_id) override;
  store::Pending<std::vector<SessionRecord>> sessions_of(UserId user_id) override;
  store::Pending<std::optional<Interaction>> find_interaction(InteractionDigest handle) override;
  store::Pending<std::optional<Consent>> find_consent(UserId user_id, ClientId client_id) override;
  store::Pending<std::vector<Consent>> consents_of(UserId user_id) override;
  store::Pending<std::optional<GrantView>> find_grant(GrantId grant_id, TokenId token_id,
                                                      Instant now) override;
  store::Pending<bool> is_token_marked(TokenId token_id) override;
  store::Pending<bool> is_spent(OnceDigest digest, Instant now) override;
  store::Pending<std::optional<store::RefreshView>> find_refresh(GrantId grant_id,
                                                                 Instant now) override;
  store::Pending<std::vector<Grant>> grants_of(UserId user_id) override;
  store::Pending<std::optional<std::string>> find_parked(ParkedId value_id) override;
  store::Pending<std::optional<PolledRequest>> find_polled_request(GrantId request_id) override;
  store::Pending<std::optional<PolledRequest>> find_request_of_user_code(
      UserCodeDigest code) override;
  store::Pending<std::vector<PolledRequest>> requests_asking(UserId user_id, Instant now) override;
  store::Pending<std::vector<ServerKey>> server_keys() override;
  store::Pending<std::vector<store::WrappedKey>> wrapped_keys() override;
  store::Pending<std::vector<store::Counter>> counters(std::vector<CounterDigest> keys) override;
  store::Pending<std::vector<NoticeLane>> due_notice_lanes(Instant now, int at_most) override;
  store::Pending<std::vector<ClientNotice>> due_notices(NoticeLane lane, Instant now,
                                                        int at_most) override;
  store::Pending<std::optional<KeptSecondFactor>> find_second_factor(UserId user_id) override;
  store::Pending<bool> has_recovery_code(UserId user_id, RecoveryDigest digest) override;
  store::Pending<bool> is_initial_token_usable(InitialTokenDigest digest, Instant now) override;
  store::Pending<std::optional<UserId>> find_link(LinkDigest digest, Instant now) override;

 protected:
  void submit(store::Operation operation, std::int64_t deadline_ms, Done done) override;

 private:
  // Runs `read(connection)`; the failure if there is one.
  template <class Read>
  auto reading(Read read) -> store::Answer<decltype(read(std::declval<store::sql::Connection&>()))>;

  const Clock& clock_;
  std::unique_ptr<store::sqlite::SqliteConnection> sql_;
  store::sql::Sweeper sweeper_{Seconds{0}};
};

}  // namespace cardea::fuzz
