// The redirect_uri check; see reply_target.h. Rules: security corpus 3.1, decision Q9.
#include "server/authorize/reply_target.h"

#include <algorithm>
#include <array>

#include "base/url.h"
#include "protocol/authorization_response.h"
#include "protocol/redirect_uri.h"
#include "protocol/scope.h"

namespace cardea {
namespace {

PageError page(OAuthError error, std::string fix) {
  return {std::move(error), std::move(fix), 400};
}

PageError nothing_registered() {
  return page(
      {ErrorCode::invalid_request, "CARDEA-REDIRECT-001", rfc6749("3.1.2.2"),
       "The client has no registered redirect_uri.", "the client registers no redirect_uris"},
      "Register the address of the app's callback as redirect_uris of the client.");
}

PageError defective(std::string_view defect) {
  return page({ErrorCode::invalid_request, "CARDEA-REDIRECT-002", rfc6749("3.1.2"),
               "The redirect_uri is malformed.",
               "redirect_uri is refused before any comparison: " + std::string(defect)},
              "Send the registered redirect_uri, form-encoded once.");
}

PageError unregistered(const AuthorizationRequest& request, const Client& client) {
  std::string registered;
  for (const std::string& uri : client.redirect_uris) registered += " <" + uri + ">";
  return page({ErrorCode::invalid_request, "CARDEA-REDIRECT-003", rfc9700("2.1"),
               "The redirect_uri is not registered for this client.",
               "presented <" + *request.redirect_uri + ">, registered:" + registered},
              "Register exactly the presented address, or send a registered one. Scheme, host, "
              "port, path, query and a final slash all count.");
}

// OIDC Core 3.1.2.1 requires it; without openid RFC 6749 3.1.2.3 lets a single registration stand.
Result<const std::string*, PageError> only_registration(const AuthorizationRequest& request,
                                                        const Client& client) {
  if (request.asks_for_openid()) {
    return refuse(page(
        {ErrorCode::invalid_request, "CARDEA-REDIRECT-004", oidc_core("3.1.2.1"),
         "The redirect_uri parameter is missing.", "scope has openid and redirect_uri is absent"},
        "Send redirect_uri with every OpenID Connect request."));
  }
  if (client.profile) {
    return refuse(page({ErrorCode::invalid_request, "CARDEA-REDIRECT-007",
                        fapi2_security("5.3.2.2"), "The redirect_uri parameter is missing.",
                        "redirect_uri is absent and the client is under a FAPI profile"},
                       "Send redirect_uri with every pushed request."));
  }
  if (client.redirect_uris.size() != 1) {
    return refuse(page({ErrorCode::invalid_request, "CARDEA-REDIRECT-005", rfc6749("3.1.2.3"),
                        "The redirect_uri parameter is missing.",
                        "redirect_uri is absent and the client registers " +
                            std::to_string(client.redirect_uris.size())},
                       "Send redirect_uri: the client has several."));
  }
  return &client.redirect_uris.front();
}

// The loopback addresses that the dev dial may let pass unregistered (decision Q15).
bool is_plain_loopback(std::string_view uri) {
  const auto parts = url::parse(uri);
  return parts && url::is_loopback_host(parts->host) && !parts->fragment;
}

}  // namespace

bool carries(ResponseMode mode, ResponseType type) {
  return carrier_of(mode) != ResponseMode::query || type == ResponseType::code;
}

ResponseMode reply_mode(const AuthorizationRequest& request, const Client& client) {
  const auto fits = [&](ResponseMode mode) {
    return client.allows(mode) && (!request.response_type || carries(mode, *request.response_type));
  };
  if (request.response_mode && fits(*request.response_mode)) return *request.response_mode;
  const ResponseMode usual = default_response_mode(request.response_type_text);
  if (fits(usual)) return usual;
  constexpr std::array all{ResponseMode::query,        ResponseMode::fragment,
                           ResponseMode::form_post,    ResponseMode::query_jwt,
                           ResponseMode::fragment_jwt, ResponseMode::form_post_jwt};
  const auto other = std::ranges::find_if(all, fits);
  return other == all.end() ? usual : *other;
}

Result<ReplyTarget, PageError> find_reply_target(Exchange& exchange,
                                                 const AuthorizationRequest& request,
                                                 const std::shared_ptr<const Client>& asker,
                                                 const Relaxations& relaxations) {
  const Client& client = *asker;
  if (client.redirect_uris.empty()) return refuse(nothing_registered());
  ReplyTarget target;
  target.mode_ = reply_mode(request, client);
  target.state_ = request.state;
  target.client_ = asker;
  target.is_authentication_ = request.scopes && has_scope(*request.scopes, "openid");
  if (!request.redirect_uri) {
    const auto only = only_registration(request, client);
    if (!only) return refuse(only.error());
    target.redirect_uri_ = target.registered_ = **only;
    target.was_presented_ = false;
    return target;
  }
  if (const auto defect = redirect_uri_defect(*request.redirect_uri)) {
    return refuse(defective(*defect));
  }
  target.redirect_uri_ = *request.redirect_uri;
  // RFC 9700 2.1, RFC 8252 7.3: equal bytes, save the port of a native loopback registration.
  const auto match = std::ranges::find_if(client.redirect_uris, [&](const std::string& registered) {
    return match_redirect_uri(registered, *request.redirect_uri, client.application_type);
  });
  if (match != client.redirect_uris.end()) {
    target.registered_ = *match;
    exchange.pass("CARDEA-REDIRECT-003", rfc9700("2.1"), "redirect_uri is registered");
    return target;
  }
  if (relaxations.unregistered_loopback_redirect() && is_plain_loopback(*request.redirect_uri)) {
    PageError refused = unregistered(request, client);
    exchange.warn(refused.error.rule, refused.error.spec, refused.error.reason, refused.fix);
    target.registered_ = client.redirect_uris.front();
    return target;
  }
  return refuse(unregistered(request, client));
}

}  // namespace cardea
