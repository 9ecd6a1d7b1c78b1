// Reading what the account page shows; see account_visit.h.
#include "server/account/account_visit.h"

#include <algorithm>

#include "protocol/scope.h"
#include "server/account/device_name.h"

namespace cardea {
namespace {

std::string csrf_place(const AccountVisit& visit) {
  return visit.is_signed_in() ? "account " + visit.session().session_id.value() : "account sign-in";
}

std::string app_name(const Deps& deps, const ClientId& client_id) {
  const auto client = deps.registry.find(client_id);
  return client ? std::string(client->display_name()) : client_id.value();
}

std::vector<std::string> scope_titles(const Settings& settings,
                                      const std::vector<std::string>& scopes) {
  std::vector<std::string> titles;
  for (const auto& scope : scopes) {
    const auto found = settings.scopes.find(scope);
    const bool titled = found != settings.scopes.end() && !found->second.title.empty();
    titles.push_back(titled ? found->second.title : scope);
  }
  return titles;
}

// One row for each app: what was approved, and apps that need no approval but hold a grant.
std::vector<ConnectedAppView> connected_apps(const Deps& deps, const std::vector<Consent>& consents,
                                             const std::vector<Grant>& grants) {
  std::vector<ConnectedAppView> apps;
  const auto add = [&](const ClientId& client_id, const std::vector<std::string>& scopes,
                       Instant since) {
    const auto known = [&](const ConnectedAppView& app) {
      return app.client_id == client_id.value();
    };
    if (std::ranges::any_of(apps, known)) return;
    apps.push_back({client_id.value(), app_name(deps, client_id),
                    scope_titles(deps.settings, scopes), utc_day(since)});
  };
  for (const auto& consent : consents) add(consent.client_id, consent.scopes, consent.created_at);
  for (const auto& grant : grants) {
    if (grant.state == Grant::State::live) add(grant.client_id, grant.scopes, grant.created_at);
  }
  std::ranges::sort(apps, {}, &ConnectedAppView::name);
  return apps;
}

std::vector<AskingView> asking_rows(const Deps& deps, const std::vector<PolledRequest>& requests) {
  std::vector<AskingView> rows;
  for (const auto& request : requests) {
    AskingView row{.request_id = request.request_id.value(),
                   .client_name = app_name(deps, request.client_id),
                   .binding_message = request.binding_message};
    if (const auto client = deps.registry.find(request.client_id)) {
      row.is_development = client->development;
      row.is_unverified = client->registered_itself();
    }
    // The page says offline_access in words of its own.
    row.scopes = scope_titles(deps.settings, without(request.scopes, "offline_access"));
    row.resources = values_of(request.resources);
    row.offline_access = has_scope(request.scopes, "offline_access");
    row.since = utc_minute(request.created_at);
    rows.push_back(std::move(row));
  }
  return rows;
}

SessionRowView row_of(const SessionRecord& session, const SessionId& current) {
  std::string where = device_name(session.user_agent);
  if (!where.empty() && !session.address.empty()) where += ", ";
  where += session.address;
  return {session.session_id.value(), std::move(where), utc_minute(session.created_at),
          utc_minute(session.last_seen), session.session_id == current};
}

// The current one first, then the latest seen.
std::vector<SessionRowView> session_rows(std::vector<SessionRecord> sessions,
                                         const AccountVisit& visit, Instant now) {
  std::erase_if(sessions, [&](const Session& session) {
    return !is_alive(session, now) || session.security_version != visit.user().security_version;
  });
  const auto& current = visit.session().session_id;
  std::ranges::sort(sessions, [&](const SessionRecord& a, const SessionRecord& b) {
    if ((a.session_id == current) != (b.session_id == current)) return a.session_id == current;
    return a.last_seen > b.last_seen;
  });
  std::vector<SessionRowView> rows;
  for (const auto& session : sessions) rows.push_back(row_of(session, current));
  return rows;
}

std::vector<AccountChoice> other_accounts(const Browser& browser) {
  std::vector<AccountChoice> others;
  for (std::size_t i = 1; i < browser.sessions.size(); ++i) {
    const auto& [session, user] = browser.sessions[i];
    others.push_back({session.session_id.value(), user.display_name(), user.login});
  }
  return others;
}

}  // namespace

AccountVisit visit_account(const Deps& deps, Browser browser) {
  AccountVisit visit{.browser = std::move(browser)};
  if (!visit.browser.binding) {
    visit.browser.binding = new_binding(deps.random);
    visit.binding = AccountVisit::Binding::fresh;
  }
  return visit;
}

void keep_binding(const Deps& deps, const AccountVisit& visit, http::Response& response) {
  if (visit.binding == AccountVisit::Binding::known) return;
  response.headers.add("Set-Cookie", binding_cookie(deps.settings, *visit.browser.binding));
}

std::string account_csrf(const Deps& deps, const AccountVisit& visit) {
  return csrf_value(deps.seals, *visit.browser.binding, csrf_place(visit));
}

std::optional<PageError> check_account_csrf(const Deps& deps, const AccountVisit& visit,
                                            const RawParameters& form) {
  // RFC 6749 10.12: the form was made by us, for this browser and this account.
  if (!form.repeated("csrf") &&
      csrf_matches(deps.seals, *visit.browser.binding, csrf_place(visit), form.get("csrf"))) {
    return std::nullopt;
  }
  return PageError{{ErrorCode::invalid_request, "CARDEA-ACCOUNT-001", rfc6749("10.12"),
                    "The form was not sent from our page. Go back and try again.",
                    "the csrf field is absent or not of this browser and account"},
                   "Reload the page and send it again.",
                   403};
}

Task<store::Answer<AccountView>> view_account(const Deps& deps, const Exchange& exchange,
                                              const AccountVisit& visit) {
  const User& user = visit.user();
  const auto consents = co_await deps.store.consents_of(user.user_id);
  if (!consents) co_return refuse(consents.error());
  const auto grants = co_await deps.store.grants_of(user.user_id);
  if (!grants) co_return refuse(grants.error());
  const auto asking = co_await deps.store.requests_asking(user.user_id, exchange.now);
  if (!asking) co_return refuse(asking.error());
  auto sessions = co_await deps.store.sessions_of(user.user_id);
  if (!sessions) co_return refuse(sessions.error());
  const auto factor = co_await deps.store.find_second_factor(user.user_id);
  if (!factor) co_return refuse(factor.error());
  co_return AccountView{.name = user.display_name(),
                        .login = user.login,
                        .csrf = account_csrf(deps, visit),
                        .asking = asking_rows(deps, *asking),
                        .apps = connected_apps(deps, *consents, *grants),
                        .sessions = session_rows(*std::move(sessions), visit, exchange.now),
                        .factor_since = *factor ? utc_day((*factor)->added_at) : "",
                        .recovery_codes_left = *factor ? (*factor)->recovery_codes_left : 0,
                        .others = other_accounts(visit.browser)};
}

}  // namespace cardea
