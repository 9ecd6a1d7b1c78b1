// What TLS connections share: protocol versions, ciphers, certificate and key. Immutable, so that a
// reload is a new context for new connections while old ones go on with theirs. TLS 1.2 and 1.3
// (RFC 9325).
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "http/listener/listener.h"
#include "http/listener/ticket_keys.h"

struct ssl_ctx_st;

namespace cardea::http {

class TlsContext {
 public:
  // Reads both files and checks that they belong together. The error names the file and never its
  // content. clock: of the ticket keys; the system's when null, else it outlives the context.
  static Result<std::shared_ptr<const TlsContext>, std::string> load(
      const TlsFiles& files, Endpoint::ClientCertificates client_certificates, const Clock* clock);
  // Owns `context` from now on; load() is the way to a context with our policy.
  TlsContext(ssl_ctx_st* context, const Clock* clock);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  ssl_ctx_st* native() const { return context_; }
  TicketKeys& ticket_keys() const { return *ticket_keys_; }
  Instant now() const { return clock_.now(); }

 private:
  ssl_ctx_st* context_;
  const SystemClock system_clock_;
  const Clock& clock_;
  const std::unique_ptr<TicketKeys> ticket_keys_;
};

}  // namespace cardea::http
