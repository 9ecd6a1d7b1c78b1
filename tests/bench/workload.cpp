// The workloads; see workload.h.
#include "bench/workload.h"

#include <cstdio>
#include <cstdlib>
#include <map>
#include <utility>
#include <vector>

#include "base/base64url.h"
#include "base/time.h"
#include "crypto/key.h"
#include "crypto/random.h"
#include "jose/jws.h"

namespace cardea::bench {
namespace {

using Taken = Workload::Taken;

std::string text(const json::Object& plan, std::string_view name) {
  return json::string_member(plan, name).value_or("");
}

std::vector<std::string> texts(const json::Object& plan, std::string_view name) {
  return json::strings_member(plan, name).value_or(std::vector<std::string>());
}

std::size_t number(const json::Object& plan, std::string_view name) {
  return static_cast<std::size_t>(json::integer_member(plan, name).value_or(0));
}

int expected_status(const json::Object& plan) {
  return static_cast<int>(json::integer_member(plan, "status").value_or(200));
}

// The requests of one server, with the header fields that ordinary clients send.
class Requests {
 public:
  explicit Requests(const json::Object& plan)
      : host_(text(plan, "host")), authorization_(text(plan, "authorization")) {}

  std::string get(std::string_view target, std::string_view cookie = {}) const {
    return head("GET", target, cookie) + "\r\n";
  }
  // fields: whole header lines, each with its end.
  std::string post(std::string_view target, std::string_view body, std::string_view cookie = {},
                   std::string_view fields = {}) const {
    std::string out = head("POST", target, cookie);
    out.append(fields);
    if (!cookie.empty()) out.append("Origin: https://").append(host_).append("\r\n");
    out.append("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ");
    out.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
    return out;
  }

 private:
  std::string head(std::string_view method, std::string_view target,
                   std::string_view cookie) const {
    std::string out(method);
    out.append(" ").append(target).append(" HTTP/1.1\r\nHost: ").append(host_);
    out.append("\r\nUser-Agent: cardea-bench\r\nAccept: */*\r\n");
    if (!authorization_.empty()) {
      out.append("Authorization: ").append(authorization_).append("\r\n");
    }
    if (!cookie.empty()) out.append("Cookie: ").append(cookie).append("\r\n");
    return out;
  }

  std::string host_;
  std::string authorization_;
};

Taken judge(const Reply& reply, bool good) {
  if (good) return Taken::done;
  std::fprintf(stderr, "%.*s\n%.*s\n", static_cast<int>(reply.head.size()), reply.head.data(),
               static_cast<int>(reply.body.size()), reply.body.data());
  return Taken::failed;
}

// The same request again and again: "target", with "bodies" POSTs, one to each connection in turn.
// "status": what a good reply has, 200 unless told.
class Same final : public Workload {
 public:
  explicit Same(const json::Object& plan)
      : expected_(text(plan, "expect")), status_(expected_status(plan)) {
    const Requests requests(plan);
    for (const auto& body : texts(plan, "bodies")) {
      requests_.push_back(requests.post(text(plan, "target"), body));
    }
    if (requests_.empty()) requests_.push_back(requests.get(text(plan, "target")));
  }
  std::string next(std::size_t connection) override {
    return requests_[connection % requests_.size()];
  }
  Taken take(std::size_t, const Reply& reply) override {
    return judge(reply, reply.status == status_ && reply.body.contains(expected_));
  }

 private:
  std::vector<std::string> requests_;
  std::string expected_;
  int status_;
};

// The same POST again and again with a DPoP proof of its own (RFC 9449 4.2), signed by the key of
// its connection: "target", "body".
class Proven final : public Workload {
 public:
  Proven(const json::Object& plan, std::size_t connections)
      : requests_(plan),
        target_(text(plan, "target")),
        body_(text(plan, "body")),
        url_("https://" + text(plan, "host") + target_),
        expected_(text(plan, "expect")) {
    for (std::size_t at = 0; at < connections; ++at) {
      keys_.emplace_back(crypto::PrivateKey::generate(crypto::SignatureAlgorithm::ES256));
    }
  }
  std::string next(std::size_t connection) override {
    return requests_.post(target_, body_, {}, "DPoP: " + proof(keys_[connection]) + "\r\n");
  }
  Taken take(std::size_t, const Reply& reply) override {
    return judge(reply, reply.status == 200 && reply.body.contains(expected_));
  }

