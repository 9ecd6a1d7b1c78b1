// The parts of a certificate; see x509.h.
#include "crypto/x509.h"

#include <arpa/inet.h>
#include <time.h>

#include "base/result.h"

namespace cardea::crypto {

std::string content(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

std::optional<Instant> instant_of(const ASN1_TIME* time) {
  tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return Instant::from_seconds(timegm(&parts));
}

std::string subject_of(const X509* certificate) {
  // Without ESC_MSB, which would write every letter beyond ASCII as its octets.
  constexpr auto form = XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
  const Bio bio(BIO_new(BIO_s_mem()));
  ensure(bio && X509_NAME_print_ex(bio.get(), X509_get_subject_name(certificate), 0, form) >= 0);
  return content(bio.get());
}

std::string ip_text(std::string_view address) {
  char text[INET6_ADDRSTRLEN] = "";
  const int family = address.size() == 4 ? AF_INET : AF_INET6;
  if (address.size() != 4 && address.size() != 16) return "";
  return inet_ntop(family, address.data(), text, sizeof text) == nullptr ? "" : text;
}

AlternativeNames alternative_names_of(const X509* certificate) {
  return AlternativeNames(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
}

AlternativeName alternative_name(const GENERAL_NAMES* names, int at) {
  AlternativeName name;
  const void* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, at), &name.kind);
  const bool is_text = name.kind == GEN_DNS || name.kind == GEN_URI || name.kind == GEN_EMAIL ||
                       name.kind == GEN_IPADD;
  if (!is_text) return name;
  const auto* text = static_cast<const ASN1_STRING*>(value);
  name.bytes.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                    static_cast<std::size_t>(ASN1_STRING_length(text)));
  return name;
}

}  // namespace cardea::crypto
