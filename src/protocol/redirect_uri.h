// Redirect URIs: which may be registered, and when a presented one equals a registered one. RFC
// 6749 3.1.2, RFC 8252 7, RFC 9700 4.1, decision Q9. Matching compares bytes and never parses; the
// string sent in Location is the presented one, never a re-serialised parse.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/spec.h"
#include "protocol/vocabulary.h"

namespace cardea {

// Why a presented value is refused before any comparison; nothing when it may be compared: longer
// than limits::redirect_uri_bytes_max, not UTF-8, a byte at or below 0x20, 0x7F, a backslash, or
// any non-ASCII byte. The text is a literal and holds no input.
std::optional<std::string_view> redirect_uri_defect(std::string_view presented);

// Equal bytes; for a native client also two strings of the form http://127.0.0.1[:port]path?,
// http://[::1][:port]path? or http://localhost[:port]path? of the same host spelling that differ
// only in the port (1-65535, no leading zero; RFC 8252 7.3). False also where redirect_uri_defect
// has something to say. Swapping the two strings changes nothing.
bool match_redirect_uri(std::string_view registered, std::string_view presented,
                        ApplicationType application_type);

// What decides which URIs a client may register.
struct RedirectUriPolicy {
  ApplicationType application_type = ApplicationType::web;
  bool development = false;  // decision Q9: exact loopback URIs for a web client
};

struct RedirectUriProblem {
  std::string reason;  // "must not have a fragment"; ends without a full stop
  SpecRef spec;
  bool is_warning = false;
};
// Every objection to one URI; those that are not warnings refuse it. Also the rule for
// post_logout_redirect_uris. Pure.
std::vector<RedirectUriProblem> check_redirect_uri_registration(std::string_view uri,
                                                                const RedirectUriPolicy& policy);

// Whether the URI goes to the person's own machine: an http or https URI of a loopback host, or one
// of a private-use scheme. Anything there can answer, so consent is never skipped (decision Q20).
bool is_local_redirect_uri(std::string_view uri);

}  // namespace cardea
