// The server under test; see harness.h.
#include "support/harness.h"

#include <algorithm>
#include <cstdlib>

#include "base/ascii.h"
#include "base/base64url.h"
#include "crypto/hash.h"
#include "crypto/password_hash.h"
#include "server/settings/metadata.h"
#include "server/tokens/authorization_code.h"
#include "store/postgres/postgres_store.h"
#include "support/carrier.h"
#include "support/scratch_database.h"

namespace cardea::test {
namespace {

using crypto::SignatureAlgorithm;

constexpr crypto::PasswordCost cheap{.memory_kib = 8, .passes = 1};

// Keys cost more than a test does: made once for the process.
const crypto::PrivateKey& key_for(SignatureAlgorithm algorithm) {
  static std::map<SignatureAlgorithm, crypto::PrivateKey> keys;
  const auto at = keys.find(algorithm);
  if (at != keys.end()) return at->second;
  return keys.emplace(algorithm, crypto::PrivateKey::generate(algorithm)).first->second;
}

const crypto::EncryptionPrivateKey& decryption_key_for(crypto::EncryptionKeyType type) {
  static const auto rsa = crypto::EncryptionPrivateKey::generate(crypto::EncryptionKeyType::RSA);
  static const auto ec = crypto::EncryptionPrivateKey::generate(crypto::EncryptionKeyType::P256);
  return type == crypto::EncryptionKeyType::RSA ? rsa : ec;
}

// The private key of cK, which the server knows by its JWK alone.
const crypto::PrivateKey& assertion_key() {
  static const auto key = crypto::PrivateKey::generate(SignatureAlgorithm::ES256);
  return key;
}

const PasswordHash& password_hash() {
  static const PasswordHash hash(crypto::hash_password(user_password, cheap));
  return hash;
}

Settings settings_for(const HarnessOptions& options) {
  Settings settings;
  settings.scopes = standard_scopes();
  settings.signing_algorithms = {SignatureAlgorithm::RS256, SignatureAlgorithm::ES256,
                                 SignatureAlgorithm::EdDSA};
  settings.password_cost = cheap;
  settings.password_threads = 1;
  settings.resources = {{.identifier = ResourceId(api),
                         .scopes = {"calendar.read", "calendar.write"},
                         .introspection_clients = {ClientId("api")}},
                        {.identifier = ResourceId(notes),
                         .access_token_format = AccessTokenFormat::opaque,
                         .scopes = {"notes.read"},
                         .introspection_clients = {ClientId("api")}}};
  auto named = with_issuer(std::move(settings), options.issuer);
  ensure(named.ok());
  if (options.settings) options.settings(*named);
  return *std::move(named);
}

Client a_client(const std::string& client_id, std::vector<std::string> redirect_uris) {
  Client client;
  client.client_id = ClientId(client_id);
  client.client_name = "Client " + client_id;
  client.redirect_uris = std::move(redirect_uris);
  client.scope = {"openid",         "profile",       "email",          "groups",
                  "offline_access", "calendar.read", "calendar.write", "notes.read"};
  client.created_at = start;
  return client;
}

Client confidential(const std::string& client_id, std::vector<std::string> redirect_uris) {
  auto client = a_client(client_id, std::move(redirect_uris));
  client.secrets = {{.sha256 = crypto::sha256(secret_of(client_id)),
                     .expires_at = std::nullopt,
                     .created_at = start}};
  return client;
}

Client public_client(const std::string& client_id, ApplicationType type,
                     std::vector<std::string> redirect_uris) {
  auto client = a_client(client_id, std::move(redirect_uris));
  client.token_endpoint_auth_method = ClientAuthMethod::none;
  client.application_type = type;
  return client;
}

std::vector<Client> seeded_clients() {
  auto cA = confidential("cA", {"https://app.example/cb", "https://app.example/other"});
  cA.post_logout_redirect_uris = {"https://app.example/bye"};
  auto cB = confidential("cB", {"https://b.example/cb"});
  auto cK = a_client("cK", {"https://k.example/cb"});
  cK.token_endpoint_auth_method = ClientAuthMethod::private_key_jwt;
  cK.jwks = json::Object{{"keys", json::Array{jose::write_jwk(assertion_key(), "k1")}}};
  auto pN = public_client(
      "pN", ApplicationType::native,
      {"http://127.0.0.1/cb", "http://[::1]/cb", "http://localhost/cb", "com.example.app:/cb"});
  auto pS = public_client("pS", ApplicationType::web, {"https://spa.example/cb"});
  auto cc = confidential("cc", {});
  cc.grant_types = {GrantType::client_credentials};
  cc.response_types = {};
  auto api_client = confidential("api", {});
  api_client.grant_types = {GrantType::client_credentials};
  api_client.response_types = {};
  return {cA, cB, cK, pN, pS, cc, api_client};
}

UserRecord a_user(const std::string& login, const std::string& name, Random& random) {
  UserRecord user;
  user.user_id = UserId(new_identifier(random));
  user.login = login;
  user.password_hash = password_hash();
  user.claims = {{"name", name},
                 {"email", login + "@example.com"},
                 {"email_verified", true},
                 {"groups", std::vector<std::string>{"staff"}}};
  user.created_at = start;
  return user;
}

}  // namespace

// --- what the server reports ---

void Journal::write(LogLevel, std::string_view event, std::span<const LogField> fields) {
  const std::lock_guard lock(mutex_);
  text_ += event;
  for (const auto& field : fields) {
    text_ += " " + std::string(field.name) + "=";
    if (const auto* text = std::get_if<std::string_view>(&field.value)) text_ += *text;
    if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
      text_ += std::to_string(*number);
    }
  }
  text_ += "\n";
  ++events_[std::string(event)];
}

