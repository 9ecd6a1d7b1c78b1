// The messages of the Model Context Protocol (2025-11-25, Basic: Messages): JSON-RPC 2.0, one a
// request of HTTP. Reads and writes them, knows no method.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace mcp {

struct Message {
  enum class Kind { request, notification, response };
  Kind kind = Kind::request;
  cardea::json::Value id;       // of a request: text or integer
  std::string method;           // of a request or notification
  cardea::json::Object params;  // empty where there are none
};

// JSON-RPC 2.0 5.1.
enum class RpcError {
  parse_error = -32700,
  invalid_request = -32600,
  method_not_found = -32601,
  invalid_params = -32602,
};

// Refuses: parse_error (no strict JSON), invalid_request (JSON that is no message, or several).
cardea::Result<Message, RpcError> parse_message(std::string_view body);

// The text of an answer. An error without id answers what could not be read so far.
std::string result_of(const cardea::json::Value& id, cardea::json::Object result);
std::string error_of(const std::optional<cardea::json::Value>& id, RpcError code,
                     std::string_view message);

}  // namespace mcp
