// What stock clients send (interop/golden, kept by `make interop`), sent again without the clients:
// every recorded request of every row through Server::handle, with this run's values in the place
// of "*". So a change of ours that would break one of them shows without installing any.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "support/authorize_answers.h"
#include "support/source_dir.h"

namespace cardea::golden_requests_test {

struct Recorded {
  std::string method;
  std::string path;
  http::FormPairs query;
  http::FormPairs body;
  std::string authorization;
  bool has_origin = false;
  bool has_proof = false;  // DPoP
};

http::FormPairs pairs_of(const json::Object& request, std::string_view member) {
  http::FormPairs pairs;
  const auto* found = request.find(member);
  if (found == nullptr || found->if_object() == nullptr) return pairs;
  for (const auto& [name, value] : found->if_object()->members()) {
    pairs.emplace_back(name, value.if_string() == nullptr ? "" : *value.if_string());
  }
  return pairs;
}

Recorded read_request(const json::Object& request) {
  const auto line = json::string_member(request, "request").value_or(" ");
  const auto space = line.find(' ');
  return {.method = line.substr(0, space),
          .path = line.substr(space + 1),
          .query = pairs_of(request, "query"),
          .body = pairs_of(request, "body"),
          .authorization = json::string_member(request, "authorization").value_or(""),
          .has_origin = request.contains("origin"),
          .has_proof = request.contains("dpop")};
}

std::vector<std::filesystem::path> golden_files() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(support::source_dir() + "/interop/golden")) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

std::vector<Recorded> read_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  const auto value = json::parse(text.str());
  std::vector<Recorded> requests;
  if (!value || value->if_array() == nullptr) return requests;
  for (const auto& item : *value->if_array()) requests.push_back(read_request(*item.if_object()));
  return requests;
}

bool has(const http::FormPairs& pairs, std::string_view name) {
  return std::ranges::any_of(pairs, [&](const auto& pair) { return pair.first == name; });
}

// Proofs of a client's keys, registrations, devices and resources are new in every run and beyond
// this replay: such rows are run whole, by `make interop`, and their rules have spec tests.
bool can_be_replayed(const std::vector<Recorded>& requests) {
  return std::ranges::none_of(requests, [](const Recorded& request) {
    return request.has_proof || request.path == "/register" ||
           request.path == "/device_authorization" || has(request.body, "client_assertion") ||
           has(request.query, "resource");
  });
}

// Where authorization requests go: to the browser as they were recorded, or to /par first, which
// the recorded client need not know of (an app's own code or a newer version of it may push them).
enum class Way { as_recorded, pushed };

// One client's run: the values that one answer gives and the next request needs.
class Replay {
 public:
  Replay(const std::vector<Recorded>& requests, Way way) : way_(way) {
    bool is_confidential = true;
    bool sends_challenge = true;
    for (const auto& request : requests) {
      if (request.path == "/token" || request.path == "/par") {
        is_confidential =
            request.authorization.starts_with("Basic") || has(request.body, "client_secret");
      }
      if (request.path == "/authorize" && !has(request.query, "code_challenge")) {
        sends_challenge = false;
      }
    }
    client_ = is_confidential ? "cA" : "pS";
    harness_.edit_client(client_, [&](Client& client) {
      client.response_types = {ResponseType::code, ResponseType::id_token,
                               ResponseType::code_id_token};
      client.post_logout_redirect_uris = {"https://app.example/bye"};
      if (!sends_challenge) client.pkce = PkcePolicy::optional;
    });
    values_ = {{"client_id", client_},
               {"client_secret", test::secret_of(client_)},
               {"redirect_uri", harness_.client(client_).redirect_uris.front()},
               {"post_logout_redirect_uri", "https://app.example/bye"},
               {"code_challenge", test::challenge},
               {"code_verifier", test::verifier},
               {"login_hint", "alice"}};
  }

  void send(const Recorded& request) {
    if (request.path == "/authorize") return authorize(request);
    if (request.path == "/logout") return sign_out(request);
    const auto answer = harness_.send(direct(request));
    EXPECT_EQ(answer.status, request.path == "/par" ? 201 : 200) << answer.body;
    if (request.path == "/par") {
      remember("request_uri",
               json::string_member(test::json_of(answer), "request_uri").value_or(""));
      return;
    }
    if (request.path != "/token") return;
    const auto tokens = test::tokens_of(answer);
    EXPECT_FALSE(tokens.access_token.empty());
    remember("access_token", tokens.access_token);
    remember("refresh_token", tokens.refresh_token);
    remember("token", tokens.refresh_token);
    remember("id_token_hint", tokens.id_token);
  }

