// Rows owned by a configuration file (decision Q22): created and updated at each start, disabled
// when they left the file. A password or secret is applied on creation and when its keyed digest
// has changed, so that a password changed on the account page stays.
#include <algorithm>

#include "app/node.h"
#include "base/base64url.h"
#include "server/client_auth/kept_secret.h"

namespace cardea::app {
namespace {

class Reconciliation {
 public:
  Reconciliation(Node& node, Ownership::By by) : node_(node), by_(by) {}

  std::vector<std::string> changes;
  std::string problem;

  bool run(const Config& config) {
    for (const auto& configured : config.clients) {
      if (!put_client(configured)) return false;
    }
    for (const auto& configured : config.users) {
      if (!put_user(configured)) return false;
    }
    if (!disable_left_clients(config) || !disable_left_users(config)) return false;
    auto reloaded = run_blocking(executor_, node_.registry().reload());
    return reloaded.ok() || failed(reloaded.error());
  }

 private:
  const Deps& deps() { return node_.deps(); }

  bool failed(const store::Failure& failure) {
    problem = "the store did not answer: " + failure.reason;
    return false;
  }

  // "" when there is nothing to digest; otherwise bound to the row, so equal secrets of two rows
  // differ.
  std::string configured_digest(const std::string& row,
                                const std::optional<ConfiguredSecret>& secret) {
    if (!secret) return "";
    return base64url_encode(deps().seals.mac(SealPurpose::configured_digest,
                                             row + '\0' + std::string(secret->reveal())));
  }

  bool is_foreign(const Ownership& owner, const std::string& what) {
    if (owner.by == by_) return false;
    problem = what + " exists already and is not owned by the configuration; remove one of the two";
    return true;
  }

  bool put_client(const ConfiguredClient& configured) {
    Client client = configured.client;
    client.owner.by = by_;
    const std::string name = "client \"" + client.client_id.value() + "\"";
    auto found = run_blocking(executor_, deps().store.find_client(client.client_id));
    if (!found) return failed(found.error());
    client.owner.configured_digest =
        configured_digest("client " + client.client_id.value(), configured.secret);
    client.created_at = deps().clock.now();
    const bool is_new = !found->has_value();
    if (!is_new) {
      if (is_foreign((*found)->owner, name)) return false;
      client.created_at = (*found)->created_at;
      client.secrets = (*found)->secrets;
    }
    if (is_new || (*found)->owner.configured_digest != client.owner.configured_digest ||
        lacks_sealed_secret(client)) {
      client.secrets.clear();
      if (configured.secret) {
        client.secrets.push_back(keep_secret(client, configured.secret->reveal(), deps().seals,
                                             deps().random, client.created_at));
      }
    }
    forget_sealed_secrets(client);
    if (!is_new && write_client(**found) == write_client(client)) return true;
    auto stored = run_blocking(executor_, deps().store.perform(store::PutClient{client}));
    if (!stored) return failed(stored.error());
    changes.push_back(name + (is_new ? " added" : " updated"));
    return true;
  }

  bool put_user(const ConfiguredUser& configured) {
    UserRecord user = configured.user;
    user.owner.by = by_;
    const std::string name = "user \"" + user.login + "\"";
    auto found = run_blocking(executor_, deps().store.find_user_by_login(user.login));
    if (!found) return failed(found.error());
    const auto given = configured.password ? configured.password
                       : user.password_hash.empty()
                           ? std::optional<ConfiguredSecret>()
                           : ConfiguredSecret(std::string(user.password_hash.reveal()));
    user.owner.configured_digest = configured_digest("user " + user.login, given);
    const bool is_new = !found->has_value();
    const UserRecord* there = is_new ? nullptr : &**found;
    if (there != nullptr && is_foreign(there->owner, name)) return false;
    const bool applies = is_new || there->owner.configured_digest != user.owner.configured_digest;
    if (!applies) {
      user.password_hash = there->password_hash;
    } else if (configured.password && !hash(*configured.password, user)) {
      return false;
    }
    if (!is_new) user.user_id = there->user_id;
    if (user.user_id.empty()) user.user_id = UserId(new_identifier(deps().random));
    user.created_at = is_new ? deps().clock.now() : there->created_at;
    user.security_version = is_new ? 1 : there->security_version;
    if (!is_new && !applies && same(*there, user)) return true;
    auto stored = run_blocking(executor_, deps().store.perform(store::PutUser{user}));
    if (!stored) return failed(stored.error());
    changes.push_back(name + (is_new ? " added" : " updated"));
    return true;
  }

  static bool same(const UserRecord& a, const UserRecord& b) {
    return a.claims == b.claims && a.enabled == b.enabled && a.owner == b.owner;
  }

  bool hash(const ConfiguredSecret& password, UserRecord& user) {
    auto made =
        run_blocking(executor_, deps().passwords.hash(Password(std::string(password.reveal()))));
    if (!made) {
      problem = "the password of \"" + user.login + "\" could not be hashed: the pool is busy";
      return false;
    }
    user.password_hash = std::move(*made);
    return true;
  }

  bool disable_left_clients(const Config& config) {
    auto all = run_blocking(executor_, deps().store.clients());
    if (!all) return failed(all.error());
    for (auto& client : *all) {
      const bool stays = std::ranges::any_of(config.clients, [&](const auto& configured) {
        return configured.client.client_id == client.client_id;
      });
      if (client.owner.by != by_ || stays || !client.enabled) continue;
      client.enabled = false;
      auto stored = run_blocking(executor_, deps().store.perform(store::PutClient{client}));
      if (!stored) return failed(stored.error());
      changes.push_back("client \"" + client.client_id.value() +
                        "\" disabled: it left the configuration");
    }
    return true;
  }

  bool disable_left_users(const Config& config) {
    auto owned = run_blocking(executor_, deps().store.users_owned_by(by_));
    if (!owned) return failed(owned.error());
    for (auto& user : *owned) {
      const bool stays = std::ranges::any_of(config.users, [&](const auto& configured) {
        return configured.user.login == user.login;
      });
      if (stays || !user.enabled) continue;
      user.enabled = false;
      auto stored = run_blocking(executor_, deps().store.perform(store::PutUser{user}));
      if (!stored) return failed(stored.error());
      changes.push_back("user \"" + user.login + "\" disabled: it left the configuration");
    }
    return true;
  }

  Node& node_;
  const Ownership::By by_;
  ManualExecutor executor_;
};

}  // namespace

Result<std::vector<std::string>, std::string> reconcile(Node& node, const Config& config,
                                                        Ownership::By by) {
  Reconciliation reconciliation(node, by);
  if (!reconciliation.run(config)) return refuse(std::move(reconciliation.problem));
  return std::move(reconciliation.changes);
}

}  // namespace cardea::app
