// The matching rule of the security corpus 3.1 and its registration rows 3.4; see redirect_uri.h.
#include "protocol/redirect_uri.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/limits.h"
#include "base/url.h"

namespace cardea {
namespace {

constexpr std::array<std::string_view, 3> loopback_prefixes{"http://127.0.0.1", "http://[::1]",
                                                            "http://localhost"};

// Parameters that an authorization response may add; none may be in a registered query, so that
// nothing needs merging (security corpus 3.1 rule 4).
constexpr std::array<std::string_view, 9> response_parameters{
    "code",      "state",    "iss",      "error",       "error_description",
    "error_uri", "response", "id_token", "access_token"};

bool is_port(std::string_view digits) {
  if (digits.empty() || digits.size() > 5 || digits.front() == '0') return false;
  if (!std::ranges::all_of(digits, ascii::is_digit)) return false;
  int port = 0;
  for (const char c : digits) port = port * 10 + (c - '0');
  return port <= 65535;
}

// A URI of the form prefix[:port]rest, where rest is empty or begins with "/" or "?".
struct LoopbackUri {
  std::string_view prefix;
  std::string_view rest;
  friend bool operator==(const LoopbackUri&, const LoopbackUri&) = default;
};
std::optional<LoopbackUri> loopback_uri(std::string_view uri) {
  for (const std::string_view prefix : loopback_prefixes) {
    if (!uri.starts_with(prefix)) continue;
    std::string_view rest = uri.substr(prefix.size());
    if (rest.starts_with(':')) {
      const auto end = std::min(rest.find_first_of("/?#"), rest.size());
      if (!is_port(rest.substr(1, end - 1))) return std::nullopt;
      rest.remove_prefix(end);
    }
    if (!rest.empty() && rest.front() != '/' && rest.front() != '?') return std::nullopt;
    if (rest.find('#') != std::string_view::npos) return std::nullopt;
    return LoopbackUri{prefix, rest};
  }
  return std::nullopt;
}

// The scheme as written, or "" when the text does not begin with one (RFC 3986 3.1).
std::string_view scheme_of(std::string_view uri) {
  const auto colon = uri.find(':');
  if (colon == std::string_view::npos || colon == 0 || !ascii::is_alpha(uri.front())) return {};
  const std::string_view scheme = uri.substr(0, colon);
  const bool ok = std::ranges::all_of(
      scheme, [](char c) { return ascii::is_alnum(c) || c == '+' || c == '-' || c == '.'; });
  return ok ? scheme : std::string_view{};
}

bool is_dot_segment(std::string_view segment) {
  const auto plain = url::decode(segment);
  return plain == "." || plain == "..";
}

bool has_dot_segment(std::string_view path) {
  return std::ranges::any_of(ascii::Parts(path, '/'), is_dot_segment);
}

bool is_domain_name_too_long(std::string_view host) {
  return host.size() > 253 || std::ranges::any_of(ascii::Parts(host, '.'),
                                                  [](std::string_view l) { return l.size() > 63; });
}

// Collects the objections to one URI.
class Registration {
 public:
  Registration(std::string_view uri, const RedirectUriPolicy& policy)
      : uri_(uri), policy_(policy) {}

  std::vector<RedirectUriProblem> check() && {
    if (!check_bytes()) return std::move(problems_);
    check_text();
    const std::string scheme = ascii::lower(scheme_of(uri_));
    if (scheme.empty()) {
      refuse_it("must be an absolute URI with a scheme", rfc6749("3.1.2"));
    } else if (scheme == "http" || scheme == "https") {
      check_http(scheme);
    } else {
      check_private_scheme(scheme);
    }
    return std::move(problems_);
  }

 private:
  void refuse_it(std::string reason, SpecRef spec) {
    problems_.push_back({std::move(reason), spec, false});
  }
  void warn(std::string reason, SpecRef spec) {
    problems_.push_back({std::move(reason), spec, true});
  }

  bool check_bytes() {
    if (uri_.empty()) {
      refuse_it("must not be empty", rfc6749("3.1.2"));
    } else if (std::ranges::any_of(uri_, [](char c) { return static_cast<signed char>(c) < 0; })) {
      refuse_it("must be ASCII; write an international host name as its A-label (xn--...)",
                rfc6749("3.1.2"));
    } else if (const auto defect = redirect_uri_defect(uri_)) {
      refuse_it(std::string(*defect), rfc6749("3.1.2"));
    }
    return problems_.empty();
  }

  void check_text() {
    if (uri_.find('#') != std::string_view::npos) {
      refuse_it("must not have a fragment", rfc6749("3.1.2"));
    }
    if (uri_.find('*') != std::string_view::npos) {
      refuse_it("must not hold a wildcard; list every URI", rfc9700("4.1.3"));
    }
    if (uri_.find_first_of("\"<>^`{|}") != std::string_view::npos) {
      refuse_it("holds a character that RFC 3986 does not allow in a URI", rfc6749("3.1.2"));
    }
    const auto plain = url::decode(uri_);
    if (!plain) {
      refuse_it("has a malformed percent-escape", rfc6749("3.1.2"));
    } else if (std::ranges::any_of(*plain,
                                   [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; })) {
      warn("holds an escaped control character", rfc6749("3.1.2"));
    }
  }

