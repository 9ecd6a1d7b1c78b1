// From file, environment and defaults to a Config; every problem at once, with its place. See
// config.h.
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "app/config/config.h"
#include "app/config/list_members.h"
#include "app/config/nearest.h"
#include "app/config/settings_table.h"
#include "app/config/toml_reader.h"
#include "app/config/whole_checks.h"
#include "base/ascii.h"

namespace cardea::app {
namespace {

constexpr std::string_view env_prefix = "CARDEA_";
constexpr std::array<std::string_view, 7> lists{"clients",
                                                "users",
                                                "resources",
                                                "trusted_issuers",
                                                "software_statement_issuers",
                                                "scopes",
                                                "authorization_details_types"};

std::string env_name(std::string_view key) {
  std::string name(env_prefix);
  for (const char c : key) {
    if (c == '.') {
      name += "__";
    } else {
      name += ascii::is_lower(c) ? static_cast<char>(c - 32) : c;
    }
  }
  return name;
}

class Loader {
 public:
  LoadedConfig loaded;

  Loader(const std::string& file, std::string_view toml) : file_(file), toml_(toml) {
    loaded.config.file = file;
    config().settings.scopes = standard_scopes();
  }

  LoadedConfig whole(const Environment& environment) && {
    for (const auto& row : setting_rows()) apply_default(row);
    if (!read_file()) return std::move(loaded);
    apply_scalars();
    apply_lists();
    apply_environment(environment);
    check_all();
    return std::move(loaded);
  }

  LoadedConfig lists_only(const CompleteClient& complete) && {
    complete_ = complete;
    if (!read_file()) return std::move(loaded);
    for (const auto& member : document_.root.members()) {
      if (!is_list(member.name))
        problem(member.name, member.name, "only lists belong into this file");
    }
    apply_lists();
    return std::move(loaded);
  }

 private:
  Config& config() { return loaded.config; }

  static bool is_list(std::string_view name) {
    return std::ranges::find(lists, name) != lists.end();
  }

  std::string place(std::string_view path) const {
    const int line = document_.line_of(path);
    const auto name = std::filesystem::path(file_).filename().string();
    return line == 0 ? name : name + ":" + std::to_string(line);
  }
  void problem(std::string_view path, std::string_view key, std::string reason) {
    loaded.problems.push_back({place(path), std::string(key), std::move(reason), false});
  }

  std::string absolute(const std::string& path) const {
    if (path.empty()) return path;
    return (std::filesystem::absolute(file_.empty() ? "." : file_).parent_path() / path)
        .lexically_normal()
        .string();
  }

  bool read_file() {
    auto read = read_toml(toml_);
    if (!read) {
      const auto name = std::filesystem::path(file_).filename().string();
      loaded.problems.push_back(
          {name + ":" + std::to_string(read.error().line), "TOML", read.error().reason, false});
      return false;
    }
    document_ = std::move(*read);
    return true;
  }

  void apply_default(const SettingRow& row) {
    if (row.standard.empty()) return;
    std::string_view text = row.standard;
    if (row.kind == SettingKind::list) {
      // Defaults of lists are written as TOML; the member initialisers already hold them.
      config().origins[std::string(row.key)] = "default";
      return;
    }
    auto value = setting_from_text(row, text);
    if (value && row.kind == SettingKind::path) value = SettingValue(absolute(std::string(text)));
    if (value) set(row, *value, "default", "default");
  }

  void set(const SettingRow& row, const SettingValue& value, const std::string& at,
           const std::string& origin) {
    auto reason = check_setting(row, value);
    if (!reason) reason = row.apply(config(), value);
    if (reason) {
      loaded.problems.push_back({at, std::string(row.key), std::move(*reason), false});
    } else {
      config().origins[std::string(row.key)] = origin;
    }
  }

