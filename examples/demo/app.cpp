// The demo's web app: signs a person in with cardea::client, keeps her tokens on the server, calls
// the API for her, and signs her out here and at the issuer.
#include <memory>

#include "base/ascii.h"
#include "base/json.h"
#include "base/time.h"
#include "base/url.h"
#include "client/encrypted_file_token_store.h"
#include "client/relying_party.h"
#include "crypto/random.h"
#include "page.h"
#include "sessions.h"
#include "web.h"

namespace {

using namespace cardea;
using http::Request;
using http::Response;

class App {
 public:
  App(client::RelyingParty& party, demo::Sessions& sessions, std::string api_url)
      : party_(party),
        sessions_(sessions),
        api_url_(std::move(api_url)),
        transport_(demo::transport()),
        issuer_origin_(url::parse(party.configuration().issuer)->origin()),
        own_origin_(url::parse(party.configuration().redirect_uri)->origin()) {}

  Response handle(const Request& request) {
    const auto path = request.path();
    if (request.method == "GET") {
      if (path == "/") return home(request);
      if (path == "/sign-in") return sign_in(request);
      if (path == "/callback") return callback(request);
      if (path == "/style.css") return demo::style_sheet();
      if (path == "/livez") return {.body = "ok\n"};
    }
    if (request.method == "POST" && comes_from_here(request)) {
      if (path == "/refresh") return refresh(request);
      if (path == "/sign-out") return sign_out(request);
    }
    return failure(404, "There is nothing here.", std::string(path));
  }

 private:
  Response home(const Request& request) {
    const auto handle = sessions_.handle_of(request);
    const auto person = handle ? sessions_.person(*handle) : std::nullopt;
    if (!person) return show("Calendar", demo::home_content());
    const auto tokens = party_.tokens_for(person->grant);
    // The grant has ended at the issuer: only a new sign-in helps.
    if (!tokens && !client::is_transient(tokens.error())) {
      sessions_.end(*handle);
      return show("Calendar", demo::home_content());
    }
    if (!tokens) return failure(503, tokens.error());
    return show("Calendar of " + person->name,
                demo::signed_in_content({.name = person->name,
                                         .email = person->email,
                                         .subject = person->grant.subject,
                                         .api_answer = ask_api(*person, *tokens),
                                         .token_facts = facts_of(*tokens)}));
  }

  Response sign_in(const Request& request) {
    auto started = party_.start();
    if (!started) return failure(500, started.error());
    const auto handle = sessions_.handle_of(request).value_or("");
    const auto session = handle.empty() ? sessions_.begin() : handle;
    sessions_.remember(session, std::move(started->pending));
    auto response = demo::redirect(started->url);
    response.headers.set("Set-Cookie", demo::Sessions::cookie(session));
    return response;
  }

  Response callback(const Request& request) {
    const auto parameters = request.query().value_or("");
    const auto handle = sessions_.handle_of(request);
    const auto state = client::state_of(parameters);
    auto pending = handle && state ? sessions_.take(*handle, *state) : std::nullopt;
    if (!pending) return failure(400, "This sign-in was not started in this browser.", "state");
    auto validated = party_.validate(std::move(*pending), parameters);
    if (!validated) return failure(400, validated.error());
    const auto tokens = party_.exchange(std::move(*validated));
    if (!tokens) return failure(502, tokens.error());
    const auto claims = party_.userinfo(*tokens);
    if (!claims) return failure(502, claims.error());

    // A new handle with a new standing: what was known before signing in is worth nothing now.
    const auto fresh = sessions_.begin();
    const auto grant = party_.keep(*tokens, fresh);
    if (!grant) return failure(500, grant.error());
    sessions_.end(*handle);
    sessions_.sign_in(fresh, {.grant = *grant,
                              .name = json::string_member(*claims, "name").value_or("somebody"),
                              .email = json::string_member(*claims, "email").value_or("")});
    auto response = demo::redirect("/");
    response.headers.set("Set-Cookie", demo::Sessions::cookie(fresh));
    return response;
  }

  Response refresh(const Request& request) {
    const auto handle = sessions_.handle_of(request);
    const auto person = handle ? sessions_.person(*handle) : std::nullopt;
    if (!person) return demo::redirect("/");
    const auto seen = party_.tokens_for(person->grant);
    if (!seen) return failure(502, seen.error());
    const auto renewed = party_.refresh(person->grant, seen->revision);
    if (!renewed) return failure(502, renewed.error());
    return demo::redirect("/");
  }

