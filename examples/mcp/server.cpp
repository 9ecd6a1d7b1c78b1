// An MCP server behind cardea::resource: Streamable HTTP (2025-11-25) without sessions and without
// streams, so every message is a POST with its own access token and every answer is JSON. The
// client finds the issuer by the metadata (RFC 9728), begins with the scope for reading, and comes
// back with more when the first call that writes is challenged. docs/mcp.md walks through it.
#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

#include "../demo/web.h"
#include "base/ascii.h"
#include "base/json.h"
#include "base/time.h"
#include "message.h"
#include "resource/guard.h"
#include "resource/protected_resource.h"
#include "tools.h"

namespace mcp {
namespace {

using namespace cardea;

// The newest first: it is what a client of another version is offered.
constexpr std::array<std::string_view, 2> versions{"2025-11-25", "2025-06-18"};

bool is_version(std::string_view version) {
  return std::ranges::find(versions, version) != versions.end();
}

http::Response json_answer(int status, std::string body) {
  return {.status = status,
          .headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}},
          .body = std::move(body)};
}

http::Response refusal(int status, RpcError code, std::string_view message) {
  return json_answer(status, error_of(std::nullopt, code, message));
}

class Server {
 public:
  // origins: of the pages that may call this server, beside programs, which send no Origin.
  Server(resource::ProtectedResource metadata, resource::Guard& guard,
         std::vector<std::string> origins, Log& log)
      : metadata_(std::move(metadata)), guard_(guard), origins_(std::move(origins)), log_(log) {}

  http::Response answer(const http::Request& request) {
    if (auto document = metadata_.answer(request)) return *std::move(document);
    if (request.path() != "/mcp") return {.status = 404};
    // Transports, Security Warning: a page that has this host's name rebound is not let in.
    const auto origins = request.headers.all("Origin");
    if (!may_call(origins))
      return refusal(403, RpcError::invalid_request, "The origin is not allowed.");
    auto response = answer_endpoint(request);
    if (!origins.empty()) {
      response.headers.set("Access-Control-Allow-Origin", std::string(origins.front()));
      response.headers.set("Access-Control-Expose-Headers", "WWW-Authenticate");
    }
    response.headers.set("Vary", "Origin");
    return response;
  }

 private:
  bool may_call(const std::vector<std::string_view>& origins) const {
    return origins.empty() ||
           (origins.size() == 1 && std::ranges::find(origins_, origins.front()) != origins_.end());
  }

  http::Response answer_endpoint(const http::Request& request) {
    if (request.method == "OPTIONS") return preflight();
    // Listening for Messages 3: no stream is offered; Session Management 5: no session to end.
    if (request.method != "POST")
      return {.status = 405, .headers = {{"Allow", "OPTIONS, POST"}}, .body = {}};
    const auto permit = guard_.check(request, {"notes.read"});
    if (!permit) return refuse_call(permit.error());
    // Protocol Version Header: absent is taken; what is served is the same in all versions.
    const auto said = request.headers.all("MCP-Protocol-Version");
    if (said.size() > 1 || (said.size() == 1 && !is_version(said.front())))
      return refusal(400, RpcError::invalid_request, "MCP-Protocol-Version is not supported.");
    if (!ascii::equal_ignoring_case(http::media_type_of(request.headers.first("Content-Type")),
                                    "application/json"))
      return {.status = 415};
    const auto message = parse_message(request.body);
    if (!message) return refusal(400, message.error(), "The body is not one JSON-RPC message.");
    if (message->kind != Message::Kind::request) return {.status = 202};
    return answer_message(*message, *permit);
  }

  http::Response answer_message(const Message& message, const resource::Permit& permit) {
    if (message.method == "tools/call") return call_tool(message, permit);
    if (message.method == "tools/list")
      return json_answer(200, result_of(message.id, tools_list()));
    if (message.method == "ping") return json_answer(200, result_of(message.id, {}));
    if (message.method == "initialize") return initialize(message);
    return json_answer(200, error_of(message.id, RpcError::method_not_found, "Unknown method"));
  }

  // Lifecycle, Version Negotiation.
  static http::Response initialize(const Message& message) {
    const auto wanted = json::string_member(message.params, "protocolVersion");
    if (!wanted) {
      return json_answer(
          200, error_of(message.id, RpcError::invalid_params, "protocolVersion is missing"));
    }
    return json_answer(
        200, result_of(message.id,
                       {{"protocolVersion", is_version(*wanted) ? *wanted : versions.front()},
                        {"capabilities", json::Object{{"tools", json::Object()}}},
                        {"serverInfo", json::Object{{"name", "notes"}, {"version", "1"}}}}));
  }

  http::Response call_tool(const Message& message, const resource::Permit& permit) {
    const auto name = json::string_member(message.params, "name");
    const auto* tool = name ? find_tool(*name) : nullptr;
    if (tool == nullptr)
      return json_answer(200, error_of(message.id, RpcError::invalid_params, "Unknown tool"));
    const auto* given = message.params.find("arguments");
    if (given != nullptr && given->if_object() == nullptr) {
      return json_answer(
          200, error_of(message.id, RpcError::invalid_params, "arguments is not an object"));
    }
    // The step up: the refusal is one of HTTP, so that the client asks the issuer for more.
    const auto allowed = guard_.require_scope(permit, tool->scope);
    if (!allowed) return refuse_call(allowed.error());
    const auto arguments = given == nullptr ? json::Object() : *given->if_object();
    return json_answer(200, result_of(message.id, tool->run(notes_, permit.subject, arguments)));
  }

  http::Response refuse_call(const resource::Challenge& challenge) {
    log_.info("request.refused", {{"status", challenge.status}, {"reason", challenge.reason}});
    return resource::to_response(challenge);
  }

  static http::Response preflight() {
    return {.status = 204,
            .headers = {{"Access-Control-Allow-Methods", "POST"},
                        {"Access-Control-Allow-Headers",
                         "Authorization, Content-Type, DPoP, MCP-Protocol-Version"}},
            .body = {}};
  }

  const resource::ProtectedResource metadata_;
  resource::Guard& guard_;
  const std::vector<std::string> origins_;
  Log& log_;
  Notes notes_;
};

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (const auto word : ascii::split(text, ' ')) {
    if (!word.empty()) words.emplace_back(word);
  }
  return words;
}

}  // namespace
}  // namespace mcp

int main() {
  using namespace cardea;
  demo::TerminalLog log;
  SystemClock clock;
  const auto port = demo::setting("PORT", "3002");
  const auto issuer = demo::required_setting("OIDC_ISSUER");
  const auto origin = "http://localhost:" + port;
  auto metadata = resource::ProtectedResource::make({.resource = origin + "/mcp",
                                                     .authorization_servers = {issuer},
                                                     .scopes_supported = {"notes.read"},
                                                     .resource_name = "Notes",
                                                     .takes_dpop = true});
  if (!metadata) {
    std::fprintf(stderr, "%s\n", metadata.error().c_str());
    return 2;
  }
  resource::Guard guard({.issuer = issuer,
                         .resource = origin + "/mcp",
                         .realm = "notes",
                         .public_origin = origin,
                         .resource_metadata = metadata->metadata_url()},
                        demo::transport(), clock);
  mcp::Server server(*std::move(metadata), guard, mcp::words_of(demo::setting("MCP_ORIGINS")), log);
  return demo::serve(port, [&](const auto& request) { return server.answer(request); }, log);
}
