// Operations on the token endpoints by two apps for two people, against the reference of
// token_reference.h (security corpus 7.20, decisions Q6-Q8). Input: one byte that chooses an
// operation, then the bytes it needs.
#include <string>

#include "base/ascii.h"
#include "base/base64url.h"
#include "fuzz/bytes.h"
#include "fuzz/finding.h"
#include "fuzz/token_reference.h"
#include "fuzz/trial.h"

namespace cardea::fuzz {
namespace {

using Kind = KnownToken::Kind;

constexpr int operations_max = 48;
constexpr std::size_t issues_max = 6;
constexpr std::array<std::string_view, 2> app_ids{"cA", "cB"};
constexpr std::array<std::int64_t, 8> waits{1, 9, 30, 31, 59, 601, 12 * 3600, 13 * 24 * 3600};

class TokenModel {
 public:
  explicit TokenModel(test::Harness& server)
      : server_(server), people_{server.user("alice"), server.user("bob")} {
    reference_.now = server_.clock.now();
  }
  ~TokenModel() {  // the registry does not hear of what the trial takes back
    for (std::size_t app = 0; app < app_ids.size(); ++app) set_app(app, true);
  }
  TokenModel(const TokenModel&) = delete;
  TokenModel& operator=(const TokenModel&) = delete;

  void run(Bytes& bytes) {
    for (int i = 0; i < operations_max && !bytes.empty(); ++i) step(bytes);
    for (std::size_t i = 0; i < reference_.tokens.size(); ++i) look(i);
  }

 private:
  void step(Bytes& bytes) {
    switch (bytes.below(12)) {
      case 0:
        return authorize(bytes);
      case 1:
      case 2:
        return exchange(bytes);
      case 3:
      case 4:
      case 5:
        return refresh(bytes);
      case 6:
        return revoke(bytes);
      case 7:
        return reference_.tokens.empty() ? void() : look(bytes.below(reference_.tokens.size()));
      case 8:
        server_.clock.advance(Seconds{waits[bytes.below(waits.size())]});
        reference_.now = server_.clock.now();
        return;
      case 9:
        return change_person(bytes);
      case 10:
        return change_app(bytes);
      default:
        return end_session(bytes);
    }
  }

  // A code as after a silent authorization: session and approval are there.
  void authorize(Bytes& bytes) {
    const auto app = bytes.below(2);
    const auto person = bytes.below(2);
    const bool bound = bytes.below(2) == 1;
    if (!reference_.people[person].enabled || !reference_.app_enabled[app] ||
        reference_.issues.size() == issues_max) {
      return;
    }
    const auto code = server_.issue_code(
        {.client = std::string(app_ids[app]),
         .user = people_[person].login,
         .scope = "openid email offline_access",
         .binding = bound ? SessionBinding::ends_with_session : SessionBinding::outlives_session});
    auto& approved = reference_.is_approved[person][app];
    if (!approved) ++reference_.approvals[person][app];
    approved = true;
    codes_.push_back(code);
    reference_.issues.push_back({.app = app,
                                 .person = person,
                                 .version = reference_.people[person].version,
                                 .consent = reference_.approvals[person][app],
                                 .bound_to_session = bound,
                                 .session_end = reference_.now + hours(12),
                                 .code_end = reference_.now + Seconds{60},
                                 .code = code.code});
  }

  // A disabled app does not get past its authentication: from an address of its own, because the
  // failure is counted.
  bool is_kept_out(std::size_t app, const http::Response& response) {
    if (reference_.app_enabled[app]) return false;
    expect(response.status == 401 && test::error_of(response) == "invalid_client",
           "a disabled app is answered " + std::to_string(response.status));
    return true;
  }
  http::Response send_as(std::size_t app, std::string target, http::FormPairs form,
                         const std::string& agent = "one") {
    auto request = server_.as_client(std::string(app_ids[app]), std::move(target), std::move(form));
    request.headers.add("User-Agent", agent);
    if (!reference_.app_enabled[app]) {
      request.peer_address = "2001:db8:" + hex_encode(server_.random.bytes(2)) + ":" +
                             hex_encode(server_.random.bytes(2)) + "::1";
    }
    auto response = server_.send(std::move(request));
    expect(response.status < 500, "status " + std::to_string(response.status));
    return response;
  }

  void exchange(Bytes& bytes) {
    if (reference_.issues.empty()) return;
    const auto at = bytes.below(reference_.issues.size());
    const auto flaw = bytes.below(8);  // mostly none
    const auto app = flaw == 0 ? 1 - reference_.issues[at].app : reference_.issues[at].app;
    auto form = server_.redeem_form(codes_[at]);
    if (flaw == 1) form.back().second.front() = 'A';
    const auto response = send_as(app, "/token", form);
    if (is_kept_out(app, response)) return;
    const auto expected = reference_.redeem(at, app, flaw != 1);
    const auto tokens = test::tokens_of(response);
    if (expected != Redemption::redeemed) return expect_invalid_grant(response);
    expect(tokens.status == 200, "a good code is refused: " + response.body);
    reference_.issues[at].current = tokens.refresh_token;
    keep(at, tokens, reference_.issues[at].generation);
  }