  Response sign_out(const Request& request) {
    const auto handle = sessions_.handle_of(request);
    const auto person = handle ? sessions_.person(*handle) : std::nullopt;
    if (!person) return demo::redirect("/");
    const auto stored = party_.stored(person->grant);
    sessions_.end(*handle);
    // Gone here whatever the issuer answers.
    static_cast<void>(party_.forget(person->grant));
    const auto url =
        party_.logout({.id_token_hint = stored && *stored ? (*stored)->id_token : std::nullopt});
    auto response = demo::redirect(url ? *url : "/");
    response.headers.set("Set-Cookie", demo::Sessions::cookie(""));
    return response;
  }

  // The API's answer for this person, with one renewal when it refuses the token.
  std::string ask_api(const demo::Person& person, const client::StoredTokens& tokens) {
    auto answer = call_api(tokens.access_token);
    if (answer && answer->status == 401) {
      const auto renewed = party_.refresh(person.grant, tokens.revision);
      if (renewed) answer = call_api(renewed->access_token);
    }
    if (!answer) return "The API cannot be reached: " + answer.error().reason;
    const auto read = json::parse(answer->body);
    if (answer->status != 200 || !read) return "status " + std::to_string(answer->status);
    return json::write_pretty(*read);
  }

  http::TransportResult call_api(const AccessToken& token) {
    return transport_({.method = "GET",
                       .url = api_url_ + "/events",
                       .headers = {{"Authorization", "Bearer " + std::string(token.reveal())}}});
  }

  static std::string facts_of(const client::StoredTokens& tokens) {
    const auto renewed = tokens.revision - 1;  // the first save is the sign-in
    return "Tokens renewed " + std::to_string(renewed) + (renewed == 1 ? " time" : " times") +
           ". Granted: " + ascii::join(tokens.scope, ", ") + ".";
  }

  // Forms of other origins on this machine do not count (SameSite does not tell ports apart).
  bool comes_from_here(const Request& request) const {
    return request.headers.single("origin") == own_origin_;
  }

  Response show(std::string_view title, std::string_view content) const {
    return demo::page(title, content, issuer_origin_);
  }
  Response failure(int status, std::string_view what, std::string_view detail) const {
    return demo::page("Calendar", demo::failure_content(what, detail), issuer_origin_, status);
  }
  Response failure(int status, const client::Error& error) const {
    const std::string detail =
        std::string(error.code) + (error.refusal ? ": " + error.refusal->error : "");
    return failure(status, error.message, detail);
  }

  client::RelyingParty& party_;
  demo::Sessions& sessions_;
  const std::string api_url_;
  const http::Transport transport_;
  const std::string issuer_origin_;
  const std::string own_origin_;
};

client::Configuration configuration() {
  const auto redirect_uri = demo::setting("OIDC_REDIRECT_URI", "http://localhost:3000/callback");
  const auto origin = url::parse(redirect_uri);
  const auto secret = demo::setting("OIDC_CLIENT_SECRET");
  client::Configuration out{.issuer = demo::required_setting("OIDC_ISSUER"),
                            .client_id = demo::setting("OIDC_CLIENT_ID", "web"),
                            .redirect_uri = redirect_uri,
                            .post_logout_redirect_uri = origin ? origin->origin() + "/" : "",
                            .scope = {"openid", "profile", "email", "calendar.read"},
                            .resource = demo::setting("API_RESOURCE", "http://localhost:3001")};
  if (!secret.empty()) out.authentication = client::SecretBasic{client::ClientSecret(secret)};
  return out;
}

}  // namespace

int main() {
  demo::TerminalLog log;
  SystemClock clock;
  crypto::SystemRandom random;
  const auto folder = demo::setting("DEMO_STATE", "demo-state");
  auto store = client::EncryptedFileTokenStore::open(
      {.directory = folder + "/tokens", .key_file = folder + "/tokens.key"}, random);
  if (!store) {
    log.error("store.failed", {{"cause", store.error().cause}});
    return 1;
  }
  auto party = client::RelyingParty::discover({.configuration = configuration(),
                                               .transport = demo::transport(),
                                               .clock = clock,
                                               .random = random,
                                               .log = log,
                                               .store = std::move(*store)});
  if (!party) {
    log.error("issuer.failed", {{"code", party.error().code},
                                {"message", party.error().message},
                                {"cause", party.error().cause}});
    return 1;
  }
  demo::Sessions sessions(random);
  App app(**party, sessions, demo::setting("API_URL", "http://localhost:3001"));
  return demo::serve(
      demo::setting("PORT", "3000"), [&](const Request& request) { return app.handle(request); },
      log);
}
