// The browser flow as a state machine (security corpus 7.19): two browsers, two people, two apps,
// up to four interactions, every step in any order, with right and wrong anti-forgery values, from
// the right and the wrong browser. No code without the sign-in and consent of that browser
// (flow_reference.h), one answer an interaction, one redemption a code, never a fault. Input: one
// byte an operation, then the bytes it needs.
#include <string>

#include "base/ascii.h"
#include "fuzz/bytes.h"
#include "fuzz/finding.h"
#include "fuzz/flow_reference.h"
#include "fuzz/html_tokens.h"
#include "fuzz/trial.h"

namespace cardea::fuzz {
namespace {

constexpr int operations_max = 40;
constexpr std::size_t interactions_max = 4;
constexpr std::array<std::string_view, 2> app_ids{"cA", "pS"};
constexpr std::array<std::string_view, 3> steps{"sign-in", "choose", "consent"};

bool is_ours(std::string_view location) {
  return location.starts_with('/') || location.starts_with("https://id.example/");
}

class FlowModel {
 public:
  explicit FlowModel(test::Harness& server)
      : server_(server),
        jars_{test::Browser(server), test::Browser(server)},
        people_{server.user("alice"), server.user("bob")} {}

  void run(Bytes& bytes) {
    for (int i = 0; i < operations_max && !bytes.empty(); ++i) step(bytes);
  }

 private:
  void step(Bytes& bytes) {
    const auto kind = bytes.below(10);
    const auto jar = bytes.below(2);
    switch (kind) {
      case 0:
      case 1:
        return authorize(jar, bytes);
      case 2:
        return open(jar, bytes);
      case 3:
      case 4:
        return submit_sign_in(jar, bytes);
      case 5:
        return submit_choice(jar, bytes);
      case 6:
      case 7:
        return submit_consent(jar, bytes);
      case 8:
        return log_out(jar);
      default:
        server_.clock.advance(minutes(bytes.below(45)));
    }
  }

  // --- what a browser does ---

  void authorize(std::size_t jar, Bytes& bytes) {
    constexpr std::array<std::string_view, 6> prompts{"",     "login",          "consent",
                                                      "none", "select_account", "login consent"};
    const auto app = bytes.below(2);
    const auto prompt = prompts[bytes.below(prompts.size())];
    const auto way = bytes.below(4);
    http::FormPairs changed{{"scope", bytes.below(2) == 0 ? "openid" : "openid email"}};
    if (!prompt.empty()) changed.emplace_back("prompt", prompt);
    const auto form = test::authorize_form(server_, std::string(app_ids[app]), changed);
    if (waiting().size() == interactions_max) waiting().erase(waiting().begin());
    // A request posted by another site arrives without cookies (decision Q16).
    const bool posted = way == 0;
    auto response = posted ? server_.send(server_.post("/authorize", form))
                           : jars_[jar].get("/authorize?" + http::write_form(form));
    judge(jar, app, response, nullptr);
    const auto handle = handle_in(response.headers.first("Location"));
    if (handle.empty()) return;
    waiting().push_back({.handle = handle,
                         .jar = posted ? std::nullopt : std::optional(jar),
                         .app = app,
                         .wants_login = prompt.find("login") != prompt.npos,
                         .wants_consent = prompt.find("consent") != prompt.npos});
  }

  void open(std::size_t jar, Bytes& bytes) {
    Waiting* at = pick(bytes);
    if (at == nullptr) return;
    const auto choice = bytes.below(4);
    if (choice == 3) return resume(jar, *at);
    const auto path = path_of(*at, steps[choice]);
    auto response = jars_[jar].get(bytes.below(4) == 0 ? path + "?account=other" : path);
    judge(jar, at->app, response, at);
    if (response.status == 200) {
      expect(at->jar == jar && !at->over, "a page of another browser's interaction, or a past one");
    }
  }

