// JSON values (RFC 8259), strict: UTF-8 only, duplicate members refused at every depth, depth at
// most 32, numbers must be finite, nothing may follow the value. The parser library is seen by
// json.cpp alone.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace cardea::json {

class Value;
using Array = std::vector<Value>;
struct Member;     // {name, value}
struct NewMember;  // the same, to be moved out of an initializer list

// Members in the order they were written or added.
class Object {
 public:
  Object();
  Object(std::initializer_list<NewMember> members);
  explicit Object(
      std::vector<Member> members);  // the caller has made sure that the names are unique
  Object(const Object&);
  Object(Object&&) noexcept;
  Object& operator=(const Object&);
  Object& operator=(Object&&) noexcept;
  ~Object();

  const Value* find(
      std::string_view name) const;  // nullptr when absent; the pointer is into this object
  bool contains(std::string_view name) const { return find(name) != nullptr; }
  // Adds the member, or replaces the value of one that is there.
  void set(std::string name, Value value);
  void erase(std::string_view name);
  const std::vector<Member>& members() const { return members_; }
  bool empty() const;
  std::size_t size() const;

  friend bool operator==(const Object&, const Object&);

 private:
  std::vector<Member> members_;
};

class Value {
 public:
  Value() : held_(nullptr) {}
  Value(std::nullptr_t) : held_(nullptr) {}
  Value(bool value) : held_(value) {}
  Value(int value) : held_(std::int64_t{value}) {}
  Value(std::int64_t value) : held_(value) {}
  Value(double value) : held_(value) {}
  Value(std::string value) : held_(std::move(value)) {}
  Value(std::string_view value) : held_(std::string(value)) {}
  Value(const char* value) : held_(std::string(value)) {}
  Value(Array value) : held_(std::move(value)) {}
  Value(Object value) : held_(std::move(value)) {}
  Value(const std::vector<std::string>& strings);  // an array of strings

  bool is_null() const { return std::holds_alternative<std::nullptr_t>(held_); }
  // Each gives nullptr when the value is of another type. An integer is never read from a double.
  const bool* if_bool() const { return std::get_if<bool>(&held_); }
  const std::int64_t* if_integer() const { return std::get_if<std::int64_t>(&held_); }
  const double* if_double() const { return std::get_if<double>(&held_); }
  const std::string* if_string() const { return std::get_if<std::string>(&held_); }
  const Array* if_array() const { return std::get_if<Array>(&held_); }
  const Object* if_object() const { return std::get_if<Object>(&held_); }
  Array* if_array() { return std::get_if<Array>(&held_); }
  Object* if_object() { return std::get_if<Object>(&held_); }

  friend bool operator==(const Value&, const Value&) = default;

 private:
  std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object> held_;
};

struct Member {
  std::string name;
  Value value;
  friend bool operator==(const Member&, const Member&) = default;
};

// Elements of an initializer list are const; these may be moved from all the same.
struct NewMember {
  mutable std::string name;
  mutable Value value;
};

inline bool Object::empty() const {
  return members_.empty();
}
inline std::size_t Object::size() const {
  return members_.size();
}

// The value, or nothing when the text is not strict JSON as above. Thread-safe.
std::optional<Value> parse(std::string_view text);
// As parse, but the outermost value must be an object.
std::optional<Object> parse_object(std::string_view text);

// Compact text, members in order. Non-ASCII is written as UTF-8; `<`, `>` and `&` are not escaped.
std::string write(const Value& value);
std::string write(const Object& object);
// The same with two-space indentation, for people.
std::string write_pretty(const Value& value);

// Appends the text as a JSON string, quotes included.
void append_string(std::string& out, std::string_view text);

// The compact text of an object, written member by member: for what goes out with most requests.
// The names are the caller's and distinct.
class ObjectText {
 public:
  ObjectText();
  void add_text(std::string_view name, std::string_view text);
  void add_number(std::string_view name, std::int64_t number);
  void add_texts(std::string_view name, const std::vector<std::string>& texts);  // an array
  void add_object(std::string_view name, std::string_view object);  // the compact text of one
  void add(std::string_view name, const Value& value);
  std::string take() &&;

 private:
  void begin(std::string_view name);
  std::string out_ = "{";
};

// Reads that tell "absent" from "wrong type": nothing when absent or of another type.
std::optional<std::string> string_member(const Object& object, std::string_view name);
std::optional<std::int64_t> integer_member(const Object& object, std::string_view name);
std::optional<bool> bool_member(const Object& object, std::string_view name);
// An array of strings; nothing when absent or when any element is not a string.
std::optional<std::vector<std::string>> strings_member(const Object& object, std::string_view name);

}  // namespace cardea::json
