// JSON-RPC messages; see message.h.
#include "message.h"

#include <utility>

namespace mcp {
namespace {

using namespace cardea;

// Unlike in JSON-RPC itself null is none.
bool is_id(const json::Value& id) {
  return id.if_string() != nullptr || id.if_integer() != nullptr;
}

bool is_response(const json::Object& object) {
  return object.contains("id") && object.contains("result") != object.contains("error");
}

}  // namespace

Result<Message, RpcError> parse_message(std::string_view body) {
  const auto value = json::parse(body);
  if (!value) return refuse(RpcError::parse_error);
  const auto* object = value->if_object();
  if (object == nullptr || json::string_member(*object, "jsonrpc") != "2.0")
    return refuse(RpcError::invalid_request);
  Message message;
  const auto* id = object->find("id");
  if (id != nullptr && !is_id(*id)) return refuse(RpcError::invalid_request);
  if (id != nullptr) message.id = *id;
  if (!object->contains("method")) {
    if (!is_response(*object)) return refuse(RpcError::invalid_request);
    message.kind = Message::Kind::response;
    return message;
  }
  auto method = json::string_member(*object, "method");
  if (!method) return refuse(RpcError::invalid_request);
  message.method = *std::move(method);
  message.kind = id == nullptr ? Message::Kind::notification : Message::Kind::request;
  if (const auto* params = object->find("params")) {
    if (params->if_object() == nullptr) return refuse(RpcError::invalid_request);
    message.params = *params->if_object();
  }
  return message;
}

std::string result_of(const json::Value& id, json::Object result) {
  return json::write(
      json::Object{{"jsonrpc", "2.0"}, {"id", id}, {"result", json::Value(std::move(result))}});
}

std::string error_of(const std::optional<json::Value>& id, RpcError code,
                     std::string_view message) {
  json::Object answer{{"jsonrpc", "2.0"}};
  if (id) answer.set("id", *id);
  answer.set("error", json::Object{{"code", static_cast<int>(code)}, {"message", message}});
  return json::write(answer);
}

}  // namespace mcp