  // Scalars of the file, at top level and one table deep.
  void apply_scalars() {
    std::set<std::string, std::less<>> tables;
    std::vector<std::string> names(lists.begin(), lists.end());
    for (const auto& row : setting_rows()) {
      names.emplace_back(row.key);
      const auto dot = row.key.find('.');
      if (dot != std::string_view::npos) tables.emplace(row.key.substr(0, dot));
    }
    names.insert(names.end(), tables.begin(), tables.end());
    for (const auto& member : document_.root.members()) {
      if (is_list(member.name)) continue;
      if (tables.contains(member.name) && member.value.if_object() != nullptr) {
        for (const auto& inner : member.value.if_object()->members()) {
          apply_scalar(member.name + "." + inner.name, inner.value, names);
        }
      } else {
        apply_scalar(member.name, member.value, names);
      }
    }
  }

  void apply_scalar(const std::string& key, const json::Value& value,
                    const std::vector<std::string>& names) {
    const SettingRow* row = find_setting(key);
    if (row == nullptr) {
      problem(key, key, "is not a known setting." + did_you_mean(key, names));
      return;
    }
    auto typed = from_json(*row, value);
    if (!typed) {
      problem(key, key, typed.error());
      return;
    }
    set(*row, *typed, place(key), place(key));
  }

  Result<SettingValue, std::string> from_json(const SettingRow& row,
                                              const json::Value& value) const {
    switch (row.kind) {
      case SettingKind::text:
      case SettingKind::choice:
        if (value.if_string() != nullptr) return SettingValue(*value.if_string());
        return refuse(std::string("must be a string"));
      case SettingKind::path:
        if (value.if_string() != nullptr) return SettingValue(absolute(*value.if_string()));
        return refuse(std::string("must be a path"));
      case SettingKind::list: {
        if (value.if_array() == nullptr) return refuse(std::string("must be an array of strings"));
        std::vector<std::string> out;
        for (const auto& element : *value.if_array()) {
          if (element.if_string() == nullptr)
            return refuse(std::string("must be an array of strings"));
          out.push_back(*element.if_string());
        }
        return SettingValue(std::move(out));
      }
      case SettingKind::integer:
        if (value.if_integer() != nullptr) return SettingValue(*value.if_integer());
        return refuse(std::string("must be a whole number"));
      case SettingKind::duration:
        if (value.if_integer() != nullptr) return SettingValue(*value.if_integer());
        if (value.if_string() != nullptr) return setting_from_text(row, *value.if_string());
        return refuse(std::string("must be a duration such as \"10m\""));
      case SettingKind::flag:
        if (value.if_bool() != nullptr) return SettingValue(*value.if_bool());
        return refuse(std::string("must be true or false"));
    }
    return refuse(std::string("unknown kind"));
  }

  // Paths inside lists are relative to the file.
  json::Object anchored(const json::Object& members) const {
    json::Object out;
    for (const auto& member : members.members()) {
      const bool is_path = member.name.ends_with("_file") && member.value.if_string() != nullptr;
      out.set(member.name,
              is_path ? json::Value(absolute(*member.value.if_string())) : member.value);
    }
    return out;
  }

  // Calls `each(path, members)` for every table of an array of tables.
  template <class Each>
  void for_each_table(std::string_view name, Each each) {
    const json::Value* list = document_.root.find(name);
    if (list == nullptr) return;
    if (list->if_array() == nullptr) {
      problem(name, name, "must be an array of tables, written [[" + std::string(name) + "]]");
      return;
    }
    for (std::size_t i = 0; i < list->if_array()->size(); ++i) {
      const std::string path = std::string(name) + "[" + std::to_string(i) + "]";
      const json::Object* members = (*list->if_array())[i].if_object();
      if (members == nullptr) {
        problem(path, name, "must be a table");
      } else {
        each(path, anchored(*members));
      }
    }
  }

  template <class Target>
  void apply_table(std::span<const MemberRow<Target>> rows, const std::string& path,
                   const json::Object& members, Target& target) {
    note_problems(path, apply_members(rows, members, target));
  }