  void check_http(std::string_view scheme) {
    const auto parts = url::parse(uri_);
    if (!parts) {
      return refuse_it("is not a valid URL: check host, port (1-65535) and that it has no userinfo",
                       rfc6749("3.1.2"));
    }
    if (!uri_.starts_with(std::string(scheme) + "://" + parts->host)) {
      warn("should have its scheme and host in lower case, as requests are compared byte by byte",
           rfc9700("4.1.3"));
    }
    if (parts->host.ends_with('.')) {
      refuse_it("must not have a host that ends with a dot", rfc9700("4.1.3"));
    }
    if (is_domain_name_too_long(parts->host)) {
      refuse_it("has a host longer than a domain name can be", rfc6749("3.1.2"));
    }
    check_path_and_query(parts->path, parts->query);
    if (url::is_loopback_host(parts->host)) {
      check_loopback(scheme, *parts);
    } else if (scheme == "http") {
      refuse_it("must use https", rfc9700("2.6"));
    }
  }

  void check_path_and_query(std::string_view path, const std::optional<std::string>& query) {
    if (has_dot_segment(path)) refuse_it("must not have dot segments", rfc9700("4.1.3"));
    if (!query) return;
    for (const std::string_view pair : ascii::Parts(*query, '&')) {
      const auto name = url::form_decode(pair.substr(0, pair.find('=')));
      if (name && std::ranges::find(response_parameters, *name) != response_parameters.end()) {
        refuse_it(
            "must not have the query parameter " + *name + ", which an authorization response adds",
            rfc6749("3.1.2"));
      }
    }
  }

  void check_loopback(std::string_view scheme, const url::Parts& parts) {
    if (policy_.application_type == ApplicationType::web) {
      if (!policy_.development) {
        refuse_it(
            "must not be a loopback address for a web client; "
            "mark a client under development with development = true",
            cardea_policy("Q9"));
      } else if (scheme == "http" && !loopback_uri(uri_)) {
        refuse_it("must spell the host as 127.0.0.1, [::1] or localhost", cardea_policy("Q9"));
      }
      return;
    }
    if (scheme != "http") return;
    if (!loopback_uri(uri_)) {
      refuse_it("must spell the host as 127.0.0.1, [::1] or localhost", rfc8252("7.3"));
    } else if (parts.host == "localhost") {
      warn("should use 127.0.0.1 or [::1] rather than localhost", rfc8252("8.3"));
    }
  }

  void check_private_scheme(std::string_view scheme) {
    if (scheme.find('.') == std::string_view::npos) {
      return refuse_it(
          "must use https, or for a native client a scheme that is a domain name "
          "in reverse (com.example.app)",
          rfc8252("7.1"));
    }
    if (policy_.application_type == ApplicationType::web) {
      return refuse_it("must use https; a private-use scheme is for native clients",
                       rfc8252("7.1"));
    }
    const std::string_view rest = uri_.substr(scheme.size() + 1);
    if (!rest.starts_with('/')) {
      return refuse_it("must have a path after its private-use scheme", rfc8252("7.1"));
    }
    if (rest.starts_with("//")) {
      warn("should have one slash after its private-use scheme", rfc8252("7.1"));
    }
    if (scheme_of(uri_) != scheme) {
      warn("should have its scheme in lower case", rfc8252("7.1"));
    }
    const auto question = rest.find('?');
    check_path_and_query(rest.substr(0, question),
                         question == std::string_view::npos
                             ? std::nullopt
                             : std::optional(std::string(rest.substr(question + 1))));
  }

  std::string_view uri_;
  RedirectUriPolicy policy_;
  std::vector<RedirectUriProblem> problems_;
};

}  // namespace

std::optional<std::string_view> redirect_uri_defect(std::string_view presented) {
  // RFC 9700 4.1.3; security corpus 3.1 rule 3: never cut, trimmed or repaired.
  if (presented.size() > limits::redirect_uri_bytes_max) return "is longer than 2048 bytes";
  if (!ascii::is_utf8(presented)) return "is not UTF-8";
  for (const char c : presented) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f) return "holds a space or control character";
    if (byte > 0x7f) return "holds a non-ASCII character";
    if (c == '\\') return "holds a backslash";
  }
  return std::nullopt;
}

bool match_redirect_uri(std::string_view registered, std::string_view presented,
                        ApplicationType application_type) {
  if (redirect_uri_defect(presented)) return false;
  if (registered == presented) return true;
  if (application_type != ApplicationType::native) return false;
  // RFC 8252 7.3: any port at the time of the request.
  const auto a = loopback_uri(registered);
  return a && a == loopback_uri(presented);
}

std::vector<RedirectUriProblem> check_redirect_uri_registration(std::string_view uri,
                                                                const RedirectUriPolicy& policy) {
  return Registration(uri, policy).check();
}

bool is_local_redirect_uri(std::string_view uri) {
  const std::string scheme = ascii::lower(scheme_of(uri));
  if (scheme != "http" && scheme != "https") return true;
  const auto parts = url::parse(uri);
  return !parts || url::is_loopback_host(parts->host);
}

}  // namespace cardea
