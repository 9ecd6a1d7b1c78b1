// Formatting and writing log lines; see log_sink.h. The only file that includes the logging
// library.
#include "app/log_sink.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <time.h>
#include <unistd.h>

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
  if (text == nullptr) return json::write(value);
  const bool simple = !text->empty() && text->find_first_of(" \"\\=\t\r\n") == std::string::npos;
  for (const char c : *text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return json::write(value);
  }
  return simple ? *text : json::write(value);
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
    return json::write(line);
  }
  std::string line =
      rfc3339(at).substr(11, 12) + " " + std::string(name_of(level)) + " " + std::string(event);
  for (const auto& field : fields) line += " " + std::string(field.name) + "=" + plain(field);
  return line;
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
