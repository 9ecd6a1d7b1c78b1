// From the command line to a report; see command.h.
#include "app/doctor/command.h"

#include <unistd.h>

#include "app/admin/socket.h"
#include "app/config/list_members.h"
#include "app/doctor/checks.h"
#include "app/doctor/examine_profile.h"
#include "crypto/password_hash.h"
#include "http/outbound/curl_transport.h"

namespace cardea::app {
namespace {

Colour colour_of_output() {
  return isatty(STDOUT_FILENO) == 1 ? Colour::on : Colour::off;
}

int exit_code(bool failed) {
  return static_cast<int>(failed ? ExitCode::failure : ExitCode::ok);
}

std::vector<Client> configured_clients(const Config& config) {
  std::vector<Client> clients;
  for (const auto& each : config.clients) clients.push_back(as_reconciled(each));
  return clients;
}

std::string looked_at(const Config& config, bool runs) {
  return config.file + (runs ? " and the running server" : "; no server runs");
}

std::int64_t hash_milliseconds(const Config& config) {
  const auto begin = monotonic_ms();
  (void)crypto::hash_password("a password of nobody", config.settings.password_cost);
  return monotonic_ms() - begin;
}

// What the running server knows, or what the configuration says of its clients.
Result<Findings, AdminError> known_findings(
    const Config& config, const std::optional<Result<json::Object, AdminError>>& answer,
    Instant now) {
  Findings findings;
  if (!answer) {
    for (const auto& client : configured_clients(config)) {
      append(findings, check_client_at(client, now));
    }
    return findings;
  }
  if (!*answer) return refuse(answer->error());
  const json::Value* list = (*answer)->find("findings");
  if (list == nullptr || list->if_array() == nullptr) {
    return refuse(AdminError{ExitCode::protocol, "the server is of another version"});
  }
  for (const auto& each : *list->if_array()) {
    const auto finding =
        each.if_object() == nullptr ? std::nullopt : read_finding(*each.if_object());
    if (!finding) {
      return refuse(AdminError{ExitCode::protocol, "the server is of another version"});
    }
    findings.push_back(*finding);
  }
  return findings;
}

int general_report(const CommonOptions& common, const Config& config,
                   const DoctorOptions& options) {
  const Instant now = SystemClock().now();
  const auto answer = ask_server(admin_socket_path(config), "doctor", {});
  auto known = known_findings(config, answer, now);
  if (!known) return print_error(common.form, known.error());
  Findings findings = check_settings(config);
  append(findings,
         look_at_issuer(config.settings, http::curl_transport({.ca_file = options.ca_file}), now,
                        answer.has_value()));
  append(findings, look_at_files(config, now));
  findings.push_back(check_hash_time(hash_milliseconds(config)));
  append(findings, *std::move(known));
  const auto what = looked_at(config, answer.has_value());
  print_line(common.form == OutputForm::json ? json::write(findings_object(findings, what))
                                             : render_findings(findings, what, colour_of_output()));
  return exit_code(has_failure(findings));
}

int profile_report(const CommonOptions& common, const Config& config,
                   const DoctorOptions& options) {
  json::Object arguments{{"profile", options.profile}};
  if (!options.client.empty()) arguments.set("client", options.client);
  auto answer = ask_server(admin_socket_path(config), "doctor", arguments);
  const auto what = looked_at(config, answer.has_value());
  const auto object = answer ? std::move(*answer)
                             : examine_profile(options.profile, options.client, config.settings,
                                               configured_clients(config));
  if (!object) return print_error(common.form, object.error());
  const auto profile = conformance_profile_named(options.profile);
  const auto rows = read_rows(*object);
  if (!profile || !rows) {
    return print_error(common.form, {ExitCode::protocol, "the server is of another version"});
  }
  print_line(common.form == OutputForm::json
                 ? json::write(*object)
                 : render_profile(*profile, *rows, what, colour_of_output()));
  return exit_code(has_failure(*rows));
}

}  // namespace

int doctor_command(const CommonOptions& common, const DoctorOptions& options) {
  // Warnings about clients are rows of the report, not lines before it.
  const auto loaded = load_config(choose_config_file(common), read_environment());
  if (!loaded.usable()) {
    int problem = 0;
    load_or_explain(common, problem);
    return problem;
  }
  const Config& config = loaded.config;
  return options.profile.empty() ? general_report(common, config, options)
                                 : profile_report(common, config, options);
}

}  // namespace cardea::app
