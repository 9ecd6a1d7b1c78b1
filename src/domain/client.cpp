// The rules of client registration; see client.h. RFC 7591 2, OIDC Registration 2, decisions Q1,
// Q2, Q8, Q9, Q18, Q20.
#include "domain/client.h"

#include <algorithm>
#include <set>

#include "base/ascii.h"
#include "base/limits.h"
#include "base/outgoing_url.h"
#include "base/url.h"
#include "domain/client_authentication.h"
#include "domain/client_profile.h"
#include "domain/sector.h"
#include "protocol/redirect_uri.h"
#include "protocol/request_uri.h"
#include "protocol/scope.h"

namespace cardea {
namespace {

constexpr std::size_t client_id_bytes_max = 255;
constexpr std::size_t client_name_bytes_max = 200;  // what the consent page can show
constexpr std::size_t secrets_max = 2;              // decision Q2: the old and the new one

template <class T>
bool holds(const std::vector<T>& list, const T& value) {
  return std::ranges::find(list, value) != list.end();
}

bool is_inert_text(std::string_view text) {
  return ascii::is_utf8(text) && !ascii::holds_control(text);
}

class Check {
 public:
  explicit Check(const Client& client) : client_(client) {}

  std::vector<ClientProblem> run() && {
    check_names();
    check_information();
    check_authentication_of(client_, problems_);
    check_jwks_uri();
    check_secrets();
    check_request_objects();
    check_backchannel();
    check_logout_uris();
    check_redirect_uris();
    check_grants_and_responses();
    check_pkce_and_consent();
    check_refresh();
    check_lists();
    check_subject();
    check_encryption();
    for (auto& lack : lacks_of_profile(client_)) problem("profile", std::move(lack));
    return std::move(problems_);
  }

 private:
  void problem(std::string member, std::string reason) {
    problems_.push_back({std::move(member), std::move(reason), false});
  }
  void warning(std::string member, std::string reason) {
    problems_.push_back({std::move(member), std::move(reason), true});
  }

  void check_names() {
    const std::string& id = client_.client_id.value();
    if (id.empty() || id.size() > client_id_bytes_max ||
        !std::ranges::all_of(id, ascii::is_vschar)) {
      problem("client_id", "must be 1 to 255 printable ASCII characters (RFC 6749 A.1)");
    }
    const std::string& name = client_.client_name;
    if (name.size() > client_name_bytes_max || !is_inert_text(name)) {
      problem("client_name", "must be at most 200 bytes of text without control characters");
    }
  }

  // RFC 7591 2. Every address is judged alike, whether or not anybody follows it (7591-03).
  void check_information() {
    for (const auto& [member, uri] : {std::pair{"client_uri", &client_.client_uri},
                                      {"logo_uri", &client_.logo_uri},
                                      {"policy_uri", &client_.policy_uri},
                                      {"tos_uri", &client_.tos_uri},
                                      {"initiate_login_uri", &client_.initiate_login_uri}}) {
      if (!uri->empty()) check_outgoing(member, *uri);
    }
    if (client_.contacts.size() > limits::contacts_max) {
      problem("contacts", "holds more than 10 entries");
    }
    for (const auto& contact : client_.contacts) check_text("contacts", contact);
    check_text("software_id", client_.software_id);
    check_text("software_version", client_.software_version);
  }

  void check_text(const std::string& member, const std::string& text) {
    if (text.size() > limits::client_text_bytes_max || !is_inert_text(text)) {
      problem(member, "must be at most 320 bytes of text without control characters");
    }
  }

  // RFC 9101 6.2: whoever signs registers what to verify with.
  void check_request_objects() {
    check_request_uris();
    const bool signs = client_.require_signed_request_object || !client_.request_uris.empty() ||
                       client_.request_object_signing_alg.has_value() ||
                       client_.request_object_encryption_alg.has_value() ||
                       client_.backchannel_authentication_request_signing_alg.has_value();
    if (signs && !client_.has_keys()) {
      problem("jwks", "or jwks_uri is needed for request objects (RFC 9101 6.2)");
    }
  }

  void check_request_uris() {
    const auto& uris = client_.request_uris;
    if (uris.size() > limits::request_uris_max) problem("request_uris", "holds more than 20 URIs");
    for (const auto& uri : uris) {
      if (const auto defect = request_uri_defect(uri, reach_of(uri))) {
        problem("request_uris", *defect);
      }
    }
    if (!uris.empty() && client_.require_pushed_authorization_requests) {
      warning("request_uris", "are not used: the client must push its requests (RFC 9126 6)");
    }
  }