std::string Journal::text() const {
  const std::lock_guard lock(mutex_);
  return text_;
}

int Journal::count(std::string_view event) const {
  const std::lock_guard lock(mutex_);
  const auto at = events_.find(event);
  return at == events_.end() ? 0 : at->second;
}

void Watcher::finished(const Exchange& exchange, const http::Response&) {
  const std::lock_guard lock(mutex_);
  last_ = exchange;
  ++finished_;
}

Exchange Watcher::last() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

int Watcher::finished_count() const {
  const std::lock_guard lock(mutex_);
  return finished_;
}

// --- what the server asks ---

// --- the server ---

Harness::Harness(HarnessOptions options) : clock(options.now), settings(settings_for(options)) {
  open_store(options);
  auto loaded = await(
      Seals::load(*store, RootKey(std::string(32, 'r')), settings.issuer, random, clock.now()));
  if (!loaded) ADD_FAILURE() << loaded.error();
  seals = *std::move(loaded);
  registry = std::make_unique<Registry>(*store);
  keys = std::make_unique<KeyRing>(*store, *seals, settings, random);
  freshness = std::make_unique<Freshness>(*store, *registry, *keys);
  // A copy of another harness's store has everything already.
  if (stored(store->clients()).empty()) seed();
  const auto ready = await(keys->load(clock.now()));
  EXPECT_TRUE(ready.ok()) << (ready.ok() ? "" : ready.error());
  stored(registry->reload());
  passwords = std::make_unique<PasswordPool>(settings.password_cost, settings.password_threads,
                                             settings.password_queue_max);
  throttle = std::make_unique<Throttle>(*store, *seals, settings);
  stored(throttle->begin());
  pages = std::make_unique<Pages>(settings);
  discovery = publish(metadata_of(settings));
  outgoing = std::make_unique<Outgoing>(fetcher, log, watcher);
  client_key_sets = std::make_unique<ClientKeySets>(*outgoing);
  client_documents = std::make_unique<ClientDocuments>(*outgoing, settings);
  sector_documents = std::make_unique<SectorDocuments>(*outgoing);
  request_object_documents = std::make_unique<RequestObjectDocuments>(*outgoing);
  notice_delivery = std::make_unique<NoticeDelivery>(NoticeDeliveryInputs{
      *store, clock, log, settings, *registry, *keys, *seals, *outgoing, background, random});
  deps = std::make_unique<Deps>(Deps{.settings = settings,
                                     .store = *store,
                                     .clock = clock,
                                     .random = random,
                                     .log = log,
                                     .seals = *seals,
                                     .registry = *registry,
                                     .keys = *keys,
                                     .freshness = *freshness,
                                     .passwords = *passwords,
                                     .throttle = *throttle,
                                     .verified_tokens = verified_tokens,
                                     .pages = *pages,
                                     .discovery = discovery,
                                     .observer = watcher,
                                     .background = background,
                                     .outgoing = *outgoing,
                                     .client_key_sets = *client_key_sets,
                                     .client_documents = *client_documents,
                                     .sector_documents = *sector_documents,
                                     .request_object_documents = *request_object_documents,
                                     .notice_delivery = *notice_delivery,
                                     .client_authorities = client_authorities,
                                     .relaxations = options.relaxations});
  server = std::make_unique<Server>(*deps);
}

Harness::~Harness() {
  if (notice_delivery) notice_delivery->stop();
  fetcher.release();
  executor.run_until([&] { return background.idle(); });
}

