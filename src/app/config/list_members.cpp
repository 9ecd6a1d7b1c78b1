// Member tables of the lists; see list_members.h.
#include "app/config/list_members.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "app/config/nearest.h"
#include "app/config/settings_table.h"
#include "base/ascii.h"
#include "crypto/hash.h"
#include "crypto/password_hash.h"

namespace cardea::app {
namespace {

using Reason = std::optional<std::string>;
using Clients = MemberRow<ConfiguredClient>;

const std::string& text_of(const json::Value& value) {
  return *value.if_string();
}

std::vector<std::string> list_of(const json::Value& value) {
  std::vector<std::string> out;
  for (const auto& element : *value.if_array()) out.push_back(text_of(element));
  return out;
}

// A member that is one word of a closed vocabulary.
template <class Enum>
Reason set_word(Enum& target, const json::Value& value,
                std::optional<Enum> (*named)(std::string_view), std::string_view choices) {
  const auto word = named(text_of(value));
  if (!word) return "must be one of " + std::string(choices);
  target = *word;
  return std::nullopt;
}

template <class Enum>
Reason set_words(std::vector<Enum>& target, const json::Value& value,
                 std::optional<Enum> (*named)(std::string_view), std::string_view choices) {
  target.clear();
  for (const auto& text : list_of(value)) {
    const auto word = named(text);
    if (!word) return "\"" + text + "\" is not one of " + std::string(choices);
    if (std::ranges::find(target, *word) == target.end()) target.push_back(*word);
  }
  return std::nullopt;
}

template <class Get>
Clients client_list(std::string_view name, std::string_view standard, Get get,
                    std::string_view doc) {
  return {name, MemberKind::list, standard, doc,
          [get](ConfiguredClient& c, const json::Value& v) -> Reason {
            get(c.client) = list_of(v);
            return std::nullopt;
          }};
}

template <class Get>
Clients client_flag(std::string_view name, std::string_view standard, Get get,
                    std::string_view doc) {
  return {name, MemberKind::flag, standard, doc,
          [get](ConfiguredClient& c, const json::Value& v) -> Reason {
            get(c.client) = *v.if_bool();
            return std::nullopt;
          }};
}

Reason set_two(const json::Value& value, std::string_view off, std::string_view on,
               const std::function<void(bool)>& set) {
  const auto& text = text_of(value);
  if (text != off && text != on) {
    return "must be \"" + std::string(off) + "\" or \"" + std::string(on) + "\"";
  }
  set(text == on);
  return std::nullopt;
}

Reason set_secret(ConfiguredClient& client, const json::Value& value) {
  const auto& text = text_of(value);
  if (text.size() < 32) {
    return "is shorter than 32 characters; make one with `openssl rand -hex 32` (decision Q2)";
  }
  if (!std::ranges::all_of(text, ascii::is_vschar)) return "may hold visible ASCII characters only";
  if (client.secret) return "is given twice";
  client.secret = ConfiguredSecret(text);
  return std::nullopt;
}

std::vector<Clients> identity_rows() {
  return {
      {"client_id", MemberKind::text, "", "The identifier that the app sends. Required.",
       [](ConfiguredClient& c, const json::Value& v) -> Reason {
         const auto& text = text_of(v);
         if (text.empty() || text.size() > 255 || !std::ranges::all_of(text, ascii::is_vschar)) {
           return "must be 1 to 255 visible ASCII characters (RFC 6749 Appendix A.1)";
         }
         c.client.client_id = ClientId(text);
         return std::nullopt;
       }},
      {"client_name", MemberKind::text, "", "The name people see on the sign-in and consent pages.",
       [](ConfiguredClient& c, const json::Value& v) -> Reason {
         c.client.client_name = text_of(v);
         return c.client.client_name.size() > 200 ? Reason("is longer than 200 bytes")
                                                  : std::nullopt;
       }},
      {"client_secret", MemberKind::text, "",
       "The secret, at least 32 characters. Prefer client_secret_file.", set_secret},
      {"client_secret_file", MemberKind::path, "", "File that holds the secret.", set_secret},
      {"jwks", MemberKind::object, "", "The client's public keys for private_key_jwt (RFC 7517 5).",
       [](ConfiguredClient& c, const json::Value& v) -> Reason {
         auto keys = jose::JwkSet::parse(*v.if_object());
         if (!keys) return keys.error();
         c.client.jwks = *v.if_object();
         return std::nullopt;
       }},
      {"application_type", MemberKind::text, "web",
       "\"web\" or \"native\" (an app on a person's own device).",
       [](ConfiguredClient& c, const json::Value& v) {
         return set_word(c.client.application_type, v, application_type_named,
                         "\"web\", \"native\"");
       }},
      {"token_endpoint_auth_method", MemberKind::text, "",
       "\"client_secret_basic\", \"client_secret_post\", \"private_key_jwt\" or \"none\" (a public "
       "client). Left "
       "out: basic and post are both accepted.",
       [](ConfiguredClient& c, const json::Value& v) {
         ClientAuthMethod method{};
         auto reason = set_word(
             method, v, client_auth_method_named,
             "\"client_secret_basic\", \"client_secret_post\", \"private_key_jwt\", \"none\"");
         if (!reason) c.client.token_endpoint_auth_method = method;
         return reason;
       }},
  };
}

std::vector<Clients> flow_rows() {
  return {
      client_list(
          "redirect_uris", "[]", [](Client& c) -> auto& { return c.redirect_uris; },
          "Where codes may be sent: compared byte by byte (RFC 9700 2.1)."),
      client_list(
          "post_logout_redirect_uris", "[]",
          [](Client& c) -> auto& { return c.post_logout_redirect_uris; },
          "Where the browser may go after sign-out."),
      {"scope", MemberKind::text, "openid", "Scopes the client may ask for, separated by spaces.",
       [](ConfiguredClient& c, const json::Value& v) -> Reason {
         c.client.scope = ascii::words(text_of(v));
         return std::nullopt;
       }},
      {"grant_types", MemberKind::list, R"(["authorization_code", "refresh_token"])",
       "\"authorization_code\", \"refresh_token\", \"client_credentials\".",
       [](ConfiguredClient& c, const json::Value& v) {
         return set_words(c.client.grant_types, v, grant_type_named,
                          "\"authorization_code\", \"refresh_token\", \"client_credentials\"");
       }},
      {"response_types", MemberKind::list, R"(["code"])",
       "\"code\", \"id_token\", \"code id_token\".",
       [](ConfiguredClient& c, const json::Value& v) {
         return set_words(c.client.response_types, v, response_type_named,
                          "\"code\", \"id_token\", \"code id_token\"");
       }},
      {"response_modes", MemberKind::list, "every mode", "\"query\", \"fragment\", \"form_post\".",
       [](ConfiguredClient& c, const json::Value& v) {
         return set_words(c.client.response_modes, v, response_mode_named,
                          "\"query\", \"fragment\", \"form_post\"");
       }},
      {"pkce", MemberKind::text, "required",
       "\"required\", or \"optional\" for a confidential client whose library has no PKCE "
       "(decision Q1).",
       [](ConfiguredClient& c, const json::Value& v) {
         return set_two(v, "required", "optional", [&](bool optional) {
           c.client.pkce = optional ? PkcePolicy::optional : PkcePolicy::required;
         });
       }},
      {"consent", MemberKind::text, "ask",
       "\"ask\", or \"skip\" for first-party clients (decision Q20).",
       [](ConfiguredClient& c, const json::Value& v) {
         return set_two(v, "ask", "skip", [&](bool skip) {
           c.client.consent = skip ? ConsentPolicy::skip : ConsentPolicy::ask;
         });
       }},
      client_flag(
          "development", "false", [](Client& c) -> auto& { return c.development; },
          "Admits exact http loopback redirect URIs for a web client; shown to people (decision "
          "Q9)."),
      client_list(
          "allowed_groups", "[]", [](Client& c) -> auto& { return c.allowed_groups; },
          "Only people of these groups may use the client; empty: everybody."),
      client_list(
          "allowed_origins", "[]", [](Client& c) -> auto& { return c.allowed_origins; },
          "Browser origins that may read answers; empty: those of the redirect URIs."),
  };
}

std::optional<crypto::SignatureAlgorithm> algorithm(const json::Value& value) {
  return jose::algorithm_named(text_of(value));
}

std::vector<Clients> token_rows() {
  return {
      {"default_resource", MemberKind::text, "",
       "The API meant when a request names none (RFC 8707).",
       [](ConfiguredClient& c, const json::Value& v) -> Reason {
         c.client.default_resource = ResourceId(text_of(v));
         return std::nullopt;
       }},
      {"id_token_signed_response_alg", MemberKind::text, "RS256",
       "\"RS256\", \"ES256\", \"EdDSA\" or \"PS256\".",
       [](ConfiguredClient& c, const json::Value& v) -> Reason {
         const auto alg = algorithm(v);
         if (!alg || *alg == crypto::SignatureAlgorithm::ES384) {
           return "must be one of \"RS256\", \"ES256\", \"EdDSA\", \"PS256\"";
         }
         c.client.id_token_signed_response_alg = *alg;
         return std::nullopt;
       }},
      {"id_token_claims", MemberKind::text, "scopes",
       "\"scopes\": the claims of the granted scopes are in the ID token; \"minimal\": at userinfo "
       "only.",
       [](ConfiguredClient& c, const json::Value& v) {
         return set_two(v, "scopes", "minimal", [&](bool minimal) {
           c.client.id_token_claims = minimal ? IdTokenClaims::minimal : IdTokenClaims::scopes;
         });
       }},
      {"refresh_rotation", MemberKind::text, "on",
       "\"off\" keeps one refresh token; confidential clients only.",
       [](ConfiguredClient& c, const json::Value& v) {
         return set_two(v, "on", "off", [&](bool off) {
           c.client.refresh_rotation = off ? RefreshRotation::off : RefreshRotation::on;
         });
       }},
      {"refresh_grace", MemberKind::duration, "30s",
       "How long a refresh whose reply was lost may be repeated; 0 to 60 seconds.",
       [](ConfiguredClient& c, const json::Value& v) -> Reason {
         c.client.refresh_grace = Seconds{*v.if_integer()};
         return std::nullopt;
       }},
      client_flag(
          "id_token_on_refresh", "true", [](Client& c) -> auto& { return c.id_token_on_refresh; },
          "Whether a refresh returns an ID token when openid was granted."),
      {"default_max_age", MemberKind::integer, "",
       "Seconds since the last sign-in after which it is asked again.",
       [](ConfiguredClient& c, const json::Value& v) -> Reason {
         c.client.default_max_age = Seconds{*v.if_integer()};
         return std::nullopt;
       }},
      client_flag(
          "require_auth_time", "false", [](Client& c) -> auto& { return c.require_auth_time; },
          "Whether ID tokens always carry auth_time."),
      client_flag(
          "enabled", "true", [](Client& c) -> auto& { return c.enabled; },
          "A disabled client is refused everywhere."),
  };
}

std::vector<Clients> all_client_rows() {
  std::vector<Clients> rows;
  for (const auto& part : {identity_rows(), flow_rows(), token_rows()}) {
    for (const auto& row : part) rows.push_back(row);
  }
  return rows;
}

Reason set_password(ConfiguredUser& user, const json::Value& value) {
  const auto& text = text_of(value);
  if (text.empty() || text.size() > 1024) return "must be 1 to 1024 bytes";
  if (user.password || !user.user.password_hash.empty()) return "is given twice";
  user.password = ConfiguredSecret(text);
  return std::nullopt;
}

std::vector<MemberRow<ConfiguredUser>> all_user_rows() {
  return {
      {"login", MemberKind::text, "", "What the person types to sign in. Required.",
       [](ConfiguredUser& u, const json::Value& v) -> Reason {
         const auto login = canonical_login(text_of(v));
         if (!login) return "must be 1 to 320 bytes without control characters";
         u.user.login = *login;
         return std::nullopt;
       }},
      {"password", MemberKind::text, "",
       "The first password. Prefer password_file or `cardea users link`.", set_password},
      {"password_file", MemberKind::path, "", "File that holds the first password.", set_password},
      {"password_hash", MemberKind::text, "", "The password as an argon2id PHC string.",
       [](ConfiguredUser& u, const json::Value& v) -> Reason {
         if (!crypto::is_password_hash(text_of(v)))
           return "must be an argon2id PHC string with p=1";
         if (u.password) return "is given besides a password";
         u.user.password_hash = PasswordHash(text_of(v));
         return std::nullopt;
       }},
      {"claims", MemberKind::object, "{}",
       "Claims of OpenID Connect Core 5.1, `groups`, and your own.",
       [](ConfiguredUser& u, const json::Value& v) -> Reason {
         for (const auto& member : v.if_object()->members()) {
           if (auto problem = claim_problem(member.name, member.value)) return problem;
         }
         u.user.claims = *v.if_object();
         return std::nullopt;
       }},
      {"enabled", MemberKind::flag, "true", "A disabled user is refused everywhere, at once.",
       [](ConfiguredUser& u, const json::Value& v) -> Reason {
         u.user.enabled = *v.if_bool();
         return std::nullopt;
       }},
  };
}

std::vector<MemberRow<Resource>> all_resource_rows() {
  return {
      {"identifier", MemberKind::text, "", "The API's absolute URI (RFC 8707 2). Required.",
       [](Resource& r, const json::Value& v) -> Reason {
         const auto& text = text_of(v);
         if (text.find(':') == std::string::npos || text.find('#') != std::string::npos ||
             !std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; })) {
           return "must be an absolute URI without a fragment (RFC 8707 2)";
         }
         r.identifier = ResourceId(text);
         return std::nullopt;
       }},
      {"access_token_format", MemberKind::text, "jwt", "\"jwt\" (RFC 9068) or \"opaque\".",
       [](Resource& r, const json::Value& v) {
         return set_two(v, "jwt", "opaque", [&](bool opaque) {
           r.access_token_format = opaque ? AccessTokenFormat::opaque : AccessTokenFormat::jwt;
         });
       }},
      {"access_token_signing_alg", MemberKind::text, "ES256",
       "\"ES256\", \"RS256\", \"PS256\" or \"EdDSA\".",
       [](Resource& r, const json::Value& v) -> Reason {
         const auto alg = algorithm(v);
         if (!alg || *alg == crypto::SignatureAlgorithm::ES384) {
           return "must be one of \"ES256\", \"RS256\", \"PS256\", \"EdDSA\"";
         }
         r.access_token_signing_alg = *alg;
         return std::nullopt;
       }},
      {"scopes", MemberKind::list, "[]", "Scopes that belong to this API.",
       [](Resource& r, const json::Value& v) -> Reason {
         r.scopes = list_of(v);
         return std::nullopt;
       }},
      {"introspection_clients", MemberKind::list, "[]",
       "Clients that may introspect its tokens (RFC 7662).",
       [](Resource& r, const json::Value& v) -> Reason {
         r.introspection_clients.clear();
         for (const auto& id : list_of(v)) r.introspection_clients.emplace_back(id);
         return std::nullopt;
       }},
  };
}

