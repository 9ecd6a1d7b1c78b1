// What reads have in common that is no template; see reading_store.h.
#include "store/sql/reading_store.h"

namespace cardea::store::sql {

Answer<std::vector<Client>> clients_of(Answer<std::vector<std::string>> documents) {
  if (!documents) return refuse(std::move(documents).error());
  std::vector<Client> out;
  for (const std::string& document : *documents) {
    auto client = read_client(document);
    if (!client) {
      return refuse(Failure{Failure::Kind::corrupt, "a client's document cannot be read"});
    }
    out.push_back(*std::move(client));
  }
  return out;
}

std::optional<Versions> read_versions_of(Connection& connection) {
  return connection.first(read_versions, {}, [](const Row& row) {
    return Versions{.clients = row.integer(0),
                    .keys = row.integer(1),
                    .live_changes = row.integer(2),
                    .failure_changes = row.integer(3)};
  });
}

Answer<Versions> present(std::optional<Versions> read) {
  if (read) return *read;
  return refuse(Failure{Failure::Kind::corrupt, "the store's facts are missing"});
}

}  // namespace cardea::store::sql