void Harness::open_store(const HarnessOptions& options) {
  if (options.open_store) {
    store = options.open_store(clock);
    return;
  }
  const char* engine = std::getenv("CARDEA_TEST_STORE");
  if (options.store_path.empty() && engine != nullptr && engine == std::string_view("postgres")) {
    open_database(options);
    return;
  }
  auto opened = store::sqlite::open(
      {.path = options.store_path,
       .clock = &clock,
       .queue_max = options.queue_max,
       .sweep_hold = Seconds{0}});  // tests move the clock in jumps, which would hold the sweep
  if (!opened) ADD_FAILURE() << opened.error().reason;
  sqlite = opened->get();
  store = *std::move(opened);
}

void Harness::open_database(const HarnessOptions& options) {
  auto opened =
      store::postgres::open({.link = {.conninfo = ScratchDatabase::instance().new_schema()},
                             .clock = &clock,
                             .queue_max = options.queue_max,
                             .writers = 1,
                             .readers = 1,
                             .sweep_hold = Seconds{0},
                             .sweep_after = 1});
  if (!opened) ADD_FAILURE() << opened.error().reason;
  store = *std::move(opened);
}

void Harness::seed() {
  store::ChangeServerKeys fresh;
  for (const auto algorithm : settings.signing_algorithms) {
    fresh.put.push_back(
        seal_server_key(*seals, key_for(algorithm), ServerKey::State::active, clock.now(), random));
  }
  for (const auto type : {crypto::EncryptionKeyType::RSA, crypto::EncryptionKeyType::P256}) {
    const bool is_needed =
        std::ranges::any_of(settings.decryption_algorithms,
                            [&](const auto management) { return jose::fits(type, management); });
    if (!is_needed) continue;
    fresh.put.push_back(seal_server_key(*seals, decryption_key_for(type), ServerKey::State::active,
                                        clock.now(), random));
  }
  stored(store->perform(std::move(fresh)));
  for (auto& client : seeded_clients()) {
    stored(store->perform(store::PutClient{std::move(client)}));
  }
  stored(store->perform(store::PutUser{a_user("alice", "Alice Adams", random)}));
  stored(store->perform(store::PutUser{a_user("bob", "Bob Brown", random)}));
}

http::Response Harness::send(http::Request request) {
  const auto answer = [this](http::Request arrived) {
    return await(server->handle(std::move(arrived)));
  };
  return carrier() != nullptr ? carrier()->carry(std::move(request), answer)
                              : answer(std::move(request));
}

http::Response Harness::send_on(ManualExecutor& own, http::Request request) {
  return run_blocking(own, server->handle(std::move(request)));
}

std::vector<http::Response> Harness::send_all(std::vector<http::Request> requests) {
  std::vector<http::Response> responses(requests.size());
  std::size_t done = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    spawn(
        executor, server->handle(std::move(requests[i])),
        [&, i](http::Response response) { responses[i] = std::move(response), ++done; },
        [&](std::exception_ptr) { ADD_FAILURE() << "a request threw", ++done; });
  }
  executor.run_until([&] { return done == responses.size(); });
  return responses;
}

http::Request Harness::get(std::string target, http::Headers headers) const {
  return {.method = "GET",
          .target = settings.issuer_path + std::move(target),
          .headers = std::move(headers),
          .body = {},
          .peer_address = "192.0.2.1"};
}

http::Request Harness::post(std::string target, const http::FormPairs& form,
                            http::Headers headers) const {
  headers.add("Content-Type", "application/x-www-form-urlencoded");
  return {.method = "POST",
          .target = settings.issuer_path + std::move(target),
          .headers = std::move(headers),
          .body = http::write_form(form),
          .peer_address = "192.0.2.1"};
}

std::string Harness::assertion(const json::Object& changed, std::string_view typ) {
  const auto now = clock.now().unix_seconds();
  json::Object claims{{"iss", "cK"},     {"sub", "cK"}, {"aud", settings.issuer},
                      {"exp", now + 60}, {"iat", now},  {"jti", new_identifier(random)}};
  for (const auto& member : changed.members()) {
    if (member.value.is_null()) {
      claims.erase(member.name);
    } else {
      claims.set(member.name, member.value);
    }
  }
  return jose::sign_jwt(assertion_key(), "k1", typ, claims);
}

