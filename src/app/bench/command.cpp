// Options of `cardea bench`; see command.h.
#include "app/bench/command.h"

#include <CLI/CLI.hpp>
#include <map>
#include <memory>

#include "app/bench/options.h"
#include "app/bench/run.h"

namespace cardea::app::bench {
namespace {

void add_client_options(CLI::App* command, BenchOptions& options) {
  const std::map<std::string, ClientAuthentication> methods{
      {"client_secret_basic", ClientAuthentication::client_secret_basic},
      {"client_secret_post", ClientAuthentication::client_secret_post},
      {"none", ClientAuthentication::none}};
  command->add_option("--client-id", options.client_id, "The client that asks");
  command->add_option("--client-secret-file", options.client_secret_file,
                      "File with its secret, - for standard input; else the environment's "
                      "CARDEA_BENCH_CLIENT_SECRET");
  command
      ->add_option("--client-auth", options.client_authentication,
                   "client_secret_basic, client_secret_post or none")
      ->transform(CLI::CheckedTransformer(methods));
  command->add_option("--redirect-uri", options.redirect_uri,
                      "A redirect URI of the client; nothing is sent there");
  command->add_option("--scope", options.scope, "What a person is asked for")
      ->default_str("openid");
  command->add_option("--client-scope", options.client_scope,
                      "What client credentials ask for; the issuer's choice by default");
  command->add_option("--resource", options.resource, "The API that tokens are for (RFC 8707)");
  command->add_option("--introspection-endpoint", options.introspection_endpoint,
                      "Where tokens are looked up, for issuers that do not publish it");
  command->add_option("--user", options.user, "Who signs in: code, refresh, userinfo");
  command->add_option("--password-file", options.password_file,
                      "File with the password, - for standard input; else the environment's "
                      "CARDEA_BENCH_PASSWORD");
  command->add_option("--prompt", options.prompt,
                      "prompt of the sign-ins that get tokens, e.g. consent");
}

void add_load_options(CLI::App* command, BenchOptions& options) {
  command->add_option("--connections", options.connections, "Kept busy at once")
      ->check(CLI::Range(1, 20000))
      ->default_str("32");
  command->add_option("--threads", options.threads, "Of the driver")
      ->check(CLI::Range(1, 64))
      ->default_str("1");
  command->add_option("--seconds", options.seconds, "Length of each measurement")
      ->check(CLI::Range(0.1, 3600.0))
      ->default_str("5");
  command->add_option("--warm-up", options.warm_up_seconds, "Seconds before it that do not count")
      ->check(CLI::Range(0.0, 600.0))
      ->default_str("1");
  command
      ->add_option("--rate", options.rate,
                   "Open loop: so many operations a second, counted from when they were due")
      ->check(CLI::Range(0.1, 10e6));
  command->add_flag_callback(
      "--poll", [&options] { options.waiting = Waiting::polls; },
      "Never sleep: for a driver that has a core of its own");
  command
      ->add_option("--pid", options.pids,
                   "Process of the server, for its CPU time and memory; may repeat")
      ->check(CLI::PositiveNumber);
  command->add_option("--curve", options.curve_file,
                      "Draw latency against throughput into this .svg or .png file");
  command->add_option("--ca", options.ca_file, "PEM file of a CA to trust for the issuer");
  command->add_flag_callback(
      "--yes-i-may-load-that-server", [&options] { options.reach = Reach::anywhere; },
      "The issuer is on another machine, and its owner knows");
}

}  // namespace

void add_command(CLI::App& app,
                 const std::function<void(CLI::App*, std::function<int(OutputForm)>)>& runs) {
  auto options = std::make_shared<BenchOptions>();
  auto* command =
      app.add_subcommand("bench", "Measure an OpenID provider: rate, latency, errors, CPU time");
  command->footer(
      "Examples:\n  cardea bench http://localhost:9000 --workload discovery,jwks\n"
      "  cardea bench http://localhost:9000 --workload client-credentials --client-id job \\\n"
      "      --client-secret-file job.secret --pid $(pidof cardea) --curve curve.svg\n"
      "  cardea bench http://localhost:9000 --workload code --client-id web --rate 500 \\\n"
      "      --client-secret-file web.secret --redirect-uri https://app.example/cb \\\n"
      "      --user alice --password-file alice.password");
  command->add_option("issuer", options->issuer, "The issuer, as its documents spell it")
      ->required();
  command
      ->add_option("--workload", options->workloads, "What is asked, several separated by commas")
      ->delimiter(',')
      ->check(CLI::IsMember(workload_names()))
      ->default_str("discovery");
  add_client_options(command, *options);
  add_load_options(command, *options);
  runs(command, [options](OutputForm form) { return run_bench(*options, form); });
}

}  // namespace cardea::app::bench
