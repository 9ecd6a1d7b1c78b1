// TOML to JSON values; see toml_reader.h.
#include "app/config/toml_reader.h"

#include <toml++/toml.h>

#include <cmath>

namespace cardea::app {
namespace {

class Reader {
 public:
  TomlDocument document;
  TomlError error;

  bool table(const toml::table& source, const std::string& path, json::Object& target) {
    for (const auto& [key, node] : source) {
      const std::string name(key.str());
      std::string inner = path;
      if (!inner.empty()) inner += '.';
      inner += name;
      document.lines.emplace(inner, static_cast<int>(key.source().begin.line));
      json::Value value;
      if (!read(node, inner, value)) return false;
      target.set(name, std::move(value));
    }
    return true;
  }

 private:
  bool read(const toml::node& node, const std::string& path, json::Value& target) {
    if (const auto* inner = node.as_table()) {
      json::Object object;
      if (!table(*inner, path, object)) return false;
      target = std::move(object);
    } else if (const auto* elements = node.as_array()) {
      json::Array array;
      for (std::size_t i = 0; i < elements->size(); ++i) {
        const std::string inner_path = path + "[" + std::to_string(i) + "]";
        const auto& element = *elements->get(i);
        document.lines.emplace(inner_path, static_cast<int>(element.source().begin.line));
        json::Value value;
        if (!read(element, inner_path, value)) return false;
        array.push_back(std::move(value));
      }
      target = std::move(array);
    } else if (const auto* text = node.as_string()) {
      target = text->get();
    } else if (const auto* integer = node.as_integer()) {
      target = integer->get();
    } else if (const auto* flag = node.as_boolean()) {
      target = flag->get();
    } else if (const auto* number = node.as_floating_point()) {
      if (!std::isfinite(number->get())) {  // JSON has no such number
        error = {static_cast<int>(node.source().begin.line), path + ": nan and inf are not used"};
        return false;
      }
      target = number->get();
    } else {
      error = {static_cast<int>(node.source().begin.line), path + ": dates are not used here"};
      return false;
    }
    return true;
  }
};

}  // namespace

int TomlDocument::line_of(std::string_view path) const {
  const auto found = lines.find(path);
  return found == lines.end() ? 0 : found->second;
}

Result<TomlDocument, TomlError> read_toml(std::string_view text) {
  Reader reader;
  try {
    const toml::table parsed = toml::parse(text);
    if (!reader.table(parsed, "", reader.document.root)) return refuse(std::move(reader.error));
  } catch (const toml::parse_error& error) {
    return refuse(
        TomlError{static_cast<int>(error.source().begin.line), std::string(error.description())});
  }
  return std::move(reader.document);
}

}  // namespace cardea::app