std::string Harness::request_object(const json::Object& changed, std::string_view typ) {
  const auto now = clock.now().unix_seconds();
  json::Object claims{{"iss", "cK"}, {"aud", settings.issuer}, {"exp", now + 60}, {"nbf", now}};
  for (const auto& [name, value] : authorize_form(*this, "cK")) claims.set(name, value);
  for (const auto& member : changed.members()) {
    if (member.value.is_null()) {
      claims.erase(member.name);
    } else {
      claims.set(member.name, member.value);
    }
  }
  return jose::sign_jwt(assertion_key(), "k1", typ, claims);
}

std::string Harness::signed_by_cK(const json::Object& claims, std::string_view typ) {
  return jose::sign_jwt(assertion_key(), "k1", typ, claims);
}

http::Request Harness::as_client(const std::string& client, std::string target,
                                 http::FormPairs form) {
  if (client == "pN" || client == "pS") {
    form.emplace_back("client_id", client);
    return post(std::move(target), form);
  }
  if (client == "cK") {
    form.emplace_back("client_assertion_type",
                      "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    form.emplace_back("client_assertion", assertion());
    return post(std::move(target), form);
  }
  return post(std::move(target), form, {{"Authorization", basic(client, secret_of(client))}});
}

// --- verbs ---

ConsentId Harness::approve(const CodeWish& wish, const UserId& user_id, const Session& session) {
  const InteractionDigest handle(crypto::sha256(random.bytes(32)));
  Interaction interaction{.handle = handle,
                          .binding = BindingDigest(crypto::sha256("browser")),
                          .sealed_request = "x",
                          .session_id = session.session_id,
                          .created_at = clock.now(),
                          .expires_at = clock.now() + minutes(30),
                          .address = "192.0.2.1"};
  stored(store->perform(store::PutInteraction{
      .interaction = std::move(interaction), .open_max = 1'000'000, .now = clock.now()}));
  Consent consent{.consent_id = ConsentId(new_identifier(random)),
                  .user_id = user_id,
                  .client_id = ClientId(wish.client),
                  .scopes = ascii::words(wish.scope),
                  .created_at = clock.now(),
                  .updated_at = clock.now()};
  const auto outcome = stored(store->perform(
      store::Approve{.consent = std::move(consent),
                     .interaction = {.handle = handle, .after = store::AfterStep::finished},
                     .now = clock.now()}));
  EXPECT_EQ(outcome.result, store::Approve::Outcome::Result::approved);
  return outcome.consent_id;
}

IssuedCode Harness::issue_code(const CodeWish& wish) {
  const auto person = user(wish.user);
  SessionRecord session;
  session.session_id = SessionId(new_identifier(random));
  session.handle = SessionDigest(crypto::sha256(random.bytes(32)));
  session.user_id = person.user_id;
  session.security_version = person.security_version;
  session.authentication = {
      .auth_time = clock.now(), .acr = std::string(acr_password), .amr = {"pwd"}};
  session.created_at = clock.now();
  session.last_seen = clock.now();
  session.absolute_end = clock.now() + settings.lifetimes.session_absolute;
  session.idle_lifetime = settings.lifetimes.session_idle;
  session.user_agent = "test";
  session.address = "192.0.2.1";
  EXPECT_EQ(stored(store->perform(store::SignIn{.session = session, .now = clock.now()})),
            store::SignIn::Outcome::signed_in);
  const auto redirect_uri =
      wish.redirect_uri.empty() ? client(wish.client).redirect_uris.front() : wish.redirect_uri;
  const RedirectUriDigest redirect(crypto::sha256(redirect_uri));
  const AuthorizationCode code{.code_id = GrantId(new_identifier(random)),
                               .client_id = ClientId(wish.client),
                               .user_id = person.user_id,
                               .security_version = person.security_version,
                               .session_id = session.session_id,
                               .consent_id = approve(wish, person.user_id, session),
                               .session_binding = wish.binding,
                               .presented_redirect_uri = redirect,
                               .registered_redirect_uri = redirect,
                               .redirect_uri_was_sent = wish.redirect_uri_was_sent,
                               .code_challenge = wish.code_challenge,
                               .scopes = ascii::words(wish.scope),
                               .resources = read_resources(wish.resource.value_or("")),
                               .nonce = wish.nonce,
                               .claims_request = wish.claims_request,
                               .authentication = session.authentication,
                               .expires_at = clock.now() + settings.lifetimes.authorization_code};
  const auto text = stored(mint_code(*deps, code, clock.now()));
  return {.code = std::string(text.reveal()),
          .redirect_uri = redirect_uri,
          .grant_id = code.code_id,
          .session_id = session.session_id,
          .consent_id = code.consent_id,
          .user_id = person.user_id};
}

}  // namespace cardea::test
