// The client certificate that a proxy which ends TLS passes on in a header (RFC 8705 6.5): the leaf
// alone, as RFC 9440 2.1 writes it (`:base64 of the DER:`) or as nginx's $ssl_client_escaped_cert
// (percent-encoded PEM). Whether the sender is to be believed is the caller's question. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace cardea::http {

// DER; nothing when the value is not exactly one certificate in one of the two forms.
std::optional<std::string> read_certificate_header(std::string_view value);

// Takes the header of this name out of a request: its certificate, or none where it is absent or
// empty. Nothing when it is there twice or is not one certificate.
std::optional<std::vector<std::string>> take_certificate_header(Headers& headers,
                                                                std::string_view name);

}  // namespace cardea::http
