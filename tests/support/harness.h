// A whole authorization server in one process, for flow and spec tests: in-memory (or file) store,
// a clock moved by hand, seeded clients, people and resources, and every request through
// Server::handle. No socket, no sleeping. Users, clients and redirect URIs are named as in the
// security corpus, section 0.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "crypto/random.h"
#include "http/form.h"
#include "http/message.h"
#include "jose/jws.h"
#include "server/deps.h"
#include "server/notices/notice_delivery.h"
#include "server/outgoing/client_keys.h"
#include "server/outgoing/request_object_documents.h"
#include "server/registration/client_documents.h"
#include "server/registration/sector_documents.h"
#include "server/server.h"
#include "server/tokens/verified_tokens.h"
#include "store/sqlite/sqlite_store.h"
#include "support/fake_fetcher.h"
#include "task/background.h"
#include "task/executor.h"

namespace cardea::test {

inline constexpr Instant start{1'800'000'000'000};
inline constexpr std::string_view user_password = "correct horse battery staple";
// PKCE: a verifier and its S256 challenge, used unless a test says otherwise.
inline const std::string verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
inline const std::string challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

inline const std::string api = "https://api.example";      // JWT access tokens
inline const std::string notes = "https://notes.example";  // opaque access tokens

// Collects log lines as text, for looking for events and for secrets.
class Journal final : public Log {
 public:
  void write(LogLevel level, std::string_view event, std::span<const LogField> fields) override;
  std::string text() const;
  int count(std::string_view event) const;

 private:
  mutable std::mutex mutex_;
  std::string text_;
  std::map<std::string, int, std::less<>> events_;
};

// Keeps what the server reported of the last exchange.
class Watcher final : public Observer {
 public:
  bool reads_notes() const override { return true; }
  void finished(const Exchange& exchange, const http::Response& response) override;
  Exchange last() const;
  int finished_count() const;

 private:
  mutable std::mutex mutex_;
  Exchange last_;
  int finished_ = 0;
};

struct HarnessOptions {
  std::string issuer = "https://id.example";
  std::function<void(Settings&)> settings;  // changes the settings before the server is made
  std::string store_path;                   // "": in memory
  std::size_t queue_max = 4096;             // 0: every write is refused as overloaded
  // A store of the caller's in place of SQLite's; nothing of the two above counts then. With
  // CARDEA_TEST_STORE=postgres in the environment, what would be in memory is in PostgreSQL.
  std::function<std::unique_ptr<store::Store>(const Clock&)> open_store;
  Instant now = start;
  Relaxations relaxations;
};

// What a code is for, when a test does not care how the person got there.
struct CodeWish {
  std::string client = "cA";
  std::string user = "alice";
  std::string scope = "openid profile email offline_access";
  std::string redirect_uri;  // "": the client's first
  std::string code_challenge = challenge;
  std::string nonce = "n-0S6_WzA2Mj";
  std::string claims_request;
  std::optional<std::string> resource;  // several are separated by spaces
  SessionBinding binding = SessionBinding::outlives_session;
  bool redirect_uri_was_sent = true;
};
struct IssuedCode {
  std::string code;
  std::string redirect_uri;
  GrantId grant_id;
  SessionId session_id;
  ConsentId consent_id;
  UserId user_id;
};

// A token answer taken apart; members are "" when absent.
struct Tokens {
  int status = 0;
  std::string error;
  std::string access_token;
  std::string refresh_token;
  std::string id_token;
  std::string scope;
  std::int64_t expires_in = 0;
  http::Response response;
};

class Harness {
 public:
  explicit Harness(HarnessOptions options = {});
  ~Harness();
  Harness(const Harness&) = delete;
  Harness& operator=(const Harness&) = delete;

  // --- running ---
  http::Response send(http::Request request);
  // The same on an executor of the caller's own: for tests with threads.
  http::Response send_on(ManualExecutor& own, http::Request request);
  // All at once: each runs to its first wait before any goes on, then as the store answers.
  std::vector<http::Response> send_all(std::vector<http::Request> requests);
  template <class T>
  T await(Task<T> task) {
    return run_blocking(executor, std::move(task));
  }
  // The answer of a store operation or read that must not fail.
  template <class T>
  T stored(store::Pending<T> pending) {
    auto answer = await(std::move(pending));
    EXPECT_TRUE(answer.ok()) << (answer.ok() ? "" : answer.error().reason);
    return *std::move(answer);
  }
  std::int64_t writes() const { return store->statistics().operations; }

  // Until nothing goes on in the background any more.
  void settle() {
    executor.run_until([&] { return background.idle(); });
  }

  // --- making requests ---
  http::Request get(std::string target, http::Headers headers = {}) const;
  http::Request post(std::string target, const http::FormPairs& form,
                     http::Headers headers = {}) const;
  // A form to a protocol endpoint with the client's own authentication: basic for cA, cB, cc and
  // api, an assertion for cK, client_id alone for pN and pS.
  http::Request as_client(const std::string& client, std::string target, http::FormPairs form);
  std::string assertion(const json::Object& changed = {}, std::string_view typ = "JWT");
  // The usual authorization request of cK as an object signed by its key, with claims changed or,
  // by null, taken out.
  std::string request_object(const json::Object& changed = {},
                             std::string_view typ = "oauth-authz-req+jwt");
  // Any claims, signed by the same key.
  static std::string signed_by_cK(const json::Object& claims, std::string_view typ);

