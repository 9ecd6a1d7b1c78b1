// A registered client (RFC 6749 2; member names as in RFC 7591 2 and OIDC Registration 2) and the
// rules of registration: one rule set for configuration file, CLI, dynamic registration and
// metadata documents.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/identifiers.h"
#include "jose/jwk.h"
#include "protocol/vocabulary.h"

namespace cardea {

enum class PkcePolicy { required, optional };
enum class ConsentPolicy { ask, skip };
enum class IdTokenClaims { scopes, minimal };
enum class RefreshRotation { on, off };
enum class SubjectType { same_everywhere, pairwise };  // OIDC Core 8; the former is "public"
// How a client learns what a person answered (CIBA Core 5): it asks, or it is told to ask.
enum class TokenDeliveryMode { poll, ping };

// What a client may exchange for what (RFC 8693). Whose tokens, and for which APIs, is listed; a
// client without it exchanges nothing.
struct TokenExchangePolicy {
  enum class Mode {
    delegation,     // the new token names who acts, in `act`
    impersonation,  // it does not
  };
  std::vector<ClientId> subject_clients;  // whose access tokens it may present
  std::vector<ResourceId> resources;      // which APIs the new ones may be for
  Mode mode = Mode::delegation;
  friend bool operator==(const TokenExchangePolicy&, const TokenExchangePolicy&) = default;
};

// Who may change a row (decision Q22).
struct Ownership {
  // registration: the client itself (RFC 7591); document: it is what its metadata document says.
  enum class By { cli, file, dev, registration, document } by = By::cli;
  std::string place;  // "cardea.toml:33" for file
  // Keyed digest of the configured password or secret, to notice that the file's value changed.
  std::string configured_digest;
  friend bool operator==(const Ownership&, const Ownership&) = default;
};

std::string_view name_of(Ownership::By by);  // "registration"

// SHA-256 of a generated or configured secret of at least 32 characters. Two may be valid at a
// time.
struct ClientSecretDigest {
  std::string sha256;                 // raw
  std::optional<Instant> expires_at;  // absent: until removed
  Instant created_at{};
  // The secret itself, sealed (server/client_auth/kept_secret.h): of clients of client_secret_jwt
  // alone, whose MACs no digest verifies; "" otherwise (decision Q2).
  std::string sealed{};
  friend bool operator==(const ClientSecretDigest&, const ClientSecretDigest&) = default;
};

struct Client {
  ClientId client_id;
  std::string client_name;  // shown to people; "" shows the client_id
  std::vector<ClientSecretDigest> secrets;
  // SHA-256 of the token by which a client that registered itself changes that (RFC 7592 1.2); ""
  // for others.
  RegistrationTokenDigest registration_access_token;
  // What the client says about itself (RFC 7591 2); "" for nothing. Kept and given back; nothing of
  // it is fetched.
  std::string client_uri;
  std::string logo_uri;
  std::string policy_uri;
  std::string tos_uri;
  std::string initiate_login_uri;  // OIDC Registration 2
  std::vector<std::string> contacts;
  std::string software_id;
  std::string software_version;
  std::string software_statement;  // as it was presented (RFC 7591 3.2.1)
  // Public keys, to verify with and to encrypt to; at most one of the two.
  std::optional<json::Object> jwks;
  std::string jwks_uri;               // "" for none
  std::string sector_identifier_uri;  // OIDC Core 8.1; "" for none
  // Of its assertions (OIDC Registration 2); "": every one that its method has.
  std::string token_endpoint_auth_signing_alg;
  // What the certificate of a client of tls_client_auth must say: one of these (RFC 8705 2.1.2).
  std::string tls_client_auth_subject_dn;  // RFC 4514
  std::string tls_client_auth_san_dns;
  std::string tls_client_auth_san_uri;
  std::string tls_client_auth_san_ip;
  std::string tls_client_auth_san_email;
  std::vector<std::string> redirect_uris;
  std::vector<std::string> post_logout_redirect_uris;
  // How it learns that a session ended; "" for not at all.
  std::string backchannel_logout_uri;
  std::string frontchannel_logout_uri;
  std::vector<std::string> scope;
  bool backchannel_logout_session_required = false;
  bool frontchannel_logout_session_required = false;
  ApplicationType application_type = ApplicationType::web;
  std::optional<Profile> profile;  // absent: none
  // Absent: client_secret_basic and client_secret_post are both accepted (decision Q2).
  std::optional<ClientAuthMethod> token_endpoint_auth_method;
  std::vector<GrantType> grant_types{GrantType::authorization_code, GrantType::refresh_token};
  std::vector<ResponseType> response_types{ResponseType::code};
  std::vector<ResponseMode> response_modes;  // empty: every mode we support
  PkcePolicy pkce = PkcePolicy::required;
  ConsentPolicy consent = ConsentPolicy::ask;
  bool development = false;                  // decision Q9
  std::vector<std::string> allowed_groups;   // decision Q19; empty: everybody
  std::vector<std::string> allowed_origins;  // decision Q18; empty: origins of the redirect URIs
  std::optional<ResourceId> default_resource;
  std::vector<std::string> authorization_details_types;  // RFC 9396 10: which it may ask for
  crypto::SignatureAlgorithm id_token_signed_response_alg = crypto::SignatureAlgorithm::RS256;
  IdTokenClaims id_token_claims = IdTokenClaims::scopes;
  RefreshRotation refresh_rotation = RefreshRotation::on;
  Seconds refresh_grace{30};  // 0-60
  std::optional<Seconds> default_max_age;
  bool id_token_on_refresh = true;
  bool require_auth_time = false;
  bool require_pushed_authorization_requests = false;  // RFC 9126 6
  bool require_signed_request_object = false;          // RFC 9101 10.5
  // Where it publishes request objects, compared byte by byte (OIDC Registration 2, RFC 9101 10.4).
  std::vector<std::string> request_uris;
  // Absent: every asymmetric one (OIDC Registration 2).
  std::optional<crypto::SignatureAlgorithm> request_object_signing_alg;
  // How its request objects may be encrypted to us (RFC 9101 6.1); absent: they may not.
  std::optional<jose::KeyManagement> request_object_encryption_alg;
  std::optional<jose::ContentEncryption> request_object_encryption_enc;
  crypto::SignatureAlgorithm authorization_signed_response_alg =
      crypto::SignatureAlgorithm::RS256;  // JARM 3
  // Absent: signed answers are not encrypted.
  std::optional<jose::KeyManagement> authorization_encrypted_response_alg;
  std::optional<jose::ContentEncryption> authorization_encrypted_response_enc;
  // CIBA Core 4.
  std::optional<TokenDeliveryMode> backchannel_token_delivery_mode;  // absent: poll
  std::string backchannel_client_notification_endpoint;              // of ping; "" for none
  // Present: every backchannel authentication request is signed with it; absent: none is.
  std::optional<crypto::SignatureAlgorithm> backchannel_authentication_request_signing_alg;
  SubjectType subject_type = SubjectType::same_everywhere;
  // How answers to the client are signed and encrypted (OIDC Registration 2, RFC 9701 6). An alg
  // and its enc come together.
  std::optional<jose::KeyManagement> id_token_encrypted_response_alg;
  std::optional<jose::ContentEncryption> id_token_encrypted_response_enc;
  std::optional<crypto::SignatureAlgorithm> userinfo_signed_response_alg;  // absent: not signed
  std::optional<jose::KeyManagement> userinfo_encrypted_response_alg;
  std::optional<jose::ContentEncryption> userinfo_encrypted_response_enc;
  // Absent: JSON, and RS256 where a request asks for a JWT.
  std::optional<crypto::SignatureAlgorithm> introspection_signed_response_alg;
  std::optional<jose::KeyManagement> introspection_encrypted_response_alg;
  std::optional<jose::ContentEncryption> introspection_encrypted_response_enc;
  std::optional<TokenExchangePolicy> token_exchange;
  bool dpop_bound_access_tokens = false;                    // RFC 9449 5.2
  bool tls_client_certificate_bound_access_tokens = false;  // RFC 8705 3.4
  bool require_second_factor = false;
  bool enabled = true;
  Ownership owner;
  Instant created_at{};