std::vector<MemberRow<ScopeDescription>> all_scope_rows() {
  const auto text = [](std::string ScopeDescription::* member) {
    return [member](ScopeDescription& s, const json::Value& v) -> Reason {
      s.*member = text_of(v);
      return std::nullopt;
    };
  };
  return {
      {"title", MemberKind::text, "", "What the consent page says, e.g. \"Read your calendar\".",
       text(&ScopeDescription::title)},
      {"description", MemberKind::text, "", "A second sentence, if needed.",
       text(&ScopeDescription::description)},
      {"claims", MemberKind::list, "[]", "Claims of the user that this scope releases.",
       [](ScopeDescription& s, const json::Value& v) -> Reason {
         s.claims = list_of(v);
         for (const auto& claim : s.claims) {
           if (is_reserved_claim(claim)) return "\"" + claim + "\" is asserted by the server";
         }
         return std::nullopt;
       }},
  };
}

std::string_view expected(MemberKind kind) {
  switch (kind) {
    case MemberKind::text:
      return "must be a string";
    case MemberKind::path:
      return "must be the path of a file";
    case MemberKind::list:
      return "must be an array of strings";
    case MemberKind::object:
      return "must be a table";
    case MemberKind::flag:
      return "must be true or false";
    case MemberKind::integer:
      return "must be a whole number";
    case MemberKind::duration:
      return "must be a number of seconds or a duration such as \"30s\"";
  }
  return "";
}

