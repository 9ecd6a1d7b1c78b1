// The engines that the contract suite runs on, and values that tests start from. Every test gets a
// store of its own, a clock moved by hand, and a thread-free way to await.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "crypto/hash.h"
#include "crypto/random.h"
#include "store/postgres/postgres_store.h"
#include "store/sqlite/sqlite_store.h"
#include "store/store.h"
#include "support/scratch_database.h"
#include "task/executor.h"

namespace cardea::store_test {

inline constexpr Instant start{1'800'000'000'000};

// A folder of its own that is removed with everything in it.
class Scratch {
 public:
  Scratch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "cardea-store-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~Scratch() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  Scratch(Scratch&& from) noexcept : path_(std::exchange(from.path_, {})) {}
  Scratch& operator=(Scratch&& from) noexcept {
    std::swap(path_, from.path_);
    return *this;
  }
  std::string file(const std::string& name = "cardea.db") const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// 32 bytes that stand for the digest of a bearer value.
template <class D>
D digest(const std::string& of) {
  return D(crypto::sha256(of));
}

inline UserRecord a_user(const std::string& login = "alice") {
  UserRecord user;
  user.user_id = UserId("user-" + login);
  user.login = login;
  user.password_hash = PasswordHash("$argon2id$of-" + login);
  user.claims = {{"name", "Name of " + login}, {"groups", std::vector<std::string>{"staff"}}};
  user.created_at = start;
  return user;
}

inline const std::string callback = "https://app.example/cb";

inline Client a_client(const std::string& client_id = "app") {
  Client client;
  client.client_id = ClientId(client_id);
  client.client_name = "App";
  client.redirect_uris = {callback};
  client.token_endpoint_auth_method = ClientAuthMethod::none;
  client.created_at = start;
  return client;
}

inline SessionRecord a_session(const std::string& name = "s1", const User& user = a_user()) {
  SessionRecord session;
  session.session_id = SessionId(name);
  session.handle = digest<SessionDigest>("cookie " + name);
  session.user_id = user.user_id;
  session.security_version = user.security_version;
  session.authentication = {.auth_time = start, .acr = "1", .amr = {"pwd", "otp"}};
  session.created_at = start;
  session.last_seen = start;
  session.absolute_end = start + days(30);
  session.idle_lifetime = hours(12);
  session.user_agent = "Browser";
  session.address = "192.0.2.1";
  return session;
}

inline Interaction an_interaction(const std::string& name = "i1") {
  Interaction interaction;
  interaction.handle = digest<InteractionDigest>(name);
  interaction.binding = digest<BindingDigest>("browser");
  interaction.sealed_request = std::string("sealed\0request", 14);
  interaction.created_at = start;
  interaction.expires_at = start + minutes(30);
  interaction.address = "192.0.2.1";
  return interaction;
}

inline Consent a_consent(const std::string& consent_id = "c1") {
  return {.consent_id = ConsentId(consent_id),
          .user_id = a_user().user_id,
          .client_id = a_client().client_id,
          .scopes = {"openid"},
          .approvals = {},
          .created_at = start,
          .updated_at = start};
}

inline Grant a_grant(const std::string& grant_id = "g1") {
  Grant grant;
  grant.grant_id = GrantId(grant_id);
  grant.user_id = a_user().user_id;
  grant.security_version = 1;
  grant.client_id = a_client().client_id;
  grant.session_id = SessionId("s1");
  grant.consent_id = ConsentId("c1");
  grant.session_binding = SessionBinding::outlives_session;
  grant.scopes = {"openid", "offline_access"};
  grant.resources = {ResourceId("https://api.example/"), ResourceId("urn:second")};
  grant.authentication = {.auth_time = start, .acr = "1", .amr = {"pwd"}};
  grant.claims_request = R"({"id_token":{"email":null}})";
  grant.created_at = start;
  grant.code_expires_at = start + Seconds{60};
  return grant;
}

inline RefreshRow a_refresh(const std::string& name = "g1") {
  RefreshRow row;
  row.grant_id = GrantId(name);
  row.generation = 1;
  row.current = digest<RefreshDigest>(name + " generation 1");
  row.idle_end = start + days(14);
  row.absolute_end = start + days(90);
  return row;
}

// Awaits on this thread, and gives the value or fails the test.
class StoreTest {
 public:
  template <class T>
  store::Answer<T> answer(store::Pending<T> pending) {
    return run_blocking(executor_, std::move(pending));
  }
  template <class T>
  T value(store::Pending<T> pending) {
    auto got = answer(std::move(pending));
    EXPECT_TRUE(got.ok()) << (got.ok() ? "" : got.error().reason);
    return got.ok() ? *std::move(got) : T{};
  }
  template <class Op>
  typename Op::Outcome perform(store::Store& store, Op operation) {
    return value(store.perform(std::move(operation)));
  }

