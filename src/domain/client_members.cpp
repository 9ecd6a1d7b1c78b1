// The table of client members; see client_members.h.
#include "domain/client_members.h"

#include <algorithm>

#include "base/ascii.h"
#include "domain/client_member_rows.h"
#include "domain/token_exchange_member.h"

namespace cardea {
namespace {

using namespace client_member_rows;

constexpr std::size_t client_id_bytes_max = 255;

std::vector<ClientMember> identity_rows() {
  return {
      row(
          {"client_id", By::operator_alone, "", "The identifier that the app sends. Required."},
          MemberKind::text,
          [](Client& c, const json::Value& v) -> Reason {
            const auto& text = *v.if_string();
            if (text.empty() || text.size() > client_id_bytes_max ||
                !std::ranges::all_of(text, ascii::is_vschar)) {
              return "must be 1 to 255 visible ASCII characters (RFC 6749 Appendix A.1)";
            }
            c.client_id = ClientId(text);
            return std::nullopt;
          },
          [](const Client& c) { return json::Value(c.client_id.value()); }),
      text_row<&Client::client_name>(
          {"client_name", By::client, "", "The name people see on the sign-in and consent pages."}),
      row(
          {"jwks", By::client, "",
           "The client's public keys (RFC 7517 5): for private_key_jwt and request objects, with "
           "certificates (x5c) for self_signed_tls_client_auth, and of use \"enc\" for what is "
           "encrypted to it."},
          MemberKind::object,
          [](Client& c, const json::Value& v) -> Reason {
            auto keys = jose::JwkSet::parse(*v.if_object());
            if (!keys) return keys.error();
            c.jwks = *v.if_object();
            return std::nullopt;
          },
          [](const Client& c) { return c.jwks ? json::Value(*c.jwks) : json::Value(); }),
      optional_text_row<&Client::jwks_uri>(
          {"jwks_uri", By::client, "",
           "Where the client publishes its keys instead (https); fetched when they are needed."}),
      word_row<&Client::application_type, application_type_named>(
          {"application_type",
           By::client,
           "web",
           "\"web\" or \"native\" (an app on a person's own device).",
           {"web", "native"}}),
      word_row<&Client::profile, profile_named>(
          {"profile",
           By::operator_alone,
           "",
           "\"fapi2\" (FAPI 2.0 Security Profile) or \"fapi2-message-signing\" (the same with "
           "signed requests): sets every member that it asks for, and refuses others that allow "
           "what it forbids.",
           {"fapi2", "fapi2-message-signing"}}),
      word_row<&Client::token_endpoint_auth_method, client_auth_method_named>(
          {"token_endpoint_auth_method",
           By::client,
           "",
           "\"client_secret_basic\", \"client_secret_post\", \"client_secret_jwt\", "
           "\"private_key_jwt\", \"tls_client_auth\", \"self_signed_tls_client_auth\" or "
           "\"none\" (a public client). Left out: basic and post are both accepted.",
           {"client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt",
            "tls_client_auth", "self_signed_tls_client_auth", "none"}}),
      optional_text_row<&Client::token_endpoint_auth_signing_alg>(
          {"token_endpoint_auth_signing_alg",
           By::client,
           "",
           "The one algorithm of the client's assertions: \"HS256\" for client_secret_jwt, another "
           "one for private_key_jwt. Left out: every one of the method.",
           {"RS256", "ES256", "EdDSA", "PS256", "ES384", "HS256"}}),
  };
}

// RFC 8705 2.1.2, 3.4.
std::vector<ClientMember> certificate_rows() {
  return {
      optional_text_row<&Client::tls_client_auth_subject_dn>(
          {"tls_client_auth_subject_dn", By::client, "",
           "For tls_client_auth: the subject of the client's certificate in the form of RFC 4514, "
           "compared byte by byte: \"CN=app,O=Example\"."}),
      optional_text_row<&Client::tls_client_auth_san_dns>(
          {"tls_client_auth_san_dns", By::client, "",
           "For tls_client_auth: a DNS name of the certificate. No wildcards."}),
      optional_text_row<&Client::tls_client_auth_san_uri>(
          {"tls_client_auth_san_uri", By::client, "",
           "For tls_client_auth: a URI of the certificate, byte by byte."}),
      optional_text_row<&Client::tls_client_auth_san_ip>(
          {"tls_client_auth_san_ip", By::client, "",
           "For tls_client_auth: an IPv4 or IPv6 address of the certificate."}),
      optional_text_row<&Client::tls_client_auth_san_email>(
          {"tls_client_auth_san_email", By::client, "",
           "For tls_client_auth: an e-mail address of the certificate, byte by byte."}),
      flag_row<&Client::tls_client_certificate_bound_access_tokens>(
          {"tls_client_certificate_bound_access_tokens", By::client, "false",
           "Whether every token request must come with a client certificate, to which its tokens "
           "are bound (RFC 8705 3.4)."}),
  };
}

// Signing out, and who is told of it.
std::vector<ClientMember> logout_rows() {
  return {
      list_row<&Client::post_logout_redirect_uris>({"post_logout_redirect_uris", By::client, "[]",
                                                    "Where the browser may go after sign-out."}),
      optional_text_row<&Client::backchannel_logout_uri>(
          {"backchannel_logout_uri", By::client, "",
           "Where the server tells the client that a session ended (https; OpenID Connect "
           "Back-Channel Logout 2.2)."}),
      flag_row<&Client::backchannel_logout_session_required>(
          {"backchannel_logout_session_required", By::client, "false",
           "Whether the client needs `sid` in what it is told; it is always there."}),
      optional_text_row<&Client::frontchannel_logout_uri>(
          {"frontchannel_logout_uri", By::client, "",
           "What the signed-out page loads in a frame, of the origin of a redirect URI (OpenID "
           "Connect Front-Channel Logout 2)."}),
      flag_row<&Client::frontchannel_logout_session_required>(
          {"frontchannel_logout_session_required", By::client, "false",
           "Whether that frame's address carries `iss` and `sid`."}),
  };
}

// What a client says about itself (RFC 7591 2, OIDC Registration 2).
std::vector<ClientMember> information_rows() {
  return {
      optional_text_row<&Client::client_uri>(
          {"client_uri", By::client, "", "An https page about the client."}),
      optional_text_row<&Client::logo_uri>(
          {"logo_uri", By::client, "", "An https address of its logo; never fetched."}),
      optional_text_row<&Client::policy_uri>(
          {"policy_uri", By::client, "", "An https page that says what it does with data."}),
      optional_text_row<&Client::tos_uri>(
          {"tos_uri", By::client, "", "An https page with its terms."}),
      optional_text_row<&Client::initiate_login_uri>(
          {"initiate_login_uri", By::client, "",
           "An https address at which a sign-in can be started (OIDC Core 4)."}),
      optional_list_row<&Client::contacts>(
          {"contacts", By::client, "[]", "Whom to write to about the client; at most 10."}),
      optional_text_row<&Client::software_id>(
          {"software_id", By::client, "",
           "What names the software, the same in every copy of it."}),
      optional_text_row<&Client::software_version>(
          {"software_version", By::client, "", "Which version of it this is."}),
  };
}

std::vector<ClientMember> flow_rows() {
  return {
      list_row<&Client::redirect_uris>(
          {"redirect_uris", By::client, "[]",
           "Where codes may be sent: compared byte by byte (RFC 9700 2.1)."}),
      row(
          {"scope", By::client, "openid", "Scopes the client may ask for, separated by spaces."},
          MemberKind::words,
          [](Client& c, const json::Value& v) -> Reason {
            c.scope = v.if_array() != nullptr ? texts_of(v) : ascii::words(*v.if_string());
            return std::nullopt;
          },
          [](const Client& c) { return json::Value(ascii::join(c.scope, " ")); }),
      words_row<&Client::grant_types, grant_type_named>(
          {"grant_types",
           By::client,
           R"(["authorization_code", "refresh_token"])",
           "\"authorization_code\", \"refresh_token\", \"client_credentials\", "
           "\"urn:ietf:params:oauth:grant-type:device_code\", "
           "\"urn:ietf:params:oauth:grant-type:jwt-bearer\" (see `[[trusted_issuers]]`), "
           "\"urn:ietf:params:oauth:grant-type:token-exchange\" (see `token_exchange`), "
           "\"urn:openid:params:grant-type:ciba\".",
           {"authorization_code", "refresh_token", "client_credentials",
            "urn:ietf:params:oauth:grant-type:device_code",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "urn:ietf:params:oauth:grant-type:token-exchange",
            "urn:openid:params:grant-type:ciba"}}),
      words_row<&Client::response_types, response_type_named>(
          {"response_types",
           By::client,
           R"(["code"])",
           "\"code\", \"id_token\", \"code id_token\".",
           {"code", "id_token", "code id_token"}}),
      words_row<&Client::response_modes, response_mode_named>(
          {"response_modes",
           By::client,
           "every mode",
           "\"query\", \"fragment\", \"form_post\", and each with \".jwt\": signed (JARM).",
           {"query", "fragment", "form_post", "query.jwt", "fragment.jwt", "form_post.jwt"}}),
      word_row<&Client::pkce, pkce_named>(
          {"pkce",
           By::operator_alone,
           "required",
           "\"required\", or \"optional\" for a confidential client whose library has no PKCE "
           "(decision Q1).",
           {"required", "optional"}}),
      word_row<&Client::consent, consent_named>(
          {"consent",
           By::operator_alone,
           "ask",
           "\"ask\", or \"skip\" for first-party clients (decision Q20).",
           {"ask", "skip"}}),
      flag_row<&Client::development>(
          {"development", By::operator_alone, "false",
           "Admits exact http loopback redirect URIs for a web client; shown to people (decision "
           "Q9)."}),
      list_row<&Client::allowed_groups>(
          {"allowed_groups", By::operator_alone, "[]",
           "Only people of these groups may use the client; empty: everybody."}),
      list_row<&Client::allowed_origins>(
          {"allowed_origins", By::operator_alone, "[]",
           "Browser origins that may read answers; empty: those of the redirect URIs."}),
  };
}

template <auto member>
ClientMember alg_row(std::string_view name, std::string_view doc) {
  return word_row<member, jose::key_management_named>(
      {name, By::client, "", doc, {"RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A256KW"}});
}

template <auto member>
ClientMember enc_row(std::string_view name, std::string_view doc) {
  return word_row<member, jose::content_encryption_named>(
      {name, By::client, "", doc, {"A128GCM", "A256GCM"}});
}

template <auto member>
ClientMember signed_row(std::string_view name, std::string_view doc) {
  return word_row<member, jose::algorithm_named>(
      {name, By::client, "", doc, {"RS256", "ES256", "EdDSA", "PS256"}});
}

// How a request comes and its answer goes.
std::vector<ClientMember> request_rows() {
  return {
      flag_row<&Client::require_pushed_authorization_requests>(
          {"require_pushed_authorization_requests", By::client, "false",
           "Whether the client must push its requests (RFC 9126 6)."}),
      flag_row<&Client::require_signed_request_object>(
          {"require_signed_request_object", By::client, "false",
           "Whether the client must sign its requests (RFC 9101 10.5)."}),
      optional_list_row<&Client::request_uris>({"request_uris", By::client, "[]",
                                                "Where the client publishes signed request objects "
                                                "(https; RFC 9101 5.2): a `request_uri` "
                                                "is fetched if it is one of these, byte by byte. A "
                                                "fragment is a SHA-256 in base64url. At "
                                                "most 20, of 512 characters."}),
      word_row<&Client::request_object_signing_alg, jose::algorithm_named>(
          {"request_object_signing_alg",
           By::client,
           "",
           "How request objects are signed. Left out: any of these.",
           {"RS256", "PS256", "ES256", "ES384", "EdDSA"}}),
      alg_row<&Client::request_object_encryption_alg>(
          "request_object_encryption_alg",
          "\"RSA-OAEP-256\", \"ECDH-ES\" or \"ECDH-ES+A256KW\": signed request objects may come "
          "encrypted to the server's key of use \"enc\" (RFC 9101 6.1). Left out: signed only."),
      enc_row<&Client::request_object_encryption_enc>(
          "request_object_encryption_enc",
          "\"A128GCM\" or \"A256GCM\"; needed beside request_object_encryption_alg."),
      word_row<&Client::authorization_signed_response_alg, jose::algorithm_named>(
          {"authorization_signed_response_alg",
           By::client,
           "RS256",
           "How answers of the \".jwt\" response modes are signed (JARM 3).",
           {"RS256", "ES256", "EdDSA", "PS256"}}),
      alg_row<&Client::authorization_encrypted_response_alg>(
          "authorization_encrypted_response_alg",
          "As for ID tokens: answers of those modes are encrypted as well (JARM 3). Left out: "
          "signed "
          "only."),
      enc_row<&Client::authorization_encrypted_response_enc>(
          "authorization_encrypted_response_enc",
          "\"A128GCM\" or \"A256GCM\"; needed beside authorization_encrypted_response_alg."),
  };
}

// CIBA Core 4.
std::vector<ClientMember> backchannel_rows() {
  return {
      word_row<&Client::backchannel_token_delivery_mode, token_delivery_mode_named>(
          {"backchannel_token_delivery_mode",
           By::client,
           "poll",
           "\"poll\": the client asks until the person has answered (CIBA); \"ping\": the server "
           "tells it when to ask.",
           {"poll", "ping"}}),
      optional_text_row<&Client::backchannel_client_notification_endpoint>(
          {"backchannel_client_notification_endpoint", By::client, "",
           "Where the server tells a client of \"ping\" that a request is answered (https)."}),
      word_row<&Client::backchannel_authentication_request_signing_alg, jose::algorithm_named>(
          {"backchannel_authentication_request_signing_alg",
           By::client,
           "",
           "The one algorithm with which the client signs its CIBA requests, which it must then. "
           "Left out: it signs none.",
           {"RS256", "PS256", "ES256", "ES384", "EdDSA"}}),
  };
}

std::vector<ClientMember> token_rows() {
  return {
      row(
          {"default_resource", By::operator_alone, "",
           "The API meant when a request names none (RFC 8707)."},
          MemberKind::text,
          [](Client& c, const json::Value& v) -> Reason {
            c.default_resource = ResourceId(*v.if_string());
            return std::nullopt;
          },
          [](const Client& c) {
            return c.default_resource ? json::Value(c.default_resource->value()) : json::Value();
          }),
      list_row<&Client::authorization_details_types>(
          {"authorization_details_types", By::client, "[]",
           "Types of authorization_details that the client may ask for (RFC 9396)."}),
      word_row<&Client::id_token_signed_response_alg, jose::algorithm_named>(
          {"id_token_signed_response_alg",
           By::client,
           "RS256",
           "\"RS256\", \"ES256\", \"EdDSA\" or \"PS256\".",
           {"RS256", "ES256", "EdDSA", "PS256"}}),
      word_row<&Client::id_token_claims, id_token_claims_named>(
          {"id_token_claims",
           By::operator_alone,
           "scopes",
           "\"scopes\": the claims of the granted scopes are in the ID token; \"minimal\": at "
           "userinfo only.",
           {"scopes", "minimal"}}),
      word_row<&Client::refresh_rotation, refresh_rotation_named>(
          {"refresh_rotation",
           By::operator_alone,
           "on",
           "\"off\" keeps one refresh token; confidential clients only.",
           {"on", "off"}}),
      seconds_row<&Client::refresh_grace>(
          {"refresh_grace", By::operator_alone, "30s",
           "How long a refresh whose reply was lost may be repeated; 0 to 60 seconds."},
          MemberKind::duration),
      flag_row<&Client::dpop_bound_access_tokens>(
          {"dpop_bound_access_tokens", By::client, "false",
           "Whether every token request must prove a key, to which its tokens are bound (RFC 9449 "
           "5.2)."}),
      flag_row<&Client::id_token_on_refresh>(
          {"id_token_on_refresh", By::operator_alone, "true",
           "Whether a refresh returns an ID token when openid was granted."}),
      seconds_row<&Client::default_max_age>(
          {"default_max_age", By::client, "",
           "Seconds since the last sign-in after which it is asked again."},
          MemberKind::integer),
      flag_row<&Client::require_auth_time>(
          {"require_auth_time", By::client, "false", "Whether ID tokens always carry auth_time."}),
      row(
          {"token_exchange", By::operator_alone, "",
           "What the client may exchange (RFC 8693): `subject_clients`, the clients whose access "
           "tokens it may present; `resources`, the APIs the new tokens may be for; `mode`, "
           "\"delegation\" (the new token names the client in `act`) or \"impersonation\"."},
          MemberKind::object,
          [](Client& c, const json::Value& v) { return set_token_exchange(c, *v.if_object()); },
          token_exchange_of),
      flag_row<&Client::require_second_factor>(
          {"require_second_factor", By::operator_alone, "false",
           "Whether people need a second factor for this client; who has none adds one during the "
           "sign-in."}),
      flag_row<&Client::enabled>(
          {"enabled", By::operator_alone, "true", "A disabled client is refused everywhere."}),
  };
}

std::vector<ClientMember> subject_rows() {
  return {
      word_row<&Client::subject_type, subject_type_named>(
          {"subject_type",
           By::client,
           "public",
           "\"public\": a person has one identifier everywhere; \"pairwise\": another one for each "
           "sector (OIDC Core 8).",
           {"public", "pairwise"}}),
      optional_text_row<&Client::sector_identifier_uri>(
          {"sector_identifier_uri", By::client, "",
           "An https URL whose host is the client's sector, needed for pairwise subjects where the "
           "redirect URIs have several hosts (OIDC Core 8.1)."}),
  };
}

std::vector<ClientMember> response_rows() {
  return {
      alg_row<&Client::id_token_encrypted_response_alg>(
          "id_token_encrypted_response_alg",
          "\"RSA-OAEP-256\", \"ECDH-ES\" or \"ECDH-ES+A256KW\": ID tokens are signed, then "
          "encrypted to the key of use \"enc\" in jwks. Left out: signed only."),
      enc_row<&Client::id_token_encrypted_response_enc>(
          "id_token_encrypted_response_enc",
          "\"A128GCM\" or \"A256GCM\"; needed beside id_token_encrypted_response_alg."),
      signed_row<&Client::userinfo_signed_response_alg>(
          "userinfo_signed_response_alg",
          "\"RS256\", \"ES256\", \"EdDSA\" or \"PS256\": userinfo is a signed JWT. Left out: "
          "JSON."),
      alg_row<&Client::userinfo_encrypted_response_alg>(
          "userinfo_encrypted_response_alg",
          "As for ID tokens: userinfo is encrypted, after it was signed where that is asked for."),
      enc_row<&Client::userinfo_encrypted_response_enc>(
          "userinfo_encrypted_response_enc",
          "\"A128GCM\" or \"A256GCM\"; needed beside userinfo_encrypted_response_alg."),
      signed_row<&Client::introspection_signed_response_alg>(
          "introspection_signed_response_alg",
          "\"RS256\", \"ES256\", \"EdDSA\" or \"PS256\": what this API learns by introspection is "
          "always a signed JWT (RFC 9701). Left out: JSON, and RS256 when a request asks for it."),
      alg_row<&Client::introspection_encrypted_response_alg>(
          "introspection_encrypted_response_alg",
          "As for ID tokens: that JWT is encrypted as well."),
      enc_row<&Client::introspection_encrypted_response_enc>(
          "introspection_encrypted_response_enc",
          "\"A128GCM\" or \"A256GCM\"; needed beside introspection_encrypted_response_alg."),
  };
}

std::string choices_of(const ClientMember& member) {
  std::string out;
  for (const auto choice : member.choices) {
    out += (out.empty() ? "\"" : ", \"") + std::string(choice) + "\"";
  }
  return out;
}

// Nothing when every word is among the choices; else what is wrong.
Reason outside_choices(const ClientMember& member, const json::Value& value) {
  // RFC 6749 3.1.1: the words of a response type come in any order.
  const auto sorted = [](std::string_view text) {
    auto words = ascii::words(text);
    std::ranges::sort(words);
    return words;
  };
  const auto is_choice = [&](const std::string& text) {
    return std::ranges::any_of(member.choices, [&](std::string_view choice) {
      return choice == text || sorted(choice) == sorted(text);
    });
  };
  if (const auto* text = value.if_string()) {
    if (is_choice(*text)) return std::nullopt;
    return "must be one of " + choices_of(member);
  }
  for (const auto& text : texts_of(value)) {
    if (!is_choice(text)) return "\"" + text + "\" is not one of " + choices_of(member);
  }
  return std::nullopt;
}

}  // namespace

std::span<const ClientMember> client_members() {
  static const auto rows = [] {
    std::vector<ClientMember> all;
    for (auto& part :
         {identity_rows(), certificate_rows(), information_rows(), flow_rows(), logout_rows(),
          request_rows(), backchannel_rows(), token_rows(), subject_rows(), response_rows()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return rows;
}

std::optional<std::string> set_member(const ClientMember& member, Client& client,
                                      const json::Value& value) {
  if (!has_kind(member.kind, value)) return std::string(expected_of(member.kind));
  if (!member.choices.empty()) {
    if (auto reason = outside_choices(member, value)) return reason;
  }
  return member.set(client, value);
}

}  // namespace cardea