  // CIBA Core 4.
  void check_backchannel() {
    const std::string member = "backchannel_client_notification_endpoint";
    const std::string& uri = client_.backchannel_client_notification_endpoint;
    if (!uri.empty()) check_outgoing(member, uri);
    const bool is_pinged = client_.backchannel_token_delivery_mode == TokenDeliveryMode::ping;
    if (is_pinged && uri.empty()) problem(member, "is needed for ping (CIBA Core 4)");
    if (!is_pinged && !uri.empty()) warning(member, "is not used by clients of poll");
  }

  // OIDC Registration 2: jwks and jwks_uri MUST NOT be used together.
  void check_jwks_uri() {
    if (client_.jwks_uri.empty()) return;
    if (client_.jwks) problem("jwks_uri", "is given besides jwks (OIDC Registration 2)");
    check_outgoing("jwks_uri", client_.jwks_uri);
  }

  // What the server may call, or leads people to. A client marked `development` may live on this
  // machine; whether such an address is called at all is the operator's setting.
  OutgoingReach reach_of(const std::string& uri) const {
    const auto parts = url::parse(uri);
    const bool is_local = client_.development && parts && url::is_loopback_host(parts->host);
    return is_local ? OutgoingReach::private_too : OutgoingReach::open_internet;
  }

  void check_outgoing(const std::string& member, const std::string& uri) {
    if (const auto defect = outgoing_url_defect(uri, reach_of(uri))) problem(member, *defect);
  }

  void check_logout_uris() {
    // OIDC Back-Channel Logout 2.2.
    if (!client_.backchannel_logout_uri.empty()) {
      check_outgoing("backchannel_logout_uri", client_.backchannel_logout_uri);
    }
    check_frontchannel_uri();
  }

  // OIDC Front-Channel Logout 2: scheme, host and port MUST be those of a registered redirect URI.
  void check_frontchannel_uri() {
    const std::string member = "frontchannel_logout_uri";
    const std::string& uri = client_.frontchannel_logout_uri;
    if (uri.empty()) return;
    const RedirectUriPolicy policy{.application_type = ApplicationType::web,
                                   .development = client_.development};
    for (const auto& found : check_redirect_uri_registration(uri, policy)) {
      problems_.push_back(
          {member, found.reason + " (" + found.spec.text() + ")", found.is_warning});
    }
    const auto parts = url::parse(uri);
    const auto same_origin = [&](const std::string& redirect_uri) {
      const auto redirect = url::parse(redirect_uri);
      return redirect && parts && redirect->origin() == parts->origin();
    };
    if (std::ranges::none_of(client_.redirect_uris, same_origin)) {
      problem(member, "must have scheme, host and port of a redirect URI (Front-Channel Logout 2)");
    }
  }

  void check_secrets() {
    if (client_.secrets.size() > secrets_max) {
      problem("client_secret", "at most two secrets are valid at a time");
    }
    for (const ClientSecretDigest& secret : client_.secrets) {
      if (secret.sha256.size() != 32) problem("client_secret", "is not kept as a SHA-256 digest");
    }
  }

  // Security corpus 3.4.
  void check_redirect_uris() {
    check_uri_list("redirect_uris", client_.redirect_uris);
    check_uri_list("post_logout_redirect_uris", client_.post_logout_redirect_uris);
    if (client_.development) {
      warning("development", "loopback redirect URIs are accepted; not for production");
    }
  }

  void check_uri_list(const std::string& member, const std::vector<std::string>& uris) {
    if (uris.size() > limits::redirect_uris_max) problem(member, "holds more than 50 URIs");
    const RedirectUriPolicy policy{.application_type = client_.application_type,
                                   .development = client_.development};
    std::set<std::string_view> seen;
    for (const std::string& uri : uris) {
      for (const auto& found : check_redirect_uri_registration(uri, policy)) {
        problems_.push_back(
            {member, found.reason + " (" + found.spec.text() + ")", found.is_warning});
      }
      if (!seen.insert(uri).second) warning(member, "names a URI twice; it is stored once");
    }
  }

