// Seeding development; see seed.h.
#include "app/dev/seed.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "app/config/list_members.h"
#include "base/base64url.h"
#include "base/url.h"
#include "crypto/hash.h"

namespace cardea::app::dev {
namespace {

// 43 letters and digits from the root key: the same at each start, another on each machine
// (decision Q2).
std::string derived_text(const RootKey& root_key, const std::string& purpose, std::size_t size) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string out;
  for (const char c :
       crypto::hkdf_sha256(root_key.reveal(), "", "cardea dev " + purpose, 4 * size)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 248 && out.size() < size) out += alphabet[byte % 62];
  }
  return out;
}

// The same person has the same sub at each start, so that an app's database keeps working.
UserId stable_sub(const std::string& login) {
  return UserId(base64url_encode(crypto::sha256("cardea dev user " + login)).substr(0, 22));
}

ConfiguredUser seed_user(const std::string& login, const json::Object& claims) {
  ConfiguredUser user;
  user.user.login = login;
  user.user.claims = claims;
  return user;
}

std::vector<ConfiguredUser> standard_users() {
  const auto person = [](const char* login, const char* given, const char* family,
                         const std::vector<std::string>& groups) {
    const std::string email = std::string(login) + "@example.com";
    return seed_user(login, {{"name", std::string(given) + " " + family},
                             {"given_name", given},
                             {"family_name", family},
                             {"preferred_username", login},
                             {"email", email},
                             {"email_verified", true},
                             {"groups", groups}});
  };
  return {person("alice", "Alice", "Archer", {"staff"}), person("bob", "Bob", "Baker", {"staff"}),
          person("admin", "Ada", "Admin", {"staff", "admins"})};
}

class Seeder {
 public:
  Seed seed;

  Seeder(const DevOptions& options, const Framework& framework, const RootKey& root_key)
      : options_(options), framework_(framework), root_key_(root_key) {}

  void run(const std::string& issuer) {
    set_up(issuer);
    add_resources();
    add_users();
    add_clients();
    add_files();
    finish();
  }

 private:
  Config& config() { return seed.config; }

  void problem(std::string place, std::string reason) {
    seed.problems.push_back({std::move(place), "", std::move(reason), false});
  }

  void set_up(const std::string& issuer) {
    config().settings.scopes = standard_scopes();
    config().issuer = issuer;
    config().log_level = options_.is_verbose ? LogLevel::info : LogLevel::warning;
    config().management_listen = "127.0.0.1:0";
    auto filled = with_issuer(config().settings, issuer);
    if (!filled) {
      problem("--issuer", filled.error());
      return;
    }
    config().settings = std::move(*filled);
    config().settings.is_dev = true;
    // Apps under development live on this machine or beside it in a container.
    config().settings.outgoing_reach = OutgoingReach::private_too;
    // What MCP clients and developers expect: whoever comes may register, as often as it restarts.
    auto& registration = config().settings.registration;
    registration.mode = RegistrationSettings::Mode::open;
    registration.scopes.clear();
    registration.unused_per_address = registration.clients_max;
    config().settings.client_documents.enabled = true;
    config().settings.interaction =
        is_exposed(options_) ? Settings::Interaction::form : options_.interaction;
    config().settings.forgot_password_text =
        is_exposed(options_) ? ""
                             : "In development the password is printed when the server starts.";
  }

  void add_resources() {
    for (const auto& text : options_.resources) {
      const auto equals = text.rfind('=');
      const bool has_format = equals != std::string::npos &&
                              (text.substr(equals) == "=jwt" || text.substr(equals) == "=opaque");
      Resource resource;
      resource.identifier = ResourceId(has_format ? text.substr(0, equals) : text);
      if (has_format && text.substr(equals) == "=opaque")
        resource.access_token_format = AccessTokenFormat::opaque;
      resource.introspection_clients.emplace_back("web");
      if (text.find("://") == std::string::npos ||
          resource.identifier.value().starts_with(config().issuer)) {
        problem("--resource",
                "\"" + text + "\" must be an absolute URI that is not the issuer (RFC 8707 2)");
      }
      config().settings.resources.push_back(std::move(resource));
    }
  }

  void add_users() {
    if (!options_.users_file.empty()) return;
    for (auto& user : standard_users()) {
      const std::string password = is_exposed(options_)
                                       ? derived_text(root_key_, "password " + user.user.login, 20)
                                       : user.user.login + "-dev";
      user.password = ConfiguredSecret(password);
      config().users.push_back(std::move(user));
    }
  }

  ConfiguredClient client(const std::string& id, const std::string& name,
                          std::vector<std::string> redirect_uris) {
    ConfiguredClient made;
    made.client.client_id = ClientId(id);
    made.client.client_name = name;
    made.client.redirect_uris = std::move(redirect_uris);
    made.client.scope = {"openid", "profile", "email",         "address",
                         "phone",  "groups",  "offline_access"};
    return made;
  }

