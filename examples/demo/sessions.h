// The demo app's server-side sessions. The browser holds a random handle and nothing else; sign-ins
// under way and who is signed in stay here. A restart forgets them.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/random.h"
#include "client/authorization.h"
#include "client/token_store.h"
#include "http/message.h"

namespace demo {

// Who is signed in. Her tokens are in the encrypted store, under `grant`.
struct Person {
  cardea::client::GrantKey grant;
  std::string name;
  std::string email;
};

// Thread-safe.
class Sessions {
 public:
  explicit Sessions(cardea::Random& random) : random_(random) {}

  // The handle in the request's cookie, if there is such a session.
  std::optional<std::string> handle_of(const cardea::http::Request& request) const;
  std::string begin();  // a new session's handle
  void end(const std::string& handle);

  // Sign-ins under way, by state: each tab may have its own, each is taken out once.
  void remember(const std::string& handle, cardea::client::PendingAuthorization pending);
  std::optional<cardea::client::PendingAuthorization> take(const std::string& handle,
                                                           const std::string& state);

  void sign_in(const std::string& handle, Person person);
  std::optional<Person> person(const std::string& handle) const;

  // The Set-Cookie header for a handle; "" deletes the cookie.
  static std::string cookie(const std::string& handle);

 private:
  struct Session {
    std::map<std::string, cardea::client::PendingAuthorization> pending;
    std::optional<Person> person;
  };
  cardea::Random& random_;
  mutable std::mutex mutex_;
  std::map<std::string, Session> sessions_;
};

}  // namespace demo
