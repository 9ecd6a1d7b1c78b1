// The command line: names, options, examples. The only file that includes the parser library. Exit
// codes are ExitCode.
#include <CLI/CLI.hpp>
#include <charconv>
#include <memory>
#include <optional>

#include "app/admin/page.h"
#include "app/bench/command.h"
#include "app/cli/commands.h"
#include "app/cli/completion.h"
#include "app/config/settings_table.h"
#include "app/dev/command.h"
#include "app/doctor/command.h"
#include "base/ascii.h"

namespace cardea::app {
namespace {

// What the chosen subcommand does; set by its callback, run after parsing.
using Action = std::function<int()>;

struct Line {
  // Until it has parsed: its descriptions of all commands are not for a server to keep.
  std::optional<CLI::App> app{
      "An OAuth 2.0 and OpenID Connect server: people sign in to apps without handing them a "
      "password."};
  CommonOptions common;
  bool json = false;
  Action action;

  CLI::App* root() { return &*app; }
  CLI::App* command(CLI::App* parent, const std::string& name, const std::string& description,
                    const std::string& examples = "") {
    auto* added = parent->add_subcommand(name, description);
    if (!examples.empty()) added->footer("Examples:\n" + examples);
    return added;
  }
  void runs(CLI::App* command, Action what) {
    command->callback([this, what = std::move(what)] { action = what; });
  }
  // A call to the server whose answer is printed as it is.
  void calls(CLI::App* command, std::string call, std::function<json::Object()> arguments) {
    runs(command, [this, call = std::move(call), arguments = std::move(arguments)] {
      auto answer = administer(common, call, arguments());
      if (!answer) return print_error(common.form, answer.error());
      print_answer(common.form, *answer);
      return 0;
    });
  }
  void lists(CLI::App* command, const std::string& call, const std::string& member,
             const std::vector<std::string>& columns, const std::string& when_empty) {
    runs(command, [=, this] {
      const auto ask = [&](const json::Object& arguments) {
        return administer(common, call, arguments);
      };
      const auto answer = all_pages(member, ask);
      if (!answer) return print_error(common.form, answer.error());
      print_table(common.form, *answer, member, columns, when_empty);
      return 0;
    });
  }
};

// Members of a client as options, named as in the configuration file.
struct ClientOptions {
  std::string client_id;
  std::vector<std::string> settings;

  void add_to(CLI::App* command) {
    command->add_option("--set", settings,
                        "A member of the client: name=value; lists separated by commas, e.g. "
                        "redirect_uris=https://app.example/cb");
  }
  // nothing and `problem` when a pair is malformed.
  std::optional<json::Object> members(std::string& problem) const {
    json::Object out;
    for (const auto& pair : settings) {
      const auto equals = pair.find('=');
      if (equals == std::string::npos) {
        problem = "--set needs name=value, not \"" + pair + "\"";
        return std::nullopt;
      }
      out.set(pair.substr(0, equals), value_of(pair.substr(0, equals), pair.substr(equals + 1)));
    }
    return out;
  }

