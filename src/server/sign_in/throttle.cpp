// Failure counters and what they make an attempt wait; see throttle.h. Counters are kept under
// MACs: a stolen store says nothing about who mistyped from where.
#include "server/sign_in/throttle.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/ascii.h"

namespace cardea {
namespace {

// Once an account is under attack from many addresses, each address has this many tries a window:
// the owner's first ones go through, so the attack is no lock-out weapon.
constexpr int tries_under_attack = 3;

std::string_view name_of(ThrottleSubject subject) {
  switch (subject) {
    case ThrottleSubject::password:
      return "password";
    case ThrottleSubject::client_secret:
      return "client_secret";
    case ThrottleSubject::user_code:
      return "user_code";
    case ThrottleSubject::second_factor:
      return "second_factor";
  }
  return "";
}

std::string without_leading_zeros(std::string_view group) {
  while (group.size() > 1 && group.starts_with('0')) group.remove_prefix(1);
  return ascii::lower(group);
}

CounterDigest counter_key(const Seals& seals, const Attempt& attempt, std::string_view account,
                          std::string_view address) {
  std::string text(name_of(attempt.subject));
  text.push_back('\0');
  text.append(account).push_back('\0');
  text.append(address);
  return CounterDigest(seals.mac(SealPurpose::counter, text));
}

// What one account may fail from one address; from everywhere for a second factor, whose guesser
// knows the password already and may come from a thousand addresses.
CounterDigest pair_key(const Seals& seals, const Attempt& attempt) {
  const bool everywhere = attempt.subject == ThrottleSubject::second_factor;
  return counter_key(seals, attempt, attempt.account,
                     everywhere ? "" : counted_address(attempt.address));
}

struct Keys {
  CounterDigest pair;
  CounterDigest account;
  CounterDigest address;
};

Keys keys_of(const Seals& seals, const Attempt& attempt) {
  const auto address = counted_address(attempt.address);
  return {.pair = pair_key(seals, attempt),
          .account = counter_key(seals, attempt, attempt.account, ""),
          .address = counter_key(seals, attempt, "", address)};
}

// Who guesses user codes: an address, an account where somebody is signed in, and everybody.
struct UserCodeKeys {
  CounterDigest address;
  std::optional<CounterDigest> account;
  CounterDigest everybody;
};

UserCodeKeys user_code_keys(const Seals& seals, const Attempt& attempt) {
  UserCodeKeys keys{.address = counter_key(seals, attempt, "", counted_address(attempt.address)),
                    .account = std::nullopt,
                    .everybody = counter_key(seals, attempt, "", "")};
  if (!attempt.account.empty()) keys.account = counter_key(seals, attempt, attempt.account, "");
  return keys;
}

// The counters that were read, in the windows that run now.
class Running {
 public:
  Running(const std::vector<store::Counter>& counters, Seconds window, Instant now)
      : counters_(counters), window_(window), now_(now) {}

  std::optional<store::Counter> find(const CounterDigest& key) const {
    for (const auto& counter : counters_) {
      if (counter.key == key && counter.window_start + window_ > now_) return counter;
    }
    return std::nullopt;
  }
  std::int64_t count(const CounterDigest& key) const {
    const auto found = find(key);
    return found ? found->count : 0;
  }
  // How long the one who has failed `failures_max` times under this key must wait.
  std::optional<Seconds> wait(const CounterDigest& key, std::int64_t failures_max) const {
    const auto found = find(key);
    if (!found || found->count < failures_max) return std::nullopt;
    const auto ends = found->window_start + window_;
    return Seconds{(ends.unix_ms - now_.unix_ms + 999) / 1000};
  }

