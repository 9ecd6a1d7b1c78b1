// The operations; see operation.h.
#include "app/bench/operation.h"

#include <algorithm>
#include <optional>

#include "app/bench/url_reference.h"
#include "base/ascii.h"

namespace cardea::app::bench {
namespace {

using Progress = Operation::Progress;
using Verdict = Operation::Verdict;

constexpr int redirects_max = 10;

Verdict judge(const Reply& reply, bool is_good, std::string_view missing) {
  if (is_good) return {};
  return {.progress = Progress::failed, .error = describe_failure(reply, missing)};
}

// One endpoint and where it is.
struct Endpoint {
  url::Parts url;
  const EndpointAddress* address = nullptr;
};

// The same request again and again.
class SameRequest final : public Operation {
 public:
  enum class Good { has_access_token, is_active, has_sub, has_issuer, has_keys };

  SameRequest(const EndpointAddress* to, std::string text, Good good)
      : to_(to), text_(std::move(text)), good_(good) {}
  Request next() override { return {.to = to_, .text = text_}; }
  Verdict take(const Reply& reply) override {
    return judge(reply, reply.status == 200 && is_good(reply), missing());
  }

 private:
  bool is_good(const Reply& reply) const {
    switch (good_) {
      case Good::has_access_token:
        return !find_text_member(reply.body, "access_token").empty();
      case Good::is_active:
        return has_literal_member(reply.body, "active", "true");
      case Good::has_sub:  // or a JWT (OIDC Core 5.3.2)
        return !find_text_member(reply.body, "sub").empty() || reply.body.starts_with("eyJ");
      case Good::has_issuer:
        return !find_text_member(reply.body, "issuer").empty();
      case Good::has_keys:
        return reply.body.contains("\"keys\"");
    }
    return false;
  }
  std::string_view missing() const {
    switch (good_) {
      case Good::has_access_token:
        return "access_token";
      case Good::is_active:
        return "active";
      case Good::has_sub:
        return "sub";
      case Good::has_issuer:
        return "issuer";
      case Good::has_keys:
        return "keys";
    }
    return "";
  }

  const EndpointAddress* to_;
  std::string text_;
  Good good_;
};

// Each refresh token is used once where the issuer rotates them, and again where it does not.
class Refresh final : public Operation {
 public:
  Refresh(Endpoint endpoint, const Provider& provider, BenchToken token)
      : endpoint_(std::move(endpoint)), provider_(provider), token_(std::move(token)) {}
  Request next() override {
    text_ = write_client_post(endpoint_.url, provider_.client, refresh_form(token_.reveal()));
    return {.to = endpoint_.address, .text = text_};
  }
  Verdict take(const Reply& reply) override {
    const bool is_good =
        reply.status == 200 && !find_text_member(reply.body, "access_token").empty();
    const auto fresh = find_text_member(reply.body, "refresh_token");
    if (is_good && !fresh.empty()) token_ = BenchToken(std::string(fresh));
    return judge(reply, is_good, "access_token");
  }

 private:
  Endpoint endpoint_;
  const Provider& provider_;
  BenchToken token_;
  std::string text_;
};

// Authorize with prompt=none by a live session, through redirects of the issuer's own if there are
// any, then the code at the token endpoint.
class CodeFlow final : public Operation {
 public:
  CodeFlow(url::Parts authorize, Endpoint token, const Provider& provider, const Material& material,
           EndpointAddresses& addresses)
      : authorize_(std::move(authorize)),
        token_(std::move(token)),
        provider_(provider),
        addresses_(addresses),
        jar_(material.cookies),
        verifier_(material.verifier),
        at_(authorize_) {}

  Request next() override {
    if (!code_.empty()) {
      text_ = write_client_post(token_.url, provider_.client,
                                exchange_form(provider_, code_, verifier_.reveal()));
      return {.to = token_.address, .text = text_};
    }
    text_ = write_get(at_, {.authorization = {}, .cookie = jar_.header_for(at_)});
    const auto found = addresses_.find(at_);
    ensure(found.ok());  // make_operation and follow() have asked before
    return {.to = *found, .text = text_};
  }

  Verdict take(const Reply& reply) override {
    if (!code_.empty()) {
      const bool is_good =
          reply.status == 200 && !find_text_member(reply.body, "access_token").empty();
      auto verdict = judge(reply, is_good, "access_token");
      start_over();
      return verdict;
    }
    auto verdict = follow(reply);
    if (verdict.progress == Progress::failed) start_over();
    return verdict;
  }

  void start_over() override {
    at_ = authorize_;
    code_.clear();
    redirects_ = 0;
  }

