// What an operator may decide, as one immutable value. Read from TOML and environment by app; every
// key is described once in settings_table.cpp, which also makes docs/settings.md. Lifetimes are
// decision Q14.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/outgoing_url.h"
#include "base/time.h"
#include "crypto/key.h"
#include "crypto/password_hash.h"
#include "domain/client.h"
#include "domain/identifiers.h"
#include "domain/session.h"
#include "jose/encryption_jwk.h"
#include "protocol/authorization_details.h"
#include "protocol/software_statement.h"

namespace cardea {

enum class AccessTokenFormat { jwt, opaque };

// An API that takes our access tokens (RFC 8707, decision Q5).
struct Resource {
  ResourceId identifier;
  AccessTokenFormat access_token_format = AccessTokenFormat::jwt;
  crypto::SignatureAlgorithm access_token_signing_alg = crypto::SignatureAlgorithm::ES256;
  std::vector<std::string> scopes;
  std::vector<ClientId> introspection_clients;  // decision Q21
};

// How a scope is shown on the consent page, and which claims it releases (OIDC Core 5.4).
struct ScopeDescription {
  std::string title;        // "See your e-mail address"
  std::string description;  // "" for none
  std::vector<std::string> claims;
};

// Somebody whose assertions about our people are taken (RFC 7523 2.1), from these clients alone.
struct TrustedIssuer {
  std::string issuer;                            // `iss`, never ours
  json::Object jwks;                             // its public keys, which also pin the algorithms
  std::vector<ClientId> clients;                 // who may present its assertions
  std::string subject_claim = "sub";             // the claim that says who is meant
  std::map<std::string, std::string> subjects;   // its words for our logins; empty: they are ours
  std::vector<std::string> scopes;               // the most that an assertion gives
  Seconds assertion_lifetime_max = minutes(60);  // how far ahead `exp` may lie
};

// What may be asked for beyond scopes (RFC 9396), and how the consent page calls it.
struct AuthorizationDetailsType {
  std::string type;
  std::string title;  // "Make a payment"; "" shows the type
  DetailSchema schema;
};

struct Lifetimes {
  Seconds authorization_code{60};
  Seconds access_token = minutes(10);
  Seconds id_token = minutes(10);
  Seconds session_idle = hours(12);
  Seconds session_absolute = days(30);
  Seconds refresh_idle = days(14);
  Seconds refresh_absolute = days(90);
  Seconds interaction = minutes(30);
  Seconds password_link = hours(24);
  Seconds pushed_request{60};  // RFC 9126 2.2; below 600 (FAPI 2.0 Security Profile 5.3.2.2)
  Seconds device_code = minutes(10);
  Seconds backchannel_request = minutes(5);
};

// Failed sign-ins and client authentications; buckets are counted in the store (decision T4).
struct ThrottleSettings {
  Seconds window = minutes(15);
  int per_account_and_address =
      10;                 // then that address waits for that account; others are not locked out
  int per_account = 100;  // then every attempt on the account costs a wait, never a lock
  int per_address = 100;
  int second_factor_per_account = 10;  // wrong codes from everywhere; whoever types them knows the
                                       // password, so this is no lock-out weapon for strangers
  int client_per_address = 100;        // wrong client secrets from one address for one client
  int user_code_per_address = 20;      // wrong user codes (RFC 8628 5.1)
  int user_code_per_account = 20;
  int user_codes = 2000;  // of everybody; above, each address and account has three tries
};

// Clients that register themselves (RFC 7591).
struct RegistrationSettings {
  // off: /register is not there; token: for whoever has an initial access token; open: for anybody.
  enum class Mode { off, token, open } mode = Mode::off;
  // What such a client may ask for; empty: every scope that is described or belongs to an API.
  std::vector<std::string> scopes{"openid", "profile", "email", "offline_access"};
  std::vector<GrantType> grant_types{GrantType::authorization_code, GrantType::refresh_token};
  std::vector<std::string> authorization_details_types;  // RFC 9396 10
  int unused_per_address = 20;
  int clients_max = 10'000;  // with those of metadata documents
  Seconds unused_for = days(1);
  // optional: its confidential clients may leave PKCE out; those of a profile never.
  PkcePolicy pkce = PkcePolicy::required;
  std::vector<StatementIssuer> statement_issuers;
};

// Clients whose client_id is the address of their metadata document.
struct ClientDocumentSettings {
  bool enabled = false;
  // "app.example", or "*.app.example" for every host below it. Refused ones win; no admitted one:
  // every host.
  std::vector<std::string> admitted_hosts;
  std::vector<std::string> refused_hosts;
};

struct Settings {
  std::string issuer;         // no trailing slash; "https://localhost:9443"
  std::string issuer_path;    // "" or "/tenant"
  std::string issuer_origin;  // "https://localhost:9443"
  // Ports do not separate cookies, so their names end in a short hash of the issuer (decision Q16).
  std::string session_cookie_name;
  std::string binding_cookie_name;
  std::string browser_state_cookie_name;  // read by the session frame's script
  bool issuer_is_https = true;
  bool issuer_is_loopback = false;  // no HSTS, no Max-Age (decisions P8, Q16)
  bool is_dev = false;              // dev only: picker, explanations on error pages
  bool session_cookie_same_site_none = false;
  bool session_management = false;  // OIDC Session Management: the frame and session_state
  std::vector<Resource> resources;
  std::vector<TrustedIssuer> trusted_issuers;
  std::map<std::string, ScopeDescription>
      scopes;  // openid, profile, email, address, phone, groups, offline_access + own
  Lifetimes lifetimes;
  ThrottleSettings throttle;
  crypto::PasswordCost password_cost;
  unsigned password_threads = 0;  // 0: cores - 1, at least 1
  std::size_t password_queue_max = 64;
  std::string forgot_password_text;  // shown on the sign-in page; "" hides the link
  std::string operator_name = "Cardea";
  Seconds jwks_max_age = minutes(15);  // decision T4: `next` keys wait at least this long
  std::vector<crypto::SignatureAlgorithm>
      signing_algorithms;  // one active key for each; all that clients use
  OutgoingReach outgoing_reach = OutgoingReach::open_internet;
  std::string outgoing_ca_file;  // trusted besides the system's; "" for none
  // What clients encrypt to us with; keys are made for these and for nothing else.
  std::vector<jose::KeyManagement> decryption_algorithms;
  // What a sign-in can reach, best first: who has one also meets those behind it.
  std::vector<std::string> acr_values{std::string(acr_mfa), std::string(acr_password)};
  // required: nobody signs in with a password alone; who has no factor adds one on the way.
  enum class SecondFactor { optional, required } second_factor = SecondFactor::optional;
  int interactions_per_address_max = 200;
  bool require_pushed_authorization_requests = false;  // RFC 9126 5
  bool require_signed_request_object = false;          // RFC 9101 10.5
  bool require_dpop_nonce = false;                     // RFC 9449 8
  // Open requests that a client polls for (RFC 8628, CIBA): of one client, of one address for
  // public clients, before one person.
  int polled_requests_per_client_max = 10'000;
  int polled_requests_per_address_max = 200;
  int polled_requests_per_user_max = 10;
  // Whether requests may bring a client certificate: through a listener that asks for one, or in
  // the header of a trusted proxy.
  bool has_mutual_tls = false;
  bool has_client_authorities = false;  // to vouch for clients of tls_client_auth
  std::string mtls_origin;  // where clients find the endpoints that ask (RFC 8705 5); "": as ever
  RegistrationSettings registration;
  ClientDocumentSettings client_documents;
  int refresh_replays_max = 8;  // replays of one refresh token in its grace (security corpus 4.4)
  // Accounts offered by one click on the sign-in page; filled in dev only.
  std::vector<std::string> picker_logins;
  enum class Interaction {
    form,
    picker,
    automatic
  } interaction = Interaction::form;  // dev: --interaction

  std::vector<AuthorizationDetailsType> authorization_details_types;

  // Adds the algorithms that this client needs keys for.
  void need_keys_for(const Client& client);
  const AuthorizationDetailsType* find_details_type(std::string_view type) const;
  const Resource* find_resource(const ResourceId& identifier) const;
  const TrustedIssuer* find_trusted_issuer(std::string_view issuer) const;
  std::string endpoint(std::string_view path) const { return issuer + std::string(path); }
  // The alias of RFC 8705 5; only where mtls_origin is set.
  std::string mtls_endpoint(std::string_view path) const {
    return mtls_origin + issuer_path + std::string(path);
  }
};

// The standard scopes and their claims (OIDC Core 5.4) plus `groups`.
std::map<std::string, ScopeDescription> standard_scopes();

// Fills the derived members from `issuer`; the reason when it is not acceptable: https (or http on
// a loopback host), no query, no fragment, no trailing slash, lower-case host (OIDC Discovery 3,
// RFC 8414 2).
Result<Settings, std::string> with_issuer(Settings settings, std::string_view issuer);

}  // namespace cardea