 private:
  struct Key {
    explicit Key(crypto::PrivateKey own)
        : key(std::move(own)),
          header(base64url_encode(json::write(json::Object{
              {"typ", "dpop+jwt"}, {"alg", "ES256"}, {"jwk", jose::write_jwk(key, "")}}))) {}
    crypto::PrivateKey key;
    std::string header;
  };
  std::string proof(const Key& key) {
    const json::Object claims{{"jti", base64url_encode(random_.bytes(16))},
                              {"htm", "POST"},
                              {"htu", url_},
                              {"iat", clock_.now().unix_seconds()}};
    const auto signed_part = key.header + "." + base64url_encode(json::write(claims));
    return signed_part + "." + base64url_encode(key.key.sign(signed_part));
  }

  Requests requests_;
  std::string target_;
  std::string body_;
  std::string url_;
  std::string expected_;
  std::vector<Key> keys_;
  crypto::SystemRandom random_;
  SystemClock clock_;
};

// Every connection is a client with a refresh token of its own ("tokens") and uses each once.
class Refresh final : public Workload {
 public:
  explicit Refresh(const json::Object& plan) : requests_(plan), tokens_(texts(plan, "tokens")) {}
  std::string next(std::size_t connection) override {
    return requests_.post("/token",
                          "grant_type=refresh_token&refresh_token=" + tokens_.at(connection));
  }
  Taken take(std::size_t connection, const Reply& reply) override {
    const auto fresh = between(reply.body, "\"refresh_token\":\"", '"');
    const bool rotated = reply.status == 200 && !fresh.empty() && fresh != tokens_[connection];
    if (rotated) tokens_[connection] = fresh;
    return judge(reply, rotated);
  }

 private:
  Requests requests_;
  std::vector<std::string> tokens_;
};

// Authorize with a live session ("cookie"), then the code at the token endpoint. "codes": how many
// codes are made before the clock starts; then only the token calls are the operations.
class Flow final : public Workload {
 public:
  Flow(const json::Object& plan, std::size_t connections, bool whole)
      : requests_(plan),
        authorize_(requests_.get(text(plan, "target"), text(plan, "cookie"))),
        exchange_(text(plan, "exchange")),
        whole_(whole),
        codes_(connections) {}

  // For exchange: asks for codes until there are as many as wanted.
  void prepare(Wire& wire, std::size_t count) {
    for (std::size_t made = 0; made < count; ++made) {
      wire.send(authorize_);
      while (wire.receive() == Wire::Seen::more) {
      }
      if (!take_code(wire.reply(), made % codes_.size())) std::exit(2);
    }
  }
  std::string next(std::size_t connection) override {
    auto& mine = codes_[connection];
    if (mine.empty()) return whole_ ? authorize_ : std::string();
    auto request = requests_.post("/token", exchange_ + mine.back());
    mine.pop_back();
    return request;
  }
  Taken take(std::size_t connection, const Reply& reply) override {
    if (reply.status == 303 || reply.status == 302) {
      return take_code(reply, connection) ? Taken::more : Taken::failed;
    }
    return judge(reply, reply.status == 200 && reply.body.contains("\"id_token\":"));
  }

 private:
  bool take_code(const Reply& reply, std::size_t connection) {
    auto code = std::string(between(reply.field("Location"), "code=", '&'));
    const bool good = judge(reply, !code.empty()) == Taken::done;
    if (good) codes_[connection].push_back(std::move(code));
    return good;
  }

