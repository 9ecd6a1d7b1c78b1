// Refreshing (security corpus 4.4, "Client library"): one flight however many ask, one more try
// with the same token, nothing forgotten but on the issuer's word.
#include "client/refresh.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

#include "client/relying_party.h"
#include "support/fake_issuer.h"

namespace cardea::client_refresh_test {

using client::Error;
using client::GrantKey;
using client::MemoryTokenStore;
using client::Refresher;
using client::RelyingParty;
using client::StoredTokens;
using client::Tokens;
using fake_issuer::FakeIssuer;
using fake_issuer::json_answer;
using fake_issuer::parameter;

const GrantKey key{"https://issuer.example", "web", "alice", ""};
const std::string token_url = "https://issuer.example/token";

StoredTokens stored_tokens() {
  StoredTokens stored;
  stored.revision = 1;
  stored.access_token = AccessToken("at1");
  stored.access_token_expires_at = fake_issuer::start + Seconds{600};
  stored.refresh_token = RefreshToken("rt1");
  stored.id_token = IdTokenText("a.b.c");
  stored.auth_time = fake_issuer::start - Seconds{5};
  stored.scope = {"openid", "profile"};
  return stored;
}

Tokens answered_tokens(std::string_view refresh_token) {
  Tokens tokens;
  tokens.access_token = AccessToken("at2");
  tokens.refresh_token.emplace(std::string(refresh_token));
  tokens.scope = {"openid", "profile"};
  return tokens;
}

std::shared_ptr<MemoryTokenStore> filled_store() {
  auto store = std::make_shared<MemoryTokenStore>();
  EXPECT_TRUE(store->save(key, stored_tokens()));
  return store;
}

// SEC-4.4: many threads with an expired token send one request and all get its answer.
TEST(ClientRefresh, OneFlightForManyThreads) {
  constexpr int count = 16;
  auto store = filled_store();
  std::atomic<int> sent = 0;
  std::latch all_ready(count);
  Refresher refresher(store, [&](const GrantKey&, const StoredTokens&) {
    ++sent;
    return Result<Tokens, Error>(answered_tokens("rt2"));
  });
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&] {
      all_ready.arrive_and_wait();
      const auto outcome = refresher.refresh(key, 1);
      if (outcome && outcome->revision == 2) ++good;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(sent, 1);
  EXPECT_EQ(good, count);
  EXPECT_EQ((*store->load(key))->refresh_token->reveal(), "rt2");
}

// SEC-4.4: callers that come while a request is out wait for it.
TEST(ClientRefresh, CallersJoinTheFlightUnderWay) {
  auto store = filled_store();
  std::atomic<int> sent = 0;
  std::latch under_way(1);
  std::latch let_go(1);
  Refresher refresher(store, [&](const GrantKey&, const StoredTokens&) {
    ++sent;
    under_way.count_down();
    let_go.wait();
    return Result<Tokens, Error>(answered_tokens("rt2"));
  });
  std::thread leader([&] { EXPECT_TRUE(refresher.refresh(key, 1)); });
  under_way.wait();
  std::thread follower([&] { EXPECT_EQ(refresher.refresh(key, 1)->revision, 2u); });
  let_go.count_down();
  leader.join();
  follower.join();
  EXPECT_EQ(sent, 1);
}

// SEC-4.4: grants of different people do not wait for each other.
TEST(ClientRefresh, OtherGrantsFlyOnTheirOwn) {
  auto store = filled_store();
  const GrantKey other{"https://issuer.example", "web", "bob", ""};
  EXPECT_TRUE(store->save(other, stored_tokens()));
  std::latch both(2);
  Refresher refresher(store, [&](const GrantKey&, const StoredTokens&) {
    both.arrive_and_wait();  // ends only when two are out at once
    return Result<Tokens, Error>(answered_tokens("rt2"));
  });
  std::thread one([&] { EXPECT_TRUE(refresher.refresh(key, 1)); });
  std::thread two([&] { EXPECT_TRUE(refresher.refresh(other, 1)); });
  one.join();
  two.join();
}

// SEC-4.4: tokens that another process has renewed are used as they are.
TEST(ClientRefresh, NewerTokensInTheStoreAreEnough) {
  auto store = filled_store();
  Refresher refresher(store, [&](const GrantKey&, const StoredTokens&) -> Result<Tokens, Error> {
    ADD_FAILURE() << "nothing should be sent";
    return refuse(Error{.code = "network.other"});
  });
  const auto outcome = refresher.refresh(key, 0);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->access_token.reveal(), "at1");
}

struct Attempt {
  std::string code;        // of the outcome, "ok" for none
  int sent = 0;            // requests
  bool kept = false;       // whether the store still has a record
  std::string kept_token;  // its refresh token
  std::vector<std::string> used;
};