 private:
  Verdict follow(const Reply& reply) {
    for (const auto field : reply.fields("Set-Cookie")) jar_.store(at_, field);
    const auto location = reply.field("Location");
    if (reply.status < 300 || reply.status >= 400 || location.empty()) {
      return judge(reply, false, "a redirect");
    }
    const auto target = url::parse(resolve_reference(at_, location));
    if (!target) return judge(reply, false, "a URL in Location");
    if (location.starts_with(provider_.redirect_uri)) return take_code(*target);
    if (++redirects_ > redirects_max) return judge(reply, false, "an end of redirects");
    if (!addresses_.find(*target)) return judge(reply, false, "a redirect on this machine");
    at_ = *target;
    return {.progress = Progress::more, .error = {}};
  }
  Verdict take_code(const url::Parts& callback) {
    code_ = query_parameter(callback, "code");
    if (!code_.empty()) return {.progress = Progress::more, .error = {}};
    const auto error = query_parameter(callback, "error");
    return {.progress = Progress::failed,
            .error = "authorize " + (error.empty() ? "without code" : error)};
  }

  url::Parts authorize_;
  Endpoint token_;
  const Provider& provider_;
  EndpointAddresses& addresses_;
  CookieJar jar_;
  pkce::Verifier verifier_;
  url::Parts at_;
  std::string code_;
  int redirects_ = 0;
  std::string text_;
};

using Made = Result<std::unique_ptr<Operation>, std::string>;

struct Maker {
  const Provider& provider;
  const Material& material;
  EndpointAddresses& addresses;

  Result<Endpoint, std::string> find(const std::string& name, const std::string& endpoint) const {
    if (endpoint.empty()) return refuse("the issuer names no " + name);
    auto parts = url::parse(endpoint);
    if (!parts) return refuse(name + " is no URL: " + endpoint);
    auto address = addresses.find(*parts);
    if (!address) return refuse(address.error());
    return Endpoint{.url = *std::move(parts), .address = *address};
  }
  Made same(const Result<Endpoint, std::string>& endpoint, const std::string& text,
            SameRequest::Good good) const {
    if (!endpoint) return refuse(endpoint.error());
    return Made(std::make_unique<SameRequest>(endpoint->address, text, good));
  }
  Made get(const std::string& name, const std::string& url, SameRequest::Good good,
           const std::string& authorization = "") const {
    const auto endpoint = find(name, url);
    return same(
        endpoint,
        endpoint ? write_get(endpoint->url, {.authorization = authorization, .cookie = {}}) : "",
        good);
  }
  Made post(const std::string& name, const std::string& url, SameRequest::Good good,
            const std::string& form) const {
    const auto endpoint = find(name, url);
    return same(endpoint, endpoint ? write_client_post(endpoint->url, provider.client, form) : "",
                good);
  }
  Made refresh() const {
    auto endpoint = find("token_endpoint", provider.metadata.token_endpoint);
    if (!endpoint) return refuse(endpoint.error());
    return Made(std::make_unique<Refresh>(*std::move(endpoint), provider, material.token));
  }
  Made code() const {
    auto token = find("token_endpoint", provider.metadata.token_endpoint);
    if (!token) return cardea::refuse(token.error());
    const RequestValues values{.state = "cardea-bench",
                               .nonce = "cardea-bench",
                               .challenge = pkce::challenge_of(material.verifier)};
    auto authorize = find("authorization_endpoint", authorization_url(provider, values, "none"));
    if (!authorize) return cardea::refuse(authorize.error());
    return Made(std::make_unique<CodeFlow>(std::move(authorize->url), *std::move(token), provider,
                                           material, addresses));
  }
};

}  // namespace

std::string describe_failure(const Reply& reply, std::string_view missing) {
  const auto status = std::to_string(reply.status);
  const auto code = find_text_member(reply.body, "error");
  const bool is_code = !code.empty() && code.size() <= 64 &&
                       std::ranges::all_of(code, [](char c) { return c > ' ' && c <= '~'; });
  if (is_code) return status + " " + std::string(code);
  return reply.status < 400 ? status + " without " + std::string(missing) : status;
}

Made make_operation(Workload workload, const Provider& provider, const Material& material,
                    EndpointAddresses& addresses) {
  using Good = SameRequest::Good;
  const Maker make{.provider = provider, .material = material, .addresses = addresses};
  switch (workload) {
    case Workload::client_credentials:
      return make.post("token_endpoint", provider.metadata.token_endpoint, Good::has_access_token,
                       client_credentials_form(provider));
    case Workload::refresh:
      return make.refresh();
    case Workload::code:
      return make.code();
    case Workload::introspection:
      return make.post("introspection_endpoint", provider.introspection_endpoint, Good::is_active,
                       "token=" + url::form_encode(material.token.reveal()));
    case Workload::userinfo:
      return make.get("userinfo_endpoint", provider.metadata.userinfo_endpoint, Good::has_sub,
                      "Bearer " + std::string(material.token.reveal()));
    case Workload::discovery:
      return make.get("discovery document", provider.discovery_url, Good::has_issuer);
    case Workload::jwks:
      return make.get("jwks_uri", provider.metadata.jwks_uri, Good::has_keys);
  }
  return refuse(std::string("no such workload"));
}

}  // namespace cardea::app::bench