  Requests requests_;
  std::string authorize_;
  std::string exchange_;
  bool whole_;
  std::vector<std::vector<std::string>> codes_;
};

// An operation that is several requests, told by the plan: "steps", each a "target" (with "body" a
// POST), a "cookie" where a browser sends it, the "status" of a good reply, and in "take" what
// later steps need of it: under "as" the text between "after" and "until". "{name}" stands for what
// was taken, in target, body and cookie.
class Steps final : public Workload {
 public:
  Steps(const json::Object& plan, std::size_t connections)
      : browser_(without_authorization(plan)), client_(plan), visits_(connections) {
    const auto* steps = plan.find("steps");
    if (steps == nullptr || steps->if_array() == nullptr) std::exit(2);
    for (const auto& step : *steps->if_array()) steps_.push_back(read_step(*step.if_object()));
  }
  std::string next(std::size_t connection) override {
    const auto& visit = visits_[connection];
    const auto& step = steps_[visit.at];
    const auto& requests = step.cookie.empty() ? client_ : browser_;
    const auto target = filled(step.target, visit);
    const auto cookie = filled(step.cookie, visit);
    return step.body.empty() ? requests.get(target, cookie)
                             : requests.post(target, filled(step.body, visit), cookie);
  }
  Taken take(std::size_t connection, const Reply& reply) override {
    auto& visit = visits_[connection];
    const auto& step = steps_[visit.at];
    bool good = reply.status == step.status;
    for (const auto& part : step.parts) {
      auto found = between(reply.head, part.after, part.until);
      if (found.empty()) found = between(reply.body, part.after, part.until);
      good = good && !found.empty();
      visit.taken[part.name] = found;
    }
    if (good && ++visit.at < steps_.size()) return Taken::more;
    visit = {};
    return judge(reply, good);
  }

 private:
  struct Part {
    std::string name;
    std::string after;
    char until = 0;
  };
  struct Step {
    std::string target;
    std::string body;
    std::string cookie;
    int status = 200;
    std::vector<Part> parts;
  };
  struct Visit {
    std::size_t at = 0;
    std::map<std::string, std::string> taken;
  };

  // A browser knows no client secret.
  static json::Object without_authorization(json::Object plan) {
    plan.erase("authorization");
    return plan;
  }
  static Step read_step(const json::Object& from) {
    Step step{.target = text(from, "target"),
              .body = text(from, "body"),
              .cookie = text(from, "cookie"),
              .status = expected_status(from),
              .parts = {}};
    const auto* parts = from.find("take");
    if (parts == nullptr) return step;
    for (const auto& part : *parts->if_array()) {
      const auto& object = *part.if_object();
      step.parts.push_back({.name = text(object, "as"),
                            .after = text(object, "after"),
                            .until = text(object, "until").front()});
    }
    return step;
  }
  static std::string filled(std::string text, const Visit& visit) {
    for (const auto& [name, value] : visit.taken) {
      const auto mark = "{" + name + "}";
      for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
        text.replace(at, mark.size(), value);
        at += value.size();
      }
    }
    return text;
  }

  Requests browser_;
  Requests client_;
  std::vector<Step> steps_;
  std::vector<Visit> visits_;
};

std::unique_ptr<Workload> make_flow(const json::Object& plan, bool whole) {
  auto flow = std::make_unique<Flow>(plan, number(plan, "connections"), whole);
  if (!whole) {
    Wire wire(static_cast<int>(number(plan, "port")), nullptr);
    flow->prepare(wire, number(plan, "codes"));
  }
  return flow;
}

}  // namespace

std::unique_ptr<Workload> make_workload(const json::Object& plan) {
  const auto name = text(plan, "workload");
  if (name == "get" || name == "post") return std::make_unique<Same>(plan);
  if (name == "refresh") return std::make_unique<Refresh>(plan);
  if (name == "exchange" || name == "flow") return make_flow(plan, name == "flow");
  if (name == "proven") return std::make_unique<Proven>(plan, number(plan, "connections"));
  if (name == "steps") return std::make_unique<Steps>(plan, number(plan, "connections"));
  return nullptr;
}

}  // namespace cardea::bench
