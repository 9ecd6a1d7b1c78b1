// Rules across settings; see whole_checks.h.
#include "app/config/whole_checks.h"

#include <set>

#include "app/config/mutual_tls.h"
#include "base/url.h"
#include "http/listener/peer.h"
#include "server/settings/client_needs.h"

namespace cardea::app {
namespace {

bool is_loopback_address(std::string_view address) {
  const auto port = address.rfind(':');
  return port != std::string_view::npos && url::is_loopback_host(address.substr(0, port));
}

class WholeCheck {
 public:
  explicit WholeCheck(const Config& config) : config_(config) {}

  std::vector<WholeProblem> run() && {
    if (config_.issuer.empty()) {
      problem("issuer",
              "is required: the https URL of this server, e.g. \"https://login.example.com\"");
    }
    if (config_.tls_certificate.empty() != config_.tls_key.empty()) {
      problem("tls", "certificate and key belong together");
    }
    check_addresses();
    for (auto& found : mutual_tls_problems(config_)) problem(found.member, found.reason);
    check_resources();
    check_trusted_issuers();
    check_clients();
    return std::move(problems_);
  }

 private:
  void problem(std::string key, std::string reason) {
    std::string path = key;
    problem_at(std::move(path), std::move(key), std::move(reason));
  }
  void problem_at(std::string path, std::string key, std::string reason) {
    problems_.push_back({std::move(path), std::move(key), std::move(reason)});
  }

  void check_addresses() {
    if (config_.listen.empty()) problem("listen", "must name at least one address");
    for (const auto& address : config_.listen) check_listen(address);
    for (const auto& address : config_.mtls_listen) check_listen(address);
    const auto trusted = http::TrustedProxies::parse(config_.trusted_proxies);
    if (!trusted) problem("trusted_proxies", trusted.error());
    if (!config_.management_listen.empty() && !is_loopback_address(config_.management_listen)) {
      problem("management.listen", "must be a loopback address and a port");
    }
  }

  void check_listen(const std::string& address) {
    if (address.starts_with("unix:")) return;
    if (!url::parse("http://" + address + "/")) {
      if (address.ends_with(":0")) return;
      problem("listen",
              "\"" + address + "\" must be an address and a port, e.g. \"127.0.0.1:9443\"");
    } else if (config_.tls_certificate.empty() && !is_loopback_address(address)) {
      problem("listen", "\"" + address +
                            "\" would speak plain HTTP to the network; set [tls], or listen on "
                            "loopback or a Unix socket behind a proxy");
    }
  }

  // Decision Q5: a resource identifier may not equal the issuer, an endpoint of ours or a
  // client_id.
  void check_resources() {
    for (std::size_t i = 0; i < config_.settings.resources.size(); ++i) {
      const auto& id = config_.settings.resources[i].identifier.value();
      const std::string key = "resources[" + std::to_string(i) + "].identifier";
      if (id == config_.issuer || id.starts_with(config_.issuer + "/")) {
        problem(key, "must not be the issuer or below it (decision Q5)");
      }
      for (const auto& client : config_.clients) {
        if (client.client.client_id.value() == id) {
          problem(key, "equals a client_id (decision Q5)");
        }
      }
    }
  }

  // Decision Q5: nothing that we signed is taken as an assertion.
  void check_trusted_issuers() {
    std::set<std::string> seen;
    for (std::size_t i = 0; i < config_.settings.trusted_issuers.size(); ++i) {
      const auto& issuer = config_.settings.trusted_issuers[i];
      const std::string path = "trusted_issuers[" + std::to_string(i) + "]";
      if (issuer.issuer == config_.settings.issuer) {
        problem_at(path, path + ".issuer", "is our own issuer (decision Q5)");
      }
      if (!issuer.issuer.empty() && !seen.insert(issuer.issuer).second) {
        problem_at(path, path + ".issuer", "\"" + issuer.issuer + "\" is given twice");
      }
    }
  }

  void check_clients() {
    for (std::size_t i = 0; i < config_.clients.size(); ++i) {
      const auto& client = config_.clients[i].client;
      const std::string path = "clients[" + std::to_string(i) + "]";
      for (const auto& type : client.authorization_details_types) {
        if (config_.settings.find_details_type(type) != nullptr) continue;
        problem(path + ".authorization_details_types",
                "\"" + type + "\" is not one of [[authorization_details_types]]");
      }
      if (const auto lack = lacking_settings(config_.settings, client)) problem(path, *lack);
      if (!client.default_resource) continue;
      if (config_.settings.find_resource(*client.default_resource) == nullptr) {
        problem(path + ".default_resource", "is not one of [[resources]]");
      }
    }
  }

  const Config& config_;
  std::vector<WholeProblem> problems_;
};

}  // namespace

std::vector<WholeProblem> check_whole(const Config& config) {
  return WholeCheck(config).run();
}

void settle_derived(Config& config) {
  using crypto::SignatureAlgorithm;
  Settings& settings = config.settings;
  settings.has_mutual_tls = !config.mtls_certificate_header.empty() || !config.mtls_listen.empty();
  settings.has_client_authorities = !config.mtls_ca_file.empty();
  std::set<SignatureAlgorithm> used{SignatureAlgorithm::RS256, SignatureAlgorithm::ES256};
  for (const auto& resource : settings.resources) used.insert(resource.access_token_signing_alg);
  settings.signing_algorithms = {used.begin(), used.end()};
  for (const auto& client : config.clients) settings.need_keys_for(client.client);
}

}  // namespace cardea::app
