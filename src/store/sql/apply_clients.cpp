// Operations on clients: those that an operator puts there, and those that register themselves
// (RFC 7591, RFC 7592, Client ID Metadata Document). What ends with a client is revoked in the same
// transaction.
#include "base/limits.h"
#include "crypto/hash.h"
#include "store/sql/apply.h"
#include "store/sql/locks.h"
#include "store/sql/rows.h"
#include "store/sql/statements.h"

namespace cardea::store::sql::detail {
namespace {

void write(ApplyContext& context, const Client& client) {
  context.sql.run(upsert_client, {client.client_id, client.enabled, write_client(client)});
  context.sql.run(delete_client_redirect_uris, {client.client_id});
  for (const std::string& uri : client.redirect_uris) {
    context.sql.run(insert_client_redirect_uri,
                    {client.client_id, Cell::bytes(crypto::sha256(uri))});
  }
  context.sql.run(raise_clients_version, {});
}

bool remove(ApplyContext& context, const ClientId& client_id, std::string_view reason) {
  if (context.sql.change(delete_client, {client_id}) == 0) return false;
  context.sql.run(raise_clients_version, {});
  context.sql.run(delete_consents_of_client, {client_id});
  forget_logout_of_client(context, client_id);
  context.sql.run(revoke_grants_of_client, {client_id, reason, kept_after(context, context.now)});
  return true;
}

// Whether the client is there and, where one was presented, this is its registration access token.
bool is_managed_with(ApplyContext& context, const ClientId& client_id,
                     const std::optional<RegistrationTokenDigest>& presented) {
  context.sql.lock(lock_client, {client_id});
  const auto document = context.sql.first(read_client_document, {client_id},
                                          [](const Row& row) { return row.text(0); });
  if (!document || !presented) return document.has_value();
  const auto client = read_client(*document);
  return client && !presented->empty() &&
         crypto::constant_time_equal(client->registration_access_token.value(), presented->value());
}

std::int64_t count(ApplyContext& context, const Statement& statement,
                   std::initializer_list<Cell> cells) {
  return context.sql.first(statement, cells, [](const Row& row) { return row.integer(0); })
      .value_or(0);
}

std::vector<ClientId> forget(ApplyContext& context, Instant now) {
  std::vector<ClientId> over;
  context.sql.each(read_forgotten_clients, {now, limits::forgotten_at_once_max},
                   [&](const Row& row) { over.emplace_back(row.text(0)); });
  for (const auto& client_id : over) remove(context, client_id, "client_forgotten");
  return over;
}

// Nothing: it may be inserted.
std::optional<RegisterClient::Outcome::Result> refusal(ApplyContext& context,
                                                       const RegisterClient& op) {
  using enum RegisterClient::Outcome::Result;
  if (count(context, count_self_registered, {}) >= op.clients_max) return too_many;
  if (!op.source.empty() && count(context, count_unused_of_source, {op.source}) >= op.unused_max) {
    return too_many_of_source;
  }
  if (op.initial_access_token &&
      context.sql.change(use_initial_token, {Cell::bytes(*op.initial_access_token), op.now}) == 0) {
    return token_not_usable;
  }
  return std::nullopt;
}

}  // namespace

PutClient::Outcome apply_to(ApplyContext& context, const PutClient& op) {
  const bool present = is_managed_with(context, op.client.client_id, op.presented);
  if (present && op.expect == Expect::absent) return PutClient::Outcome::already_there;
  if (!present && (op.expect == Expect::present || op.presented)) {
    return PutClient::Outcome::absent;
  }
  write(context, op.client);
  return PutClient::Outcome::stored;
}

RemoveClient::Outcome apply_to(ApplyContext& context, const RemoveClient& op) {
  const bool removed = is_managed_with(context, op.client_id, op.presented) &&
                       remove(context, op.client_id, "client_removed");
  return removed ? RemoveClient::Outcome::removed : RemoveClient::Outcome::absent;
}

RegisterClient::Outcome apply_to(ApplyContext& context, const RegisterClient& op) {
  RegisterClient::Outcome out;
  const Client& client = op.client;
  const bool is_document = client.owner.by == Ownership::By::document;
  out.forgotten = forget(context, op.now);
  context.sql.lock(lock_client, {client.client_id});
  const bool present = context.sql.exists(read_client_document, {client.client_id});
  if (present && (!is_document || context.sql.exists(client_is_an_operators, {client.client_id}))) {
    out.result = RegisterClient::Outcome::Result::already_there;
    return out;
  }
  if (!present) {
    if (const auto refused = refusal(context, op)) {
      out.result = *refused;
      return out;
    }
  }
  write(context, client);
  if (!present) {
    context.sql.run(keep_self_registered,
                    {client.client_id, op.source, op.unused_for.count, op.now + op.unused_for});
  }
  return out;
}

PutInitialToken::Outcome apply_to(ApplyContext& context, const PutInitialToken& op) {
  context.sql.run(insert_initial_token, {Cell::bytes(op.digest), op.uses, op.expires_at});
  return PutInitialToken::Outcome::stored;
}

}  // namespace cardea::store::sql::detail
