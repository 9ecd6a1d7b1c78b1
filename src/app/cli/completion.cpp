// Completion scripts; see completion.h.
#include "app/cli/completion.h"

#include <CLI/CLI.hpp>

namespace cardea::app {
namespace {

std::string words_below(const CLI::App& app) {
  std::string out;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    out += (out.empty() ? "" : " ") + command->get_name();
  }
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) out += (out.empty() ? "" : " ") + ("--" + name);
  }
  return out;
}

std::string bash(const CLI::App& app) {
  std::string cases = "    \"\") words=\"" + words_below(app) + "\" ;;\n";
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    cases += "    \"" + command->get_name() + "\") words=\"" + words_below(*command) + "\" ;;\n";
    for (const auto* inner : command->get_subcommands([](const CLI::App*) { return true; })) {
      cases += "    \"" + command->get_name() + " " + inner->get_name() + "\") words=\"" +
               words_below(*inner) + "\" ;;\n";
    }
  }
  return "_cardea() {\n"
         "  local path=\"\" word words=\"\" i\n"
         "  for ((i = 1; i < COMP_CWORD && i < 3; i++)); do\n"
         "    word=\"${COMP_WORDS[i]}\"\n"
         "    [[ $word == -* ]] || path=\"${path:+$path }$word\"\n"
         "  done\n"
         "  case \"$path\" in\n" +
         cases +
         "  esac\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\")\n"
         "}\n"
         "complete -o default -F _cardea cardea";
}

std::string fish(const CLI::App& app) {
  std::string out = "complete -c cardea -f\n";
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    out += "complete -c cardea -n __fish_use_subcommand -a " + command->get_name() + "\n";
    for (const auto* inner : command->get_subcommands([](const CLI::App*) { return true; })) {
      out += "complete -c cardea -n '__fish_seen_subcommand_from " + command->get_name() + "' -a " +
             inner->get_name() + "\n";
    }
  }
  return out;
}

}  // namespace

std::string completion_script(const std::string& shell, const CLI::App& app) {
  if (shell == "fish") return fish(app);
  if (shell == "zsh") return "autoload -U +X bashcompinit && bashcompinit\n" + bash(app);
  return bash(app);
}

}  // namespace cardea::app
