// Where an authorization response may go. A ReplyTarget is made only by the check of client and
// redirect_uri, so a redirect to an unproven address cannot be written down (style rule 9). RFC
// 6749 3.1.2.4 and 4.1.2.1.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "base/result.h"
#include "domain/client.h"
#include "protocol/authorization_request.h"
#include "server/authorize/objection.h"
#include "server/exchange.h"
#include "server/strictness.h"

namespace cardea {

class ReplyTarget {
 public:
  // The presented bytes (or the only registered URI, when none was presented).
  const std::string& redirect_uri() const { return redirect_uri_; }
  // The registration that matched; under a relaxed dial, the one that answers for it.
  const std::string& registered_redirect_uri() const { return registered_; }
  bool was_presented() const { return was_presented_; }
  ResponseMode mode() const { return mode_; }
  // Whose answer it is: the modes of JARM sign it for that client, and encrypt it to its keys.
  const Client& client() const { return *client_; }
  const std::string& state() const { return state_; }
  // Whether the answer is one of OpenID Connect: `openid` was asked for.
  bool is_authentication() const { return is_authentication_; }
  // Whether nobody here has looked at the client, so that the person is asked before a refusal is
  // taken there (RFC 9700 4.11.2).
  bool asks_first() const { return client_->registered_itself(); }

 private:
  friend Result<ReplyTarget, PageError> find_reply_target(Exchange&, const AuthorizationRequest&,
                                                          const std::shared_ptr<const Client>&,
                                                          const Relaxations&);
  ReplyTarget() = default;
  std::string redirect_uri_;
  std::string registered_;
  bool was_presented_ = true;
  ResponseMode mode_ = ResponseMode::query;
  std::shared_ptr<const Client> client_;
  std::string state_;
  bool is_authentication_ = false;
};

// Checks redirect_uri against the client's registrations. Notes what passed or was relaxed on the
// exchange. asker: not null. Refuses with a page: defective, unregistered, absent where it is
// needed, or repeated.
Result<ReplyTarget, PageError> find_reply_target(Exchange& exchange,
                                                 const AuthorizationRequest& request,
                                                 const std::shared_ptr<const Client>& asker,
                                                 const Relaxations& relaxations);

// The mode in which this request is answered, also when it is refused: the asked one where client
// and response type allow it, else the type's default, else one the client allows (9700-14).
ResponseMode reply_mode(const AuthorizationRequest& request, const Client& client);

// Whether the response type may be answered in the mode: no query for an ID token (Multiple
// Response Types 5).
bool carries(ResponseMode mode, ResponseType type);

}  // namespace cardea