  // A posted request begins in the browser that opens its address: with a handle of its own.
  void resume(std::size_t jar, const Waiting& posted) {
    const auto was = posted;
    auto response = jars_[jar].get(path_of(was, "resume"));
    Waiting* same = find(was.handle);
    judge(jar, was.app, response, was.jar ? same : nullptr);
    const auto handle = handle_in(response.headers.first("Location"));
    if (handle.empty() || find(handle) != nullptr) return;
    expect(!was.jar, "an interaction that had a browser began again");
    if (waiting().size() == interactions_max) waiting().erase(waiting().begin());
    auto next = was;
    next.handle = handle;
    next.jar = jar;
    waiting().push_back(next);
  }

  void submit_sign_in(std::size_t jar, Bytes& bytes) {
    Waiting* at = pick(bytes);
    if (at == nullptr) return;
    const auto flaw = bytes.below(8);
    const auto person = bytes.below(2);
    const auto csrf = csrf_of(jar, *at, "sign-in", flaw);
    const bool right_password = flaw != 4;
    const bool cancels = flaw == 5;
    const bool counts = at->jar == jar && csrf.is_right && right_password && !cancels && !at->over;
    if (counts) {
      reference_.signed_in[jar].insert(person);
      at->proved.insert(person);
    }
    const auto before = jars_[jar].cookies;
    auto response = jars_[jar].post(
        path_of(*at, "sign-in"),
        {{"csrf", csrf.value},
         {"login", people_[person].login},
         {"password", right_password ? std::string(test::user_password) : "wrong password"},
         {"action", cancels ? "cancel" : "sign-in"}});
    expect(counts || !gained_cookie(before, jars_[jar].cookies),
           "a session cookie without a proper sign-in");
    judge(jar, at->app, response, at);
  }

  void submit_choice(std::size_t jar, Bytes& bytes) {
    Waiting* at = pick(bytes);
    if (at == nullptr) return;
    const auto flaw = bytes.below(4);
    const auto csrf = csrf_of(jar, *at, "choose", flaw);
    const auto wanted = bytes.below(4);
    std::vector<std::string> sessions{"invented"};
    for (const auto& tag : html_tags(csrf.page)) {
      const auto name = tag.attributes.find("name");
      if (tag.name == "button" && name != tag.attributes.end() && name->second == "session") {
        sessions.push_back(tag.attributes.at("value"));
      }
    }
    auto response =
        jars_[jar].post(path_of(*at, "choose"),
                        {{"csrf", csrf.value}, {"session", sessions[wanted % sessions.size()]}});
    judge(jar, at->app, response, at);
  }

  void submit_consent(std::size_t jar, Bytes& bytes) {
    Waiting* at = pick(bytes);
    if (at == nullptr) return;
    const auto flaw = bytes.below(8);
    const auto csrf = csrf_of(jar, *at, "consent", flaw);
    const bool allows = flaw != 4;
    if (at->jar == jar && csrf.is_right && allows && !at->over) at->allowed = true;
    auto response = jars_[jar].post(path_of(*at, "consent"),
                                    {{"csrf", csrf.value}, {"action", allows ? "allow" : "deny"}});
    judge(jar, at->app, response, at);
    // What was not answered at once does not count for later.
    if (Waiting* still = find(at->handle); still != nullptr && !still->over) still->allowed = false;
  }

  void log_out(std::size_t jar) {
    auto response = jars_[jar].follow(jars_[jar].get("/logout"));
    judge_status(response);
    if (response.body.find("value=\"sign-out\"") == std::string::npos) return;
    judge_status(jars_[jar].press(response, "sign-out"));
    reference_.signed_in[jar].clear();
  }

  // --- anti-forgery values ---

  struct Csrf {
    std::string value;
    bool is_right = false;
    std::string page;
  };

  // flaw 0: none sent; 1: of another interaction; 2: of the other browser; 3: altered; else right.
  Csrf csrf_of(std::size_t jar, const Waiting& at, std::string_view step, std::size_t flaw) {
    Csrf csrf;
    if (flaw == 0) return csrf;
    auto handle = at.handle;
    if (flaw == 1) handle = waiting().front().handle;
    const auto from = flaw == 2 ? 1 - jar : jar;
    auto page = jars_[from].get("/interaction/" + handle + "/" + std::string(step));
    const auto* source = find(handle);
    judge(from, source->app, page, find(handle));
    csrf.page = page.body;
    for (const auto& tag : html_tags(page.body)) {
      const auto name = tag.attributes.find("name");
      if (tag.name == "input" && name != tag.attributes.end() && name->second == "csrf") {
        csrf.value = tag.attributes.at("value");
      }
    }
    csrf.is_right = !csrf.value.empty() && handle == at.handle && from == jar && flaw != 3;
    if (flaw == 3 && !csrf.value.empty()) {
      csrf.value.front() = csrf.value.front() == 'A' ? 'B' : 'A';
    }
    return csrf;
  }

