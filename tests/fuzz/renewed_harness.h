// A server for the structure-aware targets: made anew every few hundred inputs, so that what one
// input leaves behind is bounded, and kept in between, because making one costs more than most
// inputs do. Targets begin with people and grants of their own.
#pragma once

#include <memory>

#include "base/ascii.h"
#include "base/base64url.h"
#include "support/harness.h"

namespace cardea::fuzz {

inline std::unique_ptr<test::Harness> make_harness() {
  auto server = std::make_unique<test::Harness>();
  for (const auto* id : {"cA", "cB", "pS"}) {  // the quickest ID tokens
    server->edit_client(id, [](Client& client) {
      client.id_token_signed_response_alg = crypto::SignatureAlgorithm::EdDSA;
    });
  }
  return server;
}

inline test::Harness& renewed_harness() {
  constexpr int inputs_max = 200;
  static std::unique_ptr<test::Harness> server;
  static int inputs = 0;
  if (!server || ++inputs > inputs_max) {
    server = make_harness();
    inputs = 0;
  }
  return *server;
}

// What nobody waits for is done as well: nothing of one input reaches into the next.
inline void settle(test::Harness& server) {
  server.executor.run_until([&] { return server.background.idle(); });
}

// A person of this input alone, with the harness's password.
inline User put_person(test::Harness& server, std::string_view name) {
  auto person = server.user("alice");
  person.user_id = UserId(new_identifier(server.random));
  person.login = std::string(name) + hex_encode(server.random.bytes(6));
  EXPECT_EQ(server.stored(server.store->perform(store::PutUser{person})),
            store::PutUser::Outcome::stored);
  return server.user(person.login);
}

}  // namespace cardea::fuzz
