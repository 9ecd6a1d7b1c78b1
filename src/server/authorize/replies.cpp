// The answers of the browser endpoints; see replies.h.
#include "server/authorize/replies.h"

#include "base/ascii.h"
#include "base/url.h"
#include "http/form.h"
#include "jose/jws.h"
#include "protocol/authorization_response.h"
#include "server/sessions/browser_state.h"

namespace cardea {
namespace {

constexpr std::string_view retry_after_seconds = "2";
constexpr std::string_view retry_later_seconds = "300";  // parked requests end one by one

http::Response see_other(std::string location) {
  // RFC 9700 4.12: 303 turns a form with credentials into a GET without a body.
  static const http::SharedFields fields{{"Cache-Control", "no-store"},
                                         {"Referrer-Policy", "no-referrer"}};
  http::Response response{.status = 303, .headers = http::Headers(fields), .body = {}};
  response.headers.reserve(4);
  response.headers.add("Location", location);
  return response;
}

bool is_form(std::string_view content_type) {
  const std::string_view type = ascii::trim(content_type.substr(0, content_type.find(';')));
  return ascii::equal_ignoring_case(type, "application/x-www-form-urlencoded");
}

PageError unreadable(std::string_view rule, std::string_view description, std::string reason,
                     std::string fix, int status = 400) {
  return {{ErrorCode::invalid_request, rule, rfc6749("3.1"), description, std::move(reason)},
          std::move(fix),
          status};
}

enum class Going { at_once, at_a_click };

// The refusal on a page of ours, to be taken to the client by the person.
http::Response leave_page(const Deps& deps, const Exchange& exchange, const ReplyTarget& target,
                          const ParameterPairs& parameters) {
  const auto carrier = carrier_of(target.mode());
  const bool is_form = carrier == ResponseMode::form_post;
  const auto parts = url::parse(target.redirect_uri());
  const auto scheme_end = target.redirect_uri().find(':');
  return deps.pages.leave(
      frame_of(exchange, {}),
      {.host = parts ? parts->host : target.redirect_uri().substr(0, scheme_end),
       .code = std::string(exchange.refusal ? name_of(exchange.refusal->code) : ""),
       .redirect_uri = is_form ? target.redirect_uri()
                               : response_location(target.redirect_uri(), carrier, parameters),
       .fields = is_form ? parameters : ParameterPairs()});
}

http::Response send(const Deps& deps, const Exchange& exchange, const ReplyTarget& target,
                    const ParameterPairs& parameters, Going going) {
  if (going == Going::at_a_click) return leave_page(deps, exchange, target, parameters);
  const auto carrier = carrier_of(target.mode());
  if (carrier == ResponseMode::form_post) {
    return deps.pages.form_post(frame_of(exchange, {}), {target.redirect_uri(), parameters});
  }
  return see_other(response_location(target.redirect_uri(), carrier, parameters));
}

PageError cannot_sign_answer() {
  return {{ErrorCode::server_error, "CARDEA-RESPONSE-010", jarm("2.2"),
           "The server has no key for the algorithm of the answer.",
           "no active signing key for authorization_signed_response_alg"},
          "Restart the server: it makes keys for every algorithm in use.",
          500};
}

// OIDC Session Management 2 and 3.1: an answer of OpenID Connect says what the browser's state is,
// also one that refuses.
ParameterPairs with_session_state(const Deps& deps, const Exchange& exchange,
                                  const ReplyTarget& target, ParameterPairs parameters) {
  if (!target.is_authentication()) return parameters;
  auto state = session_state_for(deps, exchange, target.client().client_id, target.redirect_uri());
  if (state) parameters.emplace_back("session_state", *std::move(state));
  return parameters;
}

// JARM 2.1 and 2.2: signed, and then encrypted where the client registered that.
http::Response render_reply(const Deps& deps, const Exchange& exchange, const ReplyTarget& target,
                            const Envelope& envelope, ParameterPairs parameters, Going going) {
  parameters = with_session_state(deps, exchange, target, std::move(parameters));
  if (!is_jwt(target.mode())) return send(deps, exchange, target, parameters, going);
  ensure(envelope.key != nullptr);
  ensure(envelope.recipient.has_value() ==
         is_encrypted(target.client(), ClientAnswer::authorization));
  auto jwt = jose::sign_jwt(envelope.key->key, envelope.key->kid.value(), "",
                            response_claims(parameters, target.client().client_id.value(),
                                            exchange.now + response_jwt_lifetime));
  if (envelope.recipient) jwt = encrypt_to(*envelope.recipient, jwt, "JWT", deps.random);
  return send(deps, exchange, target, {{"response", std::move(jwt)}}, going);
}

Task<http::Response> render_refusal(const Deps& deps, Exchange& exchange, const ReplyTarget& target,
                                    Objection objection, Going going) {
  const auto envelope = co_await find_envelope(deps, exchange, target);
  if (!envelope) co_return page_error(deps, exchange, envelope.error());
  exchange.refuse_with(objection.error, objection.fix);
  co_return render_reply(
      deps, exchange, target, *envelope,
      error_parameters(objection.error, {.state = target.state(), .issuer = deps.settings.issuer}),
      going);
}

}  // namespace

PageFrame frame_of(const Exchange& exchange, const std::vector<std::string>& ui_locales) {
  return {negotiate_locale(ui_locales, exchange.request.headers.first("Accept-Language")),
          exchange.request_id};
}

http::Response page_error(const Deps& deps, Exchange& exchange, const PageError& refusal,
                          const std::vector<std::string>& ui_locales) {
  exchange.refuse_with(refusal.error, refusal.fix);
  ErrorView view{.status = refusal.status,
                 .code = std::string(name_of(refusal.error.code)),
                 .description = std::string(refusal.error.description),
                 .rule = std::string(refusal.error.rule)};
  if (deps.settings.is_dev) {
    view.explanation = refusal.error.reason;
    view.fix = refusal.fix;
  }
  auto response = deps.pages.error(frame_of(exchange, ui_locales), view);
  if (refusal.status == 429) response.headers.set("Retry-After", retry_later_seconds);
  return response;
}

Task<Result<Envelope, PageError>> find_envelope(const Deps& deps, const Exchange& exchange,
                                                const ReplyTarget& target) {
  if (!is_jwt(target.mode())) co_return Envelope{};
  const Client& client = target.client();
  auto key = deps.keys.signing_key(client.authorization_signed_response_alg);
  if (key == nullptr) co_return refuse(cannot_sign_answer());
  auto recipient = co_await find_recipient(deps, client, ClientAnswer::authorization, exchange.now);
  if (!recipient) {
    co_return refuse(
        PageError{std::move(recipient).error(),
                  "Add a key of use \"enc\" for authorization_encrypted_response_alg to the "
                  "client's key set.",
                  400});
  }
  co_return Envelope{.key = std::move(key), .recipient = *std::move(recipient)};
}

http::Response reply(const Deps& deps, const Exchange& exchange, const ReplyTarget& target,
                     const Envelope& envelope, const ParameterPairs& parameters) {
  return render_reply(deps, exchange, target, envelope, parameters, Going::at_once);
}

Task<http::Response> reply_refusal(const Deps& deps, Exchange& exchange, const ReplyTarget& target,
                                   Objection objection) {
  return render_refusal(deps, exchange, target, std::move(objection),
                        target.asks_first() ? Going::at_a_click : Going::at_once);
}

Task<http::Response> reply_denial(const Deps& deps, Exchange& exchange, const ReplyTarget& target,
                                  Objection objection) {
  return render_refusal(deps, exchange, target, std::move(objection), Going::at_once);
}

http::Response go_to(const Settings& settings, std::string_view path) {
  return see_other(settings.endpoint(path));
}

http::Response unavailable(const Deps& deps, Exchange& exchange, const store::Failure& failure) {
  deps.log.error("store.failed", {{"request_id", exchange.request_id}, {"reason", failure.reason}});
  auto response =
      page_error(deps, exchange,
                 {{ErrorCode::temporarily_unavailable, "CARDEA-STORE-001", cardea_policy("T2"),
                   "The server cannot answer right now. Please try again.", "the store failed"},
                  "See the log entry store.failed of this request.",
                  503});
  response.headers.set("Retry-After", retry_after_seconds);
  return response;
}

Result<RawParameters, PageError> read_parameters(Exchange& exchange) {
  const http::Request& request = exchange.request;
  const std::string_view query = request.query().value_or("");
  const bool is_post = request.method == "POST";
  if (is_post && !query.empty()) {
    return refuse(unreadable("CARDEA-REQUEST-003", "Parameters are sent in the body or the query.",
                             "a POST has a query too", "Send every parameter in the body."));
  }
  if (is_post && !is_form(request.headers.first("Content-Type"))) {
    return refuse(unreadable("CARDEA-REQUEST-002", "The body must be a form.",
                             "Content-Type is not application/x-www-form-urlencoded",
                             "Send application/x-www-form-urlencoded.", 415));
  }
  auto pairs = http::parse_form(is_post ? std::string_view(request.body) : query);
  if (!pairs) {
    return refuse(unreadable("CARDEA-REQUEST-001", "The parameters are malformed.",
                             "the form encoding is broken, not UTF-8, or has too many parameters",
                             "Form-encode every name and value once, as UTF-8."));
  }
  RawParameters raw(*std::move(pairs));
  if (exchange.is_shown) exchange.shown_parameters = masked(raw.pairs());
  return raw;
}

}  // namespace cardea
