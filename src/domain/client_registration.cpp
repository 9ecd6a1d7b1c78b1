// Registrations and metadata documents; see client_registration.h.
#include "domain/client_registration.h"

#include <algorithm>
#include <map>

#include "base/ascii.h"
#include "base/limits.h"
#include "base/url.h"
#include "domain/client_members.h"
#include "protocol/redirect_uri.h"

namespace cardea {
namespace {

// What a refused member is told. The names are those of our table, never the client's text.
std::string_view sentence_about(std::string_view member) {
  static const auto sentences = [] {
    std::map<std::string_view, std::string> all;
    for (const ClientMember& each : client_members()) {
      all[each.name] = "The member " + std::string(each.name) + " of the metadata is refused.";
    }
    return all;
  }();
  const auto at = sentences.find(member);
  return at == sentences.end() ? std::string_view("The metadata is refused.") : at->second;
}

// RFC 7591 3.2.2: addresses of redirection have a code of their own.
OAuthError refused_member(std::string_view member, std::string_view reason) {
  const bool is_redirect = member == "redirect_uris";
  return {
      .code = is_redirect ? ErrorCode::invalid_redirect_uri : ErrorCode::invalid_client_metadata,
      .rule = is_redirect ? "CARDEA-REGISTER-011" : "CARDEA-REGISTER-010",
      .spec = rfc7591("3.2.2"),
      .description = sentence_about(member),
      .reason = std::string(member) + " " + std::string(reason)};
}

template <class T>
bool holds(const std::vector<T>& list, const T& value) {
  return std::ranges::find(list, value) != list.end();
}

// The words of the list that the policy has: what is beyond it is left out before the member is
// read, so that a client which asks for more than there is still registers.
json::Value admitted_grant_types(const json::Value& value, const RegistrationPolicy& policy) {
  if (!has_kind(MemberKind::list, value)) return value;
  std::vector<std::string> kept;
  for (const auto& text : texts_of(value)) {
    const auto type = grant_type_named(text);
    if (type && holds(policy.grant_types, *type)) kept.push_back(text);
  }
  return json::Value(kept);
}

std::optional<OAuthError> set_members(const json::Object& metadata,
                                      const RegistrationPolicy& policy, Client& client) {
  for (const ClientMember& member : client_members()) {
    if (member.by != ClientMember::By::client) continue;
    const json::Value* value = metadata.find(member.name);
    if (value == nullptr) continue;
    const auto reason = member.name == "grant_types"
                            ? set_member(member, client, admitted_grant_types(*value, policy))
                            : set_member(member, client, *value);
    if (reason) return refused_member(member.name, *reason);
  }
  return std::nullopt;
}

// RFC 7591 2: what was asked for and is not admitted is left out; who asks for nothing gets all,
// and so does who asked for something where that is a wish.
std::optional<OAuthError> settle_scope(const RegistrationPolicy& policy, Client& client) {
  const bool asked = !client.scope.empty();
  std::erase_if(client.scope, [&](const auto& scope) { return !holds(policy.scopes, scope); });
  if (asked && client.scope.empty()) {
    return refused_member("scope", "has nothing that clients which register themselves may have");
  }
  if (!asked || policy.asked_scope == RegistrationPolicy::AskedScope::is_a_wish) {
    client.scope = policy.scopes;
  }
  return std::nullopt;
}

// An address that no web client has: loopback by http, or of a private-use scheme (RFC 8252 7.1,
// 7.3).
bool is_of_a_native_app(const std::string& uri) {
  return is_local_redirect_uri(uri) && !uri.starts_with("https:");
}

// RFC 7591 knows no application_type, and an app that waits on the person's own machine for its
// answer, and nowhere else, is a native one whatever it says (RFC 8252 7); by registering it may
// have a secret of its own all the same (8.4). A web client in development may have such addresses
// (decision Q9), and is taken at its word.
bool is_native_by_its_addresses(const json::Object& metadata, const Client& client) {
  const auto& uris = client.redirect_uris;
  if (!metadata.contains("application_type") && client.is_public()) {
    return std::ranges::any_of(uris, is_local_redirect_uri);
  }
  return !client.development && !uris.empty() && std::ranges::all_of(uris, is_of_a_native_app);
}

bool has_dot_segment(std::string_view path) {
  return std::ranges::any_of(ascii::split(path, '/'), [](std::string_view segment) {
    const auto decoded = url::decode(segment);
    return !decoded || *decoded == "." || *decoded == "..";
  });
}

// Client ID Metadata Document 4.1: nothing shared can be agreed on through a public document.
std::optional<std::string> secret_defect(const json::Object& document) {
  for (const auto* name : {"client_secret", "client_secret_expires_at"}) {
    if (document.contains(name)) return "holds " + std::string(name);
  }
  const auto method = json::string_member(document, "token_endpoint_auth_method");
  if (method && method->starts_with("client_secret")) return "names a method with a secret";
  return std::nullopt;
}

}  // namespace

Result<Client, OAuthError> read_registration(const json::Object& metadata,
                                             const RegistrationPolicy& policy) {
  Client client;
  // RFC 7591 2: the defaults of a client that does not say.
  client.token_endpoint_auth_method = ClientAuthMethod::client_secret_basic;
  client.grant_types = {GrantType::authorization_code};
  client.development = policy.development;
  if (auto refused = set_members(metadata, policy, client)) return refuse(*std::move(refused));
  const bool takes_default = !metadata.contains("grant_types");
  if (takes_default && !holds(policy.grant_types, GrantType::authorization_code)) {
    return refuse(refused_member("grant_types",
                                 "is absent, and authorization_code is not for "
                                 "clients that register themselves"));
  }
  std::erase_if(client.authorization_details_types,
                [&](const auto& type) { return !holds(policy.authorization_details_types, type); });
  if (auto refused = settle_scope(policy, client)) return refuse(*std::move(refused));
  if (is_native_by_its_addresses(metadata, client)) {
    client.application_type = ApplicationType::native;
  }
  if (!client.is_public() && !client.profile) client.pkce = policy.pkce;
  return client;
}

bool keep_operators_members(const Client& former, Client& client) {
  for (const ClientMember& member : client_members()) {
    if (member.by != ClientMember::By::operator_alone) continue;
    const json::Value value = member.get(former);
    if (!value.is_null() && set_member(member, client, value)) return false;
  }
  return true;
}

std::optional<OAuthError> check_registration(const Client& client) {
  for (const auto& problem : check_client(client)) {
    if (!problem.is_warning) return refused_member(problem.member, problem.reason);
  }
  return std::nullopt;
}

json::Object registered_metadata(const Client& client) {
  json::Object out;
  for (const ClientMember& member : client_members()) {
    if (member.by != ClientMember::By::client) continue;
    auto value = member.get(client);
    const bool says_nothing = value.if_array() != nullptr && value.if_array()->empty();
    if (!value.is_null() && !says_nothing) out.set(std::string(member.name), std::move(value));
  }
  if (!client.software_statement.empty()) {
    out.set("software_statement", client.software_statement);
  }
  return out;
}

bool is_client_document_url(std::string_view client_id) {
  if (!client_id.starts_with("https://")) return false;
  const auto parts = url::parse(client_id);
  return parts && !parts->path.empty() && !parts->fragment && !has_dot_segment(parts->path);
}

Result<Client, std::string> read_client_document(const std::string& url, std::string_view body,
                                                 const RegistrationPolicy& policy) {
  const auto document = json::parse_object(body);
  if (!document) return refuse(std::string("the document is no JSON object"));
  // Client ID Metadata Document 4: compared byte by byte.
  if (json::string_member(*document, "client_id") != url) {
    return refuse(std::string("client_id of the document is not its address"));
  }
  if (const auto defect = secret_defect(*document)) return refuse("the document " + *defect);
  json::Object metadata = *document;
  if (!metadata.contains("token_endpoint_auth_method")) {
    metadata.set("token_endpoint_auth_method", "none");
  }
  auto client = read_registration(metadata, policy);
  if (!client) return refuse(client.error().reason);
  client->client_id = ClientId(url);
  client->owner.by = Ownership::By::document;
  if (const auto refused = check_registration(*client)) return refuse(refused->reason);
  return *std::move(client);
}

}  // namespace cardea
