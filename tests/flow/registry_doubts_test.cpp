// A change of a client whose answer was lost: the commit may have happened, and the clients in
// memory must not stay behind it. Decision T2.
#include <gtest/gtest.h>

#include "support/registration.h"

namespace cardea::registry_doubts_test {

using test::json_of;
using test::registration_of;
using test::text_of;

struct RegistryDoubts : testing::Test {
  test::Harness server{test::open_registration()};
  json::Object registered = json_of(test::register_client(server, registration_of()));
  ClientId id{text_of(registered, "client_id")};

  // As a write whose answer never came: it is in the store, and nobody was told.
  void remove_behind_the_back() {
    server.stored(server.store->perform(store::RemoveClient{.client_id = id, .presented = {}}));
  }
  int proves_itself() {
    const auto basic = test::basic(id.value(), text_of(registered, "client_secret"));
    return server.send(server.post("/revoke", {{"token", "x"}}, {{"Authorization", basic}})).status;
  }
};

// 7592-01: a removal that happened after all holds for the next request
TEST_F(RegistryDoubts, WhatIsInDoubtIsReadBeforeTheNextRequest) {
  ASSERT_EQ(proves_itself(), 200);
  remove_behind_the_back();
  server.registry->doubt(id);
  EXPECT_EQ(proves_itself(), 401);
}

// 7592-01: and one that did not happen changes nothing
TEST_F(RegistryDoubts, WhatDidNotHappenChangesNothing) {
  server.registry->doubt(id);
  server.registry->doubt(ClientId("nobody"));
  EXPECT_EQ(proves_itself(), 200);
  EXPECT_EQ(server.registry->find(ClientId("nobody")), nullptr);
}

}  // namespace cardea::registry_doubts_test
