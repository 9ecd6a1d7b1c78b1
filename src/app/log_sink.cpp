// Formatting and writing log lines; see log_sink.h. The only file that includes the logging
// library.
#include "app/log_sink.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/json.h"

namespace cardea::app {
namespace {

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      return "error";
  }
  return "info";
}

json::Value value_of(const LogField& field) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) return json::Value(*text);
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) return json::Value(*number);
  return json::Value(std::get<bool>(field.value));
}

// A text value is quoted when it holds anything but plain word characters.
std::string plain(const LogField& field) {
  const auto value = value_of(field);
  const auto* text = value.if_string();
  const auto is_plain = [](char c) {
    return c > 0x20 && c < 0x7f && c != '"' && c != '=' && c != '\\';
  };
  if (text == nullptr || text->empty() || !std::ranges::all_of(*text, is_plain)) {
    return json::write(value);
  }
  return *text;
}

// How many bytes the character takes that the text begins with; 0 when they are no UTF-8.
std::size_t character_size(std::string_view text) {
  for (std::size_t size = 1; size <= 4; ++size) {
    if (ascii::is_utf8(text.substr(0, size))) return std::min(size, text.size());
  }
  return 0;
}

char32_t code_point(std::string_view character) {
  auto point = static_cast<char32_t>(static_cast<unsigned char>(character.front()));
  if (character.size() > 1) point &= 0x7f >> character.size();
  for (const char c : character.substr(1)) point = point << 6 | (c & 0x3f);
  return point;
}

void append_unit(std::string& out, char32_t unit) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += digits[unit >> shift & 15];
}

// Everything outside ASCII as the escapes of JSON (RFC 8259 7): line separators, control characters
// of terminals and marks that turn the direction of text are data here, never layout (security
// corpus I11).
std::string in_ascii(std::string_view line) {
  std::string out;
  while (!line.empty()) {
    const auto size = character_size(line);
    const char32_t point = size == 0 ? 0xfffd : code_point(line.substr(0, size));
    if (point < 0x80) {
      out += line.front();
    } else if (point < 0x10000) {
      append_unit(out, point);
    } else {
      append_unit(out, 0xd800 + ((point - 0x10000) >> 10));
      append_unit(out, 0xdc00 + ((point - 0x10000) & 0x3ff));
    }
    line.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

class StderrLog final : public Log {
 public:
  StderrLog(LogFace face, LogLevel least, const Clock& clock)
      : face_(face),
        least_(least),
        clock_(clock),
        logger_("cardea", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    logger_.set_pattern("%v");
    logger_.set_level(spdlog::level::trace);
    logger_.flush_on(spdlog::level::trace);
  }

  void write(LogLevel level, std::string_view event, std::span<const LogField> fields) override {
    if (level < least_) return;
    logger_.info("{}", format_event(face_, clock_.now(), level, event, fields));
  }

 private:
  const LogFace face_;
  const LogLevel least_;
  const Clock& clock_;
  spdlog::logger logger_;
};

}  // namespace

std::string rfc3339(Instant at) {
  const time_t seconds = at.unix_seconds();
  tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  const auto size = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  const std::string millis = std::to_string(1000 + at.unix_ms % 1000).substr(1);
  return std::string(text, size) + "." + millis + "Z";
}

std::string format_event(LogFace face, Instant at, LogLevel level, std::string_view event,
                         std::span<const LogField> fields) {
  if (face == LogFace::json) {
    json::Object line{{"time", rfc3339(at)}, {"level", name_of(level)}, {"event", event}};
    for (const auto& field : fields) line.set(std::string(field.name), value_of(field));
    return in_ascii(json::write(line));
  }
  std::string line =
      rfc3339(at).substr(11, 12) + " " + std::string(name_of(level)) + " " + std::string(event);
  for (const auto& field : fields) line += " " + std::string(field.name) + "=" + plain(field);
  return in_ascii(line);
}

std::unique_ptr<Log> make_log(LogFace face, LogLevel least, const Clock& clock) {
  return std::make_unique<StderrLog>(face, least, clock);
}

LogFace face_for(LogFormat format) {
  if (format == LogFormat::automatic)
    return isatty(STDERR_FILENO) == 1 ? LogFace::text : LogFace::json;
  return format == LogFormat::text ? LogFace::text : LogFace::json;
}

}  // namespace cardea::app
