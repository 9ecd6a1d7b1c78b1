// Checks of [mtls]; see mutual_tls.h.
#include "app/config/mutual_tls.h"

#include "base/url.h"
#include "http/message.h"

namespace cardea::app {

std::vector<MemberProblem> mutual_tls_problems(const Config& config) {
  std::vector<MemberProblem> problems;
  const auto& header = config.mtls_certificate_header;
  const auto& origin = config.settings.mtls_origin;
  const bool listens = !config.mtls_listen.empty();
  if (listens && (config.tls_certificate.empty() || origin.empty())) {
    problems.push_back({"mtls.listen", "needs [tls] certificate and key, and mtls.origin"});
  }
  if (!origin.empty() && !listens && header.empty()) {
    problems.push_back({"mtls.origin", "needs mtls.listen or mtls.certificate_header"});
  }
  const auto parts = url::parse(origin);
  const bool is_origin = parts && parts->scheme == "https" && parts->origin() == origin;
  if (!origin.empty() && (!is_origin || origin == config.settings.issuer_origin)) {
    problems.push_back(
        {"mtls.origin", "must be an https origin other than the issuer's, without a path"});
  }
  if (header.empty()) return problems;
  if (!http::is_field_name(header)) {
    problems.push_back({"mtls.certificate_header", "is no name of a header"});
  }
  if (config.trusted_proxies.empty()) {
    problems.push_back(
        {"mtls.certificate_header", "counts from trusted_proxies alone, and there are none"});
  }
  return problems;
}

}  // namespace cardea::app