bool has_kind(MemberKind kind, const json::Value& value) {
  switch (kind) {
    case MemberKind::text:
    case MemberKind::path:
      return value.if_string() != nullptr;
    case MemberKind::list:
      return value.if_array() != nullptr &&
             std::ranges::all_of(*value.if_array(),
                                 [](const auto& e) { return e.if_string() != nullptr; });
    case MemberKind::object:
      return value.if_object() != nullptr;
    case MemberKind::flag:
      return value.if_bool() != nullptr;
    case MemberKind::integer:
    case MemberKind::duration:
      return value.if_integer() != nullptr && *value.if_integer() >= 0;
  }
  return false;
}

// A duration written as text becomes seconds; a path becomes the file's content.
Result<json::Value, std::string> prepared(MemberKind kind, const json::Value& value) {
  if (kind == MemberKind::duration && value.if_string() != nullptr) {
    const auto seconds = parse_duration(text_of(value));
    if (!seconds) return refuse(std::string(expected(kind)));
    return json::Value(*seconds);
  }
  if (kind != MemberKind::path || value.if_string() == nullptr) return value;
  std::ifstream file(text_of(value), std::ios::binary);
  if (!file) return refuse("cannot read the file " + text_of(value));
  std::ostringstream content;
  content << file.rdbuf();
  std::string text = content.str();
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return json::Value(std::move(text));
}

}  // namespace

