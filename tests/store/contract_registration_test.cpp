// The contract of clients that register themselves, on every engine: quotas, initial access tokens,
// registration access tokens, being forgotten. RFC 7591, RFC 7592.
#include <gtest/gtest.h>

#include "engines.h"

namespace cardea::contract_registration_test {

using namespace store_test;
using namespace store;
using Result = RegisterClient::Outcome::Result;

class RegistrationContract : public EveryEngine {
 protected:
  static Client registered(const std::string& id, const std::string& token = "t") {
    Client client = a_client(id);
    client.owner.by = Ownership::By::registration;
    client.registration_access_token = digest<RegistrationTokenDigest>(token);
    client.software_statement = "a.b.c";
    return client;
  }
  static Client described(const std::string& id) {
    Client client = a_client(id);
    client.owner.by = Ownership::By::document;
    return client;
  }
  RegisterClient::Outcome enter(Client client, Instant now = start, const std::string& token = "") {
    RegisterClient op{.client = std::move(client),
                      .source = "192.0.2.1",
                      .unused_max = 2,
                      .clients_max = 3,
                      .unused_for = hours(1),
                      .now = now};
    if (!token.empty()) {
      op.source = "";
      op.initial_access_token = digest<InitialTokenDigest>(token);
    }
    return perform(std::move(op));
  }
  bool is_there(const std::string& id) {
    return value(store().find_client(ClientId(id))).has_value();
  }
  bool is_usable(const std::string& token, Instant now) {
    return value(store().is_initial_token_usable(digest<InitialTokenDigest>(token), now));
  }
};

TEST_P(RegistrationContract, ARegistrationIsKeptAsGiven) {
  EXPECT_EQ(enter(registered("r1")).result, Result::registered);
  const auto found = value(store().find_client(ClientId("r1")));
  ASSERT_TRUE(found);
  EXPECT_EQ(write_client(*found), write_client(registered("r1")));
}

// 7591-01: registrations are bounded, for one source and for all
TEST_P(RegistrationContract, SourcesAndAllTogetherAreBounded) {
  EXPECT_EQ(enter(registered("r1")).result, Result::registered);
  EXPECT_EQ(enter(registered("r2")).result, Result::registered);
  EXPECT_EQ(enter(registered("r3")).result, Result::too_many_of_source);
  EXPECT_FALSE(is_there("r3"));
  perform(PutInitialToken{digest<InitialTokenDigest>("i"), 9, start + hours(1)});
  EXPECT_EQ(enter(registered("r3"), start, "i").result, Result::registered);
  EXPECT_EQ(enter(registered("r4"), start, "i").result, Result::too_many);
  EXPECT_FALSE(is_there("r4"));
}

// 7591-01: an initial access token has so many uses and an end
TEST_P(RegistrationContract, AnInitialTokenHasItsUsesAndItsEnd) {
  perform(PutInitialToken{digest<InitialTokenDigest>("i"), 1, start + hours(1)});
  EXPECT_TRUE(is_usable("i", start));
  EXPECT_FALSE(is_usable("i", start + hours(1)));
  EXPECT_FALSE(is_usable("j", start));
  EXPECT_EQ(enter(registered("r1"), start, "j").result, Result::token_not_usable);
  EXPECT_EQ(enter(registered("r1"), start + hours(1), "i").result, Result::token_not_usable);
  EXPECT_EQ(enter(registered("r1"), start, "i").result, Result::registered);
  EXPECT_FALSE(is_usable("i", start));
  EXPECT_EQ(enter(registered("r2"), start, "i").result, Result::token_not_usable);
  EXPECT_FALSE(is_there("r2"));
}

TEST_P(RegistrationContract, NobodyIsReplacedByARegistration) {
  perform(PutClient{.client = a_client("app")});
  EXPECT_EQ(enter(registered("app")).result, Result::already_there);
  EXPECT_EQ(enter(described("app")).result, Result::already_there);
  EXPECT_EQ(enter(described("d")).result, Result::registered);
  Client changed = described("d");
  changed.client_name = "Changed";
  EXPECT_EQ(enter(changed).result, Result::registered);
  EXPECT_EQ(value(store().find_client(ClientId("d")))->client_name, "Changed");
  EXPECT_EQ(enter(registered("d")).result, Result::already_there);
}

TEST_P(RegistrationContract, WhatNobodyUsedIsForgotten) {
  perform(PutClient{.client = a_client("app")});
  EXPECT_EQ(enter(registered("r1")).result, Result::registered);
  EXPECT_TRUE(enter(registered("r2"), start + hours(1)).forgotten.empty());
  const auto outcome = enter(registered("r3"), start + hours(1) + Seconds{1});
  EXPECT_EQ(outcome.forgotten, std::vector{ClientId("r1")});
  EXPECT_FALSE(is_there("r1"));
  EXPECT_TRUE(is_there("r2"));
  // Also when the new one is refused.
  EXPECT_EQ(enter(registered("app"), start + days(9)).forgotten.size(), 2u);
  EXPECT_TRUE(is_there("app"));
}

// 7592-01: a change needs the token of that moment
TEST_P(RegistrationContract, AChangeNeedsTheTokenOfThatMoment) {
  EXPECT_EQ(enter(registered("r1", "old")).result, Result::registered);
  const auto change = [&](const std::string& with, const std::string& next) {
    return perform(PutClient{.client = registered("r1", next),
                             .expect = Expect::present,
                             .presented = digest<RegistrationTokenDigest>(with)});
  };
  EXPECT_EQ(change("other", "new"), PutClient::Outcome::absent);
  EXPECT_EQ(change("old", "new"), PutClient::Outcome::stored);
  EXPECT_EQ(change("old", "newer"), PutClient::Outcome::absent);
  const auto remove = [&](const std::string& id, const std::string& with) {
    return perform(RemoveClient{ClientId(id), digest<RegistrationTokenDigest>(with)});
  };
  EXPECT_EQ(remove("r1", "old"), RemoveClient::Outcome::absent);
  EXPECT_TRUE(is_there("r1"));
  // A client of an operator has no such token, and no token is its.
  perform(PutClient{.client = a_client("app")});
  EXPECT_EQ(perform(RemoveClient{ClientId("app"), RegistrationTokenDigest()}),
            RemoveClient::Outcome::absent);
  EXPECT_EQ(remove("r1", "new"), RemoveClient::Outcome::removed);
  EXPECT_FALSE(is_there("r1"));
}

INSTANTIATE_TEST_SUITE_P(Store, RegistrationContract, every_engine(),
                         [](const auto& engine) { return store_test::name_of(engine.param); });

}  // namespace cardea::contract_registration_test
