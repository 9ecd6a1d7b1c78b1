// What must be there before the clock starts: the issuer's documents, a signed-in person, tokens.
// Everything here blocks.
#pragma once

#include <string>
#include <vector>

#include "app/admin/operations.h"
#include "app/bench/browser.h"
#include "app/bench/operation.h"
#include "base/random.h"

namespace cardea::app::bench {

struct PreparationInputs {
  const Provider& provider;
  const http::Transport& transport;
  EndpointAddresses& addresses;
  Random& random;
  Credentials person;  // login "": nobody signs in
  std::string prompt;  // of authorization requests that get tokens; "" for none
};

class Preparation {
 public:
  explicit Preparation(const PreparationInputs& inputs) : in_(inputs) {}

  // As many materials as there are lanes. Sessions and refresh tokens are of a sign-in of their
  // own, as with as many people; an access token is shared. Introspection looks at a person's token
  // where somebody can sign in, else at one of client credentials.
  Result<std::vector<Material>, AdminError> make(Workload workload, std::size_t lanes);

 private:
  struct Granted {
    BenchToken access_token;
    BenchToken refresh_token;  // may be empty
  };
  Result<Granted, AdminError> grant(Browser& browser);  // the code flow through it
  Result<Granted, AdminError> client_grant();           // client credentials
  Result<Granted, AdminError> ask(std::string form);
  Result<Material, AdminError> make_one(Workload workload);

  const PreparationInputs& in_;
};

// The issuer's metadata with the rest of what is asked for. Refuses network and protocol errors.
Result<ProviderMetadata, AdminError> discover(const std::string& issuer,
                                              const http::Transport& transport);

}  // namespace cardea::app::bench