std::span<const MemberRow<ConfiguredClient>> client_members() {
  static const auto rows = all_client_rows();
  return rows;
}
std::span<const MemberRow<ConfiguredUser>> user_members() {
  static const auto rows = all_user_rows();
  return rows;
}
std::span<const MemberRow<Resource>> resource_members() {
  static const auto rows = all_resource_rows();
  return rows;
}
std::span<const MemberRow<ScopeDescription>> scope_members() {
  static const auto rows = all_scope_rows();
  return rows;
}

template <class Target>
std::vector<MemberProblem> apply_members(std::span<const MemberRow<Target>> rows,
                                         const json::Object& members, Target& target) {
  std::vector<MemberProblem> problems;
  std::vector<std::string> names;
  for (const auto& row : rows) names.emplace_back(row.name);
  for (const auto& member : members.members()) {
    const auto row = std::ranges::find(rows, member.name, &MemberRow<Target>::name);
    if (row == rows.end()) {
      problems.push_back(
          {member.name, "is not a known member." + did_you_mean(member.name, names)});
      continue;
    }
    const auto value = prepared(row->kind, member.value);
    if (!value) {
      problems.push_back({member.name, value.error()});
    } else if (!has_kind(row->kind, *value)) {
      problems.push_back({member.name, std::string(expected(row->kind))});
    } else if (auto reason = row->apply(target, *value)) {
      problems.push_back({member.name, std::move(*reason)});
    }
  }
  return problems;
}

template std::vector<MemberProblem> apply_members(std::span<const MemberRow<ConfiguredClient>>,
                                                  const json::Object&, ConfiguredClient&);
template std::vector<MemberProblem> apply_members(std::span<const MemberRow<ConfiguredUser>>,
                                                  const json::Object&, ConfiguredUser&);
template std::vector<MemberProblem> apply_members(std::span<const MemberRow<Resource>>,
                                                  const json::Object&, Resource&);
template std::vector<MemberProblem> apply_members(std::span<const MemberRow<ScopeDescription>>,
                                                  const json::Object&, ScopeDescription&);

std::vector<ClientProblem> complete_client(ConfiguredClient& configured) {
  Client& client = configured.client;
  if (client.scope.empty()) client.scope = {"openid"};
  // check_client judges whether there is a credential: stand in for the one that reconciliation
  // digests.
  Client judged = client;
  if (configured.secret && judged.secrets.empty()) {
    judged.secrets.push_back({crypto::sha256(configured.secret->reveal()), std::nullopt, {}});
  }
  return check_client(judged);
}

}  // namespace cardea::app
