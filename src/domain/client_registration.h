// What a client may say about itself when it registers (RFC 7591 2, OIDC Registration 2) or in its
// metadata document (Client ID Metadata Document 4): the members of client_members.h that are the
// client's to set, within what the operator lets such clients have. Everything else in the document
// is ignored, so no member of it reaches a policy (security corpus F01). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "domain/client.h"
#include "protocol/error.h"

namespace cardea {

// What clients that register themselves may have.
struct RegistrationPolicy {
  std::vector<std::string> scopes;
  // What a scope that was asked for is worth: the most that the client gets, or no more than a sign
  // that it wants something of `scopes`, all of which it gets then (RFC 7591 3.2.1).
  enum class AskedScope { binds, is_a_wish } asked_scope = AskedScope::binds;
  std::vector<GrantType> grant_types;
  std::vector<std::string> authorization_details_types;  // RFC 9396 10
  PkcePolicy pkce = PkcePolicy::required;  // of confidential clients; of others always required
  bool development = false;                // decision Q9: as a client of that mark
};

// The client as the metadata describes it, defaults filled in: without id, secrets and owner.
// Scopes, grant types and types of authorization_details beyond the policy are left out, and a
// scope that is a wish is replaced, as RFC 7591 3.2.1 allows; the answer tells the client. Refuses
// invalid_redirect_uri, invalid_client_metadata: a member of another type or with a value that is
// not offered, or nothing left of scopes or grant types.
Result<Client, OAuthError> read_registration(const json::Object& metadata,
                                             const RegistrationPolicy& policy);

// Gives the client what the operator said of the one that it replaces (RFC 7592 2.2): no change of
// its own metadata changes a policy (corpus F01). False where the client's new metadata cannot be
// had with it.
bool keep_operators_members(const Client& former, Client& client);

// The rules of check_client for a client that is complete, as the refusal that the client gets.
std::optional<OAuthError> check_registration(const Client& client);

// RFC 7591 3.2.1: the registered values, those that were filled in or replaced among them.
json::Object registered_metadata(const Client& client);

// Whether the text is an address that can be a client's metadata document (Client ID Metadata
// Document 3): https, with a path, without user, fragment and dot segments.
bool is_client_document_url(std::string_view client_id);

// The client that the document found at `url` describes. Refuses with a private reason: no JSON
// object, another client_id, a secret or a method with one, or what registration would refuse.
Result<Client, std::string> read_client_document(const std::string& url, std::string_view body,
                                                 const RegistrationPolicy& policy);

}  // namespace cardea
