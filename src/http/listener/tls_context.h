// What TLS connections share: protocol versions, ciphers, certificate and key. Immutable, so that a
// reload is a new context for new connections while old ones go on with theirs. TLS 1.2 and 1.3
// (RFC 9325).
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "http/listener/listener.h"

struct ssl_ctx_st;

namespace cardea::http {

class TlsContext {
 public:
  // Reads both files and checks that they belong together. The error names the file and never its
  // content.
  static Result<std::shared_ptr<const TlsContext>, std::string> load(
      const TlsFiles& files, Endpoint::ClientCertificates client_certificates);
  // Owns `context` from now on; load() is the way to a context with our policy.
  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  ssl_ctx_st* native() const { return context_; }

 private:
  ssl_ctx_st* context_;
};

}  // namespace cardea::http
