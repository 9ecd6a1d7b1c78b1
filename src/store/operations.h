// Every write the system makes, as a value with its possible outcomes. Each is one guarded, atomic
// change; what it refuses changes nothing. `now` is the store time stamped by the caller.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "domain/client.h"
#include "domain/client_notice.h"
#include "domain/consent.h"
#include "domain/grant.h"
#include "domain/interaction.h"
#include "domain/polled_request.h"
#include "domain/second_factor.h"
#include "domain/server_key.h"
#include "domain/session.h"
#include "domain/user.h"

namespace cardea::store {

// --- browser flow
// -----------------------------------------------------------------------------------------

// Parks a request. Refused when the address already holds `open_max` open interactions (corpus
// 6819-01).
struct PutInteraction {
  Interaction interaction;
  int open_max = 200;
  Instant now{};
  enum class Outcome { stored, quota_exceeded };
};

enum class AfterStep { stays_open, finished };

// How an interaction changes together with what caused it.
struct InteractionStep {
  InteractionDigest handle;
  AfterStep after = AfterStep::stays_open;
  std::optional<SessionId> session_id;
  bool authenticated_here = false;
  bool account_selected = false;
  std::optional<FirstFactor> first_factor;  // the password was proven
  std::int64_t factor_failures = 0;         // more wrong codes
  bool enrolment_declined = false;
};

// Moves or ends an open interaction without anything else (choose an account, deny, cancel).
struct StepInteraction {
  InteractionStep step;
  Instant now{};
  enum class Outcome {
    stepped,
    not_open
  };  // not_open: absent, expired or finished; nothing changed
};

// Inserts the session of a successful sign-in. Refused when the user changed since the password was
// verified, and without a factor's use when the account has a factor (asvs-6.3.3): no caller can
// make a session of the password alone then.
struct SignIn {
  SessionRecord session;
  // This browser's former session of the same user, which the new one replaces (session renewal).
  // The new one may have its id; then the former one must still be there (else: user_changed), so
  // that an ended session is never revived together with what was bound to it.
  std::optional<SessionId> replaces;
  std::optional<PasswordHash>
      rehashed;  // stored when the user's security version still is the session's
  std::optional<InteractionStep> interaction;
  std::optional<FactorUse> factor;
  Instant now{};
  enum class Outcome { signed_in, user_changed, interaction_not_open, factor_used };
};

// Keeps a password's hash that was made anew at today's cost, where no session is made yet. Nothing
// happens when the user changed since the password was verified.
struct KeepRehashed {
  UserId user_id;
  std::int64_t security_version = 0;
  PasswordHash rehashed;
  enum class Outcome { kept };
};

// Records an approval and ends its interaction. A live row of the same user and client is widened
// and keeps its id.
struct Approve {
  Consent consent;  // consent_id is used only when no row exists
  InteractionStep interaction;
  Instant now{};
  struct Outcome {
    enum class Result { approved, interaction_not_open } result = Result::approved;
    ConsentId consent_id;
  };
};

// A sealed value that is too large to travel (decision Q6). Swept after expires_at. Refused when
// its source has `open_max` of them already; a value without a source counts for nobody.
struct ParkSealed {
  ParkedId value_id;
  std::string sealed;
  Instant expires_at{};
  std::string source;
  int open_max = 0;
  Instant now{};
  enum class Outcome { stored, quota_exceeded };
};

// --- tokens
// -----------------------------------------------------------------------------------------------

// Begins a grant under the id of what was approved: of a code, of a request that was polled for, or
// one made of an assertion's name. The conflict is the replay (decision Q7). All checks on the
// request were made before. In the same transaction: the user exists, is enabled and has
// grant.security_version; the client is enabled and still registers the redirect URI, if one was
// used; the session is present and alive, where it must; the consent row (if any is named) is
// present; what was approved expired (grant.code_expires_at) not before the sweep boundary; its
// epoch is the store's.
struct BeginGrant {
  enum class SessionRule { must_live, may_have_ended };