  void add_clients() {
    auto web = client("web", "Your web app", {std::string(framework_.callback)});
    web.client.redirect_uris.insert(web.client.redirect_uris.end(), options_.redirect_uris.begin(),
                                    options_.redirect_uris.end());
    web.client.post_logout_redirect_uris = {std::string(framework_.signed_out)};
    web.client.response_types = framework_.response_types;
    web.client.grant_types.push_back(GrantType::client_credentials);
    web.client.development = true;
    web.secret = ConfiguredSecret(derived_text(root_key_, "client web", 43));
    auto spa = client("spa", "Your single-page app",
                      {"http://localhost:5173/callback", "http://localhost:5173/",
                       "http://localhost:3000/callback"});
    spa.client.post_logout_redirect_uris = {"http://localhost:5173/", "http://localhost:3000/"};
    spa.client.token_endpoint_auth_method = ClientAuthMethod::none;
    spa.client.development = true;
    auto cli =
        client("cli", "Your command line or desktop app",
               {"http://127.0.0.1/callback", "http://[::1]/callback", "http://localhost/callback"});
    cli.client.application_type = ApplicationType::native;
    cli.client.token_endpoint_auth_method = ClientAuthMethod::none;
    cli.client.grant_types.push_back(GrantType::device_code);
    for (auto* made : {&web, &spa, &cli}) config().clients.push_back(std::move(*made));
  }

  void add_files() {
    for (const auto& path : {options_.users_file, options_.clients_file}) {
      if (path.empty()) continue;
      std::ifstream file(path, std::ios::binary);
      if (!file) {
        problem(path, "cannot be read");
        continue;
      }
      std::ostringstream content;
      content << file.rdbuf();
      auto lists = parse_lists(content.str(), path,
                               [this](ConfiguredClient& client) { add_secret(client); });
      for (auto& found : lists.problems) seed.problems.push_back(std::move(found));
      merge(std::move(lists.config));
    }
  }

  // A confidential client of the file may leave its secret out: it has the same one at each start.
  void add_secret(ConfiguredClient& client) const {
    if (!client.client.uses_secret() || client.secret) return;
    client.secret =
        ConfiguredSecret(derived_text(root_key_, "client " + client.client.client_id.value(), 43));
  }

  // A client or user of the files replaces the seeded one of the same name.
  void merge(Config&& lists) {
    for (auto& added : lists.clients) {
      std::erase_if(config().clients, [&](const auto& there) {
        return there.client.client_id == added.client.client_id;
      });
      config().clients.push_back(std::move(added));
    }
    for (auto& added : lists.users) {
      std::erase_if(config().users,
                    [&](const auto& there) { return there.user.login == added.user.login; });
      if (!added.password && added.user.password_hash.empty()) {
        added.password = ConfiguredSecret(added.user.login + "-dev");
      }
      config().users.push_back(std::move(added));
    }
    for (auto& added : lists.settings.resources) {
      std::erase_if(config().settings.resources,
                    [&](const auto& there) { return there.identifier == added.identifier; });
      config().settings.resources.push_back(std::move(added));
    }
    for (auto& [name, description] : lists.settings.scopes)
      config().settings.scopes[name] = description;
  }

  void finish() {
    for (auto& user : config().users) {
      user.user.owner.by = Ownership::By::dev;
      user.user.user_id = stable_sub(user.user.login);
      if (!is_exposed(options_)) config().settings.picker_logins.push_back(user.user.login);
      seed.users.push_back({user.user.login,
                            user.password ? std::string(user.password->reveal()) : "",
                            user.user.user_id.value()});
    }
    config().settings.signing_algorithms = {crypto::SignatureAlgorithm::RS256,
                                            crypto::SignatureAlgorithm::ES256};
    for (auto& configured : config().clients) {
      Client& made = configured.client;
      made.owner.by = Ownership::By::dev;
      // People's own APIs get tokens without further words.
      for (const auto& resource : config().settings.resources) {
        for (const auto& scope : resource.scopes) {
          if (std::ranges::find(made.scope, scope) == made.scope.end()) made.scope.push_back(scope);
        }
        if (config().settings.resources.size() == 1 && !made.default_resource) {
          made.default_resource = resource.identifier;
        }
      }
      config().settings.need_keys_for(made);
      for (auto& found : complete_client(configured)) {
        if (!found.is_warning)
          problem("client \"" + made.client_id.value() + "\"", found.member + " " + found.reason);
      }
      seed.clients.push_back({made.client_id.value(),
                              configured.secret ? std::string(configured.secret->reveal()) : "",
                              made.redirect_uris});
    }
  }

  const DevOptions& options_;
  const Framework& framework_;
  const RootKey& root_key_;
};

}  // namespace

bool is_exposed(const DevOptions& options) {
  return !options.listen.empty();
}

Seed make_seed(const DevOptions& options, const std::string& issuer, const Framework& framework,
               const RootKey& root_key) {
  Seeder seeder(options, framework, root_key);
  seeder.run(issuer);
  return std::move(seeder.seed);
}

}  // namespace cardea::app::dev
