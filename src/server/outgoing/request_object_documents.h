// Request objects that clients publish themselves (RFC 9101 5.2.3, OIDC Core 6.2). What is fetched
// is only text here: whether it is an object of that client is judged as if it had been sent
// (server/authorize/asked_request.h).
//
// An address counts with its fragment: another fragment is another object, so that a client which
// registers a new one is not given what was kept under the old (OIDC Registration 2). Whether the
// fragment is the digest of the content is not asked: the client's signature says more, and clients
// register addresses before there is anything at them.
#pragma once

#include <string>

#include "server/outgoing/fetched_documents.h"

namespace cardea {

class RequestObjectDocuments : public FetchedDocuments<std::string> {
 public:
  // Outlives it.
  explicit RequestObjectDocuments(Outgoing& outgoing);
};

}  // namespace cardea
