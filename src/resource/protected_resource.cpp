// Protected resource metadata; see protected_resource.h.
#include "resource/protected_resource.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "base/url.h"
#include "protocol/dpop.h"
#include "protocol/scope.h"

namespace cardea::resource {
namespace {

constexpr std::string_view well_known = "/.well-known/oauth-protected-resource";

bool is_protected(const url::Parts& parts) {
  return parts.scheme == "https" || url::is_loopback_host(parts.host);
}

// RFC 9728 1.2 and RFC 8414 2: what may name a resource or an issuer.
bool is_identifier(std::string_view text) {
  const auto parts = url::parse(text);
  return parts && is_protected(*parts) && !parts->query && !parts->fragment;
}

std::optional<std::string> objection(const ProtectedResourceOptions& options) {
  if (!is_identifier(options.resource)) {
    return "resource must be an https URL without query and fragment (RFC 9728 1.2)";
  }
  if (options.authorization_servers.empty()) {
    return "authorization_servers must name an issuer; clients take the first";
  }
  if (!std::ranges::all_of(options.authorization_servers, is_identifier)) {
    return "authorization_servers must be issuers: https URLs without query and fragment";
  }
  if (!std::ranges::all_of(options.scopes_supported, is_scope_token)) {
    return "scopes_supported must be scope tokens (RFC 6749 3.3)";
  }
  const auto& documentation = options.resource_documentation;
  const auto parts = url::parse(documentation);
  if (!documentation.empty() && (!parts || parts->scheme != "https")) {
    return "resource_documentation must be an https URL";
  }
  if (options.requires_dpop && !options.takes_dpop) return "requires_dpop needs takes_dpop";
  return std::nullopt;
}

json::Array texts(const std::vector<std::string>& list) {
  return {list.begin(), list.end()};
}

// RFC 9728 2.
json::Object document_of(const ProtectedResourceOptions& options) {
  json::Object document{{"resource", options.resource},
                        {"authorization_servers", texts(options.authorization_servers)}};
  if (!options.scopes_supported.empty()) {
    document.set("scopes_supported", texts(options.scopes_supported));
  }
  document.set("bearer_methods_supported", json::Array{"header"});
  if (!options.resource_name.empty()) document.set("resource_name", options.resource_name);
  if (!options.resource_documentation.empty()) {
    document.set("resource_documentation", options.resource_documentation);
  }
  if (options.takes_certificates) {
    document.set("tls_client_certificate_bound_access_tokens", true);
  }
  if (options.takes_dpop) {
    json::Array algorithms;
    for (const auto algorithm : dpop_algorithms())
      algorithms.emplace_back(jose::name_of(algorithm));
    document.set("dpop_signing_alg_values_supported", std::move(algorithms));
    document.set("dpop_bound_access_tokens_required", options.requires_dpop);
  }
  return document;
}

// The path of the document. RFC 9728 3.1: a slash that is all of the path is removed first.
std::string metadata_path(const std::string& path) {
  return std::string(well_known) + (path == "/" ? "" : path);
}

}  // namespace

Result<ProtectedResource, std::string> ProtectedResource::make(
    const ProtectedResourceOptions& options) {
  if (auto reason = objection(options)) return refuse(*std::move(reason));
  const auto parts = url::parse(options.resource);
  auto path = metadata_path(parts->path);
  return ProtectedResource(parts->origin() + path, path, json::write(document_of(options)));
}

std::optional<http::Response> ProtectedResource::answer(const http::Request& request) const {
  if (request.path() != path_) return std::nullopt;
  http::Response response{.status = 200,
                          .headers = {{"Access-Control-Allow-Origin", "*"},
                                      {"Cache-Control", "public, max-age=3600"},
                                      {"X-Content-Type-Options", "nosniff"}},
                          .body = {}};
  if (request.method == "OPTIONS") {
    response.status = 204;
    response.headers.set("Access-Control-Allow-Methods", "GET, HEAD");
    response.headers.set("Access-Control-Allow-Headers", "MCP-Protocol-Version");
    return response;
  }
  if (request.method != "GET" && request.method != "HEAD") {
    return http::Response{.status = 405, .headers = {{"Allow", "GET, HEAD, OPTIONS"}}, .body = {}};
  }
  response.headers.set("Content-Type", "application/json");
  if (request.method == "GET") response.body = document_;
  return response;
}

}  // namespace cardea::resource
