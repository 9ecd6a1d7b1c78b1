// Member tables of the lists; see list_members.h.
#include "app/config/list_members.h"

#include <algorithm>
#include <fstream>
#include <functional>
#include <sstream>

#include "app/config/nearest.h"
#include "app/config/settings_table.h"
#include "base/ascii.h"
#include "crypto/hash.h"
#include "crypto/password_hash.h"
#include "domain/client_profile.h"

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

// The secret comes beside the members of the client itself, after its name.
std::vector<Clients> all_client_rows() {
  std::vector<Clients> rows;
  for (const ClientMember& member : client_members()) {
    rows.push_back({member.name, member.kind, member.standard, member.doc,
                    [&member](ConfiguredClient& c, const json::Value& v) {
                      return set_member(member, c.client, v);
                    }});
    if (member.name != "client_name") continue;
    rows.push_back({"client_secret", MemberKind::text, "",
                    "The secret, at least 32 characters. Prefer client_secret_file.", set_secret});
    rows.push_back(
        {"client_secret_file", MemberKind::path, "", "File that holds the secret.", set_secret});
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
         const auto alg = jose::algorithm_named(text_of(v));
         if (!alg || *alg == crypto::SignatureAlgorithm::ES384) {
           return "must be one of \"ES256\", \"RS256\", \"PS256\", \"EdDSA\"";
         }
         r.access_token_signing_alg = *alg;
         return std::nullopt;
       }},
      {"scopes", MemberKind::list, "[]", "Scopes that belong to this API.",
       [](Resource& r, const json::Value& v) -> Reason {
         r.scopes = list_of(v);
         const auto own = std::ranges::find_if(
             r.scopes, [](const auto& scope) { return standard_scopes().contains(scope); });
         if (own == r.scopes.end()) return std::nullopt;
         return "names " + *own + ", which is a scope of the issuer itself (OIDC Core 5.4, 11)";
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

std::vector<MemberRow<TrustedIssuer>> all_trusted_issuer_rows() {
  return {
      {"issuer", MemberKind::text, "", "The `iss` of its assertions, compared exactly. Required.",
       [](TrustedIssuer& t, const json::Value& v) -> Reason {
         t.issuer = text_of(v);
         return t.issuer.empty() ? Reason("must not be empty") : std::nullopt;
       }},
      {"jwks", MemberKind::object, "", "Its public keys (RFC 7517 5), asymmetric alone. Required.",
       [](TrustedIssuer& t, const json::Value& v) -> Reason {
         const auto keys = jose::JwkSet::parse(*v.if_object());
         if (!keys) return keys.error();
         if (keys->keys().empty()) return "holds no key that this server can verify with";
         t.jwks = *v.if_object();
         return std::nullopt;
       }},
      {"clients", MemberKind::list, "", "Clients that may present its assertions. Required.",
       [](TrustedIssuer& t, const json::Value& v) -> Reason {
         for (const auto& id : list_of(v)) t.clients.emplace_back(id);
         return std::nullopt;
       }},
      {"scopes", MemberKind::list, "", "The most that an assertion gives. Required.",
       [](TrustedIssuer& t, const json::Value& v) -> Reason {
         t.scopes = list_of(v);
         return std::nullopt;
       }},
      {"subject_claim", MemberKind::text, "sub", "The claim that says who is meant.",
       [](TrustedIssuer& t, const json::Value& v) -> Reason {
         t.subject_claim = text_of(v);
         return t.subject_claim.empty() ? Reason("must not be empty") : std::nullopt;
       }},
      {"subjects", MemberKind::object, "{}",
       "Its words for people and our logins, such as { \"u-17\" = \"alice\" }; nobody else is "
       "meant. "
       "Empty: its words are our logins.",
       [](TrustedIssuer& t, const json::Value& v) -> Reason {
         for (const auto& member : v.if_object()->members()) {
           const auto* login = member.value.if_string();
           if (login == nullptr || !canonical_login(*login)) {
             return "\"" + member.name + "\" does not name a login";
           }
           t.subjects[member.name] = *login;
         }
         return std::nullopt;
       }},
      {"assertion_lifetime", MemberKind::duration, "1h",
       "How far ahead `exp` may lie; at most one hour.",
       [](TrustedIssuer& t, const json::Value& v) -> Reason {
         t.assertion_lifetime_max = Seconds{*v.if_integer()};
         const bool fits =
             t.assertion_lifetime_max.count > 0 && t.assertion_lifetime_max <= hours(1);
         return fits ? std::nullopt : Reason("must be 1 second to 1 hour");
       }},
  };
}

Reason set_statement_keys(StatementIssuer& issuer, const json::Value& value) {
  auto keys = value.if_object() != nullptr ? jose::JwkSet::parse(*value.if_object())
                                           : jose::JwkSet::parse(text_of(value));
  if (!keys) return keys.error();
  if (!issuer.keys.keys().empty()) return "is given twice";
  issuer.keys = *std::move(keys);
  return std::nullopt;
}

std::vector<MemberRow<StatementIssuer>> all_statement_issuer_rows() {
  return {
      {"issuer", MemberKind::text, "", "The `iss` of its software statements. Required.",
       [](StatementIssuer& i, const json::Value& v) -> Reason {
         i.issuer = text_of(v);
         return std::nullopt;
       }},
      {"jwks", MemberKind::object, "", "Its public keys (RFC 7517 5).", set_statement_keys},
      {"jwks_file", MemberKind::path, "", "File that holds them instead.", set_statement_keys},
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

std::vector<MemberRow<AuthorizationDetailsType>> all_details_type_rows() {
  return {
      {"type", MemberKind::text, "", "The value of `type`, e.g. \"payment\".",
       [](AuthorizationDetailsType& t, const json::Value& v) -> Reason {
         t.type = text_of(v);
         if (t.type.empty()) return "must not be empty";
         return std::nullopt;
       }},
      {"title", MemberKind::text, "", "What the consent page calls it, e.g. \"Make a payment\".",
       [](AuthorizationDetailsType& t, const json::Value& v) -> Reason {
         t.title = text_of(v);
         return std::nullopt;
       }},
      {"schema", MemberKind::object, "no other member",
       "What an element may hold beside its type, as JSON Schema of `type`, `properties`, "
       "`required`, `items`, `enum`, `maxLength`, `maxItems`; anything else is refused.",
       [](AuthorizationDetailsType& t, const json::Value& v) -> Reason {
         auto schema = DetailSchema::read(*v.if_object());
         if (!schema) return schema.error();
         t.schema = *std::move(schema);
         return std::nullopt;
       }},
  };
}

// A duration written as text becomes seconds; a path becomes the file's content.
Result<json::Value, std::string> prepared(MemberKind kind, const json::Value& value) {
  if (kind == MemberKind::duration && value.if_string() != nullptr) {
    const auto seconds = parse_duration(text_of(value));
    if (!seconds) return refuse(std::string(expected_of(kind)));
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

std::span<const MemberRow<ConfiguredClient>> configured_client_members() {
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
std::span<const MemberRow<TrustedIssuer>> trusted_issuer_members() {
  static const auto rows = all_trusted_issuer_rows();
  return rows;
}
std::span<const MemberRow<StatementIssuer>> statement_issuer_members() {
  static const auto rows = all_statement_issuer_rows();
  return rows;
}
std::span<const MemberRow<ScopeDescription>> scope_members() {
  static const auto rows = all_scope_rows();
  return rows;
}

std::span<const MemberRow<AuthorizationDetailsType>> details_type_members() {
  static const auto rows = all_details_type_rows();
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
      problems.push_back({member.name, std::string(expected_of(row->kind))});
    } else if (auto reason = row->apply(target, *value)) {
      problems.push_back({member.name, std::move(*reason)});
    }
  }
  return problems;
}

std::vector<MemberProblem> apply_client_members(const json::Object& members,
                                                ConfiguredClient& client) {
  if (const auto profile = profile_named(json::string_member(members, "profile").value_or(""))) {
    const bool by_certificate =
        json::bool_member(members, "tls_client_certificate_bound_access_tokens").value_or(false);
    settle_by_profile(client.client, *profile,
                      by_certificate ? TokenBinding::certificate : TokenBinding::dpop);
  }
  return apply_members(configured_client_members(), members, client);
}

template std::vector<MemberProblem> apply_members(std::span<const MemberRow<ConfiguredClient>>,
                                                  const json::Object&, ConfiguredClient&);
template std::vector<MemberProblem> apply_members(std::span<const MemberRow<ConfiguredUser>>,
                                                  const json::Object&, ConfiguredUser&);
template std::vector<MemberProblem> apply_members(std::span<const MemberRow<Resource>>,
                                                  const json::Object&, Resource&);
template std::vector<MemberProblem> apply_members(std::span<const MemberRow<TrustedIssuer>>,
                                                  const json::Object&, TrustedIssuer&);
template std::vector<MemberProblem> apply_members(std::span<const MemberRow<StatementIssuer>>,
                                                  const json::Object&, StatementIssuer&);
template std::vector<MemberProblem> apply_members(std::span<const MemberRow<ScopeDescription>>,
                                                  const json::Object&, ScopeDescription&);
template std::vector<MemberProblem> apply_members(
    std::span<const MemberRow<AuthorizationDetailsType>>, const json::Object&,
    AuthorizationDetailsType&);

// check_client judges whether there is a credential.
Client as_reconciled(const ConfiguredClient& configured) {
  Client client = configured.client;
  if (configured.secret && client.secrets.empty()) {
    client.secrets.push_back(
        {crypto::sha256(configured.secret->reveal()), std::nullopt, {}, "sealed when it is kept"});
  }
  return client;
}

std::vector<ClientProblem> complete_client(ConfiguredClient& configured) {
  if (configured.client.scope.empty()) configured.client.scope = {"openid"};
  return check_client(as_reconciled(configured));
}

}  // namespace cardea::app
