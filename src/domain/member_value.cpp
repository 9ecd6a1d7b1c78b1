// Kinds of members; see member_value.h.
#include "domain/member_value.h"

#include <algorithm>

namespace cardea {
namespace {

bool is_list_of_texts(const json::Value& value) {
  return value.if_array() != nullptr && std::ranges::all_of(*value.if_array(), [](const auto& e) {
           return e.if_string() != nullptr;
         });
}

}  // namespace

bool has_kind(MemberKind kind, const json::Value& value) {
  switch (kind) {
    case MemberKind::text:
    case MemberKind::path:
      return value.if_string() != nullptr;
    case MemberKind::words:
      return value.if_string() != nullptr || is_list_of_texts(value);
    case MemberKind::list:
      return is_list_of_texts(value);
    case MemberKind::object:
      return value.if_object() != nullptr;
    case MemberKind::flag:
      return value.if_bool() != nullptr;
    case MemberKind::integer:
    case MemberKind::duration:
      return value.if_integer() != nullptr && *value.if_integer() >= 0;
  }
  return false;
}

std::string_view expected_of(MemberKind kind) {
  switch (kind) {
    case MemberKind::text:
      return "must be a string";
    case MemberKind::words:
      return "must be a string of words or an array of strings";
    case MemberKind::path:
      return "must be the path of a file";
    case MemberKind::list:
      return "must be an array of strings";
    case MemberKind::object:
      return "must be a table";
    case MemberKind::flag:
      return "must be true or false";
    case MemberKind::integer:
      return "must be a whole number";
    case MemberKind::duration:
      return "must be a number of seconds or a duration such as \"30s\"";
  }
  return "";
}

std::vector<std::string> texts_of(const json::Value& value) {
  std::vector<std::string> out;
  for (const auto& element : *value.if_array()) out.push_back(*element.if_string());
  return out;
}

}  // namespace cardea
