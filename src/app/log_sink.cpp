// Formatting log lines; see log_sink.h. The access log is written for every request, so a line is
// put together in one string, without values in between.
#include "app/log_sink.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "app/line_writer.h"
#include "base/ascii.h"
#include "base/json.h"

namespace cardea::app {
namespace {

// What may wait for a reader of standard error that is slow.
constexpr std::size_t waiting_bytes_max = 4 * 1024 * 1024;

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

void append_number(std::string& line, std::int64_t number) {
  line += std::to_string(number);
}

void append_json(std::string& line, const LogField& field) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    json::append_string(line, *text);
  } else if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
    append_number(line, *number);
  } else {
    line += std::get<bool>(field.value) ? "true" : "false";
  }
}

// A text value is quoted when it holds anything but plain word characters.
void append_plain(std::string& line, const LogField& field) {
  const auto* text = std::get_if<std::string_view>(&field.value);
  if (text == nullptr) return append_json(line, field);
  const auto is_plain = [](char c) {
    return c > 0x20 && c < 0x7f && c != '"' && c != '=' && c != '\\';
  };
  if (!text->empty() && std::ranges::all_of(*text, is_plain)) {
    line += *text;
  } else {
    json::append_string(line, *text);
  }
}

// "2026-11-22T10:15:30", made anew once a second for each thread.
std::string_view whole_second(std::int64_t seconds) {
  thread_local std::int64_t shown = -1;
  thread_local std::array<char, 40> text{};
  thread_local std::size_t size = 0;
  if (seconds != shown) {
    const time_t at = seconds;
    tm parts{};
    gmtime_r(&at, &parts);
    size = strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    shown = seconds;
  }
  return {text.data(), size};
}

void append_time(std::string& line, Instant at) {
  const auto millis = at.unix_ms % 1000;
  line += whole_second(at.unix_seconds());
  line += '.';
  line += static_cast<char>('0' + millis / 100);
  line += static_cast<char>('0' + millis / 10 % 10);
  line += static_cast<char>('0' + millis % 10);
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
std::string in_ascii(std::string text) {
  if (ascii::ascii_prefix(text) == text.size()) return text;
  std::string out;
  std::string_view line = text;
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
        lines_(STDERR_FILENO, waiting_bytes_max, [this](std::int64_t dropped) {
          const LogField count("lines", dropped);
          return format_event(face_, clock_.now(), LogLevel::warning, "log.dropped", {&count, 1});
        }) {}

  void write(LogLevel level, std::string_view event, std::span<const LogField> fields) override {
    if (level < least_) return;
    lines_.add(format_event(face_, clock_.now(), level, event, fields),
               level >= LogLevel::warning ? LineWriter::Hurry::yes : LineWriter::Hurry::no);
  }

 private:
  const LogFace face_;
  const LogLevel least_;
  const Clock& clock_;
  LineWriter lines_;
};

}  // namespace

std::string rfc3339(Instant at) {
  std::string text;
  append_time(text, at);
  return text + "Z";
}

std::string format_event(LogFace face, Instant at, LogLevel level, std::string_view event,
                         std::span<const LogField> fields) {
  std::string line;
  line.reserve(384);
  if (face == LogFace::json) {
    line += "{\"time\":\"";
    append_time(line, at);
    line.append("Z\",\"level\":\"").append(name_of(level));
    line.append("\",\"event\":\"").append(event).append("\"");
    for (const auto& field : fields) {
      line.append(",\"").append(field.name).append("\":");
      append_json(line, field);
    }
    line += '}';
    return in_ascii(std::move(line));
  }
  append_time(line, at);
  line.erase(0, 11);  // the day
  line.append(" ").append(name_of(level)).append(" ").append(event);
  for (const auto& field : fields) {
    line.append(" ").append(field.name).append("=");
    append_plain(line, field);
  }
  return in_ascii(std::move(line));
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
