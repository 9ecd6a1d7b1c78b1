// One policy for all pages; only the form part differs.
#include "server/pages/page_headers.h"

#include <set>

#include "base/url.h"

namespace cardea {
namespace {

std::string content_security_policy(FormEnd form_end) {
  std::string policy =
      "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
      "frame-ancestors 'none'";
  switch (form_end) {
    case FormEnd::no_form:
      return policy + "; form-action 'none'";
    case FormEnd::here:
      return policy + "; form-action 'self'";
    case FormEnd::at_client:
      return policy;
    case FormEnd::at_client_by_script:
      return policy + "; script-src 'self'";
  }
  return policy;
}

}  // namespace

std::string framing_policy(const std::vector<std::string>& addresses) {
  std::set<std::string> origins;
  for (const auto& address : addresses) {
    if (const auto parts = url::parse(address)) origins.insert(parts->origin());
  }
  auto policy = content_security_policy(FormEnd::no_form) + "; script-src 'self'; frame-src";
  for (const auto& origin : origins) policy.append(" ").append(origin);
  return policy;
}

bool sends_hsts(const Settings& settings) {
  return settings.issuer_is_https && !settings.issuer_is_loopback;
}

http::Headers page_headers(const Settings& settings, Locale locale, FormEnd form_end) {
  http::Headers headers{
      {"Content-Type", "text/html; charset=utf-8"},
      {"Content-Language", std::string(tag_of(locale))},
      {"Content-Security-Policy", content_security_policy(form_end)},
      {"X-Frame-Options", "DENY"},  // RFC 6749 10.13
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"},  // RFC 9700 4.2
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cache-Control", "no-store"},
      {"Vary", "Accept-Language, Cookie"},
  };
  if (sends_hsts(settings)) headers.add("Strict-Transport-Security", hsts_value);
  return headers;
}

http::Headers frame_headers(const Settings& settings) {
  http::Headers headers{
      {"Content-Type", "text/html; charset=utf-8"},
      {"Content-Security-Policy",
       "default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'none'; "
       "frame-ancestors *"},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"},
      {"Cache-Control", "public, max-age=3600"},
  };
  if (sends_hsts(settings)) headers.add("Strict-Transport-Security", hsts_value);
  return headers;
}

}  // namespace cardea
