// Reading certificate headers; see certificate_header.h.
#include "http/listener/certificate_header.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <utility>

#include "base/base64url.h"
#include "base/limits.h"
#include "base/url.h"

namespace cardea::http {
namespace {

constexpr std::string_view pem_begin = "-----BEGIN CERTIFICATE-----\n";
constexpr std::string_view pem_end = "-----END CERTIFICATE-----";
constexpr std::size_t pem_line_max = 64;  // RFC 7468 2: every line but the last is full

// RFC 7468 3, strict: one certificate, LF, full lines. Nothing that two readers could take for
// different bytes.
std::optional<std::string> decode_pem(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (!text.starts_with(pem_begin) || !text.ends_with(pem_end)) return std::nullopt;
  text.remove_prefix(pem_begin.size());
  if (text.size() < pem_end.size()) return std::nullopt;
  text.remove_suffix(pem_end.size());
  std::string base64;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos || end == 0 || end > pem_line_max) return std::nullopt;
    const bool is_last = end + 1 == text.size();
    if (!is_last && end != pem_line_max) return std::nullopt;
    base64.append(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return base64_decode(base64);
}

std::optional<std::string> decode(std::string_view value) {
  if (value.starts_with(':')) {
    if (value.size() < 2 || !value.ends_with(':')) return std::nullopt;
    return base64_decode(value.substr(1, value.size() - 2));
  }
  const auto text = url::decode(value);
  return text ? decode_pem(*text) : std::nullopt;
}

bool is_certificate(std::string_view der) {
  const auto* begin = reinterpret_cast<const unsigned char*>(der.data());
  const auto* at = begin;
  X509* certificate = d2i_X509(nullptr, &at, static_cast<long>(der.size()));
  ERR_clear_error();
  X509_free(certificate);
  return certificate != nullptr && at == begin + der.size();
}

}  // namespace

std::optional<std::string> read_certificate_header(std::string_view value) {
  if (value.size() > limits::client_certificate_bytes_max) return std::nullopt;
  auto der = decode(value);
  if (!der || !is_certificate(*der)) return std::nullopt;
  return der;
}

std::optional<std::vector<std::string>> take_certificate_header(Headers& headers,
                                                                std::string_view name) {
  std::vector<std::string> certificates;
  const auto values = headers.all(name);
  if (values.size() > 1) return std::nullopt;
  if (!values.empty() && !values.front().empty()) {
    auto certificate = read_certificate_header(values.front());
    if (!certificate) return std::nullopt;
    certificates.push_back(*std::move(certificate));
  }
  headers.remove(name);
  return certificates;
}

}  // namespace cardea::http
