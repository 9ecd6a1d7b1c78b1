// A client as the JSON document that the store keeps. Reading is the inverse of writing and refuses
// anything that writing cannot make; whether the values are wise is check_client's business.
#include <algorithm>

#include "base/base64url.h"
#include "domain/client.h"

namespace cardea {
namespace {

using json::Array;
using json::Object;
using json::Value;

std::string_view name_of(PkcePolicy policy) {
  return policy == PkcePolicy::required ? "required" : "optional";
}
std::string_view name_of(ConsentPolicy policy) {
  return policy == ConsentPolicy::ask ? "ask" : "skip";
}
std::string_view name_of(IdTokenClaims claims) {
  return claims == IdTokenClaims::scopes ? "scopes" : "minimal";
}
std::string_view name_of(RefreshRotation rotation) {
  return rotation == RefreshRotation::on ? "on" : "off";
}
std::string_view name_of(Ownership::By by) {
  switch (by) {
    case Ownership::By::cli:
      return "cli";
    case Ownership::By::file:
      return "file";
    case Ownership::By::dev:
      return "dev";
  }
  ensure(false);
  return {};
}

template <class E>
std::optional<E> among(std::string_view text, std::initializer_list<E> values) {
  for (const E value : values) {
    if (name_of(value) == text) return value;
  }
  return std::nullopt;
}

template <class E>
Array names(const std::vector<E>& values) {
  Array out;
  for (const E value : values) out.emplace_back(std::string(name_of(value)));
  return out;
}

// The list with every repeated string left out after its first place.
std::vector<std::string> once_each(const std::vector<std::string>& list) {
  std::vector<std::string> out;
  for (const std::string& each : list) {
    if (std::ranges::find(out, each) == out.end()) out.push_back(each);
  }
  return out;
}

Array write_secrets(const std::vector<ClientSecretDigest>& secrets) {
  Array out;
  for (const ClientSecretDigest& secret : secrets) {
    Object object{{"sha256", base64url_encode(secret.sha256)},
                  {"created_at", secret.created_at.unix_ms}};
    if (secret.expires_at) object.set("expires_at", secret.expires_at->unix_ms);
    out.emplace_back(std::move(object));
  }
  return out;
}

Object write_owner(const Ownership& owner) {
  return {{"by", name_of(owner.by)},
          {"place", owner.place},
          {"configured_digest", base64url_encode(owner.configured_digest)}};
}

// Reads members of one object; the first that is absent or of another type spoils the whole.
class Reader {
 public:
  explicit Reader(const Object& object) : object_(object) {}

  bool ok() const { return ok_; }
  bool has(std::string_view name) const { return object_.contains(name); }

  std::string text(std::string_view name) { return take(json::string_member(object_, name)); }
  std::int64_t number(std::string_view name) { return take(json::integer_member(object_, name)); }
  bool flag(std::string_view name) { return take(json::bool_member(object_, name)); }
  std::vector<std::string> texts(std::string_view name) {
    return take(json::strings_member(object_, name));
  }
  std::string bytes(std::string_view name) { return take(base64url_decode(text(name))); }
  Instant instant(std::string_view name) { return {number(name)}; }

  template <class E>
  E word(std::string_view name, std::initializer_list<E> values) {
    return take(among(text(name), values));
  }
  template <class E, class Named>
  E word(std::string_view name, Named named) {
    return take<E>(named(text(name)));
  }
  template <class E, class Named>
  std::vector<E> words(std::string_view name, Named named) {
    std::vector<E> out;
    for (const std::string& each : texts(name)) out.push_back(take<E>(named(each)));
    return out;
  }
  const Object& object(std::string_view name) {
    static const Object none;
    const Value* value = object_.find(name);
    const Object* found = value != nullptr ? value->if_object() : nullptr;
    ok_ = ok_ && found != nullptr;
    return found != nullptr ? *found : none;
  }
  const Array& array(std::string_view name) {
    static const Array none;
    const Value* value = object_.find(name);
    const Array* found = value != nullptr ? value->if_array() : nullptr;
    ok_ = ok_ && found != nullptr;
    return found != nullptr ? *found : none;
  }
  void spoil() { ok_ = false; }

 private:
  template <class T>
  T take(std::optional<T> value) {
    ok_ = ok_ && value.has_value();
    return value ? *std::move(value) : T{};
  }

