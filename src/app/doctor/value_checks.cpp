// Clients, keys, certificates and the cost of a password, as values; see checks.h.
#include <algorithm>

#include "app/doctor/checks.h"
#include "app/log_sink.h"
#include "base/url.h"
#include "crypto/certificate.h"

namespace cardea::app {
namespace {

using Level = Finding::Level;

constexpr std::int64_t seconds_a_day = 86400;
constexpr std::int64_t key_age_days_max = 180;
constexpr std::int64_t certificate_days_min = 14;
// Below, guessing is cheap; above, a few sign-ins at a time hold up all others.
constexpr std::int64_t hash_ms_min = 50;
constexpr std::int64_t hash_ms_max = 1000;

// A name as RFC 6125 6.4.3 compares it: the first label of a certificate may be "*".
bool names_host(const std::string& name, std::string_view host) {
  if (name == host) return true;
  const auto dot = host.find('.');
  return name.starts_with("*.") && dot != std::string_view::npos && dot > 0 &&
         host.substr(dot) == std::string_view(name).substr(1);
}

// Rows of a file are changed there (decision Q22).
std::string how_to_change(const Client& client, const std::string& member) {
  if (client.owner.by == Ownership::By::file && !client.owner.place.empty()) {
    return "change " + member + " at " + client.owner.place;
  }
  if (client.owner.by == Ownership::By::document) {
    return "change " + member + " in the client's metadata document";
  }
  return "change " + member + " in the configuration, or by cardea clients edit " +
         client.client_id.value();
}

}  // namespace

Findings check_client_at(const Client& client, Instant now) {
  Findings out;
  const std::string name = "client " + client.client_id.value();
  const auto add = [&](Level level, std::string text, std::string why, std::string fix) {
    out.push_back({.level = level,
                   .check = name,
                   .text = std::move(text),
                   .why = std::move(why),
                   .fix = std::move(fix)});
  };
  for (const auto& problem : check_client(client)) {
    add(problem.is_warning ? Level::warning : Level::failure, problem.member + " " + problem.reason,
        problem.is_warning ? "It is admitted, and weaker than it could be."
                           : "The rules of registration refuse such a client today.",
        how_to_change(client, problem.member));
  }
  // Under a profile it is what the profile asks for (FAPI 2.0 Security Profile 5.3.2.1).
  if (client.refresh_rotation == RefreshRotation::off && !client.profile) {
    add(Level::warning, "refresh_rotation is off", "A stolen refresh token works unnoticed.",
        "set refresh_rotation = \"on\" unless its authentication is strong");
  }
  for (const auto& secret : client.secrets) {
    if (!secret.expires_at || *secret.expires_at >= now) continue;
    add(Level::warning, "a secret expired at " + rfc3339(*secret.expires_at),
        "Whoever still sends it is refused.",
        "run cardea clients rotate-secret " + client.client_id.value());
  }
  if (out.empty()) {
    add(Level::ok, client.enabled ? "registered as the rules want it" : "disabled",
        "Redirect URIs, authentication, PKCE and consent fit together.", "");
  }
  return out;
}

Findings check_keys(std::span<const PublishedKey> keys, Instant now) {
  Findings out;
  for (const auto& key : keys) {
    if (key.state != ServerKey::State::active) continue;
    const auto age = (now.unix_seconds() - key.created_at.unix_seconds()) / seconds_a_day;
    const bool is_old = age > key_age_days_max;
    out.push_back({.level = is_old ? Level::warning : Level::ok,
                   .check = "key " + std::string(cardea::name_of(key.algorithm)),
                   .text = std::to_string(age) + " days old",
                   .why = "A key that leaked unnoticed works until it is rotated.",
                   .fix = is_old ? "run cardea keys rotate" : ""});
  }
  if (out.empty()) {
    out.push_back({.level = Level::failure,
                   .check = "keys",
                   .text = "no key is active",
                   .why = "Nothing can be signed.",
                   .fix = "start the server, which makes them"});
  }
  return out;
}

Finding check_hash_time(std::int64_t milliseconds) {
  Finding finding{.level = Level::ok,
                  .check = "password",
                  .text = "one hash takes " + std::to_string(milliseconds) + " ms",
                  .why = "Slow enough against guessing, fast enough for a sign-in.",
                  .fix = ""};
  if (milliseconds < hash_ms_min) {
    finding.level = Level::warning;
    finding.why = "Whoever steals the store guesses passwords quickly.";
    finding.fix = "raise password.passes or password.memory_kib";
  } else if (milliseconds > hash_ms_max) {
    finding.level = Level::warning;
    finding.why = "A few sign-ins at a time hold up all others.";
    finding.fix = "lower password.passes or password.memory_kib";
  }
  return finding;
}

Finding check_certificate(std::string_view pem, const std::string& path, std::string_view host,
                          Instant now) {
  Finding finding{.level = Level::failure,
                  .check = "tls",
                  .text = path,
                  .why = "Browsers refuse the connection.",
                  .fix = "renew the certificate"};
  const auto facts = crypto::read_certificate(pem);
  if (!facts) {
    finding.text += " holds no certificate";
    finding.fix = "put the certificate and its chain there as PEM";
    return finding;
  }
  const auto days = (facts->not_after.unix_seconds() - now.unix_seconds()) / seconds_a_day;
  if (facts->not_after <= now) {
    finding.text += " expired at " + rfc3339(facts->not_after);
  } else if (facts->not_before > now) {
    finding.text += " is valid from " + rfc3339(facts->not_before) + " on";
    finding.fix = "set this machine's clock";
  } else if (std::ranges::none_of(facts->names,
                                  [&](const auto& name) { return names_host(name, host); })) {
    finding.text += " does not name " + std::string(host);
    finding.fix = "get a certificate for the issuer's host";
  } else if (days < certificate_days_min) {
    finding.level = Level::warning;
    finding.text += " expires in " + std::to_string(days) + " days";
    finding.why = "Browsers will refuse the connection from then on.";
  } else {
    finding.level = Level::ok;
    finding.text += " names the issuer's host for " + std::to_string(days) + " days";
    finding.why = "Browsers accept it if they know its authority.";
    finding.fix = "";
  }
  return finding;
}

}  // namespace cardea::app
