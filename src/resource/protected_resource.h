// What an API says about itself (RFC 9728), so that a client that knows nothing but its address
// finds out where tokens for it come from: as the clients of the Model Context Protocol do. The
// challenges of the guard point to it (GuardOptions::resource_metadata).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "http/message.h"

namespace cardea::resource {

// Absent texts are "", absent lists are empty; these are left out of the document.
struct ProtectedResourceOptions {
  // The identifier of this resource, as the guard has it: https (http on a loopback host), without
  // a fragment. A query is refused too, which RFC 9728 1.2 only discourages.
  std::string resource;
  std::vector<std::string> authorization_servers;  // issuers, at least one; clients take the first
  // Clients ask for all of these: name what is needed to begin, not what exists.
  std::vector<std::string> scopes_supported;
  std::string resource_name;           // for people
  std::string resource_documentation;  // https URL, for developers
  bool takes_dpop = false;             // the guard has a public_origin
  bool requires_dpop = false;          // every token has to be bound to a key (RFC 9449)
  bool takes_certificates = false;     // tokens may be bound to a client certificate (RFC 8705)
};

// One resource's metadata, written once. Thread-safe: immutable.
class ProtectedResource {
 public:
  // Refuses, with a sentence for the developer: a resource, issuer or documentation that is no such
  // URL, no issuer, requires_dpop without takes_dpop.
  static Result<ProtectedResource, std::string> make(const ProtectedResourceOptions& options);

  // Where the document is: the well-known path put between host and path of the resource (RFC 9728
  // 3.1). For GuardOptions::resource_metadata.
  const std::string& metadata_url() const { return metadata_url_; }

  // The answer where the request is for the document; nothing where it is for something else.
  // GET and HEAD get it (RFC 9728 3.2), readable by pages of every origin, for nothing in it is
  // secret; OPTIONS is a preflight; other methods get 405.
  std::optional<http::Response> answer(const http::Request& request) const;

 private:
  ProtectedResource(std::string url, std::string path, std::string document)
      : metadata_url_(std::move(url)), path_(std::move(path)), document_(std::move(document)) {}

  std::string metadata_url_;
  std::string path_;
  std::string document_;  // JSON
};

}  // namespace cardea::resource