  // --- what must hold of every answer ---

  static void judge_status(const http::Response& response) {
    expect(response.status < 500, "status " + std::to_string(response.status));
  }

  // at: the interaction that was asked; null for /authorize itself.
  void judge(std::size_t jar, std::size_t app, const http::Response& response, Waiting* at) {
    judge_status(response);
    const auto location = response.headers.first("Location");
    if (location.empty() || is_ours(location)) return;
    const auto reply = test::reply_of(response);
    expect(reply.contains("code") != reply.contains("error"), "an answer that is neither");
    if (at != nullptr && !reply.contains("code")) {
      expect(!at->over, "an interaction answers twice");
      expect(at->jar == jar, "another browser ends an interaction");
    }
    if (reply.contains("code")) {
      const auto person = redeem(app, reply.at("code"));
      const auto objection = reference_.objection(jar, app, person, at);
      expect(objection.empty(), "a code though " + objection);
      reference_.approved.insert({person, app});
    }
    if (at != nullptr) at->over = true;
  }

  // Whose code it is; it can be redeemed once.
  std::size_t redeem(std::size_t app, const std::string& code) {
    const std::string client(app_ids[app]);
    const http::FormPairs form{{"grant_type", "authorization_code"},
                               {"code", code},
                               {"redirect_uri", server_.client(client).redirect_uris.front()},
                               {"code_verifier", test::verifier}};
    const auto tokens = test::tokens_of(server_.send(server_.as_client(client, "/token", form)));
    expect(tokens.status == 200, "a fresh code is refused: " + tokens.response.body);
    const auto again = test::tokens_of(server_.send(server_.as_client(client, "/token", form)));
    expect(again.status == 400 && again.error == "invalid_grant", "a code is redeemed twice");
    const auto subject = json::string_member(test::claims_of(tokens.id_token), "sub");
    for (std::size_t i = 0; i < people_.size(); ++i) {
      if (subject == people_[i].user_id.value()) return i;
    }
    throw Finding("a code for a person who is not of this input");
  }

  // --- looking things up ---

  std::vector<Waiting>& waiting() { return reference_.waiting; }
  Waiting* find(const std::string& handle) {
    const auto at = std::ranges::find(waiting(), handle, &Waiting::handle);
    return at == waiting().end() ? nullptr : &*at;
  }
  Waiting* pick(Bytes& bytes) {
    if (waiting().empty()) return nullptr;
    return &waiting()[bytes.below(waiting().size())];
  }
  static std::string path_of(const Waiting& at, std::string_view step) {
    return "/interaction/" + at.handle + "/" + std::string(step);
  }
  static std::string handle_in(std::string_view location) {
    const auto begin = location.find("/interaction/");
    if (begin == location.npos || !is_ours(location)) return "";
    const auto rest = location.substr(begin + 13);
    return std::string(rest.substr(0, rest.find('/')));
  }
  using Cookies = std::map<std::string, std::string>;
  static bool gained_cookie(const Cookies& before, const Cookies& after) {
    for (const auto& [name, value] : after) {
      const bool is_session = name.find("session") != std::string::npos;
      const auto was = before.find(name);
      if (is_session && (was == before.end() || was->second != value)) return true;
    }
    return false;
  }

  test::Harness& server_;
  std::array<test::Browser, 2> jars_;
  std::array<UserRecord, 2> people_;
  FlowReference reference_;
};

}  // namespace

void flow_model(std::string_view input) {
  Bytes bytes(input);
  const Trial trial;
  FlowModel(trial.server()).run(bytes);
}

}  // namespace cardea::fuzz
