// What each page shows, as plain values; decided elsewhere, rendered by Pages. Page and field
// names: decision P5.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "server/pages/locale.h"

namespace cardea {

// What every page has.
struct PageFrame {
  Locale locale = Locale::en;
  std::string request_id;
};

// The client as people see it.
struct ClientView {
  std::string name;
  std::string redirect_host;  // always visible
  bool development = false;   // decision Q9: the mark is shown
  // Nobody here has looked at it (security corpus asvs-10.4.7): people are told so.
  bool registered_itself = false;
  // Of the metadata document by which it is known (Client ID Metadata Document 8.5); "" for none.
  std::string document_host = {};
};

// Steps of an interaction say how long they stay open (WCAG 2.2, 2.2.1): nobody should lose a page
// without a word. Zero: the page has no such end.

struct SignInView {
  ClientView client;   // name "" on the account page's own sign-in
  std::string action;  // where the form posts: "/interaction/<handle>/sign-in"
  std::string csrf;
  std::string login;  // prefilled: login_hint, or what was typed
  enum class Problem { none, bad_credentials, wait, busy } problem = Problem::none;
  Seconds wait{};                   // for Problem::wait
  std::vector<std::string> picker;  // dev: button[name="account"] for each; empty otherwise
  bool can_cancel = true;           // button name="action" value="cancel"
  std::string forgot_password_text;
  enum class Reason {
    first,
    again,
    other_account
  } reason = Reason::first;  // again: prompt=login or max_age
  Seconds open_for{};
};

// What was wrong with a code of the second factor.
enum class CodeProblem { none, wrong_code, used_code, wait, too_many, busy };

struct SecondFactorView {
  ClientView client;  // name "" on the account page's own sign-in
  std::string page;   // below the issuer: "/interaction/<handle>/second-factor"
  std::string csrf;
  std::string account_name;
  std::string account_login;
  enum class Ask { app_code, recovery_code } ask = Ask::app_code;
  CodeProblem problem =
      CodeProblem::none;  // wait, too_many: there is no form, the password is next
  Seconds wait{};         // for CodeProblem::wait
  std::string sign_in;    // below the issuer: to begin again, or as another
  Seconds open_for{};
};

// Adding an authenticator app: on the way through a sign-in, or on the account page.
struct EnrolFactorView {
  ClientView client;   // name "" on the account page
  std::string action;  // "/interaction/<handle>/add-factor" or "/account/factor"
  std::string csrf;
  std::string enrolment;  // comes back with the code
  std::string account_name;
  std::string account_login;
  int qr_side = 0;  // in modules
  std::string qr_path;
  std::string app_address;  // "otpauth://...": opens the app on a phone
  std::string secret;       // in groups of four, to be typed in
  bool asks_password = false;
  bool can_cancel = true;
  bool can_decline = false;  // button name="action" value="not-now"
  enum class Problem {
    none,
    wrong_code,
    wrong_password,
    wait,
    busy,
    expired  // the page was too old: there is a new secret
  } problem = Problem::none;
  Seconds wait{};
  Seconds open_for{};
};

// Shown once.
struct RecoveryCodesView {
  std::vector<std::string> codes;
  std::string continue_to;  // below the issuer
};

// The account's second factor, to be looked at and removed.
struct FactorView {
  std::string csrf;
  std::string login;
  std::string since;  // "2026-11-22"
  std::int64_t recovery_codes_left = 0;
  enum class Problem {
    none,
    wrong_password,
    wrong_code,
    used_code,
    wait,
    busy
  } problem = Problem::none;
  Seconds wait{};
};

struct AccountChoice {
  std::string session_id;  // value of button[name="session"]
  std::string name;
  std::string login;
};
struct ChooseAccountView {
  ClientView client;
  std::string action;  // "/interaction/<handle>/choose"
  std::string csrf;
  std::vector<AccountChoice>
      accounts;  // plus "use another account": button name="action" value="other"
  Seconds open_for{};
};

// `openid` and `offline_access` need no row: the page says both in its own words.
struct ScopeView {
  std::string title;  // a standard scope's title is shown in the page's language
  std::string description;
  std::string value;  // what would be shared: "a@example.com"; "" when not shown
  bool known = true;  // unknown scopes carry a warning
};
// Of a device that waits for the answer (RFC 8628 3.3); texts "" where none does.
struct DeviceFacts {
  std::string user_code;  // to be compared with what the device shows
  std::string address;    // where it asked from
  std::string asked_at;   // "2026-11-22 10:15 UTC"
};

// An element of authorization_details (RFC 9396), in words.
struct DetailView {
  std::string title;
  std::vector<std::pair<std::string, std::string>> facts;  // "amount.currency", "EUR"
};
struct ConsentView {
  ClientView client;
  std::string action;  // "/interaction/<handle>/consent"
  std::string csrf;
  std::string account_name;
  std::string account_login;
  std::vector<ScopeView> scopes;
  std::vector<DetailView> details;
  std::vector<std::string> resources;
  bool offline_access = false;
  Seconds lifetime{};         // how long access lasts without the person
  bool asked_before = false;  // only the new part is asked
  DeviceFacts device = {};
  Seconds open_for{};
};

// Where a person types the code of a device (RFC 8628 3.3).
struct DeviceView {
  std::string action;
  std::string csrf;
  std::string user_code;  // prefilled: of the address, or what was typed
  enum class Problem { none, unknown, wait, busy } problem = Problem::none;
  Seconds wait{};  // for Problem::wait
};
struct DeviceDoneView {
  bool approved = false;
};

struct ErrorView {
  int status = 400;
  std::string code;         // "invalid_request": always in visible text
  std::string description;  // the public sentence
  std::string rule;         // "CARDEA-REDIRECT-017"
  std::string explanation;  // dev only: private reason
  std::string fix;          // dev only
};

struct LogoutView {
  std::string action;  // "/interaction/<handle>/logout"
  std::string csrf;
  std::string client_name;   // "" when unknown
  std::string account_name;  // "" when several or none
  Seconds open_for{};
};
struct SignedOutView {};
// Signed out here; the apps' own pages are loaded in frames, which signs out there.
struct SignedOutAppsView {
  std::vector<std::string> frames;  // absolute URLs of clients
  std::string go_on;                // where to go then: a registered address, or "" to stay
};
// The transaction is over: expired, finished in another tab, or the cookie is missing.
struct InteractionGoneView {
  enum class Why { expired, finished, other_browser } why = Why::expired;
};

// OAuth 2.0 Form Post Response Mode 2: posts itself by a small script of ours; a button without
// JavaScript.
struct FormPostView {
  std::string redirect_uri;
  std::vector<std::pair<std::string, std::string>> fields;
};

// A refusal for an app that registered itself: it goes there when the person says so, and no sooner
// (RFC 9700 4.11.2).
struct LeaveView {
  std::string host;  // where the person would go
  std::string code;  // "invalid_scope": always in visible text
  // With all parameters in it, to be followed; or to be posted to with the fields (form_post).
  std::string redirect_uri;
  std::vector<std::pair<std::string, std::string>> fields;
};

struct SetPasswordView {
  std::string action;
  std::string csrf;
  std::string login;
  enum class Problem {
    none,
    too_short,
    too_long,
    too_weak,
    mismatch,
    busy,
    link_gone
  } problem = Problem::none;
};

struct PasswordSetView {};

struct ConnectedAppView {
  std::string client_id;
  std::string name;
  std::vector<std::string> scopes;  // titles
  std::string since;                // "2026-11-22"
};
struct SessionRowView {
  std::string session_id;
  std::string where;    // user agent and address, inert
  std::string started;  // "2026-11-22 10:15 UTC"
  std::string last_seen;
  bool current = false;
};
// A client that asks this person while they are elsewhere (CIBA Core 7).
struct AskingView {
  std::string request_id;  // hidden field "request"; buttons action=allow and action=deny
  std::string client_name;
  bool is_development = false;
  bool is_unverified = false;       // nobody here has looked at the client
  std::string binding_message;      // "" for none
  std::vector<std::string> scopes;  // titles
  std::vector<std::string> resources;
  bool offline_access = false;
  std::string since;
};
struct AccountView {
  std::string name;
  std::string login;
  std::string csrf;
  std::vector<AskingView> asking;
  std::vector<ConnectedAppView> apps;
  std::vector<SessionRowView> sessions;
  std::string factor_since;  // the day the second factor was added; "": there is none
  std::int64_t recovery_codes_left = 0;
  std::vector<AccountChoice> others;  // of this browser: button[name="session"] for each
  enum class Notice {
    none,
    withdrawn,
    session_ended,
    all_ended,
    password_changed,
    request_allowed,
    request_denied,
    request_over,
    request_needs_sign_in,
    request_needs_factor,
    factor_removed
  } notice = Notice::none;
  enum class Problem {
    none,
    wrong_password,
    too_short,
    too_long,
    too_weak,
    mismatch,
    wait,
    busy
  } problem = Problem::none;
  Seconds wait{};  // for Problem::wait
};

}  // namespace cardea