  // Whether it proves itself by a secret: keys that it has beside one serve other ends.
  bool uses_secret() const {
    return !token_endpoint_auth_method || is_by_secret(*token_endpoint_auth_method);
  }
  // Whether nobody here has looked at it: people are told (security corpus asvs-10.4.7).
  bool registered_itself() const {
    return owner.by == Ownership::By::registration || owner.by == Ownership::By::document;
  }
  bool is_public() const { return token_endpoint_auth_method == ClientAuthMethod::none; }
  bool has_keys() const { return jwks.has_value() || !jwks_uri.empty(); }
  bool allows(GrantType) const;
  bool allows(ResponseType) const;
  bool allows(ResponseMode) const;
  std::string_view display_name() const {
    return client_name.empty() ? client_id.value() : client_name;
  }
};

// Everything that the server signs with for this client, so that a key can be there.
std::vector<crypto::SignatureAlgorithm> signing_algorithms_of(const Client& client);

struct ClientProblem {
  std::string member;  // "redirect_uris"
  std::string reason;  // "must not have a fragment (RFC 6749 3.1.2)"
  bool is_warning = false;
};
// Every rule of registration: redirect URIs (security corpus 3.4, decision Q9), authentication
// against secrets and keys (Q2), PKCE (Q1), consent (Q20), response types against grant types,
// grace. All problems at once; those that are not warnings refuse the client. Pure.
std::vector<ClientProblem> check_client(const Client& client);

// The document form kept by the store. read gives nothing when the text is not one that write made.
std::string write_client(const Client& client);
std::optional<Client> read_client(std::string_view document);

}  // namespace cardea
