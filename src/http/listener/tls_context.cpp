// Loading a TLS context; see tls_context.h.
#include "http/listener/tls_context.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "base/limits.h"
#include "crypto/random.h"

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

Random& system_random() {
  static crypto::SystemRandom random;  // has no state of its own
  return random;
}

unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<unsigned char*>(const_cast<char*>(text.data()));
}

bool set_keys(const TicketKey& key, const unsigned char* iv, EVP_CIPHER_CTX* cipher,
              EVP_MAC_CTX* mac, int seals) {
  static char digest[] = "SHA256";
  std::array<OSSL_PARAM, 3> parameters{
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, bytes_of(key.mac.reveal()),
                                        key.mac.reveal().size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  return EVP_MAC_CTX_set_params(mac, parameters.data()) == 1 &&
         EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), nullptr, bytes_of(key.cipher.reveal()), iv,
                           seals) == 1;
}

// Answers of the library's: an error ends the handshake, an unknown key makes it a full one, and a
// ticket of an older key is followed by one of the newest.
enum TicketAnswer : int {
  ticket_error = -1,
  ticket_unknown = 0,
  ticket_good = 1,
  ticket_renew = 2
};

int choose_ticket_key(SSL* session, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                      EVP_MAC_CTX* mac, int seals) noexcept {
  try {
    const auto* context =
        static_cast<const TlsContext*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(session)));
    const auto newest = context->ticket_keys().sealing(context->now());
    if (seals != 0) {
      std::ranges::copy(newest->name, name);
      system_random().fill(std::as_writable_bytes(std::span(iv, EVP_MAX_IV_LENGTH)));
      return set_keys(*newest, iv, cipher, mac, seals) ? ticket_good : ticket_error;
    }
    const std::string_view asked(reinterpret_cast<const char*>(name), TicketKeys::name_bytes);
    const auto key = context->ticket_keys().opening(asked, context->now());
    if (!key) return ticket_unknown;
    if (!set_keys(*key, iv, cipher, mac, seals)) return ticket_error;
    return key == newest ? ticket_good : ticket_renew;
  } catch (...) {
    return ticket_error;
  }
}

bool set_policy(SSL_CTX* context) {
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // tickets carry the sessions
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_timeout(context, TicketKeys::ticket_lifetime.count);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_alpn_select_cb(context, select_protocol, nullptr);
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  static constexpr unsigned char id[] = "cardea";
  return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
         SSL_CTX_set_cipher_list(context, tls12_ciphers) == 1 &&
         SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1 &&
         SSL_CTX_set_session_id_context(context, id, sizeof id - 1) == 1 &&
         SSL_CTX_set_tlsext_ticket_key_evp_cb(context, choose_ticket_key) == 1;
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

TlsContext::TlsContext(ssl_ctx_st* context, const Clock* clock)
    : context_(context),
      clock_(clock != nullptr ? *clock : system_clock_),
      ticket_keys_(std::make_unique<TicketKeys>(system_random())) {
  SSL_CTX_set_app_data(context, this);
}

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
}

Result<std::shared_ptr<const TlsContext>, std::string> TlsContext::load(
    const TlsFiles& files, Endpoint::ClientCertificates client_certificates, const Clock* clock) {
  ERR_clear_error();
  auto* native = SSL_CTX_new(TLS_server_method());
  if (native == nullptr) return refuse(std::string("TLS cannot be set up"));
  const auto context = std::make_shared<const TlsContext>(native, clock);
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
