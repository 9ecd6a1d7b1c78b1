// OAuth 2.0 Protected Resource Metadata (RFC 9728), as an API behind cardea::resource serves it.
#include "resource/protected_resource.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace cardea::rfc9728_test {

using resource::ProtectedResource;
using resource::ProtectedResourceOptions;

ProtectedResourceOptions options(const std::string& resource = "https://api.example/mcp") {
  return {.resource = resource, .authorization_servers = {"https://id.example"}};
}

ProtectedResource made(const ProtectedResourceOptions& by = options()) {
  auto api = ProtectedResource::make(by);
  EXPECT_TRUE(api) << (api ? "" : api.error());
  return *std::move(api);
}

std::optional<http::Response> ask(const ProtectedResource& api, const std::string& target,
                                  const std::string& method = "GET") {
  return api.answer({.method = method, .target = target, .headers = {}, .body = {}});
}

const std::string path = "/.well-known/oauth-protected-resource/mcp";

// RFC9728-3.1; 9728-01: the well-known path stands between host and path
TEST(Rfc9728, S3_1_WhereTheDocumentIs) {
  const std::string known = "/.well-known/oauth-protected-resource";
  for (const auto& [resource, url] : std::vector<std::pair<std::string, std::string>>{
           {"https://api.example", "https://api.example" + known},
           {"https://api.example/", "https://api.example" + known},
           {"https://api.example/mcp", "https://api.example" + known + "/mcp"},
           {"https://api.example/mcp/", "https://api.example" + known + "/mcp/"},
           {"http://127.0.0.1:8080/mcp", "http://127.0.0.1:8080" + known + "/mcp"}}) {
    EXPECT_EQ(made(options(resource)).metadata_url(), url);
  }
  const auto api = made();
  EXPECT_TRUE(ask(api, path).has_value());
  for (const auto* other : {"/mcp", "/.well-known/oauth-protected-resource",
                            "/.well-known/oauth-protected-resource/mcp/", "/"}) {
    EXPECT_FALSE(ask(api, other).has_value()) << other;
  }
}

// RFC9728-2, 3.2; 9728-02: what the document says, and nothing that is absent
TEST(Rfc9728, S2_TheDocument) {
  const auto plain = ask(made(), path);
  ASSERT_TRUE(plain.has_value());
  EXPECT_EQ(plain->status, 200);
  EXPECT_EQ(plain->headers.first("Content-Type"), "application/json");
  EXPECT_EQ(plain->headers.first("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(
      plain->body,
      R"({"resource":"https://api.example/mcp","authorization_servers":["https://id.example"],)"
      R"("bearer_methods_supported":["header"]})");

  auto all = options();
  all.scopes_supported = {"notes.read"};
  all.resource_name = "Notes";
  all.resource_documentation = "https://api.example/docs";
  all.takes_dpop = all.requires_dpop = all.takes_certificates = true;
  const auto document = json::parse_object(ask(made(all), path)->body);
  ASSERT_TRUE(document);
  EXPECT_EQ(json::strings_member(*document, "scopes_supported"),
            std::vector<std::string>{"notes.read"});
  EXPECT_EQ(json::string_member(*document, "resource_name"), "Notes");
  EXPECT_EQ(json::string_member(*document, "resource_documentation"), "https://api.example/docs");
  EXPECT_EQ(json::bool_member(*document, "dpop_bound_access_tokens_required"), true);
  EXPECT_EQ(json::bool_member(*document, "tls_client_certificate_bound_access_tokens"), true);
  EXPECT_FALSE(json::strings_member(*document, "dpop_signing_alg_values_supported")->empty());
}

// RFC9728-3.2; 9728-02: only reading, from pages too
TEST(Rfc9728, S3_2_OnlyReading) {
  const auto api = made();
  const auto head = ask(api, path, "HEAD");
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->body, "");
  const auto preflight = ask(api, path, "OPTIONS");
  EXPECT_EQ(preflight->status, 204);
  EXPECT_EQ(preflight->headers.first("Access-Control-Allow-Headers"), "MCP-Protocol-Version");
  const auto post = ask(api, path, "POST");
  EXPECT_EQ(post->status, 405);
  EXPECT_EQ(post->headers.first("Allow"), "GET, HEAD, OPTIONS");
}

// RFC9728-1.2; 9728-03: what cannot be such a resource is refused before anybody reads it
TEST(Rfc9728, S1_2_WrongOptionsAreRefused) {
  const auto refuses = [](auto change) {
    auto changed = options();
    change(changed);
    return !ProtectedResource::make(changed);
  };
  for (const auto* resource : {"", "api", "http://api.example", "https://api.example#x",
                               "https://api.example/?tenant=1", "https://user@api.example"}) {
    EXPECT_TRUE(refuses([&](auto& it) { it.resource = resource; })) << resource;
  }
  EXPECT_TRUE(refuses([](auto& it) { it.authorization_servers.clear(); }));
  EXPECT_TRUE(refuses([](auto& it) { it.authorization_servers = {"http://id.example"}; }));
  EXPECT_TRUE(refuses([](auto& it) { it.scopes_supported = {"two words"}; }));
  EXPECT_TRUE(refuses([](auto& it) { it.resource_documentation = "http://api.example/docs"; }));
  EXPECT_TRUE(refuses([](auto& it) { it.requires_dpop = true; }));
}

}  // namespace cardea::rfc9728_test
