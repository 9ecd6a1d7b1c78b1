// Requests to a provider; see provider.h.
#include "app/bench/provider.h"

#include "app/bench/url_reference.h"
#include "base/base64url.h"
#include "base/result.h"
#include "http/form.h"

namespace cardea::app::bench {
namespace {

// "localhost:9443": as in the URL, default ports left out (RFC 9110 7.2).
std::string authority_of(const url::Parts& url) {
  return url.origin().substr(url.scheme.size() + 3);
}

std::string write_head(std::string_view method, const url::Parts& url, const Fields& fields) {
  std::string out(method);
  out.append(" ").append(request_target(url)).append(" HTTP/1.1\r\nHost: ");
  out.append(authority_of(url)).append("\r\nUser-Agent: cardea-bench\r\nAccept: */*\r\n");
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) out.append(name).append(": ").append(value).append("\r\n");
  };
  add("Authorization", fields.authorization);
  add("Cookie", fields.cookie);
  return out;
}

void add_pair(std::string& form, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  if (!form.empty()) form += "&";
  form.append(name).append("=").append(url::form_encode(value));
}

}  // namespace

// RFC 6749 2.3.1: both halves are form-encoded before they are joined.
std::string Client::authorization() const {
  if (authentication != ClientAuthentication::client_secret_basic) return "";
  return "Basic " +
         base64_encode(url::form_encode(client_id) + ":" + url::form_encode(secret.reveal()));
}

std::string Client::form_part() const {
  if (authentication == ClientAuthentication::client_secret_basic) return "";
  std::string part = "&client_id=" + url::form_encode(client_id);
  if (authentication == ClientAuthentication::client_secret_post) {
    part += "&client_secret=" + url::form_encode(secret.reveal());
  }
  return part;
}

std::string authorization_url(const Provider& provider, const RequestValues& values,
                              std::string_view prompt) {
  std::string query;
  add_pair(query, "response_type", "code");
  add_pair(query, "client_id", provider.client.client_id);
  add_pair(query, "redirect_uri", provider.redirect_uri);
  add_pair(query, "scope", provider.scope);
  add_pair(query, "state", values.state);
  add_pair(query, "nonce", values.nonce);
  add_pair(query, "code_challenge", values.challenge);
  add_pair(query, "code_challenge_method", "S256");
  add_pair(query, "prompt", prompt);
  add_pair(query, "resource", provider.resource);
  const auto& endpoint = provider.metadata.authorization_endpoint;
  return endpoint + (endpoint.contains('?') ? "&" : "?") + query;
}

std::string client_credentials_form(const Provider& provider) {
  std::string form = "grant_type=client_credentials";
  add_pair(form, "scope", provider.client_scope);
  add_pair(form, "resource", provider.resource);
  return form;
}

std::string refresh_form(std::string_view refresh_token) {
  std::string form = "grant_type=refresh_token";
  add_pair(form, "refresh_token", refresh_token);
  return form;
}

std::string exchange_form(const Provider& provider, std::string_view code,
                          std::string_view verifier) {
  std::string form = "grant_type=authorization_code";
  add_pair(form, "redirect_uri", provider.redirect_uri);
  add_pair(form, "code_verifier", verifier);
  add_pair(form, "code", code);
  return form;
}

std::string write_get(const url::Parts& url, const Fields& fields) {
  return write_head("GET", url, fields) + "\r\n";
}

std::string write_post(const url::Parts& url, const Fields& fields, std::string_view form) {
  auto out = write_head("POST", url, fields);
  out.append("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ");
  out.append(std::to_string(form.size())).append("\r\n\r\n").append(form);
  return out;
}

std::string write_client_post(const url::Parts& url, const Client& client, std::string form) {
  form += client.form_part();
  return write_post(url, {.authorization = client.authorization(), .cookie = {}}, form);
}

url::Parts parts_of(const std::string& endpoint) {
  auto parts = url::parse(endpoint);
  ensure(parts.has_value());
  return *std::move(parts);
}

}  // namespace cardea::app::bench
