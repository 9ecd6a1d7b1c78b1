// Reads the data files of this folder. Each file is a JSON array of objects; README.md says where
// each comes from.
#pragma once

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "base/json.h"
#include "support/source_dir.h"

namespace cardea::vectors {

// name: below tests/vectors, e.g. "jose/thumbprints.json". Throws when there is no such file, so
// that a test without its data fails.
inline std::vector<json::Object> read(const std::string& name) {
  std::ifstream file(support::source_dir() + "/tests/vectors/" + name);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto value = json::parse(text);
  if (!value || value->if_array() == nullptr) throw std::runtime_error("no vectors in " + name);
  std::vector<json::Object> out;
  for (const auto& element : *value->if_array()) out.push_back(*element.if_object());
  if (out.empty()) throw std::runtime_error("no vectors in " + name);
  return out;
}

// A string member that must be there.
inline std::string text(const json::Object& vector, std::string_view name) {
  return json::string_member(vector, name).value();
}

}  // namespace cardea::vectors
