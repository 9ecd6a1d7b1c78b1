// Recipients of encrypted answers; see recipient.h.
#include "server/tokens/recipient.h"

#include <utility>

#include "server/outgoing/client_keys.h"

namespace cardea {
namespace {

using Found = Result<std::optional<Recipient>, OAuthError>;

struct Wish {
  const std::optional<jose::KeyManagement>& management;
  const std::optional<jose::ContentEncryption>& encryption;
};

Wish wish_of(const Client& client, ClientAnswer answer) {
  switch (answer) {
    case ClientAnswer::id_token:
      return {client.id_token_encrypted_response_alg, client.id_token_encrypted_response_enc};
    case ClientAnswer::userinfo:
      return {client.userinfo_encrypted_response_alg, client.userinfo_encrypted_response_enc};
    case ClientAnswer::authorization:
      return {client.authorization_encrypted_response_alg,
              client.authorization_encrypted_response_enc};
    case ClientAnswer::introspection:
      break;
  }
  return {client.introspection_encrypted_response_alg, client.introspection_encrypted_response_enc};
}

OAuthError no_key(std::string reason) {
  return {.code = ErrorCode::invalid_request,
          .rule = "CARDEA-ENCRYPT-001",
          .spec = oidc_core("10.2"),
          .description = "The client has no key that the answer can be encrypted to.",
          .reason = std::move(reason)};
}

}  // namespace

bool is_encrypted(const Client& client, ClientAnswer answer) {
  return wish_of(client, answer).management.has_value();
}

Task<Found> find_recipient(const Deps& deps, const Client& client, ClientAnswer answer,
                           Instant now) {
  const auto wish = wish_of(client, answer);
  if (!wish.management) co_return Found(std::nullopt);
  const auto keys = co_await client_keys(deps, client, holding_kid(""), now);
  if (!keys) co_return refuse(no_key(keys.error()));
  const auto* key = jose::find_recipient((*keys)->recipients(), *wish.management);
  if (key == nullptr) {
    co_return refuse(
        no_key("no key of use enc for " + std::string(jose::name_of(*wish.management))));
  }
  co_return Found(
      Recipient{.key = *key,
                .management = *wish.management,
                .encryption = wish.encryption.value_or(jose::ContentEncryption::A256GCM)});
}

std::string encrypt_to(const Recipient& recipient, std::string_view content, std::string_view cty,
                       Random& random) {
  return jose::encrypt(content,
                       {.key = recipient.key,
                        .management = recipient.management,
                        .encryption = recipient.encryption,
                        .cty = cty},
                       random);
}

}  // namespace cardea