  // RFC 7591 2.1: grant types and response types go together.
  void check_grants_and_responses() {
    const bool has_code_grant = client_.allows(GrantType::authorization_code);
    if (client_.grant_types.empty()) problem("grant_types", "must name at least one");
    if (client_.is_public() && client_.allows(GrantType::client_credentials)) {
      problem("grant_types", "client_credentials is for confidential clients (RFC 6749 4.4)");
    }
    check_further_grants();
    if (client_.grant_types == std::vector{GrantType::refresh_token}) {
      problem("grant_types", "refresh_token needs a grant that gives a refresh token");
    }
    const bool answers = has_code_grant || holds(client_.response_types, ResponseType::id_token);
    if (answers && client_.redirect_uris.empty()) {
      problem("redirect_uris", "must hold at least one URI (RFC 6749 3.1.2.2)");
    }
    if (has_code_grant && client_.response_types.empty()) {
      problem("response_types", "must hold code for the authorization_code grant (RFC 7591 2.1)");
    }
    // The default list is not a claim: a client of client_credentials alone need not clear it.
    const bool is_default = client_.response_types == std::vector{ResponseType::code};
    const bool wants_code = holds(client_.response_types, ResponseType::code_id_token) ||
                            (holds(client_.response_types, ResponseType::code) && !is_default);
    if (wants_code && !has_code_grant) {
      problem("response_types", "code needs the authorization_code grant (RFC 7591 2.1)");
    }
    if (!answers && !client_.redirect_uris.empty()) {
      warning("redirect_uris", "are not used by the client's grant types");
    }
    check_response_modes();
  }

  // Whoever speaks for people who are not there proves who it is.
  void check_further_grants() {
    if (client_.is_public()) {
      if (client_.allows(GrantType::jwt_bearer)) {
        problem("grant_types", "jwt-bearer is for confidential clients");
      }
      if (client_.allows(GrantType::token_exchange)) {
        problem("grant_types", "token-exchange is for confidential clients (RFC 8693 5)");
      }
      if (client_.allows(GrantType::ciba)) {
        problem("grant_types", "ciba is for confidential clients (CIBA Core 7.1)");
      }
    }
    if (client_.allows(GrantType::token_exchange) && !client_.token_exchange) {
      problem("token_exchange", "must say what the client may exchange");
    }
    if (client_.token_exchange && !client_.allows(GrantType::token_exchange)) {
      warning("token_exchange", "is not used by the client's grant types");
    }
  }

  // OAuth 2.0 Multiple Response Types 5: no ID token in a query.
  void check_response_modes() {
    const bool fronts_id_token = holds(client_.response_types, ResponseType::id_token) ||
                                 holds(client_.response_types, ResponseType::code_id_token);
    const bool in_query_only = !client_.response_modes.empty() &&
                               std::ranges::all_of(client_.response_modes, [](ResponseMode mode) {
                                 return carrier_of(mode) == ResponseMode::query;
                               });
    if (fronts_id_token && in_query_only) {
      problem("response_modes", "query cannot carry an ID token (Multiple Response Types 5)");
    }
  }

  void check_pkce_and_consent() {
    if (client_.pkce == PkcePolicy::optional) {
      if (client_.is_public()) {
        problem("pkce", "is required of public clients (RFC 9700 2.1.1)");
      } else {
        warning("pkce", "is optional; codes of this client can be injected (RFC 9700 4.5)");
      }
    }
    // Decision Q20: at a loopback or private-scheme URI any program of the machine may answer.
    if (client_.consent == ConsentPolicy::skip && client_.is_public() &&
        std::ranges::any_of(client_.redirect_uris, is_local_redirect_uri)) {
      problem("consent",
              "skip is refused for public clients with loopback or private-scheme redirects");
    }
  }

  void check_refresh() {
    if (client_.refresh_rotation == RefreshRotation::off && client_.is_public()) {
      problem("refresh_rotation", "must be on for public clients (RFC 9700 4.14.2)");
    }
    if (client_.refresh_grace.count < 0 || client_.refresh_grace.count > 60) {
      problem("refresh_grace", "must be 0 to 60 seconds");
    } else if (client_.refresh_grace.count == 0) {
      warning("refresh_grace", "is 0: a lost answer to a refresh signs the person out");
    }
  }