  void note_problems(const std::string& path, std::vector<MemberProblem> problems) {
    for (auto& found : problems) {
      const std::string at = path + "." + found.member;
      problem(document_.line_of(at) != 0 ? at : path, at, std::move(found.reason));
    }
  }

  void apply_lists() {
    for_each_table("clients", [&](const std::string& path, const json::Object& members) {
      ConfiguredClient client;
      client.client.owner = {Ownership::By::file, place(path), ""};
      note_problems(path, apply_client_members(members, client));
      if (complete_) complete_(client);
      for (auto& found : complete_client(client)) {
        const std::string at = path + "." + found.member;
        loaded.problems.push_back(
            {place(document_.line_of(at) != 0 ? at : path), at, found.reason, found.is_warning});
      }
      config().clients.push_back(std::move(client));
    });
    for_each_table("users", [&](const std::string& path, const json::Object& members) {
      ConfiguredUser user;
      user.user.owner = {Ownership::By::file, place(path), ""};
      apply_table(user_members(), path, members, user);
      if (user.user.login.empty()) problem(path, path + ".login", "is required");
      config().users.push_back(std::move(user));
    });
    for_each_table("resources", [&](const std::string& path, const json::Object& members) {
      Resource resource;
      apply_table(resource_members(), path, members, resource);
      if (resource.identifier.empty()) problem(path, path + ".identifier", "is required");
      config().settings.resources.push_back(std::move(resource));
    });
    for_each_table("trusted_issuers", [&](const std::string& path, const json::Object& members) {
      TrustedIssuer issuer;
      apply_table(trusted_issuer_members(), path, members, issuer);
      for (const auto* name : {"issuer", "jwks", "clients", "scopes"}) {
        if (!members.contains(name)) problem(path, path + "." + name, "is required");
      }
      config().settings.trusted_issuers.push_back(std::move(issuer));
    });
    for_each_table("authorization_details_types",
                   [&](const std::string& path, const json::Object& members) {
                     AuthorizationDetailsType type;
                     apply_table(details_type_members(), path, members, type);
                     if (type.type.empty()) problem(path, path + ".type", "is required");
                     if (config().settings.find_details_type(type.type) != nullptr) {
                       problem(path, path + ".type", "\"" + type.type + "\" is given twice");
                     }
                     config().settings.authorization_details_types.push_back(std::move(type));
                   });
    for_each_table(
        "software_statement_issuers", [&](const std::string& path, const json::Object& members) {
          StatementIssuer issuer;
          apply_table(statement_issuer_members(), path, members, issuer);
          if (issuer.issuer.empty()) problem(path, path + ".issuer", "is required");
          if (issuer.keys.keys().empty()) {
            problem(path, path + ".jwks", "or jwks_file is required, with a key to verify with");
          }
          config().settings.registration.statement_issuers.push_back(std::move(issuer));
        });
    apply_scopes();
    refuse_doubles();
  }

  void apply_scopes() {
    const json::Value* scopes = document_.root.find("scopes");
    if (scopes == nullptr) return;
    if (scopes->if_object() == nullptr) {
      problem("scopes", "scopes", "must be tables, written [scopes.\"name\"]");
      return;
    }
    for (const auto& member : scopes->if_object()->members()) {
      const std::string path = "scopes." + member.name;
      if (member.value.if_object() == nullptr) {
        problem(path, path, "must be a table");
        continue;
      }
      apply_table(scope_members(), path, *member.value.if_object(),
                  config().settings.scopes[member.name]);
    }
  }

