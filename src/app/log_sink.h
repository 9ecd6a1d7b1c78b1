// The log's two faces: text on a terminal, one JSON object a line otherwise; to standard error.
// What is masked or left out is decided where events are written; all but printable ASCII is
// escaped here, so one event is always one line that shows what it holds.
#pragma once

#include <memory>
#include <string>

#include "app/config/config.h"
#include "base/log.h"
#include "base/time.h"

namespace cardea::app {

enum class LogFace { text, json };

// Thread-safe. clock stamps the lines and must outlive the log.
std::unique_ptr<Log> make_log(LogFace face, LogLevel least, const Clock& clock);
// automatic: text when standard error is a terminal.
LogFace face_for(LogFormat format);

// The line without its end, as make_log writes it. Pure.
std::string format_event(LogFace face, Instant at, LogLevel level, std::string_view event,
                         std::span<const LogField> fields);

// "2026-11-22T10:15:30.123Z". Pure.
std::string rfc3339(Instant at);

}  // namespace cardea::app
