// The workloads; see workload.h.
#include "bench/workload.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

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

// The requests of one server, with the header fields that ordinary clients send.
class Requests {
 public:
  explicit Requests(const json::Object& plan)
      : host_(text(plan, "host")), authorization_(text(plan, "authorization")) {}

  std::string get(std::string_view target, std::string_view cookie = {}) const {
    return head("GET", target, cookie) + "\r\n";
  }
  std::string post(std::string_view target, std::string_view body,
                   std::string_view cookie = {}) const {
    std::string out = head("POST", target, cookie);
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

// The same request again and again: "target", with "body" a POST. "bodies" gives one to each
// connection in turn.
class Same final : public Workload {
 public:
  explicit Same(const json::Object& plan) : expected_(text(plan, "expect")) {
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
    return judge(reply, reply.status == 200 && reply.body.contains(expected_));
  }

 private:
  std::vector<std::string> requests_;
  std::string expected_;
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

// A person without a session: authorize, the page, the posted password, back at the client.
class Login final : public Workload {
 public:
  Login(const json::Object& plan, std::size_t connections)
      : requests_(plan),
        authorize_(text(plan, "target")),
        form_(text(plan, "form")),
        visits_(connections) {}
  std::string next(std::size_t connection) override {
    auto& visit = visits_[connection];
    if (visit.page.empty()) return requests_.get(authorize_);
    if (visit.csrf.empty()) return requests_.get(visit.page, visit.cookie);
    return requests_.post(visit.page, form_ + "&csrf=" + visit.csrf, visit.cookie);
  }
  Taken take(std::size_t connection, const Reply& reply) override {
    auto& visit = visits_[connection];
    const auto location = reply.field("Location");
    if (visit.page.empty()) {
      visit.cookie = between(reply.field("Set-Cookie"), "", ';');
      visit.page = location.substr(std::min(location.find("/interaction/"), location.size()));
      return visit.page.empty() || visit.cookie.empty() ? fail(visit, reply) : Taken::more;
    }
    if (visit.csrf.empty()) {
      const auto field = between(reply.body, "name=\"csrf\"", '>');
      visit.csrf = between(field, "value=\"", '"');
      return visit.csrf.empty() ? fail(visit, reply) : Taken::more;
    }
    if (location.contains("code=")) return visit = {}, Taken::done;
    return fail(visit, reply);
  }

 private:
  struct Visit {
    std::string page;
    std::string cookie;
    std::string csrf;
  };
  static Taken fail(Visit& visit, const Reply& reply) {
    visit = {};
    return judge(reply, false);
  }

  Requests requests_;
  std::string authorize_;
  std::string form_;
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
  if (name == "login") return std::make_unique<Login>(plan, number(plan, "connections"));
  return nullptr;
}

}  // namespace cardea::bench
