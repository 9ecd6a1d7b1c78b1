// Structured log events. A Secret has no conversion to a Field, so a log call with one does not
// compile. Event names are dotted and in the past tense ("login.succeeded"). The sink is chosen by
// app.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace cardea {

enum class LogLevel { debug, info, warning, error };

struct LogField {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, bool> value;

  LogField(std::string_view n, std::string_view text) : name(n), value(text) {}
  LogField(std::string_view n, const std::string& text) : name(n), value(std::string_view(text)) {}
  LogField(std::string_view n, const char* text) : name(n), value(std::string_view(text)) {}
  LogField(std::string_view n, std::int64_t number) : name(n), value(number) {}
  LogField(std::string_view n, int number) : name(n), value(std::int64_t{number}) {}
  LogField(std::string_view n, bool flag) : name(n), value(flag) {}
};

// Thread-safe in every implementation. Fields are read during the call and not kept.
class Log {
 public:
  virtual ~Log() = default;
  virtual void write(LogLevel level, std::string_view event, std::span<const LogField> fields) = 0;

  void debug(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::debug, event, {fields.begin(), fields.size()});
  }
  void info(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::info, event, {fields.begin(), fields.size()});
  }
  void warning(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::warning, event, {fields.begin(), fields.size()});
  }
  void error(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::error, event, {fields.begin(), fields.size()});
  }
};

// Drops everything.
class NullLog final : public Log {
 public:
  void write(LogLevel, std::string_view, std::span<const LogField>) override {}
};

}  // namespace cardea
