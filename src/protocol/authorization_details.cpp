// authorization_details; see authorization_details.h. RFC 9396 2, 2.1, 5, 6.1.
#include "protocol/authorization_details.h"

#include <algorithm>
#include <array>

#include "base/limits.h"

namespace cardea {
namespace {

using Reason = std::optional<std::string>;

constexpr int levels_max = 8;
// Where a schema names no limit.
constexpr std::int64_t characters_max = 1024;
constexpr std::int64_t items_max = 50;

constexpr std::array<std::string_view, 10> keywords{
    "type",      "properties", "required", "additionalProperties", "items", "maxItems",
    "maxLength", "enum",       "title",    "description"};

json::Value sorted(const json::Value& value) {
  if (const auto* list = value.if_array()) {
    json::Array out;
    for (const auto& each : *list) out.push_back(sorted(each));
    return out;
  }
  const auto* object = value.if_object();
  if (object == nullptr) return value;
  std::vector<json::Member> members;
  for (const auto& member : object->members())
    members.push_back({member.name, sorted(member.value)});
  std::ranges::sort(members, {}, &json::Member::name);
  return json::Object(std::move(members));
}

std::string_view kind_of(const json::Object& schema) {
  const json::Value* type = schema.find("type");
  return type != nullptr && type->if_string() != nullptr ? *type->if_string() : std::string_view();
}

bool has_kind(std::string_view kind, const json::Value& value) {
  if (kind == "string") return value.if_string() != nullptr;
  if (kind == "integer") return value.if_integer() != nullptr;
  if (kind == "number") return value.if_integer() != nullptr || value.if_double() != nullptr;
  if (kind == "boolean") return value.if_bool() != nullptr;
  if (kind == "array") return value.if_array() != nullptr;
  if (kind == "object") return value.if_object() != nullptr;
  return false;
}

bool is_kind(std::string_view kind) {
  constexpr std::array<std::string_view, 6> kinds{"string",  "integer", "number",
                                                  "boolean", "array",   "object"};
  return std::ranges::find(kinds, kind) != kinds.end();
}

std::int64_t limit_of(const json::Object& schema, std::string_view name, std::int64_t otherwise) {
  return json::integer_member(schema, name).value_or(otherwise);
}

std::int64_t count_characters(std::string_view utf8) {
  return std::ranges::count_if(
      utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
}

// --- reading a schema

Reason problem_of(const json::Object& schema, const std::string& at, int level);

Reason problem_of_keywords(const json::Object& schema, const std::string& at) {
  const auto kind = kind_of(schema);
  if (!is_kind(kind)) return at + ": type is missing or unknown";
  for (const auto& member : schema.members()) {
    if (std::ranges::find(keywords, member.name) == keywords.end()) {
      return at + ": " + member.name + " is not supported";
    }
  }
  for (const auto* name : {"maxLength", "maxItems"}) {
    const json::Value* limit = schema.find(name);
    if (limit != nullptr && (limit->if_integer() == nullptr || *limit->if_integer() < 0)) {
      return at + ": " + name + " is not a whole number";
    }
  }
  if (schema.contains("enum") &&
      json::strings_member(schema, "enum").value_or(std::vector<std::string>{}).empty()) {
    return at + ": enum is not a list of texts";
  }
  const json::Value* additional = schema.find("additionalProperties");
  if (additional != nullptr && (additional->if_bool() == nullptr || *additional->if_bool())) {
    return at + ": additionalProperties can be false alone";
  }
  return std::nullopt;
}

Reason problem_of_object(const json::Object& schema, const std::string& at, int level) {
  const json::Value* properties = schema.find("properties");
  const json::Object none;
  const json::Object* members = properties == nullptr ? &none : properties->if_object();
  if (members == nullptr) return at + ": properties is no table";
  for (const auto& member : members->members()) {
    const auto* inner = member.value.if_object();
    if (inner == nullptr) return at + "." + member.name + " is no table";
    if (auto reason = problem_of(*inner, at + "." + member.name, level + 1)) return reason;
  }
  if (!schema.contains("required")) return std::nullopt;
  const auto required = json::strings_member(schema, "required");
  if (!required) return at + ": required is not a list of texts";
  for (const auto& name : *required) {
    if (!members->contains(name)) return at + ": " + name + " is required but not allowed";
  }
  return std::nullopt;
}

Reason problem_of(const json::Object& schema, const std::string& at, int level) {
  if (level > levels_max) return at + ": more than eight levels";
  if (auto reason = problem_of_keywords(schema, at)) return reason;
  const auto kind = kind_of(schema);
  if (kind == "object") return problem_of_object(schema, at, level);
  if (kind != "array") return std::nullopt;
  const json::Value* items = schema.find("items");
  if (items == nullptr || items->if_object() == nullptr) return at + ": items is missing";
  return problem_of(*items->if_object(), at + "[]", level + 1);
}

// --- judging a value

Reason objection_to(const json::Object& schema, const json::Value& value, const std::string& at);

Reason objection_to_text(const json::Object& schema, const std::string& text,
                         const std::string& at) {
  if (count_characters(text) > limit_of(schema, "maxLength", characters_max)) {
    return at + " is too long";
  }
  const auto choices = json::strings_member(schema, "enum");
  if (choices && std::ranges::find(*choices, text) == choices->end()) {
    return at + " is none of its choices";
  }
  return std::nullopt;
}

Reason objection_to_object(const json::Object& schema, const json::Object& object,
                           const std::string& at) {
  const json::Value* properties = schema.find("properties");
  const json::Object none;
  const json::Object& allowed = properties == nullptr ? none : *properties->if_object();
  for (const auto& member : object.members()) {
    const json::Value* inner = allowed.find(member.name);
    if (inner == nullptr) return at + " has a member that its type does not know";
    if (auto reason = objection_to(*inner->if_object(), member.value, at + "." + member.name)) {
      return reason;
    }
  }
  for (const auto& name :
       json::strings_member(schema, "required").value_or(std::vector<std::string>{})) {
    if (!object.contains(name)) return at + "." + name + " is missing";
  }
  return std::nullopt;
}

Reason objection_to(const json::Object& schema, const json::Value& value, const std::string& at) {
  const auto kind = kind_of(schema);
  if (!has_kind(kind, value)) return at + " is not of type " + std::string(kind);
  if (const auto* text = value.if_string()) return objection_to_text(schema, *text, at);
  if (const auto* object = value.if_object()) return objection_to_object(schema, *object, at);
  const auto* list = value.if_array();
  if (list == nullptr) return std::nullopt;
  if (static_cast<std::int64_t>(list->size()) > limit_of(schema, "maxItems", items_max)) {
    return at + " has too many items";
  }
  const json::Object& items = *schema.find("items")->if_object();
  for (std::size_t i = 0; i < list->size(); ++i) {
    if (auto reason = objection_to(items, (*list)[i], at + "[" + std::to_string(i) + "]")) {
      return reason;
    }
  }
  return std::nullopt;
}

}  // namespace

Result<AuthorizationDetails, std::string_view> parse_authorization_details(std::string_view text) {
  using Refused = std::string_view;
  if (text.size() > limits::authorization_details_bytes_max) {
    return refuse(Refused("it is too long"));
  }
  auto value = json::parse(text);
  json::Array* list = value ? value->if_array() : nullptr;
  if (list == nullptr) return refuse(Refused("it is not a strict JSON array"));
  if (list->empty() || list->size() > limits::authorization_details_max) {
    return refuse(Refused("it has no elements, or too many"));
  }
  AuthorizationDetails details;
  for (json::Value& each : *list) {
    json::Object* element = each.if_object();
    // RFC 9396 2: `type` is REQUIRED.
    if (element == nullptr || type_of(*element).empty()) {
      return refuse(Refused("an element is no object with a type"));
    }
    details.push_back(std::move(*element));
  }
  return details;
}

std::string write_details(const AuthorizationDetails& details) {
  if (details.empty()) return {};
  json::Array list;
  for (const auto& each : details) list.emplace_back(each);
  return json::write(json::Value(std::move(list)));
}

std::string type_of(const json::Object& detail) {
  return json::string_member(detail, "type").value_or("");
}

std::string canonical(const json::Object& detail) {
  return json::write(sorted(json::Value(detail)));
}

bool is_within(const AuthorizationDetails& asked, const AuthorizationDetails& granted) {
  return std::ranges::all_of(asked, [&](const json::Object& each) {
    return std::ranges::any_of(
        granted, [&](const json::Object& other) { return canonical(each) == canonical(other); });
  });
}

Result<DetailSchema, std::string> DetailSchema::read(const json::Object& schema) {
  if (kind_of(schema) != "object") return refuse(std::string("schema: type is not \"object\""));
  if (auto reason = problem_of(schema, "schema", 1)) return refuse(*std::move(reason));
  const json::Value* properties = schema.find("properties");
  if (properties != nullptr && properties->if_object()->contains("type")) {
    return refuse(std::string("schema: type is there by itself, and not among the properties"));
  }
  return DetailSchema(schema);
}

std::optional<std::string> DetailSchema::objection(const json::Object& detail) const {
  json::Object beside_type = detail;
  beside_type.erase("type");
  return objection_to(schema_, json::Value(std::move(beside_type)), type_of(detail));
}

}  // namespace cardea
