// Seeds as the tree keeps them: tests/fuzz/seeds/<target>.txt, one a line, "name: bytes", where
// \n \r \t \\ and \xHH stand for what cannot be seen. Lines that begin with '#' are comments.
// tools/fuzz writes and unpacks the same form.
#pragma once

#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/base64url.h"

namespace cardea::fuzz {

struct Seed {
  std::string name;
  std::string bytes;
};

// Nothing when an escape is unknown or cut.
inline std::optional<std::string> unescape_seed(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text.front() != '\\') {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    const char kind = text.size() > 1 ? text[1] : '\0';
    const auto at = std::string_view("nrt\\").find(kind);
    if (kind == 'x') {
      const auto byte = hex_decode(text.substr(2, 2));
      if (!byte || byte->size() != 1) return std::nullopt;
      out += *byte;
      text.remove_prefix(4);
    } else if (at != std::string_view::npos) {
      out += "\n\r\t\\"[at];
      text.remove_prefix(2);
    } else {
      return std::nullopt;
    }
  }
  return out;
}

// Nothing when the file is absent or has a line that is not of the form above.
inline std::optional<std::vector<Seed>> read_seeds(const std::string& path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  std::vector<Seed> seeds;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    const auto colon = line.find(": ");
    if (colon == std::string::npos) return std::nullopt;
    auto bytes = unescape_seed(std::string_view(line).substr(colon + 2));
    if (!bytes) return std::nullopt;
    seeds.push_back({line.substr(0, colon), *std::move(bytes)});
  }
  return seeds;
}

}  // namespace cardea::fuzz
