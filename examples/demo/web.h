// What both demo programs need to be web servers: settings from the environment, a log on the
// terminal, and Cardea's own listener on plain loopback HTTP. A demo for one person: handlers use
// the network and block their I/O thread for that long, which a busy app would leave to workers.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/log.h"
#include "http/message.h"
#include "http/transport.h"

namespace demo {

// The value of an environment variable, or `otherwise` when it is absent or empty.
std::string setting(const char* name, std::string_view otherwise = "");
// The same; without it the program says so and ends.
std::string required_setting(const char* name);

// One line of text per event, on standard error.
class TerminalLog final : public cardea::Log {
 public:
  void write(cardea::LogLevel level, std::string_view event,
             std::span<const cardea::LogField> fields) override;
};

// Trusts CARDEA_DEMO_CA, else SSL_CERT_FILE, else the system's authorities.
cardea::http::Transport transport();

using Handle = std::function<cardea::http::Response(const cardea::http::Request&)>;
// Serves http://localhost:`port` on both loopback families until SIGINT or SIGTERM. Returns the
// program's exit code.
int serve(const std::string& port, const Handle& handle, cardea::Log& log);

cardea::http::Response redirect(std::string_view to);
std::string escape_html(std::string_view text);

}  // namespace demo