  void refuse_doubles() {
    std::set<std::string> seen;
    for (std::size_t i = 0; i < config().clients.size(); ++i) {
      const auto& id = config().clients[i].client.client_id.value();
      if (!id.empty() && !seen.insert(id).second) {
        problem("clients[" + std::to_string(i) + "]", "client_id", "\"" + id + "\" is given twice");
      }
    }
    seen.clear();
    for (std::size_t i = 0; i < config().users.size(); ++i) {
      const auto& login = config().users[i].user.login;
      if (!login.empty() && !seen.insert(login).second) {
        problem("users[" + std::to_string(i) + "]", "login", "\"" + login + "\" is given twice");
      }
    }
    seen.clear();
    for (std::size_t i = 0; i < config().settings.resources.size(); ++i) {
      const auto& id = config().settings.resources[i].identifier.value();
      if (!id.empty() && !seen.insert(id).second) {
        problem("resources[" + std::to_string(i) + "]", "identifier",
                "\"" + id + "\" is given twice");
      }
    }
  }

  void apply_environment(const Environment& environment) {
    std::vector<std::string> names;
    for (const auto& row : setting_rows()) names.push_back(env_name(row.key));
    for (const auto& [name, value] : environment) {
      if (name.starts_with("CARDEA_DEV_")) {
        loaded.problems.push_back(
            {name, name, "belongs to `cardea dev`; unset it (decision Q15)", false});
        continue;
      }
      const bool from_file =
          name.ends_with("_FILE") && std::ranges::find(names, name) == names.end();
      const std::string plain = from_file ? name.substr(0, name.size() - 5) : name;
      const auto at = std::ranges::find(names, plain);
      if (at == names.end()) {
        loaded.problems.push_back(
            {name, name, "is not a known setting." + did_you_mean(name, names), false});
        continue;
      }
      if (from_file && environment.contains(plain)) {
        loaded.problems.push_back({name, name, "is set besides " + plain + "; keep one", false});
        continue;
      }
      apply_variable(setting_rows()[static_cast<std::size_t>(at - names.begin())], name, value,
                     from_file);
    }
  }

  void apply_variable(const SettingRow& row, const std::string& name, std::string value,
                      bool from_file) {
    if (from_file) {
      std::ifstream file(value, std::ios::binary);
      if (!file) {
        loaded.problems.push_back(
            {name, std::string(row.key), "cannot read the file " + value, false});
        return;
      }
      std::ostringstream content;
      content << file.rdbuf();
      value = content.str();
      if (value.ends_with('\n')) value.pop_back();
    }
    auto typed = setting_from_text(row, value);
    if (!typed) {
      loaded.problems.push_back({name, std::string(row.key), typed.error(), false});
      return;
    }
    if (row.kind == SettingKind::path && !value.empty()) {
      typed = SettingValue(std::filesystem::absolute(value).lexically_normal().string());
    }
    set(row, *typed, name, name);
  }

  void check_all() {
    settle_derived(config());
    for (auto& found : check_whole(config())) {
      problem(found.path, found.key, std::move(found.reason));
    }
  }

  std::string file_;
  std::string toml_;
  TomlDocument document_;
  CompleteClient complete_;
};

}  // namespace

std::string ConfigProblem::text() const {
  return (place.empty() ? "" : place + ": ") + (key == place || key.empty() ? "" : key + ": ") +
         reason;
}

bool LoadedConfig::usable() const {
  return std::ranges::all_of(problems, &ConfigProblem::is_warning);
}

LoadedConfig parse_config(std::string_view toml, const std::string& file,
                          const Environment& environment) {
  return Loader(file, toml).whole(environment);
}

LoadedConfig parse_lists(std::string_view toml, const std::string& file,
                         const CompleteClient& complete) {
  return Loader(file, toml).lists_only(complete);
}

LoadedConfig load_config(const std::string& file, const Environment& environment) {
  if (file.empty()) return parse_config("", "", environment);
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    LoadedConfig loaded;
    loaded.problems.push_back({file, "file", "cannot be read; make one with `cardea init`", false});
    return loaded;
  }
  std::ostringstream content;
  content << stream.rdbuf();
  return parse_config(content.str(), file, environment);
}

}  // namespace cardea::app