  const Object& object_;
  bool ok_ = true;
};

std::vector<ClientSecretDigest> read_secrets(Reader& in) {
  std::vector<ClientSecretDigest> out;
  for (const Value& value : in.array("secrets")) {
    static const Object none;
    const Object* object = value.if_object();
    Reader each(object != nullptr ? *object : none);
    ClientSecretDigest secret{.sha256 = each.bytes("sha256"),
                              .expires_at = std::nullopt,
                              .created_at = each.instant("created_at")};
    if (each.has("expires_at")) secret.expires_at = each.instant("expires_at");
    if (!each.ok()) in.spoil();
    out.push_back(std::move(secret));
  }
  return out;
}

Ownership read_owner(Reader& in) {
  using enum Ownership::By;
  Reader each(in.object("owner"));
  Ownership owner{.by = each.word("by", {cli, file, dev}),
                  .place = each.text("place"),
                  .configured_digest = each.bytes("configured_digest")};
  if (!each.ok()) in.spoil();
  return owner;
}

void read_protocol_members(Reader& in, Client& client) {
  client.application_type = in.word<ApplicationType>("application_type", application_type_named);
  if (in.has("token_endpoint_auth_method")) {
    client.token_endpoint_auth_method =
        in.word<ClientAuthMethod>("token_endpoint_auth_method", client_auth_method_named);
  }
  client.grant_types = in.words<GrantType>("grant_types", grant_type_named);
  client.response_types = in.words<ResponseType>("response_types", response_type_named);
  client.response_modes = in.words<ResponseMode>("response_modes", response_mode_named);
  client.id_token_signed_response_alg =
      in.word<crypto::SignatureAlgorithm>("id_token_signed_response_alg", jose::algorithm_named);
  if (in.has("default_max_age")) client.default_max_age = Seconds{in.number("default_max_age")};
  client.require_auth_time = in.flag("require_auth_time");
}

void read_policy_members(Reader& in, Client& client) {
  client.pkce = in.word("pkce", {PkcePolicy::required, PkcePolicy::optional});
  client.consent = in.word("consent", {ConsentPolicy::ask, ConsentPolicy::skip});
  client.development = in.flag("development");
  client.allowed_groups = in.texts("allowed_groups");
  client.allowed_origins = in.texts("allowed_origins");
  if (in.has("default_resource")) client.default_resource = ResourceId(in.text("default_resource"));
  client.id_token_claims =
      in.word("id_token_claims", {IdTokenClaims::scopes, IdTokenClaims::minimal});
  client.refresh_rotation =
      in.word("refresh_rotation", {RefreshRotation::on, RefreshRotation::off});
  client.refresh_grace = Seconds{in.number("refresh_grace")};
  client.id_token_on_refresh = in.flag("id_token_on_refresh");
  client.enabled = in.flag("enabled");
}

}  // namespace

std::string write_client(const Client& client) {
  Object out{{"client_id", client.client_id.value()},
             {"client_name", client.client_name},
             {"secrets", write_secrets(client.secrets)},
             {"redirect_uris", once_each(client.redirect_uris)},
             {"post_logout_redirect_uris", once_each(client.post_logout_redirect_uris)},
             {"scope", client.scope},
             {"application_type", name_of(client.application_type)},
             {"grant_types", names(client.grant_types)},
             {"response_types", names(client.response_types)},
             {"response_modes", names(client.response_modes)},
             {"pkce", name_of(client.pkce)},
             {"consent", name_of(client.consent)},
             {"development", client.development},
             {"allowed_groups", client.allowed_groups},
             {"allowed_origins", client.allowed_origins},
             {"id_token_signed_response_alg", jose::name_of(client.id_token_signed_response_alg)},
             {"id_token_claims", name_of(client.id_token_claims)},
             {"refresh_rotation", name_of(client.refresh_rotation)},
             {"refresh_grace", client.refresh_grace.count},
             {"id_token_on_refresh", client.id_token_on_refresh},
             {"require_auth_time", client.require_auth_time},
             {"enabled", client.enabled},
             {"owner", write_owner(client.owner)},
             {"created_at", client.created_at.unix_ms}};
  if (client.jwks) out.set("jwks", *client.jwks);
  if (client.token_endpoint_auth_method) {
    out.set("token_endpoint_auth_method", name_of(*client.token_endpoint_auth_method));
  }
  if (client.default_resource) out.set("default_resource", client.default_resource->value());
  if (client.default_max_age) out.set("default_max_age", client.default_max_age->count);
  return json::write(out);
}

std::optional<Client> read_client(std::string_view document) {
  const auto object = json::parse_object(document);
  if (!object) return std::nullopt;
  Reader in(*object);
  Client client;
  client.client_id = ClientId(in.text("client_id"));
  client.client_name = in.text("client_name");
  client.secrets = read_secrets(in);
  if (in.has("jwks")) client.jwks = in.object("jwks");
  client.redirect_uris = in.texts("redirect_uris");
  client.post_logout_redirect_uris = in.texts("post_logout_redirect_uris");
  client.scope = in.texts("scope");
  read_protocol_members(in, client);
  read_policy_members(in, client);
  client.owner = read_owner(in);
  client.created_at = in.instant("created_at");
  if (!in.ok()) return std::nullopt;
  return client;
}

}  // namespace cardea
