// What decisions Q6-Q8 and security corpus 4.4 say about codes, refresh tokens and access tokens,
// written anew as plain bookkeeping: the reference that the token endpoint is compared with. One
// Issue is a code and the grant it became.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"

namespace cardea::fuzz {

struct PersonState {
  bool enabled = true;
  int version = 1;
};

struct Issue {
  std::size_t app = 0;
  std::size_t person = 0;
  int version = 0;  // of the person, when the code was made
  int consent = 0;  // which approval of this person and app
  bool bound_to_session = false;
  Instant session_end{};
  bool session_ended = false;
  Instant code_end{};
  std::string code;
  bool redeemed = false;
  bool revoked = false;
  // The one refresh row.
  std::string current;
  std::string previous;
  std::int64_t generation = 0;
  Instant spent_at{};
  int replays = 0;
  std::string agent;  // who rotated last; "" before the first rotation
  bool suspect = false;
  int suspect_generations = 0;
  Instant idle_end{};
  Instant absolute_end{};
};

struct KnownToken {
  std::size_t issue = 0;
  enum class Kind { refresh, access } kind = Kind::refresh;
  std::int64_t generation = 0;  // of a refresh token
  std::string text;
  Instant end{};  // of an access token
  bool marked = false;
};

enum class Redemption { redeemed, refused, replayed };
enum class Refreshing { rotated, repeated, too_many, refused };

class TokenReference {
 public:
  static constexpr std::int64_t day = 24 * 3600;

  std::array<PersonState, 2> people;
  std::array<bool, 2> app_enabled{true, true};
  std::array<std::array<int, 2>, 2> approvals{};  // [person][app]: counts approvals made anew
  std::array<std::array<bool, 2>, 2> is_approved{};
  std::vector<Issue> issues;
  std::vector<KnownToken> tokens;
  Instant now{};

  // --- what an operation must give; the state changes with it ---

  // The request is right but for `verifier_fits`; `app` has authenticated.
  Redemption redeem(std::size_t at, std::size_t app, bool verifier_fits) {
    Issue& issue = issues[at];
    if (issue.app != app || now >= issue.code_end || !verifier_fits) return Redemption::refused;
    if (issue.redeemed) {
      issue.revoked = true;
      return Redemption::replayed;
    }
    if (!stands(issue) || is_over(issue)) return Redemption::refused;
    issue.redeemed = true;
    issue.generation = 1;
    issue.idle_end = now + Seconds{14 * day};
    issue.absolute_end = now + Seconds{90 * day};
    return Redemption::redeemed;
  }

  // agent: the User-Agent; by it a replay is told from one of a second holder (chronic replay).
  Refreshing refresh(const KnownToken& token, std::size_t app, bool scope_fits,
                     const std::string& agent) {
    Issue& issue = issues[token.issue];
    if (issue.app != app || !is_live(issue) || !scope_fits) return Refreshing::refused;  // 1.-4.
    if (now >= issue.idle_end || now >= issue.absolute_end) return Refreshing::refused;
    if (token.text == issue.current) {  // 5.
      issue.replays = 0;
      issue.suspect_generations = issue.suspect ? issue.suspect_generations + 1 : 0;
      issue.suspect = false;
      issue.agent = agent;
      issue.spent_at = now;
      ++issue.generation;
      issue.previous = issue.current;
      issue.idle_end = std::min(now + Seconds{14 * day}, issue.absolute_end);
      return Refreshing::rotated;
    }
    const bool forgiven = issue.suspect_generations < 3 && now <= issue.spent_at + Seconds{30};
    if (token.text == issue.previous && forgiven) {  // 6.
      if (issue.replays == 8) return Refreshing::too_many;
      ++issue.replays;
      issue.suspect = issue.suspect || issue.agent != agent;
      return Refreshing::repeated;
    }
    issue.revoked = true;  // 7.
    return Refreshing::refused;
  }

  // Whether /revoke says yes to this app.
  bool revoke(KnownToken& token, std::size_t app) {
    Issue& issue = issues[token.issue];
    if (issue.app != app) return false;
    if (token.kind == KnownToken::Kind::refresh) {
      issue.revoked = true;
    } else {
      token.marked = true;
    }
    return true;
  }

  // --- what holds now ---

  bool is_active(const KnownToken& token) const {
    const Issue& issue = issues[token.issue];
    if (!is_live(issue)) return false;
    if (token.kind == KnownToken::Kind::access) return now < token.end && !token.marked;
    return token.text == issue.current && now < issue.idle_end && now < issue.absolute_end;
  }

  bool is_live(const Issue& issue) const {
    return issue.redeemed && !issue.revoked && stands(issue) &&
           !(issue.bound_to_session && is_over(issue));
  }

  void withdraw(std::size_t person, std::size_t app) {
    is_approved[person][app] = false;
    for (auto& issue : issues) {
      if (issue.person == person && issue.app == app && issue.redeemed) issue.revoked = true;
    }
  }

 private:
  // Person, app and approval are as when the code was made.
  bool stands(const Issue& issue) const {
    const auto& person = people[issue.person];
    return person.enabled && person.version == issue.version && app_enabled[issue.app] &&
           is_approved[issue.person][issue.app] &&
           approvals[issue.person][issue.app] == issue.consent;
  }
  bool is_over(const Issue& issue) const { return issue.session_ended || now >= issue.session_end; }
};

}  // namespace cardea::fuzz
