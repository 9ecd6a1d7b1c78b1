// Subjects and session ids as clients see them; see subject.h.
#include "server/tokens/subject.h"

#include "base/base64url.h"
#include "domain/sector.h"

namespace cardea {
namespace {

// A host holds no NUL, so no two triples give one message.
std::string pairwise(const Seals& seals, const Client& client, std::string_view kind,
                     std::string_view identifier) {
  const auto sector = sector_of(client);
  ensure(sector.has_value());  // check_client has refused a pairwise client without one
  std::string message(kind);
  message.append(1, '\0').append(*sector).append(1, '\0').append(identifier);
  return base64url_encode(seals.lasting_mac(SealPurpose::pairwise_identifier, message));
}

}  // namespace

std::string subject_of(const Seals& seals, const Client& client, const UserId& user_id) {
  if (client.subject_type == SubjectType::same_everywhere) return user_id.value();
  return pairwise(seals, client, "sub", user_id.value());
}

std::string sid_of(const Seals& seals, const Client& client, const SessionId& session_id) {
  if (client.subject_type == SubjectType::same_everywhere) return session_id.value();
  return pairwise(seals, client, "sid", session_id.value());
}

}  // namespace cardea
