// Sessions of a TLS client; see tls_client.h.
#include "http/listener/tls_client.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "base/ip_address.h"

namespace cardea::http {
namespace {

std::string reason_of_last_error() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason == nullptr ? "the connection broke" : reason;
}

// "[::1]" of a URL is ::1.
std::string without_brackets(const std::string& host) {
  return host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
}

// RFC 6125 6.4; a literal is compared with the addresses of the certificate.
void expect_host(SSL* session, const std::string& host) {
  const auto name = without_brackets(host);
  if (parse_ip(name)) {
    ensure(X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), name.c_str()) == 1);
    return;
  }
  ensure(SSL_set1_host(session, name.c_str()) == 1);
  ensure(SSL_set_tlsext_host_name(session, name.c_str()) == 1);
}

}  // namespace

TlsClient::~TlsClient() {
  SSL_CTX_free(context_);
}

Result<std::shared_ptr<const TlsClient>, std::string> TlsClient::make(const std::string& ca_file) {
  ERR_clear_error();
  auto* context = SSL_CTX_new(TLS_client_method());
  if (context == nullptr) return refuse(std::string("TLS cannot be set up"));
  auto client = std::make_shared<const TlsClient>(context);
  static constexpr unsigned char protocols[] = "\x08http/1.1";
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);
  const bool sound = SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
                     SSL_CTX_set_alpn_protos(context, protocols, sizeof protocols - 1) == 0;
  if (!sound) return refuse(std::string("TLS cannot be set up"));
  const int trusted = ca_file.empty() ? SSL_CTX_set_default_verify_paths(context)
                                      : SSL_CTX_load_verify_file(context, ca_file.c_str());
  if (trusted != 1) {
    return refuse("cannot use CA file " + ca_file + ": " + reason_of_last_error());
  }
  return client;
}

TlsClientSession::TlsClientSession(std::shared_ptr<const TlsClient> client, int socket,
                                   const std::string& host)
    : client_(std::move(client)), session_(SSL_new(client_->context_)) {
  ensure(session_ != nullptr && SSL_set_fd(session_, socket) == 1);
  expect_host(session_, host);
  SSL_set_connect_state(session_);
}

TlsClientSession::~TlsClientSession() {
  SSL_free(session_);
}

TlsClientSession::Step TlsClientSession::shake_hands() {
  ERR_clear_error();
  return outcome(SSL_do_handshake(session_));
}

TlsClientSession::Step TlsClientSession::write(std::string_view bytes, std::size_t& moved) {
  ERR_clear_error();
  return outcome(SSL_write_ex(session_, bytes.data(), bytes.size(), &moved));
}

TlsClientSession::Step TlsClientSession::read(char* into, std::size_t size, std::size_t& moved) {
  ERR_clear_error();
  return outcome(SSL_read_ex(session_, into, size, &moved));
}

std::string TlsClientSession::failure() const {
  return failure_;
}

TlsClientSession::Step TlsClientSession::outcome(int result) {
  if (result == 1) return Step::done;
  switch (SSL_get_error(session_, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return Step::wants_io;
    case SSL_ERROR_ZERO_RETURN:
      return Step::closed;
    default: {
      const auto verdict = SSL_get_verify_result(session_);
      failure_ =
          verdict == X509_V_OK ? reason_of_last_error() : X509_verify_cert_error_string(verdict);
      return Step::failed;
    }
  }
}

}  // namespace cardea::http
