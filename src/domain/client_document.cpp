// A client as the JSON document that the store keeps: the members of client_members.h, and beside
// them what nobody sets by name. Reading is the inverse of writing and refuses anything that
// writing cannot make; whether the values are wise is check_client's business.
#include "base/base64url.h"
#include "domain/client_members.h"

namespace cardea {
namespace {

using json::Array;
using json::Object;
using json::Value;

std::optional<Ownership::By> owner_named(std::string_view text) {
  using enum Ownership::By;
  for (const auto by : {cli, file, dev, registration, document}) {
    if (name_of(by) == text) return by;
  }
  return std::nullopt;
}

Array write_secrets(const std::vector<ClientSecretDigest>& secrets) {
  Array out;
  for (const ClientSecretDigest& secret : secrets) {
    Object object{{"sha256", base64url_encode(secret.sha256)},
                  {"created_at", secret.created_at.unix_ms}};
    if (secret.expires_at) object.set("expires_at", secret.expires_at->unix_ms);
    if (!secret.sealed.empty()) object.set("sealed", secret.sealed);
    out.emplace_back(std::move(object));
  }
  return out;
}

Object write_owner(const Ownership& owner) {
  return {{"by", name_of(owner.by)},
          {"place", owner.place},
          {"configured_digest", base64url_encode(owner.configured_digest)}};
}

std::optional<ClientSecretDigest> read_secret(const Value& value) {
  const Object* object = value.if_object();
  if (object == nullptr) return std::nullopt;
  const auto digest = base64url_decode(json::string_member(*object, "sha256").value_or("-"));
  const auto created_at = json::integer_member(*object, "created_at");
  const auto expires_at = json::integer_member(*object, "expires_at");
  const auto sealed = json::string_member(*object, "sealed");
  if (!digest || !created_at || object->contains("expires_at") != expires_at.has_value() ||
      object->contains("sealed") != sealed.has_value()) {
    return std::nullopt;
  }
  ClientSecretDigest secret{.sha256 = *digest,
                            .expires_at = {},
                            .created_at = {*created_at},
                            .sealed = sealed.value_or("")};
  if (expires_at) secret.expires_at = Instant{*expires_at};
  return secret;
}

std::optional<std::vector<ClientSecretDigest>> read_secrets(const Object& document) {
  const Value* value = document.find("secrets");
  if (value == nullptr || value->if_array() == nullptr) return std::nullopt;
  std::vector<ClientSecretDigest> out;
  for (const Value& each : *value->if_array()) {
    auto secret = read_secret(each);
    if (!secret) return std::nullopt;
    out.push_back(*std::move(secret));
  }
  return out;
}

std::optional<Ownership> read_owner(const Object& document) {
  const Value* value = document.find("owner");
  const Object* object = value != nullptr ? value->if_object() : nullptr;
  if (object == nullptr) return std::nullopt;
  const auto by = owner_named(json::string_member(*object, "by").value_or(""));
  const auto place = json::string_member(*object, "place");
  const auto digest = json::string_member(*object, "configured_digest");
  const auto bytes = digest ? base64url_decode(*digest) : std::nullopt;
  if (!by || !place || !bytes) return std::nullopt;
  return Ownership{.by = *by, .place = *place, .configured_digest = *bytes};
}

// A member that is not there keeps its default, so that a document of an older program can be read.
bool read_members(const Object& document, Client& client) {
  for (const ClientMember& member : client_members()) {
    const Value* value = document.find(member.name);
    if (value != nullptr && set_member(member, client, *value)) return false;
  }
  return true;
}

}  // namespace

std::string_view name_of(Ownership::By by) {
  switch (by) {
    case Ownership::By::cli:
      return "cli";
    case Ownership::By::file:
      return "file";
    case Ownership::By::dev:
      return "dev";
    case Ownership::By::registration:
      return "registration";
    case Ownership::By::document:
      return "document";
  }
  ensure(false);
  return {};
}

std::string write_client(const Client& client) {
  Object out;
  for (const ClientMember& member : client_members()) {
    auto value = member.get(client);
    if (!value.is_null()) out.set(std::string(member.name), std::move(value));
  }
  out.set("secrets", write_secrets(client.secrets));
  if (!client.registration_access_token.empty()) {
    out.set("registration_access_token",
            base64url_encode(client.registration_access_token.value()));
  }
  if (!client.software_statement.empty()) out.set("software_statement", client.software_statement);
  out.set("owner", write_owner(client.owner));
  out.set("created_at", client.created_at.unix_ms);
  return json::write(out);
}

std::optional<Client> read_client(std::string_view document) {
  const auto object = json::parse_object(document);
  if (!object || !object->contains("client_id")) return std::nullopt;
  Client client;
  auto secrets = read_secrets(*object);
  auto owner = read_owner(*object);
  const auto token =
      base64url_decode(json::string_member(*object, "registration_access_token").value_or(""));
  const auto created_at = json::integer_member(*object, "created_at");
  if (!secrets || !owner || !token || !created_at || !read_members(*object, client))
    return std::nullopt;
  client.secrets = *std::move(secrets);
  client.registration_access_token = RegistrationTokenDigest(*token);
  client.software_statement = json::string_member(*object, "software_statement").value_or("");
  client.owner = *std::move(owner);
  client.created_at = {*created_at};
  return client;
}

}  // namespace cardea
