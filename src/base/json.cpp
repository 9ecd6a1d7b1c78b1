// The only file that includes the JSON library. A handler of ours builds cardea::json values and
// refuses duplicate members, which the library accepts.
#include "base/json.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cmath>

#include "base/ascii.h"

namespace cardea::json {
namespace {

// By sorting, so that an object of many members costs no quadratic time.
bool has_duplicate(const std::vector<Member>& members) {
  std::vector<std::string_view> names;
  names.reserve(members.size());
  for (const Member& member : members) names.emplace_back(member.name);
  std::ranges::sort(names);
  return std::ranges::adjacent_find(names) != names.end();
}

// Builds the value bottom-up on a stack of open containers. Any `return false` ends the parse.
struct Builder {
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  using error_code = boost::json::error_code;
  using string_view = boost::json::string_view;

  // A container that is still being read.
  struct Open {
    bool is_object;
    std::string key;  // of the member that comes next
    std::vector<Member> members;
    Array elements;
  };
  std::vector<Open> open;
  Value root;
  std::string text;

  bool refuse(error_code& ec) {
    ec = boost::json::error::syntax;
    return false;
  }
  bool add(Value value) {
    if (open.empty()) {
      root = std::move(value);
    } else if (open.back().is_object) {
      open.back().members.push_back({std::exchange(open.back().key, {}), std::move(value)});
    } else {
      open.back().elements.push_back(std::move(value));
    }
    return true;
  }
  bool close_object(error_code& ec) {
    std::vector<Member> members = std::move(open.back().members);
    open.pop_back();
    if (has_duplicate(members)) return refuse(ec);
    return add(Object(std::move(members)));
  }
  bool close_array() {
    Array elements = std::move(open.back().elements);
    open.pop_back();
    return add(std::move(elements));
  }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return open.push_back({true, {}, {}, {}}), true; }
  bool on_object_end(std::size_t, error_code& ec) { return close_object(ec); }
  bool on_array_begin(error_code&) { return open.push_back({false, {}, {}, {}}), true; }
  bool on_array_end(std::size_t, error_code&) { return close_array(); }
  bool on_key_part(string_view part, std::size_t, error_code&) {
    return text.append(part.data(), part.size()), true;
  }
  bool on_key(string_view part, std::size_t, error_code&) {
    text.append(part.data(), part.size());
    open.back().key = std::exchange(text, {});
    return true;
  }
  bool on_string_part(string_view part, std::size_t, error_code&) {
    return text.append(part.data(), part.size()), true;
  }
  bool on_string(string_view part, std::size_t, error_code&) {
    text.append(part.data(), part.size());
    return add(std::exchange(text, {}));
  }
  bool on_number_part(string_view, error_code&) { return true; }
  bool on_int64(std::int64_t value, string_view, error_code&) { return add(value); }
  bool on_uint64(std::uint64_t value, string_view, error_code&) {
    return add(static_cast<double>(value));
  }
  // The library's value may be off by a unit in the last place; the text, which is whole because
  // the document is given in one piece, is read to the nearest double.
  bool on_double(double rough, string_view number, error_code& ec) {
    double value = 0;
    const auto read = std::from_chars(number.data(), number.data() + number.size(), value);
    if (read.ec == std::errc::result_out_of_range) {
      return std::abs(rough) < 1 ? add(std::copysign(0.0, rough)) : refuse(ec);
    }
    return read.ec == std::errc() && std::isfinite(value) ? add(value) : refuse(ec);
  }
  bool on_bool(bool value, error_code&) { return add(value); }
  bool on_null(error_code&) { return add(nullptr); }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }
};

void write_escape(std::string& out, char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      out += "\\u00";
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[c & 15];
  }
}

// Appends whole runs between escapes, of which most strings have none.
void write_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t begin = 0;
  while (begin < text.size()) {
    const auto run = ascii::unescaped_prefix(text.substr(begin));
    out.append(text, begin, run);
    begin += run;
    if (begin < text.size()) write_escape(out, text[begin++]);
  }
  out += '"';
}

void write_double(std::string& out, double number) {
  char buffer[40];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, number);
  out.append(buffer, error == std::errc{} ? end : buffer);
}

// indent: negative for compact text, else the depth of the value.
void write_value(std::string& out, const Value& value, int indent);

void new_line(std::string& out, int indent) {
  if (indent < 0) return;
  out += '\n';
  out.append(static_cast<std::size_t>(indent) * 2, ' ');
}

void write_object(std::string& out, const Object& object, int indent) {
  const int inner = indent < 0 ? -1 : indent + 1;
  out += '{';
  bool first = true;
  for (const auto& [name, value] : object.members()) {
    if (!std::exchange(first, false)) out += ',';
    new_line(out, inner);
    write_string(out, name);
    out += indent < 0 ? ":" : ": ";
    write_value(out, value, inner);
  }
  if (!object.empty()) new_line(out, indent);
  out += '}';
}

