// Loading a TLS context; see tls_context.h.
#include "http/listener/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <string_view>

#include "base/limits.h"

namespace cardea::http {
namespace {

// Just the recommended ones (RFC 9325 4.2), which FAPI asks for as well (FAPI 2.0 Security Profile
// 5.2.2); TLS 1.3 has its own, all of them fine.
constexpr const char* tls12_ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384";

std::string openssl_reason(std::string_view what, std::string_view file) {
  const auto code = ERR_peek_last_error();
  const char* reason = ERR_reason_error_string(code);
  std::string text = std::string(what) + " " + std::string(file);
  if (reason != nullptr) text += std::string(": ") + reason;
  ERR_clear_error();
  return text;
}

// A key file under a passphrase is an error, not a question on the terminal.
int no_passphrase(char*, int, int, void*) {
  return 0;
}

// RFC 7301 3.2: a client that offers protocols must offer one of ours; of both we take HTTP/2
// (RFC 9113 3.2). Who offers none gets HTTP/1.1.
int select_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  static constexpr unsigned char ours[] = "\x02h2\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, ours, sizeof ours - 1, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

bool set_policy(SSL_CTX* context) {
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // tickets carry the sessions
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_timeout(context, 2 * 3600);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_alpn_select_cb(context, select_protocol, nullptr);
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  static constexpr unsigned char id[] = "cardea";
  return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
         SSL_CTX_set_cipher_list(context, tls12_ciphers) == 1 &&
         SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1 &&
         SSL_CTX_set_session_id_context(context, id, sizeof id - 1) == 1;
}

// Every certificate passes the handshake, whose own check is that the client holds the key
// (RFC 8705 2.2): whom a certificate names, and who vouches for it, is the handler's question.
int accept_any(int, X509_STORE_CTX*) {
  return 1;
}

void ask_for_certificate(SSL_CTX* context) {
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE, accept_any);
  SSL_CTX_set_max_cert_list(context, limits::client_certificate_bytes_max);
  // A ticket carries the leaf and not its chain.
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context, 0);
}

}  // namespace

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
}

Result<std::shared_ptr<const TlsContext>, std::string> TlsContext::load(
    const TlsFiles& files, Endpoint::ClientCertificates client_certificates) {
  ERR_clear_error();
  auto* native = SSL_CTX_new(TLS_server_method());
  if (native == nullptr) return refuse(std::string("TLS cannot be set up"));
  const auto context = std::make_shared<const TlsContext>(native);
  if (!set_policy(native)) return refuse(openssl_reason("TLS cannot be set up", ""));
  if (client_certificates == Endpoint::ClientCertificates::asked) ask_for_certificate(native);
  if (SSL_CTX_use_certificate_chain_file(native, files.certificate.c_str()) != 1) {
    return refuse(openssl_reason("cannot use certificate file", files.certificate));
  }
  // Checks that the key belongs to the certificate, too.
  if (SSL_CTX_use_PrivateKey_file(native, files.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(native) != 1) {
    return refuse(openssl_reason("cannot use key file", files.key));
  }
  return context;
}

}  // namespace cardea::http
