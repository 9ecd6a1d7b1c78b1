// Header lookup and request targets; see message.h.
#include "http/message.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/ascii.h"
#include "base/result.h"

namespace cardea::http {
namespace {

// What a field takes that is neither very short nor very long, for reserve().
constexpr std::size_t usual_line_bytes = 48;

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

void append_line(std::string& text, std::string_view name, std::string_view value) {
  text.append(name).append(": ").append(value).append("\r\n");
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
    lower_case_fields_.emplace_back(ascii::lower(name), value);
    append_line(text_, name, value);
  }
}

std::string_view media_type_of(std::string_view content_type) {
  return ascii::trim(content_type.substr(0, content_type.find(';')));
}

Headers::Headers(std::initializer_list<FieldView> fields) {
  reserve(fields.size());
  for (const auto& [name, value] : fields) add(name, value);
}

FieldView Headers::own_field(std::size_t at) const {
  const auto& place = places_[at];
  const std::string_view text = text_;
  return {text.substr(place.begin, place.name_size),
          text.substr(place.begin + place.name_size + 2, place.value_size)};
}

// Gives each field to `take` until that says stop (false).
template <class Take>
void Headers::visit(Take take) const {
  if (shared_ != nullptr) {
    for (const auto& [name, value] : shared_->fields()) {
      if (!take(FieldView{name, value})) return;
    }
  }
  for (std::size_t at = 0; at < places_.size(); ++at) {
    if (!take(own_field(at))) return;
  }
}

std::vector<FieldView> Headers::fields() const {
  std::vector<FieldView> all;
  visit([&](const FieldView& field) {
    all.push_back(field);
    return true;
  });
  return all;
}

std::vector<std::string_view> Headers::all(std::string_view name) const {
  std::vector<std::string_view> values;
  visit([&](const FieldView& field) {
    if (ascii::equal_ignoring_case(field.name, name)) values.push_back(field.value);
    return true;
  });
  return values;
}

std::optional<FieldView> Headers::find(std::string_view name) const {
  std::optional<FieldView> found;
  visit([&](const FieldView& field) {
    if (ascii::equal_ignoring_case(field.name, name)) found = field;
    return !found;
  });
  return found;
}

std::optional<std::string_view> Headers::single(std::string_view name) const {
  std::optional<std::string_view> found;
  int count = 0;
  visit([&](const FieldView& field) {
    if (!ascii::equal_ignoring_case(field.name, name)) return true;
    found = field.value;
    return ++count < 2;
  });
  return count == 1 ? found : std::nullopt;
}

std::string_view Headers::first(std::string_view name) const {
  const auto field = find(name);
  return field ? field->value : std::string_view();
}

void Headers::reserve(std::size_t count) {
  places_.reserve(count);
  text_.reserve(count * usual_line_bytes);
}

// A text that grows is put together anew, and the old one goes last: name and value may be in it.
void Headers::add(std::string_view name, std::string_view value) {
  const Place place{.begin = static_cast<std::uint32_t>(text_.size()),
                    .name_size = static_cast<std::uint32_t>(name.size()),
                    .value_size = static_cast<std::uint32_t>(value.size())};
  const auto size = text_.size() + name.size() + value.size() + 4;
  ensure(size <= std::numeric_limits<std::uint32_t>::max());
  if (size <= text_.capacity()) {
    append_line(text_, name, value);
  } else {
    std::string grown;
    grown.reserve(std::max(size, 2 * text_.capacity()));
    append_line(grown.append(text_), name, value);
    text_ = std::move(grown);
  }
  places_.push_back(place);
}

void Headers::set(std::string_view name, std::string_view value) {
  if (!contains(name)) return add(name, value);
  const std::string kept_name(name);
  const std::string kept_value(value);
  remove(kept_name);
  add(kept_name, kept_value);
}

void Headers::remove(std::string_view name) {
  if (!contains(name)) return;
  Headers left;
  left.reserve(places_.size() + (shared_ == nullptr ? 0 : shared_->fields().size()));
  const auto is_it = [&](const FieldView& field) {
    return ascii::equal_ignoring_case(field.name, name);
  };
  const bool keeps_shared =
      shared_ == nullptr || std::ranges::none_of(shared_->fields(), [&](const auto& field) {
        return is_it({field.first, field.second});
      });
  if (keeps_shared) left.shared_ = std::exchange(shared_, nullptr);
  visit([&](const FieldView& field) {
    if (!is_it(field)) left.add(field.name, field.value);
    return true;
  });
  *this = std::move(left);
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
