// The issuer under load as its documents describe it, and who asks: what requests are made of.
#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"
#include "base/url.h"
#include "protocol/provider_metadata.h"

namespace cardea::app::bench {

using BenchSecret = Secret<struct BenchSecretTag>;
using BenchToken = Secret<struct BenchTokenTag>;

// How the client proves who it is (RFC 6749 2.3.1; OIDC Core 9).
enum class ClientAuthentication { client_secret_basic, client_secret_post, none };

struct Client {
  std::string client_id;
  BenchSecret secret;
  ClientAuthentication authentication = ClientAuthentication::client_secret_basic;

  // The value of Authorization; "" when the method has none.
  std::string authorization() const;
  // What the method adds to a form, with "&" before it; may be "".
  std::string form_part() const;
};

struct Provider {
  ProviderMetadata metadata;
  std::string discovery_url;
  std::string introspection_endpoint;  // the metadata's, or the one that was given; may be ""
  Client client;
  std::string redirect_uri;
  std::string scope;         // of grants of a person
  std::string client_scope;  // of client credentials; "" leaves it to the issuer
  std::string resource;      // RFC 8707; "" for none
};

// The PKCE pair, `state` and `nonce` of an authorization request (RFC 7636 4; OIDC Core 3.1.2.1).
struct RequestValues {
  std::string state;
  std::string nonce;
  std::string challenge;
};
// prompt: "" for none of it.
std::string authorization_url(const Provider& provider, const RequestValues& values,
                              std::string_view prompt);

// Bodies of token requests (RFC 6749 4.1.3, 4.4.2, 6), without the proof of the client.
std::string client_credentials_form(const Provider& provider);
std::string refresh_form(std::string_view refresh_token);
std::string exchange_form(const Provider& provider, std::string_view code,
                          std::string_view verifier);

// Whole requests of HTTP/1.1, with the fields that ordinary clients send. "" leaves a field out.
struct Fields {
  std::string_view authorization;
  std::string_view cookie;
};
std::string write_get(const url::Parts& url, const Fields& fields);
std::string write_post(const url::Parts& url, const Fields& fields, std::string_view form);
// A form of the client's with its proof.
std::string write_client_post(const url::Parts& url, const Client& client, std::string form);

// The URL of an endpoint of that provider, which check_issuer() and discovery have judged.
url::Parts parts_of(const std::string& endpoint);

}  // namespace cardea::app::bench
