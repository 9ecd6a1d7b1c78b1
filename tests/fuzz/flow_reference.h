// What must be true before a browser is given a code (security corpus G05, G06, 7.19; decisions P5,
// Q6): bookkeeping of who proved what in which browser, written anew. It allows no more than the
// guards do: whatever the server gives must be covered here.
#pragma once

#include <array>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace cardea::fuzz {

// A request that waits for its person, as the browser's address bar shows it.
struct Waiting {
  std::string handle;
  std::optional<std::size_t> jar;  // whose it is; nothing while a posted request is unclaimed
  std::size_t app = 0;
  bool wants_login = false;      // prompt=login
  bool wants_consent = false;    // prompt=consent
  std::set<std::size_t> proved;  // who gave their password here
  bool allowed = false;          // "allow" was pressed here, with the right value
  bool over = false;             // it gave its answer
};

class FlowReference {
 public:
  std::vector<Waiting> waiting;
  // Who may be signed in in each browser.
  std::array<std::set<std::size_t>, 2> signed_in;
  // Who approved which app, ever.
  std::set<std::pair<std::size_t, std::size_t>> approved;  // {person, app}

  // Why a code for `person` and `app` in browser `jar` may not be, at the end of the interaction
  // `at` (nothing: straight from /authorize); "" when it may.
  std::string objection(std::size_t jar, std::size_t app, std::size_t person,
                        const Waiting* at) const {
    if (!signed_in[jar].contains(person)) return "nobody signed in as the code's person";
    const bool allowed_here = at != nullptr && at->allowed;
    if (!allowed_here && !approved.contains({person, app})) return "nobody approved the app";
    if (at == nullptr) return "";
    if (at->over) return "the interaction had its answer already";
    if (at->jar != jar) return "the interaction is another browser's";
    if (at->app != app) return "the interaction is another app's";
    if (at->wants_login && !at->proved.contains(person)) return "prompt=login without a password";
    if (at->wants_consent && !at->allowed) return "prompt=consent without a consent";
    return "";
  }
};

}  // namespace cardea::fuzz
