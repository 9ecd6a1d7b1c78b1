// Options of `cardea dev` and `cardea trust`; see command.h.
#include "app/dev/command.h"

#include <CLI/CLI.hpp>
#include <map>
#include <memory>

#include "app/dev/frameworks.h"
#include "app/dev/options.h"
#include "app/dev/trust.h"

namespace cardea::app::dev {
namespace {

void add_dev_options(CLI::App* command, DevOptions& options) {
  const std::map<std::string, Strictness> strictness{
      {"strict", Strictness::strict}, {"warn", Strictness::warn}, {"open", Strictness::open}};
  const std::map<std::string, Settings::Interaction> interaction{
      {"picker", Settings::Interaction::picker},
      {"auto", Settings::Interaction::automatic},
      {"form", Settings::Interaction::form}};
  command
      ->add_option("--app", options.app,
                   "Print this framework's own variable names and register its callback")
      ->check(CLI::IsMember(framework_names()));
  command->add_option("--env-file", options.env_file,
                      "Write the environment into a marked block of this file");
  command->add_option("--redirect-uri", options.redirect_uris,
                      "One more redirect URI of the client web; may repeat");
  command->add_option("--resource", options.resources,
                      "An API of yours: ID, ID=jwt or ID=opaque; may repeat");
  command->add_option("--users", options.users_file,
                      "TOML file of [[users]] with their claims; read again on change");
  command->add_option("--clients", options.clients_file,
                      "TOML file of [[clients]], [[resources]] and [scopes]; read again on change");
  command
      ->add_option("--interaction", options.interaction,
                   "picker: one click; auto: nobody is asked; form: passwords")
      ->transform(CLI::CheckedTransformer(interaction))
      ->default_str("picker");
  command->add_option("--strictness", options.strictness, "strict, warn or open")
      ->transform(CLI::CheckedTransformer(strictness))
      ->default_str("warn");
  command->add_option("--port", options.port, "0 takes a free one")
      ->check(CLI::Range(0, 65535))
      ->default_str("9443");
  command->add_flag_callback(
      "--http", [&options] { options.scheme = Scheme::http; },
      "Serve http, for clients that accept it");
  command->add_option("--state", options.state, "memory, or a directory that keeps the state")
      ->default_str("memory");
  command->add_option("--home", options.home,
                      "Directory of the local CA and keys; one per user by default");
  command->add_option("--ready-fd", options.ready_fd,
                      "Write the JSON ready line to this descriptor and close it");
  command->add_option("--listen", options.listen,
                      "Listen here instead of loopback (containers); with --issuer");
  command->add_option("--issuer", options.issuer,
                      "The issuer under which the address of --listen is reached");
  command->add_flag("--verbose", options.is_verbose, "Log every request");
}

}  // namespace

void add_commands(CLI::App& app,
                  const std::function<void(CLI::App*, std::function<int(OutputForm)>)>& runs) {
  auto options = std::make_shared<DevOptions>();
  auto* dev =
      app.add_subcommand("dev", "An issuer for development: accounts to pick, clients, inspector");
  dev->footer(
      "Examples:\n  cardea dev\n  cardea dev --app authjs --env-file .env.local\n"
      "  cardea dev --resource http://localhost:3001=jwt\n  cardea dev --json --port 0 --state "
      "memory");
  add_dev_options(dev, *options);
  runs(dev, [options](OutputForm form) {
    options->prints_json = form == OutputForm::json;
    return run_dev(*options);
  });

  auto home = std::make_shared<std::string>();
  auto* trust = app.add_subcommand("trust", "The development CA in the stores of this machine");
  trust->require_subcommand(1);
  trust->add_option("--home", *home, "Directory of the local CA");
  runs(trust->add_subcommand("print", "The certificate, and the line for each runtime"),
       [home](OutputForm form) { return trust_print(form, *home); });
  runs(trust->add_subcommand("install", "Trust it: system store (as root) and Chromium"),
       [home](OutputForm form) { return trust_install(form, *home); });
  runs(trust->add_subcommand("uninstall", "Stop trusting it"),
       [home](OutputForm form) { return trust_uninstall(form, *home); });
}

}  // namespace cardea::app::dev