// Refreshes once; the n-th request is answered with the n-th error, further ones with tokens.
Attempt attempt(const std::vector<Error>& errors) {
  auto store = filled_store();
  Attempt out;
  Refresher refresher(store,
                      [&](const GrantKey&, const StoredTokens& before) -> Result<Tokens, Error> {
                        out.used.emplace_back(before.refresh_token->reveal());
                        const auto at = static_cast<std::size_t>(out.sent++);
                        if (at < errors.size()) return refuse(errors[at]);
                        return answered_tokens("rt2");
                      });
  const auto outcome = refresher.refresh(key, 1);
  out.code = outcome ? "ok" : std::string(outcome.error().code);
  const auto record = *store->load(key);
  out.kept = record.has_value();
  if (record) out.kept_token = record->refresh_token->reveal();
  return out;
}

// SEC-4.4: after a timeout or a 5xx the same refresh token is sent once more.
TEST(ClientRefresh, RetriesOnceWithTheSameToken) {
  for (const std::string_view code :
       {"network.timeout", "network.unreachable", "issuer.unavailable"}) {
    const auto once = attempt({Error{.code = code}});
    EXPECT_EQ(once.code, "ok") << code;
    EXPECT_EQ(once.used, (std::vector<std::string>{"rt1", "rt1"})) << code;
    EXPECT_EQ(once.kept_token, "rt2") << code;
  }
}

// SEC-4.4: a network that stays down costs nothing that is stored.
TEST(ClientRefresh, NetworkErrorsForgetNothing) {
  const auto down =
      attempt({Error{.code = "network.unreachable"}, Error{.code = "network.timeout"}});
  EXPECT_EQ(down.code, "network.timeout");
  EXPECT_EQ(down.sent, 2);
  EXPECT_EQ(down.kept_token, "rt1");
  for (const std::string_view code :
       {"network.tls", "token.malformed", "id_token.sub", "token.type"}) {
    const auto other = attempt({Error{.code = code}});
    EXPECT_EQ(other.code, code);
    EXPECT_EQ(other.sent, 1) << code;
    EXPECT_EQ(other.kept_token, "rt1") << code;
  }
}

// RFC6749-5.2: only invalid_grant ends the grant here.
TEST(ClientRefresh, InvalidGrantForgetsTheTokens) {
  const auto refused = [](std::string_view error) {
    return Error{.code = "token.refused",
                 .refusal = client::IssuerRefusal{.error = std::string(error), .status = 400}};
  };
  EXPECT_FALSE(attempt({refused("invalid_grant")}).kept);
  EXPECT_EQ(attempt({refused("invalid_grant")}).sent, 1);
  EXPECT_TRUE(attempt({refused("invalid_client")}).kept);
  EXPECT_TRUE(attempt({refused("slow_down")}).kept);
}

TEST(ClientRefresh, NothingToRefreshIsRefused) {
  auto store = std::make_shared<MemoryTokenStore>();
  Refresher refresher(store, [](const GrantKey&, const StoredTokens&) {
    return Result<Tokens, Error>(answered_tokens("x"));
  });
  EXPECT_EQ(refresher.refresh(key, 1).error().code, "refresh.absent");
  auto without = stored_tokens();
  without.refresh_token.reset();
  EXPECT_TRUE(store->save(key, without));
  EXPECT_EQ(refresher.refresh(key, 1).error().code, "refresh.absent");
}

// RFC6749-6: what an answer leaves out stays as it was.
TEST(Rfc6749, S6_AnswerWithoutRefreshTokenKeepsTheOldOne) {
  auto tokens = answered_tokens("rt2");
  tokens.refresh_token.reset();
  const auto after = client::merge(stored_tokens(), tokens);
  EXPECT_EQ(after.refresh_token->reveal(), "rt1");
  EXPECT_EQ(after.id_token->reveal(), "a.b.c");
  EXPECT_EQ(after.auth_time, fake_issuer::start - Seconds{5});
  EXPECT_EQ(after.access_token.reveal(), "at2");
  EXPECT_FALSE(after.access_token_expires_at);
}

// A store that fails to save.
class FullStore final : public client::TokenStore {
 public:
  Result<std::optional<StoredTokens>, Error> load(const GrantKey&) override {
    return std::optional(stored_tokens());
  }
  Status<Error> save(const GrantKey&, const StoredTokens&) override {
    return refuse(Error{.code = "store.failed"});
  }
  Status<Error> erase(const GrantKey&) override { return Unit{}; }
  Result<std::unique_ptr<Lock>, Error> lock(const GrantKey&) override {
    return std::make_unique<Lock>();
  }
};

// SEC-4.4: tokens that could not be saved are not used.
TEST(ClientRefresh, UnsavedTokensAreNotHandedOut) {
  Refresher refresher(std::make_shared<FullStore>(), [](const GrantKey&, const StoredTokens&) {
    return Result<Tokens, Error>(answered_tokens("rt2"));
  });
  EXPECT_EQ(refresher.refresh(key, 1).error().code, "store.failed");
}

