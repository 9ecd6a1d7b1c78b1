// The header fields of every page and asset: one place. Decision Q17; security corpus 6749-27,
// 6819-06, asvs-3.4.
#pragma once

#include <string>
#include <vector>

#include "http/message.h"
#include "server/pages/locale.h"
#include "server/settings/settings.h"

namespace cardea {

// Where the forms of a page may end. Browsers apply form-action to every later redirect, so a page
// whose POST can end at a client carries none (decision Q17).
enum class FormEnd { no_form, here, at_client, at_client_by_script };

http::Headers page_headers(const Settings& settings, Locale locale, FormEnd form_end);

// Of the session frame, which is any site's to frame: it has no control to be tricked into
// pressing, and clients come and go that no list of origins would name in time.
http::Headers frame_headers(const Settings& settings);

// Content-Security-Policy of a page without a form that loads these addresses in frames.
std::string framing_policy(const std::vector<std::string>& addresses);

// Content-Security-Policy of what is no page: nothing runs in it, nothing frames it.
inline constexpr std::string_view inert_policy = "default-src 'none'; frame-ancestors 'none'";

// Whether browsers are told to stay with https: never from a loopback issuer (decision P8).
bool sends_hsts(const Settings& settings);

inline constexpr std::string_view hsts_value = "max-age=31536000";

}  // namespace cardea