 private:
  static bool is_list(std::string_view name) {
    return name.ends_with("_uris") || name.ends_with("_types") || name.ends_with("_modes") ||
           name.starts_with("allowed_");
  }
  static json::Value value_of(std::string_view name, const std::string& text) {
    if (is_list(name)) {
      std::vector<std::string> parts;
      for (const auto part : ascii::Parts(text, ',')) {
        if (!part.empty()) parts.emplace_back(ascii::trim(part));
      }
      return json::Value(parts);
    }
    if (name == "jwks") {
      auto parsed = json::parse(text);
      return parsed ? *parsed : json::Value(text);
    }
    if (text == "true" || text == "false") return json::Value(text == "true");
    if (name == "default_max_age" || name == "refresh_grace") {
      if (const auto seconds = parse_duration(text)) return json::Value(*seconds);
    }
    return json::Value(text);
  }
};

int add_or_edit(Line& line, const std::string& call, const ClientOptions& options) {
  std::string problem;
  auto members = options.members(problem);
  if (!members) return print_error(line.common.form, {ExitCode::usage, problem});
  json::Object arguments{{"client_id", options.client_id}};
  if (call == "clients.add") members->set("client_id", options.client_id);
  arguments.set("client", std::move(*members));
  auto answer = administer(line.common, call, arguments);
  if (!answer) return print_error(line.common.form, answer.error());
  print_answer(line.common.form, *answer);
  return 0;
}

void add_initial_tokens(Line& line, CLI::App* clients);

void add_clients(Line& line) {
  auto* clients = line.command(line.root(), "clients", "The apps that may ask for sign-ins");
  clients->require_subcommand(1);
  auto options = std::make_shared<ClientOptions>();

  auto* add = line.command(
      clients, "add", "Register a client; prints its generated secret once",
      "  cardea clients add web --set redirect_uris=https://app.example/cb \\\n"
      "      --set \"scope=openid profile email\"\n"
      "  cardea clients add cli --set application_type=native \\\n"
      "      --set token_endpoint_auth_method=none --set redirect_uris=http://127.0.0.1/cb");
  add->add_option("client_id", options->client_id, "The identifier that the app sends")->required();
  options->add_to(add);
  line.runs(add, [&line, options] { return add_or_edit(line, "clients.add", *options); });

  line.lists(line.command(clients, "list", "All clients"), "clients.list", "clients",
             {"client_id", "client_name", "application_type", "scope", "enabled", "owner"},
             "No clients yet; add one with `cardea clients add`.");

  auto* show = line.command(clients, "show", "One client");
  show->add_option("client_id", options->client_id)->required();
  line.calls(show, "clients.show",
             [options] { return json::Object{{"client_id", options->client_id}}; });

  auto* edit = line.command(clients, "edit", "Change members of a client",
                            "  cardea clients edit web --set consent=skip\n  cardea clients edit "
                            "web --set enabled=false");
  edit->add_option("client_id", options->client_id)->required();
  options->add_to(edit);
  line.runs(edit, [&line, options] { return add_or_edit(line, "clients.edit", *options); });

  auto* rm = line.command(clients, "rm", "Remove a client; all it was given ends");
  rm->add_option("client_id", options->client_id)->required();
  line.calls(rm, "clients.rm",
             [options] { return json::Object{{"client_id", options->client_id}}; });

  add_initial_tokens(line, clients);

  auto keep = std::make_shared<std::string>("0s");
  auto* rotate = line.command(clients, "rotate-secret", "Make a new secret; prints it once",
                              "  cardea clients rotate-secret web --keep-old 24h");
  rotate->add_option("client_id", options->client_id)->required();
  rotate->add_option("--keep-old", *keep, "How long the old secret stays valid, e.g. 24h");
  line.runs(rotate, [&line, options, keep] {
    const auto seconds = parse_duration(*keep);
    if (!seconds)
      return print_error(line.common.form,
                         {ExitCode::usage, "--keep-old must be a duration such as 24h"});
    auto answer = administer(line.common, "clients.rotate-secret",
                             {{"client_id", options->client_id}, {"keep_old_seconds", *seconds}});
    if (!answer) return print_error(line.common.form, answer.error());
    print_answer(line.common.form, *answer);
    return 0;
  });
}

void add_initial_tokens(Line& line, CLI::App* clients) {
  auto uses = std::make_shared<std::int64_t>(1);
  auto lifetime = std::make_shared<std::string>("24h");
  auto* token = line.command(clients, "initial-token",
                             "Make a token with which clients register themselves; prints it once",
                             "  cardea clients initial-token --uses 5 --expires 7d");
  token->add_option("--uses", *uses, "How many clients may be registered with it");
  token->add_option("--expires", *lifetime, "How long it works, e.g. 24h");
  line.runs(token, [&line, uses, lifetime] {
    const auto seconds = parse_duration(*lifetime);
    if (!seconds) {
      return print_error(line.common.form,
                         {ExitCode::usage, "--expires must be a duration such as 24h"});
    }
    auto answer = administer(line.common, "clients.initial-token",
                             {{"uses", *uses}, {"lifetime_seconds", *seconds}});
    if (!answer) return print_error(line.common.form, answer.error());
    print_answer(line.common.form, *answer);
    return 0;
  });
}

struct UserOptions {
  std::string login;
  std::vector<std::string> claims;
  std::string password_file;
  std::string enabled;