 private:
  const std::vector<store::Counter>& counters_;
  Seconds window_;
  Instant now_;
};

}  // namespace

// The first four groups. The address is an IP literal by contract (http::Request), so only its
// spelling is looked at (RFC 4291 2.2).
std::string counted_address(std::string_view address) {
  if (address.find(':') == std::string_view::npos) return std::string(address);
  const auto gap = address.find("::");
  std::vector<std::string> groups;
  for (const auto group : ascii::Parts(address.substr(0, gap), ':')) {
    if (!group.empty()) groups.push_back(without_leading_zeros(group));
  }
  if (gap != std::string_view::npos) {
    const auto tail = address.substr(gap + 2);
    const auto after = tail.empty() ? std::size_t{0} : ascii::split(tail, ':').size();
    const auto zeros = groups.size() + after < 8 ? 8 - groups.size() - after : 0;
    groups.insert(groups.end(), zeros, "0");
    for (const auto group : ascii::Parts(tail, ':')) groups.push_back(without_leading_zeros(group));
  }
  groups.resize(std::min<std::size_t>(groups.size(), 4));
  return ascii::join(groups, ":") + "::/64";
}

Throttle::Throttle(store::Store& store, const Seals& seals, const Settings& settings)
    : store_(store),
      seals_(seals),
      settings_(settings),
      recent_(settings.throttle.window, monotonic_ms()) {}

Task<store::Answer<Unit>> Throttle::begin() {
  const auto counted = co_await store_.has_counters();
  if (!counted) co_return refuse(counted.error());
  if (!*counted) recent_.begin_empty();
  co_return Unit{};
}

// Other nodes' failures are not known here.
bool Throttle::may_have_to_wait(std::string_view client_id, std::string_view address) {
  if (store_.is_shared()) return true;
  const bool is_wide = address.find(':') != std::string_view::npos;
  return recent_.may_hold(client_id, is_wide ? counted_address(address) : address, monotonic_ms());
}

Task<store::Answer<Standing>> Throttle::check(Attempt attempt, Instant now) {
  const auto& limit = settings_.throttle;
  switch (attempt.subject) {
    case ThrottleSubject::password:
      break;
    case ThrottleSubject::user_code:
      co_return co_await check_user_code(attempt, now);
    case ThrottleSubject::client_secret:
      co_return co_await check_pair(attempt, limit.client_per_address, now);
    case ThrottleSubject::second_factor:
      co_return co_await check_pair(attempt, limit.second_factor_per_account, now);
  }
  const auto keys = keys_of(seals_, attempt);
  const auto counters = co_await store_.counters({keys.pair, keys.account, keys.address});
  if (!counters) co_return refuse(counters.error());
  const Running running(*counters, limit.window, now);
  const bool attacked = running.count(keys.account) >= limit.per_account;
  const auto pair_limit = attacked ? std::min(tries_under_attack, limit.per_account_and_address)
                                   : limit.per_account_and_address;
  auto wait = running.wait(keys.pair, pair_limit);
  if (!wait) wait = running.wait(keys.address, limit.per_address);
  co_return Standing{.wait = wait, .failures = running.find(keys.pair)};
}

Task<store::Answer<Standing>> Throttle::check_pair(const Attempt& attempt, int failures_max,
                                                   Instant now) {
  const auto key = pair_key(seals_, attempt);
  const auto counters = co_await store_.counters({key});
  if (!counters) co_return refuse(counters.error());
  const Running running(*counters, settings_.throttle.window, now);
  co_return Standing{.wait = running.wait(key, failures_max), .failures = running.find(key)};
}

// RFC 8628 5.1. While everybody together guesses too much, each still has a few tries: the attack
// is no lock-out weapon, and costs an address for every three guesses.
Task<store::Answer<Standing>> Throttle::check_user_code(const Attempt& attempt, Instant now) {
  const auto& limit = settings_.throttle;
  const auto keys = user_code_keys(seals_, attempt);
  std::vector<CounterDigest> asked{keys.everybody, keys.address};
  if (keys.account) asked.push_back(*keys.account);
  const auto counters = co_await store_.counters(std::move(asked));
  if (!counters) co_return refuse(counters.error());
  const Running running(*counters, limit.window, now);
  const bool attacked = running.count(keys.everybody) >= limit.user_codes;
  const auto most = [&](int usual) {
    return attacked ? std::min(tries_under_attack, usual) : usual;
  };
  auto wait = running.wait(keys.address, most(limit.user_code_per_address));
  if (!wait && keys.account) {
    wait = running.wait(*keys.account, most(limit.user_code_per_account));
  }
  // Nothing is forgiven: whoever knows one code may be guessing at others.
  co_return Standing{.wait = wait, .failures = std::nullopt};
}

Task<store::Answer<Unit>> Throttle::failed(Attempt attempt, Instant now) {
  if (attempt.subject == ThrottleSubject::user_code) {
    const auto keys = user_code_keys(seals_, attempt);
    store::AddToCounters add{.additions = {{keys.everybody}, {keys.address}},
                             .window = settings_.throttle.window,
                             .now = now};
    if (keys.account) add.additions.push_back({*keys.account});
    const auto added = co_await store_.perform(std::move(add));
    if (!added) co_return refuse(added.error());
    co_return Unit{};
  }
  if (attempt.subject == ThrottleSubject::client_secret) {
    recent_.note(attempt.account, counted_address(attempt.address), monotonic_ms());
  }
  const auto keys = keys_of(seals_, attempt);
  store::AddToCounters add{
      .additions = {{keys.pair}}, .window = settings_.throttle.window, .now = now};
  if (attempt.subject == ThrottleSubject::password) {
    add.additions.push_back({keys.account});
    add.additions.push_back({keys.address});
  }
  const auto added = co_await store_.perform(std::move(add));
  if (!added) co_return refuse(added.error());
  co_return Unit{};
}

Task<Unit> Throttle::forgive(std::optional<store::Counter> failures) {
  if (!failures || failures->count == 0) co_return Unit{};
  // A counter that stays only makes the next mistakes costlier.
  [[maybe_unused]] const auto cleared = co_await store_.perform(
      store::ClearCounters{{{failures->key, failures->count, failures->window_start}}});
  co_return Unit{};
}

}  // namespace cardea
