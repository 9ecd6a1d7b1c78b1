// TOML text as JSON values with the line of each key: the only file that includes the TOML library.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace cardea::app {

struct TomlDocument {
  // Integers, floats, booleans, strings, arrays, tables; dates, nan and inf are refused.
  json::Object root;
  // Line of each key by path: "tls.key", "clients[1].redirect_uris".
  std::map<std::string, int, std::less<>> lines;

  int line_of(std::string_view path) const;  // 0 when unknown
};

struct TomlError {
  int line = 0;
  std::string reason;
};

Result<TomlDocument, TomlError> read_toml(std::string_view text);

}  // namespace cardea::app