  void add_to(CLI::App* command) {
    command->add_option(
        "--claim", claims,
        "A claim: name=value; JSON values are taken as such, e.g. groups=[\"staff\"]");
    command->add_option("--password-file", password_file,
                        "File with the first password; without it a link is printed");
  }
  json::Object members() const {
    json::Object out;
    json::Object given;
    for (const auto& pair : claims) {
      const auto equals = pair.find('=');
      const std::string text = equals == std::string::npos ? "" : pair.substr(equals + 1);
      auto parsed = json::parse(text);
      given.set(pair.substr(0, equals), parsed ? *parsed : json::Value(text));
    }
    if (!given.empty()) out.set("claims", std::move(given));
    if (!password_file.empty()) out.set("password_file", password_file);
    if (!enabled.empty()) out.set("enabled", enabled == "true");
    return out;
  }
};

void add_users(Line& line) {
  auto* users = line.command(line.root(), "users", "The people who can sign in");
  users->require_subcommand(1);
  auto options = std::make_shared<UserOptions>();
  const auto login_only = [options] { return json::Object{{"login", options->login}}; };

  auto* add =
      line.command(users, "add", "Add a person; prints a one-time set-password link",
                   "  cardea users add alice --claim name=Alice --claim email=alice@example.com");
  add->add_option("login", options->login)->required();
  options->add_to(add);
  line.calls(add, "users.add", [options] {
    auto members = options->members();
    members.set("login", options->login);
    return json::Object{{"user", std::move(members)}};
  });

  line.lists(line.command(users, "list", "All people"), "users.list", "users",
             {"login", "sub", "enabled", "has_password", "owner"},
             "Nobody yet; add one with `cardea users add`.");

  auto* edit =
      line.command(users, "edit", "Change a person's claims or switch the account on or off",
                   "  cardea users edit alice --claim 'groups=[\"staff\"]'\n  cardea users edit "
                   "bob --enabled false");
  edit->add_option("login", options->login)->required();
  options->add_to(edit);
  edit->add_option("--enabled", options->enabled, "true or false")
      ->check(CLI::IsMember({"true", "false"}));
  line.calls(edit, "users.edit", [options] {
    return json::Object{{"login", options->login}, {"user", options->members()}};
  });

  auto* rm = line.command(users, "rm", "Remove a person; all sign-ins and tokens end");
  rm->add_option("login", options->login)->required();
  line.calls(rm, "users.rm", login_only);

  auto* link =
      line.command(users, "link", "Print a one-time link with which the person sets a password");
  link->add_option("login", options->login)->required();
  line.calls(link, "users.link", login_only);

  auto* reset =
      line.command(users, "reset-factor",
                   "Remove a person's second factor (a lost phone); all sign-ins and tokens end",
                   "  cardea users reset-factor alice");
  reset->add_option("login", options->login)->required();
  line.calls(reset, "users.reset-factor", login_only);
}

void add_keys(Line& line) {
  auto* keys = line.command(line.root(), "keys", "Signing keys");
  keys->require_subcommand(1);
  const std::vector<std::string> columns{"kid", "alg", "state", "created_at"};
  line.lists(line.command(keys, "list", "Published keys"), "keys.list", "keys", columns,
             "No keys.");
  auto algorithm = std::make_shared<std::string>();
  auto now = std::make_shared<bool>(false);
  auto* rotate = line.command(keys, "rotate", "Sign with the next key from now on",
                              "  cardea keys rotate\n  cardea keys rotate --alg ES256 --now");
  rotate->add_option("--alg", *algorithm, "Only this algorithm");
  rotate->add_flag("--now", *now,
                   "Do not wait until the next key was published long enough: clients that cached "
                   "the key set fail "
                   "until they fetch it again");
  line.runs(rotate, [&line, algorithm, now, columns] {
    json::Object arguments{{"now", *now}};
    if (!algorithm->empty()) arguments.set("algorithm", *algorithm);
    if (*now)
      print_diagnostic(
          "cardea: --now: clients that cached the key set may refuse new tokens for a while");
    auto answer = administer(line.common, "keys.rotate", arguments);
    if (!answer) return print_error(line.common.form, answer.error());
    print_table(line.common.form, *answer, "keys", columns, "No keys.");
    return 0;
  });
}

void add_store(Line& line) {
  auto path = std::make_shared<std::string>();
  auto* backup = line.command(line.root(), "backup", "Copy the store while the server runs",
                              "  cardea backup /var/backups/cardea.db");
  backup->add_option("path", *path, "Where the copy goes; must not exist")->required();
  line.calls(backup, "backup", [path] {
    return json::Object{{"path", std::filesystem::absolute(*path).lexically_normal().string()}};
  });
  auto* restore = line.command(
      line.root(), "restore",
      "Put a backup in place of the store and void what was sealed before; the server must "
      "not run. Without BACKUP: after a database was restored by its own tools",
      "  cardea restore /var/backups/cardea.db");
  restore->add_option("backup", *path);
  line.runs(restore, [&line, path] { return restore_command(line.common, *path); });
}

void add_migrate(Line& line) {
  auto* migrate = line.command(line.root(), "migrate", "The schema of the store",
                               "  cardea migrate plan --try\n  cardea migrate up");
  migrate->require_subcommand(1);
  const auto add = [&](const std::string& name, MigrateStep step, const std::string& description) {
    auto try_out = std::make_shared<bool>(false);
    auto* command = line.command(migrate, name, description);
    if (step == MigrateStep::plan) {
      command->add_flag("--try", *try_out, "Apply it in a transaction and take it back");
    }
    line.runs(command,
              [&line, step, try_out] { return migrate_command(line.common, step, *try_out); });
  };
  add("status", MigrateStep::status, "The version of the schema, and the one of this program");
  add("plan", MigrateStep::plan, "What is pending, how long it may take, whether nodes go on");
  add("up", MigrateStep::up, "Bring the schema up to date");
}

void add_doctor(Line& line) {
  auto options = std::make_shared<DoctorOptions>();
  auto* doctor = line.command(line.root(), "doctor",
                              "Look at configuration, files, issuer and clients; changes nothing",
                              "  cardea doctor\n  cardea doctor --profile fapi2 --client bank-app");
  auto* profile =
      doctor->add_option("--profile", options->profile, "Judge by a profile, row by row")
          ->check(CLI::IsMember({"fapi2", "oauth21", "mcp"}));
  doctor->add_option("--client", options->client, "Judge this client alone")->needs(profile);
  doctor->add_option("--ca", options->ca_file, "PEM file of a CA to trust for the issuer");
  line.runs(doctor, [&line, options] { return doctor_command(line.common, *options); });
}

void add_config(Line& line) {
  auto* config = line.command(line.root(), "config", "The configuration");
  config->require_subcommand(1);
  line.runs(line.command(config, "validate", "Check the file and the environment"),
            [&line] { return config_validate(line.common); });
  line.runs(line.command(config, "show", "Every setting in force and where it comes from"),
            [&line] { return config_show(line.common); });
  line.runs(line.command(config, "schema", "JSON Schema of the file, for editors"),
            [] { return config_schema_command(); });
  line.runs(line.command(config, "reference", "The settings reference as Markdown"),
            [] { return config_reference_command(); });

  auto directory = std::make_shared<std::string>(".");
  auto issuer = std::make_shared<std::string>("https://localhost:9443");
  auto login = std::make_shared<std::string>("admin");
  auto* init = line.command(line.root(), "init",
                            "Write a commented configuration and print the first set-password link",
                            "  cardea init --issuer https://login.example.com --login alice");
  init->add_option("directory", *directory, "Where cardea.toml goes");
  init->add_option("--issuer", *issuer, "The https URL of the server");
  init->add_option("--login", *login, "The first person");
  line.runs(init, [&line, directory, issuer, login] {
    return init_command(line.common, *directory, *issuer, *login);
  });
}

void add_token(Line& line) {
  auto* token = line.command(line.root(), "token",
                             "Look into tokens; they are read from a file or standard input");
  token->require_subcommand(1);
  auto options = std::make_shared<TokenVerifyOptions>();
  auto* decode = line.command(token, "decode", "Show a JWT without checking it",
                              "  cardea token decode < token.txt");
  decode->add_option("file", options->file, "File that holds the token; - for standard input");
  line.runs(decode, [&line, options] { return token_decode(line.common, options->file); });
  auto* verify = line.command(token, "verify", "Check a JWT against its issuer's keys",
                              "  cardea token verify --audience https://api.example < token.txt");
  verify->add_option("file", options->file);
  verify->add_option("--issuer", options->issuer, "The issuer that it must come from");
  verify->add_option("--audience", options->audience, "The audience that it must name");
  verify->add_option("--ca", options->ca_file, "PEM file of a CA to trust");
  line.runs(verify, [&line, options] { return token_verify(line.common, *options); });
}

void add_rest(Line& line) {
  auto* serve_command = line.command(line.root(), "serve", "Run the server",
                                     "  cardea serve --config /etc/cardea/cardea.toml");
  line.runs(serve_command, [&line] { return serve(line.common); });
  auto* version = line.command(line.root(), "version", "Print the version");
  line.runs(version, [&line] {
    if (line.common.form == OutputForm::json) {
      print_line(json::write(json::Object{{"version", CARDEA_VERSION}}));
    } else {
      print_line("cardea " CARDEA_VERSION);
    }
    return 0;
  });
  auto shell = std::make_shared<std::string>();
  auto* completion = line.command(line.root(), "completion", "Print a completion script",
                                  "  source <(cardea completion bash)");
  completion->add_option("shell", *shell)
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completion->callback([&line, shell] {  // while there are commands to complete
    line.action = [script = completion_script(*shell, *line.app)] {
      print_line(script);
      return 0;
    };
  });
}

}  // namespace

int run_cli(int argc, const char* const* argv) {
  Line line;
  line.app->name("cardea");
  line.app->require_subcommand(1);
  line.app->fallthrough();
  line.app->footer(
      "Examples:\n  cardea dev                     an issuer for development, ready in a second\n"
      "  cardea init && cardea serve    a production server\n\n"
      "Exit codes: 0 ok, 1 failure, 2 usage, 3 configuration, 4 not found, 5 denied, 6 network,\n"
      "7 protocol, 8 check failed. `cardea COMMAND --help` shows more.");
  line.app->add_option("-c,--config", line.common.config_file, "The TOML file");
  line.app->add_flag("--json", line.json, "Print one JSON object");
  add_rest(line);
  const auto binds = [&line](CLI::App* command, std::function<int(OutputForm)> what) {
    line.runs(command, [&line, what = std::move(what)] { return what(line.common.form); });
  };
  dev::add_commands(*line.app, binds);
  bench::add_command(*line.app, binds);
  add_config(line);
  add_clients(line);
  add_users(line);
  add_keys(line);
  add_token(line);
  add_store(line);
  add_migrate(line);
  add_doctor(line);
  try {
    line.app->parse(argc, const_cast<char**>(argv));
  } catch (const CLI::ParseError& error) {
    const int code = line.app->exit(error);
    return code == 0 ? 0 : static_cast<int>(ExitCode::usage);
  }
  line.common.form = line.json ? OutputForm::json : OutputForm::people;
  line.app.reset();
  return line.action ? line.action() : static_cast<int>(ExitCode::usage);
}

}  // namespace cardea::app