  // A user, a client, a session and a consent: what a redemption needs.
  void furnish(store::Store& store) {
    using store::Approve, store::PutInteraction, store::PutUser, store::PutClient, store::SignIn;
    EXPECT_EQ(perform(store, PutUser{.user = a_user()}), PutUser::Outcome::stored);
    EXPECT_EQ(perform(store, PutClient{.client = a_client()}), PutClient::Outcome::stored);
    EXPECT_EQ(perform(store, SignIn{.session = a_session(),
                                    .replaces = {},
                                    .rehashed = {},
                                    .interaction = {},
                                    .now = start}),
              SignIn::Outcome::signed_in);
    PutInteraction put{.interaction = an_interaction("furnish"), .now = start};
    EXPECT_EQ(perform(store, put), PutInteraction::Outcome::stored);
    const auto approved =
        perform(store, Approve{.consent = a_consent(),
                               .interaction = {.handle = put.interaction.handle,
                                               .after = store::AfterStep::finished,
                                               .session_id = {}},
                               .now = start});
    EXPECT_EQ(approved.result, Approve::Outcome::Result::approved);
  }

  store::BeginGrant redemption(store::Store& store, const std::string& name = "g1") {
    return {.grant = a_grant(name),
            .refresh = a_refresh(name),
            .registered_redirect_uri = RedirectUriDigest(crypto::sha256(callback)),
            .epoch = value(store.meta()).epoch,
            .now = start};
  }

  ManualExecutor& executor() { return executor_; }

 private:
  ManualExecutor executor_;
};

enum class Engine { memory, file, postgres };
inline std::string name_of(Engine engine) {
  switch (engine) {
    case Engine::memory:
      return "memory";
    case Engine::file:
      return "file";
    case Engine::postgres:
      return "postgres";
  }
  return "";
}

inline auto every_engine() {
  return testing::Values(Engine::memory, Engine::file, Engine::postgres);
}

// The contract suite's fixture: one empty store on the engine of the parameter.
class EveryEngine : public testing::TestWithParam<Engine>, public StoreTest {
 protected:
  EveryEngine() { renew(); }

  // Tests move the clock in jumps, which would hold the sweep.
  void reopen() {
    store_.reset();
    if (GetParam() == Engine::postgres) {
      keep(store::postgres::open({.link = {.conninfo = conninfo_},
                                  .clock = &clock,
                                  .queue_max = queue_max,
                                  .writers = 1,
                                  .sweep_hold = Seconds{0},
                                  .sweep_after = 1}));
    } else {
      keep(store::sqlite::open({.path = GetParam() == Engine::memory ? "" : scratch_.file(),
                                .clock = &clock,
                                .queue_max = queue_max,
                                .sweep_hold = Seconds{0}}));
    }
  }
  // An empty store again.
  void renew() {
    store_.reset();
    if (GetParam() == Engine::postgres) {
      conninfo_ = test::ScratchDatabase::instance().new_schema();
    } else {
      scratch_ = Scratch();
    }
    reopen();
  }
  // Whether what was written is there after reopen().
  bool is_durable() const { return GetParam() != Engine::memory; }
  store::Store& store() { return *store_; }
  template <class Op>
  typename Op::Outcome perform(Op operation) {
    return StoreTest::perform(*store_, std::move(operation));
  }

  SettableClock clock{start};
  std::size_t queue_max = 4096;  // from the next reopen() on

 private:
  template <class Opened>
  void keep(Opened opened) {
    ASSERT_TRUE(opened.ok()) << opened.error().reason;
    store_ = *std::move(opened);
  }

  Scratch scratch_;
  std::string conninfo_;
  std::unique_ptr<store::Store> store_;
};

}  // namespace cardea::store_test
