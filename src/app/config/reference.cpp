// The settings reference (docs/settings.md) and the JSON Schema, generated from the tables.
#include "app/config/config.h"
#include "app/config/list_members.h"
#include "app/config/settings_table.h"

namespace cardea::app {
namespace {

std::string_view type_of(SettingKind kind) {
  switch (kind) {
    case SettingKind::text:
      return "string";
    case SettingKind::path:
      return "path";
    case SettingKind::list:
      return "array of strings";
    case SettingKind::integer:
      return "integer";
    case SettingKind::duration:
      return "duration";
    case SettingKind::flag:
      return "boolean";
    case SettingKind::choice:
      return "choice";
  }
  return "";
}

std::string_view type_of(MemberKind kind) {
  switch (kind) {
    case MemberKind::text:
      return "string";
    case MemberKind::words:
      return "string or array of strings";
    case MemberKind::path:
      return "path";
    case MemberKind::list:
      return "array of strings";
    case MemberKind::object:
      return "table";
    case MemberKind::flag:
      return "boolean";
    case MemberKind::integer:
      return "integer";
    case MemberKind::duration:
      return "duration";
  }
  return "";
}

json::Object schema_of(SettingKind kind) {
  switch (kind) {
    case SettingKind::list:
      return {{"type", "array"}, {"items", json::Object{{"type", "string"}}}};
    case SettingKind::integer:
      return {{"type", "integer"}};
    case SettingKind::duration:
      return {{"type", json::Array{"integer", "string"}}};
    case SettingKind::flag:
      return {{"type", "boolean"}};
    default:
      return {{"type", "string"}};
  }
}

json::Object schema_of(MemberKind kind) {
  switch (kind) {
    case MemberKind::words:
      return {{"type", json::Array{"string", "array"}},
              {"items", json::Object{{"type", "string"}}}};
    case MemberKind::list:
      return {{"type", "array"}, {"items", json::Object{{"type", "string"}}}};
    case MemberKind::object:
      return {{"type", "object"}};
    case MemberKind::integer:
      return {{"type", "integer"}};
    case MemberKind::duration:
      return {{"type", json::Array{"integer", "string"}}};
    case MemberKind::flag:
      return {{"type", "boolean"}};
    default:
      return {{"type", "string"}};
  }
}

template <class Target>
json::Object members_schema(std::span<const MemberRow<Target>> rows) {
  json::Object properties;
  for (const auto& row : rows) {
    auto schema = schema_of(row.kind);
    schema.set("description", row.doc);
    properties.set(std::string(row.name), std::move(schema));
  }
  return {
      {"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
}

// In a Markdown table a bar would end the cell.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

template <class Target>
void members_table(std::string& out, std::string_view heading, std::string_view intro,
                   std::span<const MemberRow<Target>> rows) {
  out += "\n## " + std::string(heading) + "\n\n" + std::string(intro) +
         "\n\n| member | type | default | meaning |\n|---|---|---|---|\n";
  for (const auto& row : rows) {
    out += "| `" + std::string(row.name) + "` | " + std::string(type_of(row.kind)) + " | " +
           (row.standard.empty() ? "" : "`" + cell(row.standard) + "`") + " | " + cell(row.doc) +
           " |\n";
  }
}

}  // namespace

json::Object config_schema() {
  json::Object properties;
  for (const auto& row : setting_rows()) {
    auto schema = schema_of(row.kind);
    schema.set("description", row.doc);
    const std::string key(row.key);
    const auto dot = key.find('.');
    if (dot == std::string::npos) {
      properties.set(key, std::move(schema));
      continue;
    }
    const std::string table = key.substr(0, dot);
    const json::Value* there = properties.find(table);
    json::Object group = there != nullptr ? *there->if_object()
                                          : json::Object{{"type", "object"},
                                                         {"properties", json::Object{}},
                                                         {"additionalProperties", false}};
    json::Object inner = *group.find("properties")->if_object();
    inner.set(key.substr(dot + 1), std::move(schema));
    group.set("properties", std::move(inner));
    properties.set(table, std::move(group));
  }
  const auto array_of = [](json::Object items) {
    return json::Object{{"type", "array"}, {"items", std::move(items)}};
  };
  properties.set("clients", array_of(members_schema(configured_client_members())));
  properties.set("users", array_of(members_schema(user_members())));
  properties.set("resources", array_of(members_schema(resource_members())));
  properties.set("trusted_issuers", array_of(members_schema(trusted_issuer_members())));
  properties.set("software_statement_issuers",
                 array_of(members_schema(statement_issuer_members())));
  properties.set("scopes", json::Object{{"type", "object"},
                                        {"additionalProperties", members_schema(scope_members())}});
  properties.set("authorization_details_types", array_of(members_schema(details_type_members())));
  return {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
          {"title", "Cardea configuration"},
          {"type", "object"},
          {"required", json::Array{"issuer"}},
          {"properties", std::move(properties)},
          {"additionalProperties", false}};
}

std::string settings_reference() {
  std::string out =
      "# Settings\n\n"
      "<!-- Generated from src/app/config by `make docs`; do not edit. -->\n\n"
      "The TOML file of `cardea serve`. Every scalar setting can also be set by an environment "
      "variable: `CARDEA_`, "
      "the key in capitals, `__` between levels (`CARDEA_TLS__KEY`); with `_FILE` at the end the "
      "variable names a "
      "file that holds the value. Lists in variables are separated by commas. Paths are relative "
      "to the file. A "
      "duration is a number of seconds or a text such as `90s`, `10m`, `12h`, `14d`. Unknown keys "
      "are refused.\n\n"
      "| key | type | default | meaning |\n|---|---|---|---|\n";
  for (const auto& row : setting_rows()) {
    std::string type(type_of(row.kind));
    if (row.kind == SettingKind::integer) {
      type += " " + std::to_string(row.min) + "–" + std::to_string(row.max);
    } else if (row.kind == SettingKind::duration) {
      type += " " + write_duration(row.min) + "–" + write_duration(row.max);
    }
    for (const auto choice : row.choices) type += " `" + std::string(choice) + "`";
    out += "| `" + std::string(row.key) + "` | " + type + " | " +
           (row.standard.empty() ? "" : "`" + cell(row.standard) + "`") + " | " + cell(row.doc) +
           " |\n";
  }
  members_table(out, "`[[clients]]`",
                "Members are named as in RFC 7591 and OpenID Connect Registration.",
                configured_client_members());
  members_table(out, "`[[users]]`",
                "A password is applied when the user is made and when the file's value has "
                "changed, so a password "
                "changed on the account page stays.",
                user_members());
  members_table(out, "`[[resources]]`", "APIs that take our access tokens.", resource_members());
  members_table(out, "`[[trusted_issuers]]`",
                "Whose assertions are taken as grants (RFC 7523 2.1). The clients named need the "
                "grant type `urn:ietf:params:oauth:grant-type:jwt-bearer`.",
                trusted_issuer_members());
  members_table(out, "`[[software_statement_issuers]]`",
                "Publishers whose software statements (RFC 7591 2.3) count.",
                statement_issuer_members());
  members_table(out, "`[scopes.\"name\"]`", "How a scope is shown, and which claims it releases.",
                scope_members());
  members_table(out, "`[[authorization_details_types]]`",
                "What clients may ask for beyond scopes (RFC 9396). A client names the types that "
                "it may use.",
                details_type_members());
  return out;
}

}  // namespace cardea::app
