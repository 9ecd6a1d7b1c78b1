// What a token rests on in these tests, and every way to end it.
#pragma once

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "engines.h"

namespace cardea::kept_reads_test {

inline void furnish_with_grant(store_test::StoreTest& test, store::Store& store) {
  test.furnish(store);
  store::BeginGrant op = test.redemption(store);
  op.grant.session_binding = SessionBinding::ends_with_session;
  test.perform(store, std::move(op));
}

// Two threads look at the token again and again while `end` ends it. How often one that began to
// look after that was acknowledged saw it live.
template <class Look, class End>
int wrong_looks(Look look, End end) {
  std::atomic<bool> is_over = false;
  std::atomic<int> wrong = 0;
  const auto watch = [&] {
    store_test::StoreTest of_thread;
    for (bool last = false; !last;) {
      last = is_over.load();
      const auto found = look(of_thread);
      if (last && judge_liveness(*found, store_test::start) == Liveness::live) ++wrong;
    }
  };
  std::thread one(watch);
  std::thread two(watch);
  end();
  is_over = true;
  one.join();
  two.join();
  return wrong;
}

struct Way {
  Liveness ends_as;
  std::function<void(store::Store&)> end;
};

// Every way to end the token of grant g1.
inline std::vector<Way> ways() {
  auto disabled_user = store_test::a_user();
  disabled_user.enabled = false;
  auto disabled_client = store_test::a_client();
  disabled_client.enabled = false;
  const auto doing = [](auto operation) {
    return [operation](store::Store& it) { store_test::StoreTest().perform(it, operation); };
  };
  return {{Liveness::token_revoked,
           doing(store::MarkToken{TokenId("t1"), store_test::start + minutes(10)})},
          {Liveness::grant_revoked, doing(store::RevokeGrant{GrantId("g1"), "revoked"})},
          {Liveness::grant_revoked,
           [](store::Store& it) {
             store_test::StoreTest().perform(it, store_test::StoreTest().redemption(it));
           }},
          {Liveness::session_ended,
           doing(store::EndSessions{.session_ids = {SessionId("s1")}, .user_id = {}})},
          {Liveness::session_ended,
           doing(store::EndAllSessions{.user_id = store_test::a_user().user_id, .keep = {}})},
          {Liveness::grant_revoked, doing(store::PutUser{.user = disabled_user})},
          {Liveness::client_disabled, doing(store::PutClient{.client = disabled_client})},
          {Liveness::grant_revoked, doing(store::RemoveClient{store_test::a_client().client_id})},
          {Liveness::grant_revoked,
           doing(store::ChangePassword{.user_id = store_test::a_user().user_id,
                                       .security_version = 1,
                                       .password_hash = PasswordHash("$argon2id$new"),
                                       .keep = SessionId("s1")})}};
}

}  // namespace cardea::kept_reads_test