  // --- verbs ---
  IssuedCode issue_code(const CodeWish& wish = {});
  http::FormPairs redeem_form(const IssuedCode& code) const;
  http::Request redeem_request(const std::string& client, const IssuedCode& code);
  http::Request refresh_request(const std::string& client, const std::string& refresh_token,
                                http::FormPairs more = {});
  Tokens redeem(const std::string& client, const IssuedCode& code);
  Tokens refresh(const std::string& client, const std::string& refresh_token,
                 http::FormPairs more = {});
  Tokens sign_up_tokens(const CodeWish& wish = {});  // issue_code, then redeem
  http::Response userinfo(const std::string& access_token);
  // As the resource server "api" of `api` and `notes`, or any other client.
  json::Object introspect(const std::string& token, const std::string& caller = "api");
  bool is_active(const std::string& token, const std::string& caller = "api");
  http::Response revoke(const std::string& client, const std::string& token);

  // --- changing what is registered; holds for the next request ---
  Client client(const std::string& client_id) const;
  void put_client(Client client);
  void edit_client(const std::string& client_id, const std::function<void(Client&)>& change);
  UserRecord user(const std::string& login);
  void edit_user(const std::string& login, const std::function<void(UserRecord&)>& change);

  ManualExecutor executor;
  ExecutorBackground background{executor};
  SettableClock clock;
  crypto::SystemRandom random;
  Journal log;
  Watcher watcher;
  Settings settings;
  std::unique_ptr<store::Store> store;
  store::sqlite::SqliteStore* sqlite = nullptr;  // the same, where it is SQLite's
  std::unique_ptr<Seals> seals;
  std::unique_ptr<Registry> registry;
  std::unique_ptr<KeyRing> keys;
  std::unique_ptr<Freshness> freshness;
  std::unique_ptr<PasswordPool> passwords;
  std::unique_ptr<Throttle> throttle;
  VerifiedTokens verified_tokens;
  std::unique_ptr<Pages> pages;
  PublishedDocument discovery;
  FakeFetcher fetcher;
  std::unique_ptr<Outgoing> outgoing;
  std::unique_ptr<ClientKeySets> client_key_sets;
  std::unique_ptr<ClientDocuments> client_documents;
  std::unique_ptr<SectorDocuments> sector_documents;
  std::unique_ptr<RequestObjectDocuments> request_object_documents;
  std::unique_ptr<NoticeDelivery> notice_delivery;
  crypto::CertificateAuthorities client_authorities;  // a test may put some in
  std::unique_ptr<Deps> deps;
  std::unique_ptr<Server> server;

 private:
  void open_store(const HarnessOptions& options);
  void open_database(const HarnessOptions& options);
  void seed();
  ConsentId approve(const CodeWish& wish, const UserId& user_id, const Session& session);
};

// A person's browser: a cookie jar, forms, redirects followed within the issuer.
class Browser {
 public:
  explicit Browser(Harness& harness) : harness_(harness) {}

  http::Response get(const std::string& url);  // absolute below the issuer, or a target
  http::Response post(const std::string& url, const http::FormPairs& form);
  // Follows redirects within the issuer; the last answer, which may be a redirect to elsewhere.
  http::Response follow(http::Response response);
  // Fills the form of a page that holds this button and presses it; the answer as it comes.
  http::Response submit(const http::Response& page, const std::string& value,
                        const http::FormPairs& typed = {});
  // The request that pressing it would send, for sending it together with others.
  http::Request request_of(const http::Response& page, const std::string& value,
                           const http::FormPairs& typed = {}) const;
  // The same, and follows.
  http::Response press(const http::Response& page, const std::string& value,
                       const http::FormPairs& typed = {});
  // Presses on until the browser is sent away from the issuer or a page has nothing known to
  // press: signs in as `login`, allows, chooses the session of `login` by signing in anew.
  http::Response complete(http::Response response, const std::string& login = "alice");
  // GET /authorize with these parameters over the usual ones of `client`, completed.
  http::Response authorize(const std::string& client, const http::FormPairs& changed = {},
                           const std::string& login = "alice");

  std::map<std::string, std::string> cookies;

 private:
  struct Filled {
    std::string action;
    http::FormPairs form;
  };
  static std::optional<Filled> fill(const http::Response& page, const std::string& value,
                                    const http::FormPairs& typed);
  http::Request with_cookies(http::Request request) const;
  http::Request posting(const std::string& url, const http::FormPairs& form) const;
  http::Response send(http::Request request);
  Harness& harness_;
};

// --- looking at answers ---
Tokens tokens_of(const http::Response& response);
json::Object json_of(const http::Response& response);
std::string error_of(const http::Response& response);
json::Object claims_of(const std::string& jwt);  // without verifying
json::Object header_of(const std::string& jwt);
// The parameters of a redirect's query (or fragment).
std::map<std::string, std::string> reply_of(const http::Response& response);
http::FormPairs authorize_form(const Harness& harness, const std::string& client,
                               const http::FormPairs& changed = {});
std::string basic(std::string_view client_id, std::string_view secret);
std::string secret_of(std::string_view client_id);

// JE(status, error) of the security corpus: exact status and code, uncacheable JSON, no text of
// the store or a stack.
testing::AssertionResult is_json_refusal(const http::Response& response, int status,
                                         std::string_view error);

}  // namespace cardea::test