  void refresh(Bytes& bytes) {
    const auto at = pick(bytes, Kind::refresh);
    if (at == reference_.tokens.size()) return;
    const auto token = reference_.tokens[at];
    const auto choice = bytes.byte();
    const auto flaw = choice % 8U;
    const std::string agent = (choice & 8) == 0 ? "one" : "another";
    const auto& issue = reference_.issues[token.issue];
    const auto app = flaw == 0 ? 1 - issue.app : issue.app;
    http::FormPairs form{{"grant_type", "refresh_token"}, {"refresh_token", token.text}};
    if (flaw == 1) form.emplace_back("scope", "openid profile");
    if (flaw == 2) form.emplace_back("scope", "openid");
    const auto response = send_as(app, "/token", form, agent);
    if (is_kept_out(app, response)) return;
    const auto successor = issue.current;
    const bool scope_is_judged = issue.app == app && reference_.is_live(issue);
    const auto expected = reference_.refresh(token, app, flaw != 1, agent);
    const auto tokens = test::tokens_of(response);
    if (expected == Refreshing::too_many) {
      return expect(response.status == 429, "more replays than allowed: " + response.body);
    }
    if (expected == Refreshing::refused) {
      if (flaw != 1 || !scope_is_judged) return expect_invalid_grant(response);
      return expect(tokens.status == 400 && tokens.error == "invalid_scope",
                    "a wider scope: " + response.body);
    }
    expect(tokens.status == 200, "a good refresh is refused: " + response.body);
    expect(flaw != 2 || tokens.scope == "openid", "the scope is not narrowed: " + tokens.scope);
    if (expected == Refreshing::repeated) {
      expect(tokens.refresh_token == successor, "a replay in grace gives another successor");
    } else {
      expect(tokens.refresh_token != token.text, "the token does not rotate");
      reference_.issues[token.issue].current = tokens.refresh_token;
    }
    keep(token.issue, tokens, issue.generation, expected == Refreshing::repeated);
  }

  void revoke(Bytes& bytes) {
    if (reference_.tokens.empty()) return;
    auto& token = reference_.tokens[bytes.below(reference_.tokens.size())];
    const auto own = reference_.issues[token.issue].app;
    const auto app = bytes.below(4) == 0 ? 1 - own : own;
    const auto response = send_as(app, "/revoke", {{"token", token.text}});
    if (is_kept_out(app, response)) return;
    const bool known = reference_.revoke(token, app);
    // A family that was swept is not known any more, which is told as success (RFC 7009 2.2).
    expect(known ? response.status == 200 : response.status == 200 || response.status == 400,
           "revocation is answered " + std::to_string(response.status));
  }

  // Introspection by the token's app and by the other, and userinfo for an access token.
  void look(std::size_t at) {
    const auto& token = reference_.tokens[at];
    const bool active = reference_.is_active(token);
    const auto own = reference_.issues[token.issue].app;
    for (const auto app : {own, 1 - own}) {
      const auto response = send_as(app, "/introspect", {{"token", token.text}});
      if (is_kept_out(app, response)) continue;
      const auto shown = json::bool_member(test::json_of(response), "active");
      expect(response.status == 200 && shown == (active && app == own),
             std::string(active ? "live" : "dead") + " token is introspected as " + response.body);
    }
    if (token.kind == Kind::refresh) return;
    const auto status = server_.userinfo(token.text).status;
    expect(status == (active ? 200 : 401), "userinfo says " + std::to_string(status));
  }

  void change_person(Bytes& bytes) {
    const auto person = bytes.below(2);
    auto& state = reference_.people[person];
    if (bytes.below(2) == 0) {
      const auto app = bytes.below(2);
      reference_.withdraw(person, app);
      server_.stored(server_.store->perform(store::WithdrawConsent{
          .user_id = people_[person].user_id, .client_id = ClientId(std::string(app_ids[app]))}));
      return;
    }
    state.enabled = !state.enabled;
    if (!state.enabled) ++state.version;  // the store raises it (operations.h, PutUser)
    server_.edit_user(people_[person].login,
                      [&](UserRecord& user) { user.enabled = state.enabled; });
  }

  void change_app(Bytes& bytes) {
    const auto app = bytes.below(2);
    set_app(app, !reference_.app_enabled[app]);
  }
  void set_app(std::size_t app, bool enabled) {
    if (reference_.app_enabled[app] == enabled) return;
    reference_.app_enabled[app] = enabled;
    server_.edit_client(std::string(app_ids[app]),
                        [&](Client& client) { client.enabled = enabled; });
  }

  void end_session(Bytes& bytes) {
    if (reference_.issues.empty()) return;
    const auto at = bytes.below(reference_.issues.size());
    reference_.issues[at].session_ended = true;
    server_.stored(server_.store->perform(
        store::EndSessions{.session_ids = {codes_[at].session_id}, .user_id = {}}));
  }

  // The bytes choose among all tokens; the first of the kind from there on is taken.
  std::size_t pick(Bytes& bytes, Kind kind) {
    const auto count = reference_.tokens.size();
    const auto from = bytes.byte();
    for (std::size_t i = 0; i < count; ++i) {
      const auto at = (from + i) % count;
      if (reference_.tokens[at].kind == kind) return at;
    }
    return count;
  }

  void keep(std::size_t issue, const test::Tokens& tokens, std::int64_t generation,
            bool only_access = false) {
    reference_.tokens.push_back({.issue = issue,
                                 .kind = Kind::access,
                                 .text = tokens.access_token,
                                 .end = reference_.now + minutes(10)});
    if (only_access) return;
    reference_.tokens.push_back({.issue = issue,
                                 .kind = Kind::refresh,
                                 .generation = generation,
                                 .text = tokens.refresh_token});
  }

  static void expect_invalid_grant(const http::Response& response) {
    expect(response.status == 400 && test::error_of(response) == "invalid_grant",
           "expected invalid_grant, got " + std::to_string(response.status) + response.body);
  }

  test::Harness& server_;
  std::array<UserRecord, 2> people_;
  std::vector<test::IssuedCode> codes_;  // beside reference_.issues
  TokenReference reference_;
};

}  // namespace

void token_model(std::string_view input) {
  Bytes bytes(input);
  const Trial trial;
  TokenModel(trial.server()).run(bytes);
}

}  // namespace cardea::fuzz
