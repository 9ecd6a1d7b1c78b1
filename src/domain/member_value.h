// The values that members of clients, users and resources have in documents and configuration.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace cardea {

// The JSON type of a member. words: one text of words, or an array of them; path: a file's content;
// duration: whole seconds.
enum class MemberKind { text, words, path, list, object, flag, integer, duration };
bool has_kind(MemberKind kind, const json::Value& value);
std::string_view expected_of(MemberKind kind);  // "must be a string"

// Of a value that has_kind(list).
std::vector<std::string> texts_of(const json::Value& value);

}  // namespace cardea