 private:
  http::FormPairs filled(http::FormPairs pairs) const {
    for (auto& [name, value] : pairs) {
      if (value != "*") continue;
      const auto known = values_.find(name);
      value = known == values_.end() ? "x" : known->second;
    }
    return pairs;
  }

  http::Request direct(const Recorded& request) const {
    http::Headers headers;
    if (request.authorization.starts_with("Basic")) {
      headers.add("Authorization", test::basic(client_, test::secret_of(client_)));
    } else if (!request.authorization.empty()) {
      headers.add("Authorization", request.authorization + " " + values_.at("access_token"));
    }
    if (request.has_origin) headers.add("Origin", "https://spa.example");
    auto target = request.path;
    if (!request.query.empty()) target += "?" + http::write_form(filled(request.query));
    if (request.method == "POST") return harness_.post(target, filled(request.body), headers);
    auto plain = harness_.get(target, headers);
    plain.method = request.method;
    return plain;
  }

  static std::string authorize_target(const http::FormPairs& pairs) {
    return "/authorize?" + http::write_form(pairs);
  }

  // The target that stands for these parameters, which the client pushes first.
  std::string pushed(const http::FormPairs& pairs) {
    http::Headers headers;
    if (client_ == "cA") {
      headers.add("Authorization", test::basic(client_, test::secret_of(client_)));
    }
    const auto answer = harness_.send(harness_.post("/par", pairs, headers));
    EXPECT_EQ(answer.status, 201) << answer.body;
    return authorize_target(
        {{"client_id", client_},
         {"request_uri", json::string_member(test::json_of(answer), "request_uri").value_or("")}});
  }

  void authorize(const Recorded& request) {
    const auto& asked = request.method == "POST" ? request.body : request.query;
    const auto answer = browser_.complete(
        way_ == Way::pushed && !has(asked, "request_uri") ? browser_.get(pushed(filled(asked)))
        : request.method == "POST" ? browser_.post("/authorize", filled(asked))
                                   : browser_.get(authorize_target(filled(asked))));
    auto reply = test::reply_of(answer);
    if (answer.status == 200) {  // form_post
      for (const auto& tag : test_pages::read_tags(answer.body)) {
        if (tag.name == "input") reply[tag.attributes.at("name")] = tag.attributes.at("value");
      }
    }
    EXPECT_TRUE(reply.contains("code") || reply.contains("id_token"))
        << answer.status << " " << test::location_of(answer) << answer.body;
    EXPECT_EQ(reply["iss"], harness_.settings.issuer);
    remember("code", reply["code"]);
    remember("id_token_hint", reply["id_token"]);
  }

  void sign_out(const Recorded& request) {
    auto answer =
        browser_.follow(browser_.get("/logout?" + http::write_form(filled(request.query))));
    if (answer.body.find("value=\"sign-out\"") != std::string::npos) {
      answer = browser_.press(answer, "sign-out");
    }
    // Without a hint or a client the address is nobody's (OIDC RP-Initiated Logout 3; L02).
    const bool is_known = has(request.query, "id_token_hint") || has(request.query, "client_id");
    if (is_known && has(request.query, "post_logout_redirect_uri")) {
      EXPECT_TRUE(test::location_of(answer).starts_with("https://app.example/bye"))
          << answer.status << answer.body;
    } else {
      EXPECT_EQ(answer.status, 200) << test::location_of(answer);
    }
  }

  void remember(const std::string& name, const std::string& value) {
    if (!value.empty()) values_[name] = value;
  }

  const Way way_;
  test::Harness harness_;
  test::Browser browser_{harness_};
  std::string client_;
  std::map<std::string, std::string> values_;
};

void replay_all(Way way) {
  const auto files = golden_files();
  EXPECT_GE(files.size(), 17u);
  int replayed = 0;
  for (const auto& path : files) {
    SCOPED_TRACE(path.filename().string());
    const auto requests = read_file(path);
    ASSERT_FALSE(requests.empty());
    if (!can_be_replayed(requests)) continue;
    ++replayed;
    Replay replay(requests, way);
    for (const auto& request : requests) replay.send(request);
  }
  EXPECT_GE(replayed, 39);
}

// SC12; SC13: what each stock client sends is understood, first sign-in to sign-out
TEST(GoldenRequests, OfEveryStockClientAreAnswered) {
  replay_all(Way::as_recorded);
}

// RFC9126-2.1; SC12: and may be pushed, whatever else it holds (MSAL, ASP.NET)
TEST(GoldenRequests, OfEveryStockClientMayBePushed) {
  replay_all(Way::pushed);
}

}  // namespace cardea::golden_requests_test