  Grant grant;
  std::optional<RefreshRow> refresh;
  // SHA-256 of the registered string that matched; nothing where no redirect was used.
  std::optional<RedirectUriDigest> registered_redirect_uri;
  SessionRule session_rule = SessionRule::must_live;
  std::optional<LogoutChannel> told_by;  // the client takes part in the session from now on
  std::string epoch;
  Instant now{};
  enum class Outcome {
    begun,
    replayed,  // the grant of the first use, and all it issued, is revoked now
    user_changed,
    client_disabled,
    redirect_uri_removed,
    session_ended,
    consent_withdrawn,
    swept,
    other_epoch
  };
};

// Parks a request that its client will poll for. Bounded for each client, and where it says so for
// each address that sends (a public client's address is all that is known of it) and each person
// who is asked (corpus 6819-01). With it goes the notice that tells the client when it is answered
// or over; those that wait count for the client, too.
struct PutPolledRequest {
  PolledRequest request;
  std::string sealed_ping = {};  // ClientNotice::sealed; "" where the client is not told
  std::string source = {};       // where it is counted, for per_address_max
  int per_client_max = 10'000;
  std::optional<int> per_address_max;
  std::optional<int> per_user_max;
  Instant now{};
  enum class Outcome { stored, user_code_taken, quota_exceeded };
};

// Notes a poll of a request that is pending still, and slows the client down when it came too soon
// (RFC 8628 3.5).
struct NotePoll {
  GrantId request_id;
  Instant now{};
  enum class Outcome {
    noted,
    too_soon,  // the interval has grown
    not_pending
  };
};

// A person's answer. An approval is recorded as Approve does; the interaction, if one led here,
// ends with it, and the client's notice is due. Refused when the request is not pending, has
// expired, or asks somebody else.
struct AnswerPolledRequest {
  struct Approval {
    Consent consent;  // consent_id is used only when no row exists
    Session session;  // in which it was allowed
  };
  GrantId request_id;
  UserId user_id;                    // who answers; nobody known: ""
  std::optional<Approval> approval;  // nothing: denied
  std::optional<InteractionStep> interaction;
  Instant now{};
  enum class Outcome { answered, interaction_not_open, not_pending, user_changed };
};

// Presents a refresh token whose MAC, client and request were checked. Applies judge_liveness and
// judge_refresh (domain/grant.h) to the rows inside the transaction.
struct UseRefresh {
  PresentedRefresh presented;
  ClientId client_id;
  RefreshPolicy policy;
  RefreshRotation rotation = RefreshRotation::on;
  RefreshDigest successor;  // of the token that replaces it; unused where rotation is off
  std::string sealed_successor;
  Seconds idle_lifetime{};  // the new idle_end is now + this, at most absolute_end
  std::string spender;      // short digest of network and agent; "" when unknown (never suspect)
  Instant now{};
  struct Outcome {
    enum class Result { accepted, absent, wrong_client, not_live, refused } result = Result::absent;
    Liveness liveness = Liveness::live;                // for not_live
    RefreshVerdict verdict = RefreshVerdict::current;  // for accepted and refused
    std::string sealed_successor;                      // for replay_in_grace
    bool turned_suspect = false;                       // this rotation ended the grace for good
    GrantId grant_id;
  };
};

// A revocation mark for one access token, kept until its expiry (decision Q6).
struct MarkToken {
  TokenId token_id;
  Instant expires_at{};
  enum class Outcome { marked };
};

struct RevokeGrant {
  GrantId grant_id;
  std::string reason;
  enum class Outcome { revoked, absent };
};

// First use of a value that may be used once until it expires (client assertion `jti`, RFC 7523 3;
// a pushed request, RFC 9126 7.3).
struct UseOnce {
  OnceDigest digest;  // over purpose, issuer and value
  Instant expires_at{};
  Instant now{};
  enum class Outcome { first, replayed };
};

// --- sessions and the account page
// ------------------------------------------------------------------------

// A client takes part in a session without a code: an ID token of the authorization endpoint.
struct NoteSessionClient {
  SessionId session_id;
  ClientId client_id;
  LogoutChannel told_by = LogoutChannel::back;
  enum class Outcome { noted, session_ended };
};

// Whatever ends sessions writes the notices for the clients that took part in them, in the same
// transaction (domain/client_notice.h).

// Ends sessions by id (only the given user's, when set). Tokens bound to them are dead at once.
struct EndSessions {
  std::vector<SessionId> session_ids;
  std::optional<UserId> user_id;
  struct Outcome {
    int ended = 0;
    std::vector<SessionClient> clients;  // that took part in those that ended
  };
};

// Ends all sessions of a user but `keep`.
struct EndAllSessions {
  UserId user_id;
  std::optional<SessionId> keep;
  struct Outcome {
    int ended = 0;
  };
};

// --- what clients are told (domain/client_notice.h) ---------------------------------------------

// Before notices of a lane are sent, where others may send them too. Taking it again prolongs it.
struct TakeNoticeLane {
  NoticeLane lane;
  std::string taker;  // no other sender's name
  Instant now{};
  Instant until{};
  enum class Outcome { taken, elsewhere };
};
struct LeaveNoticeLane {
  NoticeLane lane;
  std::string taker;
  enum class Outcome { left, not_held };
};
// A notice was delivered, or never will be taken.
struct EndNotice {
  TokenId notice_id;
  enum class Outcome { ended, absent };
};
// A client did not take a notice: all of its lane wait until then. Those tried too often, or whose
// time is over by then, are removed.
struct DeferNotices {
  NoticeLane lane;
  TokenId tried;
  Instant until{};
  struct Outcome {
    int given_up = 0;
  };
};

// Coalesced idle touch: at most one per session and 5 minutes, off the reply.
struct TouchSession {
  SessionId session_id;
  Instant now{};
  enum class Outcome { touched };
};

// Removes the consent row and revokes every grant of the user and client.
struct WithdrawConsent {
  UserId user_id;
  ClientId client_id;
  enum class Outcome { withdrawn, absent };
};

// Sets a password; guarded by the security version, which rises. Other sessions end and the user's
// grants are revoked (9700-10); the kept session moves to the new version.
struct ChangePassword {
  UserId user_id;
  std::int64_t security_version = 0;
  PasswordHash password_hash;
  std::optional<SessionId> keep;
  enum class Outcome { changed, user_changed };
};

struct PutPasswordLink {
  LinkDigest digest;
  UserId user_id;
  Instant expires_at{};
  enum class Outcome { stored, user_absent };
};
// Consumes the link and sets the password, as ChangePassword does with no session kept.
struct UsePasswordLink {
  LinkDigest digest;
  PasswordHash password_hash;
  Instant now{};
  enum class Outcome { changed, not_usable };  // absent, used, expired or user disabled
};

// --- second factors
// ----------------------------------------------------------------------------------------
// Each ends the user's other sessions and grants as ChangePassword does, except where it says not.

// Adds the factor that was just proven, and in the same step the session of that proof, under the
// version that follows. sign_in.session has the version before, which is the guard; its `factor` is
// not looked at. Refused when there is a factor already, or where SignIn would be.
struct AddFactor {
  SecondFactor factor;
  std::vector<RecoveryDigest> recovery_codes;
  SignIn sign_in;
  enum class Outcome { added, user_changed, interaction_not_open };
};

// By the person, with a use of the factor; or by the operator, without.
struct RemoveFactor {
  UserId user_id;
  std::optional<std::int64_t> security_version;  // guard; nothing: whatever it is
  std::optional<FactorUse> factor;
  std::optional<SessionId> keep;
  enum class Outcome { removed, user_changed, factor_used, absent };
};

// Voids the former codes. Ends nothing: what was proven before was proven with the same app.
struct ReplaceRecoveryCodes {
  std::int64_t security_version = 0;
  FactorUse factor;
  std::string recovery_key_id;
  std::vector<RecoveryDigest> recovery_codes;
  enum class Outcome { replaced, user_changed, factor_used };
};

// --- registrations
// ----------------------------------------------------------------------------------------

enum class Expect { absent, present, either };

struct PutClient {
  Client client;
  Expect expect = Expect::either;
  // Set: only while this is the client's registration access token; absent otherwise.
  std::optional<RegistrationTokenDigest> presented = {};
  enum class Outcome { stored, already_there, absent };
};
// Removes the client; its grants are revoked, its consents removed. presented: as in PutClient.
struct RemoveClient {
  ClientId client_id;
  std::optional<RegistrationTokenDigest> presented = {};
  enum class Outcome { removed, absent };
};

// Inserts a client that registers itself (RFC 7591), or one whose metadata document was seen for
// the first time or has changed; never one that an operator put there. It is forgotten `unused_for`
// after its registration or, once a code was redeemed, after the last token of its grants has
// ended. Registrations whose time is over leave whenever another comes, accepted or not:
// `forgotten`.
struct RegisterClient {
  Client client;
  // Who registers; has at most `unused_max` that were never used. "" counts for nobody.
  std::string source;
  int unused_max = 0;
  int clients_max = 0;  // of all that registered themselves
  Seconds unused_for{};
  // Set: spends one use of it (RFC 7591 1.2).
  std::optional<InitialTokenDigest> initial_access_token = {};
  Instant now{};
  struct Outcome {
    enum class Result {
      registered,
      already_there,  // a client of an operator, or for a new one any client
      token_not_usable,
      too_many_of_source,
      too_many
    } result = Result::registered;
    std::vector<ClientId> forgotten;
  };
};
// An initial access token: good for `uses` registrations until then.
struct PutInitialToken {
  InitialTokenDigest digest;
  std::int64_t uses = 1;
  Instant expires_at{};
  enum class Outcome { stored };
};
// Disabling or a changed password hash raises security_version (the store does it, whatever the
// record says).
struct PutUser {
  UserRecord user;
  Expect expect = Expect::either;
  enum class Outcome { stored, already_there, absent, login_taken };
};
struct RemoveUser {
  UserId user_id;
  enum class Outcome { removed, absent };
};

// --- keys, counters, meta
// ---------------------------------------------------------------------------------

// Inserts or replaces keys and deletes those in `remove`, in one step. if_version: only while
// Versions::keys is this, for who judged by what was there then.
struct ChangeServerKeys {
  std::vector<ServerKey> put;
  std::vector<KeyId> remove;
  std::optional<std::int64_t> if_version = {};
  enum class Outcome { changed, changed_meanwhile };
};
struct PutWrappedKey {
  std::string purpose;
  std::string key_id;
  std::string sealed;
  Instant created_at{};
  bool only_first = false;  // the purpose has no key yet
  enum class Outcome {
    stored,
    already_there
  };  // already_there: the purpose has this key id, or any
};
// Adds to failure counters; a counter whose window is over starts anew.
struct AddToCounters {
  struct Addition {
    CounterDigest key;
    std::int64_t by = 1;
  };
  std::vector<Addition> additions;
  Seconds window{};
  Instant now{};
  enum class Outcome { added };
};
// Takes off the counters what was seen of them: what was counted since or in a later window stays.
struct ClearCounters {
  struct Seen {
    CounterDigest key;
    std::int64_t count = 0;
    Instant window_start{};
  };
  std::vector<Seen> seen;
  enum class Outcome { cleared };
};
// Marks a new store. What it has a mark for already stays.
struct PutMeta {
  std::optional<std::string> root_key_check;
  std::optional<std::string> made_by;
  enum class Outcome { stored, already_there };
};
// Restore and lossy promotion (decision Q7): voids everything sealed before.
struct RenewEpoch {
  std::string epoch;
  enum class Outcome { renewed };
};

// --- the closed list
// --------------------------------------------------------------------------------------

template <class... Ops>
struct OperationList {
  using Any = std::variant<Ops...>;
  using AnyOutcome = std::variant<typename Ops::Outcome...>;
};
using Operations =
    OperationList<PutInteraction, StepInteraction, SignIn, KeepRehashed, Approve, ParkSealed,
                  BeginGrant, PutPolledRequest, NotePoll, AnswerPolledRequest, UseRefresh,
                  MarkToken, RevokeGrant, UseOnce, NoteSessionClient, EndSessions, EndAllSessions,
                  TakeNoticeLane, LeaveNoticeLane, EndNotice, DeferNotices, TouchSession,
                  WithdrawConsent, ChangePassword, PutPasswordLink, UsePasswordLink, AddFactor,
                  RemoveFactor, ReplaceRecoveryCodes, PutClient, RemoveClient, RegisterClient,
                  PutInitialToken, PutUser, RemoveUser, ChangeServerKeys, PutWrappedKey,
                  AddToCounters, ClearCounters, PutMeta, RenewEpoch>;
using Operation = Operations::Any;
using AnyOutcome = Operations::AnyOutcome;

}  // namespace cardea::store