  void check_lists() {
    if (!std::ranges::all_of(client_.scope, is_scope_token)) {
      problem("scope", "holds a word that RFC 6749 3.3 does not allow");
    }
    for (const std::string& origin : client_.allowed_origins) {
      const auto parts = url::parse(origin);
      if (!parts || parts->origin() != origin) {
        problem("allowed_origins", "must be origins such as https://app.example (RFC 6454 6.2)");
      }
    }
    if (client_.default_resource) {
      const std::string& resource = client_.default_resource->value();
      const auto colon = resource.find(':');
      if (colon == 0 || colon == std::string::npos || redirect_uri_defect(resource) ||
          resource.find('#') != std::string::npos) {
        problem("default_resource", "must be an absolute URI without a fragment (RFC 8707 2)");
      }
    }
    if (client_.default_max_age && client_.default_max_age->count < 0) {
      problem("default_max_age", "must not be negative (OIDC Registration 2)");
    }
  }

  // OIDC Core 8.1, OIDC Registration 5.
  void check_subject() {
    const std::string& uri = client_.sector_identifier_uri;
    if (!uri.empty()) check_outgoing("sector_identifier_uri", uri);
    if (client_.subject_type == SubjectType::pairwise) {
      const auto sector = sector_of(client_);
      if (!sector && uri.empty()) {
        problem("sector_identifier_uri",
                "is needed for pairwise subjects: the redirect URIs have not one host in common "
                "(OIDC Core 8.1)");
      } else if (uri.empty() && url::is_loopback_host(*sector)) {
        warning("subject_type", "is pairwise, but every app at a loopback address is one sector");
      }
    }
  }

  // OIDC Registration 2, RFC 9701 6.
  void check_encryption() {
    check_encrypted("id_token_encrypted_response_", client_.id_token_encrypted_response_alg,
                    client_.id_token_encrypted_response_enc);
    check_encrypted("userinfo_encrypted_response_", client_.userinfo_encrypted_response_alg,
                    client_.userinfo_encrypted_response_enc);
    check_encrypted("introspection_encrypted_response_",
                    client_.introspection_encrypted_response_alg,
                    client_.introspection_encrypted_response_enc);
    check_encrypted("authorization_encrypted_response_",
                    client_.authorization_encrypted_response_alg,
                    client_.authorization_encrypted_response_enc);
    check_pair("request_object_encryption_", client_.request_object_encryption_alg,
               client_.request_object_encryption_enc);
  }

  void check_pair(const std::string& what, const std::optional<jose::KeyManagement>& alg,
                  const std::optional<jose::ContentEncryption>& enc) {
    if (enc && !alg) problem(what + "enc", "needs " + what + "alg (OIDC Registration 2)");
    if (alg && !enc) {
      // Left out it means A128CBC-HS256, which nobody here offers.
      problem(what + "enc", "must be \"A128GCM\" or \"A256GCM\" (OIDC Registration 2)");
    }
  }

  void check_encrypted(const std::string& what, const std::optional<jose::KeyManagement>& alg,
                       const std::optional<jose::ContentEncryption>& enc) {
    check_pair(what, alg, enc);
    if (!alg) return;
    if (!client_.jwks_uri.empty()) return;  // what is there is seen when it is needed
    const auto keys = client_.jwks ? jose::JwkSet::parse(*client_.jwks)
                                   : Result<jose::JwkSet, std::string>(jose::JwkSet());
    if (!keys) return problem("jwks", keys.error());
    if (jose::find_recipient(keys->recipients(), *alg) == nullptr) {
      problem("jwks", "holds no key of use \"enc\" for " + std::string(jose::name_of(*alg)) +
                          " (OIDC Core 10.2)");
    }
  }

  const Client& client_;
  std::vector<ClientProblem> problems_;
};

}  // namespace

bool Client::allows(GrantType grant_type) const {
  return holds(grant_types, grant_type);
}
bool Client::allows(ResponseType response_type) const {
  return holds(response_types, response_type);
}
bool Client::allows(ResponseMode response_mode) const {
  return response_modes.empty() || holds(response_modes, response_mode);
}

std::vector<crypto::SignatureAlgorithm> signing_algorithms_of(const Client& client) {
  std::vector all{client.id_token_signed_response_alg, client.authorization_signed_response_alg};
  if (client.userinfo_signed_response_alg) all.push_back(*client.userinfo_signed_response_alg);
  if (client.introspection_signed_response_alg) {
    all.push_back(*client.introspection_signed_response_alg);
  }
  return all;
}

std::vector<ClientProblem> check_client(const Client& client) {
  return Check(client).run();
}

}  // namespace cardea
