// Header lookup and request targets; see message.h.
#include "http/message.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/result.h"

namespace cardea::http {
namespace {

using Field = std::pair<std::string, std::string>;

// token of RFC 9110 5.6.2.
constexpr auto token_chars = [] {
  std::array<bool, 256> table{};
  for (int byte = 0; byte < 0x80; ++byte) {
    const auto c = static_cast<char>(byte);
    table[static_cast<std::size_t>(byte)] =
        ascii::is_alnum(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  }
  return table;
}();

// Gives each field to `take` until that says stop (false).
template <class Take>
void visit(const SharedFields* shared, const std::vector<Field>& own, Take take) {
  if (shared != nullptr && !std::ranges::all_of(shared->fields(), take)) return;
  static_cast<void>(std::ranges::all_of(own, take));
}

}  // namespace

bool is_field_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return token_chars[static_cast<unsigned char>(c)];
  });
}

bool is_field_value(std::string_view value) {
  while (!value.empty()) {
    value.remove_prefix(ascii::uncontrolled_prefix(value));
    if (value.empty()) break;
    if (value.front() != '\t') return false;
    value.remove_prefix(1);
  }
  return true;
}

SharedFields::SharedFields(
    std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  for (const auto& [name, value] : fields) {
    ensure(is_field_name(name) && is_field_value(value));
    fields_.emplace_back(name, value);
    text_.append(name).append(": ").append(value).append("\r\n");
  }
}

std::vector<std::pair<std::string_view, std::string_view>> Headers::fields() const {
  std::vector<std::pair<std::string_view, std::string_view>> all;
  visit(shared_, fields_, [&](const Field& field) {
    all.emplace_back(field.first, field.second);
    return true;
  });
  return all;
}

std::vector<std::string_view> Headers::all(std::string_view name) const {
  std::vector<std::string_view> values;
  visit(shared_, fields_, [&](const Field& field) {
    if (ascii::equal_ignoring_case(field.first, name)) values.emplace_back(field.second);
    return true;
  });
  return values;
}

const Field* Headers::find(std::string_view name) const {
  const Field* found = nullptr;
  visit(shared_, fields_, [&](const Field& field) {
    if (ascii::equal_ignoring_case(field.first, name)) found = &field;
    return found == nullptr;
  });
  return found;
}

std::string_view media_type_of(std::string_view content_type) {
  return ascii::trim(content_type.substr(0, content_type.find(';')));
}

std::optional<std::string_view> Headers::single(std::string_view name) const {
  std::optional<std::string_view> found;
  int count = 0;
  visit(shared_, fields_, [&](const Field& field) {
    if (!ascii::equal_ignoring_case(field.first, name)) return true;
    found = field.second;
    return ++count < 2;
  });
  return count == 1 ? found : std::nullopt;
}

std::string_view Headers::first(std::string_view name) const {
  const auto* field = find(name);
  return field == nullptr ? std::string_view() : field->second;
}

void Headers::add(std::string name, std::string value) {
  fields_.emplace_back(std::move(name), std::move(value));
}

void Headers::set(std::string name, std::string value) {
  remove(name);
  add(std::move(name), std::move(value));
}

void Headers::remove(std::string_view name) {
  const auto is_it = [&](const Field& field) {
    return ascii::equal_ignoring_case(field.first, name);
  };
  if (shared_ != nullptr && std::ranges::any_of(shared_->fields(), is_it)) {
    fields_.insert(fields_.begin(), shared_->fields().begin(), shared_->fields().end());
    shared_ = nullptr;
  }
  std::erase_if(fields_, is_it);
}

std::string_view Request::path() const {
  const std::string_view all = target;
  return all.substr(0, all.find('?'));
}

std::optional<std::string_view> Request::query() const {
  const std::string_view all = target;
  const auto at = all.find('?');
  if (at == std::string_view::npos) return std::nullopt;
  return all.substr(at + 1);
}

}  // namespace cardea::http