struct Party {
  FakeIssuer issuer;
  std::shared_ptr<MemoryTokenStore> store = filled_store();
  std::unique_ptr<RelyingParty> party = std::move(*RelyingParty::discover(
      {.configuration = {.issuer = "https://issuer.example", .client_id = "web"},
       .transport = issuer.transport(),
       .clock = issuer.clock,
       .random = issuer.random,
       .log = issuer.log,
       .store = store}));

  void answer(const json::Object& body) {
    issuer.answers[token_url] = [=](const auto&) {
      return http::TransportResult(json_answer(body));
    };
  }
  json::Object refreshed(const json::Object& id_token_claims) const {
    return {{"access_token", "at2"},
            {"token_type", "Bearer"},
            {"expires_in", 600},
            {"refresh_token", "rt2"},
            {"id_token", issuer.sign_id_token(id_token_claims)}};
  }
  json::Object claims() const {
    auto out = issuer.id_token_claims("");
    out.erase("nonce");
    return out;
  }
};

TEST(RelyingPartyRefresh, TokensAreRenewedWhenTheyRunOut) {
  Party it;
  it.answer(it.refreshed(it.claims()));
  EXPECT_EQ(it.party->tokens_for(key)->access_token.reveal(), "at1");
  EXPECT_EQ(it.issuer.count("/token"), 0u);
  it.issuer.clock.advance(Seconds{570});
  auto claims = it.claims();
  claims.set("auth_time", fake_issuer::start.unix_seconds() - 5);
  it.answer(it.refreshed(claims));
  const auto renewed = it.party->tokens_for(key);
  ASSERT_TRUE(renewed) << renewed.error().code << renewed.error().cause;
  EXPECT_EQ(renewed->access_token.reveal(), "at2");
  const auto sent = it.issuer.requests_to(token_url).front();
  EXPECT_EQ(parameter(sent.body, "grant_type"), "refresh_token");
  EXPECT_EQ(parameter(sent.body, "refresh_token"), "rt1");
}

// OIDCC-12.2; oidc-15: a refreshed ID token about somebody else, or another sign-in, is refused.
TEST(OidcCore, S12_2_RefreshKeepsPersonAndSignIn) {
  Party it;
  auto other = it.claims();
  other.set("sub", "mallory");
  it.answer(it.refreshed(other));
  EXPECT_EQ(it.party->refresh(key, 1).error().code, "id_token.sub");
  auto later = it.claims();
  later.set("auth_time", fake_issuer::start.unix_seconds());
  it.answer(it.refreshed(later));
  EXPECT_EQ(it.party->refresh(key, 1).error().code, "id_token.auth_time");
  EXPECT_EQ((*it.store->load(key))->refresh_token->reveal(), "rt1");
  it.answer(it.refreshed(it.claims()));
  EXPECT_TRUE(it.party->refresh(key, 1));
}

// SEC-4.4: a rotated refresh token is kept although the keys for its ID token are out of reach.
TEST(RelyingPartyRefresh, RotatedTokenSurvivesUnreachableKeys) {
  Party it;
  it.issuer.answers["https://issuer.example/jwks"] = [](const auto&) {
    return http::TransportResult(http::Response{.status = 503});
  };
  it.answer(it.refreshed(it.claims()));
  const auto renewed = it.party->refresh(key, 1);
  ASSERT_TRUE(renewed) << renewed.error().code;
  EXPECT_EQ(renewed->refresh_token->reveal(), "rt2");
  EXPECT_EQ(renewed->id_token->reveal(), "a.b.c");
}

TEST(RelyingPartyRefresh, ForgettingErasesAndRevokes) {
  Party it;
  it.issuer.answers["https://issuer.example/revoke"] = [](const auto&) {
    return http::TransportResult(http::Response{.status = 200});
  };
  EXPECT_TRUE(it.party->forget(key));
  EXPECT_FALSE((*it.store->load(key)).has_value());
  const auto sent = it.issuer.requests_to("https://issuer.example/revoke");
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(parameter(sent[0].body, "token"), "rt1");
  EXPECT_EQ(parameter(sent[0].body, "token_type_hint"), "refresh_token");
  EXPECT_TRUE(it.party->forget(key));  // nothing there: nothing to do
}

// RFC7009-2.2: tokens are gone here even where the issuer cannot be told.
TEST(RelyingPartyRefresh, ForgettingDoesNotDependOnTheIssuer) {
  Party it;
  it.issuer.answers["https://issuer.example/revoke"] = [](const auto&) {
    return http::TransportResult(refuse(http::TransportFailure{}));
  };
  EXPECT_FALSE(it.party->forget(key));
  EXPECT_FALSE((*it.store->load(key)).has_value());
}

}  // namespace cardea::client_refresh_test
