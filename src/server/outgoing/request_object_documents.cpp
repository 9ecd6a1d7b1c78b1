// Fetching and keeping; see request_object_documents.h.
#include "server/outgoing/request_object_documents.h"

namespace cardea {
namespace {

// Anybody can send a browser here with a registered address, so each is asked for four times a
// minute at most, whatever it answers. An object that was taken away counts for nothing.
DocumentRules rules() {
  return {.purpose = http::FetchPurpose::request_object,
          .accept = "application/oauth-authz-req+jwt, application/jwt",
          .fresh_standard = Seconds{60},
          .fresh_min = Seconds{15},
          .stale = Seconds{0},
          .pause = Seconds{15},
          .bytes_max = limits::jwe_bytes_max};
}

}  // namespace

RequestObjectDocuments::RequestObjectDocuments(Outgoing& outgoing)
    : FetchedDocuments(
          outgoing, rules(),
          [](const std::string&, std::string_view body) -> Result<std::string, std::string> {
            if (body.empty()) return refuse(std::string("the answer is empty"));
            return std::string(body);
          }) {}

}  // namespace cardea