void write_value(std::string& out, const Value& value, int indent) {
  if (const auto* text = value.if_string()) {
    write_string(out, *text);
  } else if (const auto* object = value.if_object()) {
    write_object(out, *object, indent);
  } else if (const auto* array = value.if_array()) {
    const int inner = indent < 0 ? -1 : indent + 1;
    out += '[';
    bool first = true;
    for (const auto& element : *array) {
      if (!std::exchange(first, false)) out += ',';
      new_line(out, inner);
      write_value(out, element, inner);
    }
    if (!array->empty()) new_line(out, indent);
    out += ']';
  } else if (const auto* flag = value.if_bool()) {
    out += *flag ? "true" : "false";
  } else if (const auto* integer = value.if_integer()) {
    out += std::to_string(*integer);
  } else if (const auto* number = value.if_double()) {
    write_double(out, *number);
  } else {
    out += "null";
  }
}

}  // namespace

Object::Object() = default;
Object::Object(const Object&) = default;
Object::Object(Object&&) noexcept = default;
Object& Object::operator=(const Object&) = default;
Object& Object::operator=(Object&&) noexcept = default;
Object::~Object() = default;

Object::Object(std::initializer_list<NewMember> members) {
  members_.reserve(members.size());
  for (const auto& [name, value] : members) members_.push_back({std::move(name), std::move(value)});
}
Object::Object(std::vector<Member> members) : members_(std::move(members)) {}

const Value* Object::find(std::string_view name) const {
  for (const auto& member : members_) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

void Object::set(std::string name, Value value) {
  for (auto& member : members_) {
    if (member.name == name) {
      member.value = std::move(value);
      return;
    }
  }
  members_.push_back({std::move(name), std::move(value)});
}

void Object::erase(std::string_view name) {
  std::erase_if(members_, [&](const Member& member) { return member.name == name; });
}

bool operator==(const Object& a, const Object& b) {
  return a.members_ == b.members_;
}

Value::Value(const std::vector<std::string>& strings) {
  Array array;
  array.reserve(strings.size());
  for (const auto& text : strings) array.emplace_back(text);
  held_ = std::move(array);
}

std::optional<Value> parse(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = 32;
  boost::json::basic_parser<Builder> parser(options);
  boost::json::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (ec || used != text.size()) return std::nullopt;
  return std::move(parser.handler().root);
}

std::optional<Object> parse_object(std::string_view text) {
  auto value = parse(text);
  if (!value || !value->if_object()) return std::nullopt;
  return std::move(*value->if_object());
}

void append_string(std::string& out, std::string_view text) {
  write_string(out, text);
}

ObjectText::ObjectText() {
  out_.reserve(512);
}

void ObjectText::begin(std::string_view name) {
  if (out_.size() > 1) out_ += ',';
  write_string(out_, name);
  out_ += ':';
}

void ObjectText::add_text(std::string_view name, std::string_view text) {
  begin(name);
  write_string(out_, text);
}

void ObjectText::add_number(std::string_view name, std::int64_t number) {
  begin(name);
  out_ += std::to_string(number);
}

void ObjectText::add_texts(std::string_view name, const std::vector<std::string>& texts) {
  begin(name);
  out_ += '[';
  for (const auto& text : texts) {
    if (&text != texts.data()) out_ += ',';
    write_string(out_, text);
  }
  out_ += ']';
}

void ObjectText::add_object(std::string_view name, std::string_view object) {
  begin(name);
  out_ += object;
}

void ObjectText::add(std::string_view name, const Value& value) {
  begin(name);
  write_value(out_, value, -1);
}

std::string ObjectText::take() && {
  out_ += '}';
  return std::move(out_);
}

std::string write(const Value& value) {
  std::string out;
  write_value(out, value, -1);
  return out;
}

std::string write(const Object& object) {
  std::string out;
  out.reserve(512);
  write_object(out, object, -1);
  return out;
}

std::string write_pretty(const Value& value) {
  std::string out;
  write_value(out, value, 0);
  return out;
}

std::optional<std::string> string_member(const Object& object, std::string_view name) {
  const Value* value = object.find(name);
  if (value == nullptr || value->if_string() == nullptr) return std::nullopt;
  return *value->if_string();
}

std::optional<std::int64_t> integer_member(const Object& object, std::string_view name) {
  const Value* value = object.find(name);
  if (value == nullptr || value->if_integer() == nullptr) return std::nullopt;
  return *value->if_integer();
}

std::optional<bool> bool_member(const Object& object, std::string_view name) {
  const Value* value = object.find(name);
  if (value == nullptr || value->if_bool() == nullptr) return std::nullopt;
  return *value->if_bool();
}

std::optional<std::vector<std::string>> strings_member(const Object& object,
                                                       std::string_view name) {
  const Value* value = object.find(name);
  if (value == nullptr || value->if_array() == nullptr) return std::nullopt;
  std::vector<std::string> out;
  for (const auto& element : *value->if_array()) {
    if (element.if_string() == nullptr) return std::nullopt;
    out.push_back(*element.if_string());
  }
  return out;
}

}  // namespace cardea::json
