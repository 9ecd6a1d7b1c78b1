// Log lines (security corpus 7.24): whatever a value holds, an event is one line without control
// bytes, well-formed UTF-8, and as JSON it reads back with nothing but the event's own members.
// Input: the value of a text field.
#include <array>
#include <string>

#include "app/log_sink.h"
#include "base/ascii.h"
#include "base/json.h"
#include "fuzz/finding.h"

namespace cardea::fuzz {

void log_line(std::string_view input) {
  const std::array<LogField, 3> fields{LogField("user_agent", input), LogField("status", 200),
                                       LogField("flag", true)};
  for (const auto face : {app::LogFace::text, app::LogFace::json}) {
    const auto line = app::format_event(face, Instant::from_seconds(1'800'000'000), LogLevel::info,
                                        "request.finished", fields);
    for (std::size_t i = 0; i < line.size(); ++i) {
      const auto byte = static_cast<unsigned char>(line[i]);
      expect(byte >= 0x20 && byte != 0x7f, "a control byte in a log line");
      // C1 controls, which terminals obey: U+0080-009F.
      const bool is_c1 =
          byte == 0xc2 && i + 1 < line.size() && static_cast<unsigned char>(line[i + 1]) < 0xa0;
      expect(!is_c1, "a C1 control in a log line");
    }
    expect(ascii::is_utf8(line), "a log line that is not UTF-8");
    if (face == app::LogFace::text) {
      expect(line.ends_with(" status=200 flag=true"), "a value reaches into the next field");
      continue;
    }
    const auto read = json::parse_object(line);
    expect(read.has_value() && read->size() == 6, "a log line that is no JSON of six members");
    expect(json::integer_member(*read, "status") == 200, "another status");
    expect(read->find("user_agent")->if_string() != nullptr, "the value is no string");
  }
}

}  // namespace cardea::fuzz
