// The decision what an authorization request needs next; see next_step.h.
#include "server/authorize/next_step.h"

#include <algorithm>

#include "base/ascii.h"
#include "protocol/scope.h"

namespace cardea {
namespace {

using Kind = NextStep::Kind;

// Which account: one, or why nobody is settled yet.
struct AccountChoice {
  std::optional<std::size_t> session;
  Kind kind = Kind::login;
  StepReason reason = StepReason::nobody_signed_in;
};

template <class Matches>
std::optional<std::size_t> find_session_where(const Situation& at, Matches matches) {
  for (std::size_t i = 0; i < at.sessions.size(); ++i) {
    if (matches(at.sessions[i])) return i;
  }
  return std::nullopt;
}

bool holds(const std::vector<std::string>& list, const std::string& value) {
  return std::ranges::find(list, value) != list.end();
}

bool is_wanted(const Situation& at, std::size_t session) {
  return !at.wanted || holds(*at.wanted, at.subjects[session]);
}

std::optional<std::size_t> find_wanted_session(const Situation& at) {
  for (std::size_t i = 0; i < at.sessions.size(); ++i) {
    if (is_wanted(at, i)) return i;
  }
  return std::nullopt;
}

// Leaves those that one more part of the request admits.
void narrow(std::optional<std::vector<std::string>>& wanted, std::vector<std::string> admitted) {
  if (wanted) std::erase_if(admitted, [&](const auto& each) { return !holds(*wanted, each); });
  wanted = std::move(admitted);
}

void narrow_by_claim(std::optional<std::vector<std::string>>& wanted, const ClaimRequest* sub) {
  if (sub == nullptr || sub->values.empty()) return;
  std::vector<std::string> admitted;
  for (const json::Value& value : sub->values) {
    // A value of another type is nobody.
    if (const std::string* text = value.if_string()) admitted.push_back(*text);
  }
  narrow(wanted, std::move(admitted));
}

bool is_named_by(const store::SessionView& view, std::string_view login_hint) {
  if (view.user.login == canonical_login(login_hint)) return true;
  const auto email = json::string_member(view.user.claims.read(), "email");
  return email && ascii::equal_ignoring_case(*email, login_hint);
}

AccountChoice settled(std::size_t session) {
  return {session, Kind::issue, StepReason::all_is_there};
}

AccountChoice choose_among_sessions(const Situation& at) {
  if (at.wanted) {
    if (const auto found = find_wanted_session(at)) return settled(*found);
    return {{}, Kind::login, StepReason::hint_means_another};
  }
  if (at.request.prompt.select_account) {
    return {{}, Kind::choose_account, StepReason::prompt_select_account};
  }
  if (!at.request.login_hint.empty()) {
    const auto found = find_session_where(
        at, [&](const auto& view) { return is_named_by(view, at.request.login_hint); });
    if (found) return settled(*found);
    return {{}, Kind::login, StepReason::login_hint_means_another};
  }
  if (at.sessions.size() == 1) return settled(0);
  return {{}, Kind::choose_account, StepReason::several_accounts};
}

AccountChoice choose_account(const Situation& at) {
  if (at.facts.session_id) {
    const auto chosen = find_session_where(
        at, [&](const auto& view) { return view.session.session_id == *at.facts.session_id; });
    if (chosen) return settled(*chosen);
    return {{}, Kind::login, StepReason::chosen_session_ended};
  }
  if (at.sessions.empty()) return {{}, Kind::login, StepReason::nobody_signed_in};
  return choose_among_sessions(at);
}

// What an essential acr asks for; nothing when it asks for nothing in particular (OIDC Core
// 5.5.1.1).
std::vector<std::string> essential_acr(const Situation& at) {
  const ClaimRequest* acr = at.request.claims.find_in_id_token("acr");
  std::vector<std::string> values;
  if (!acr || !acr->essential) return values;
  for (const json::Value& value : acr->values) {
    if (const std::string* text = value.if_string()) values.push_back(*text);
  }
  // Values of another type can be met by nothing.
  if (values.empty() && !acr->values.empty()) values.emplace_back();
  return values;
}

bool acr_is_out_of_reach(const Situation& at) {
  const auto wanted = essential_acr(at);
  return !wanted.empty() && std::ranges::none_of(wanted, [&](const std::string& value) {
    return holds(at.acr_values, value);
  });
}

// The values that a session of this acr meets: its own and those behind it.
std::vector<std::string> met_by(const Situation& at, const std::string& acr) {
  const auto own = std::ranges::find(at.acr_values, acr);
  if (own == at.acr_values.end()) return {acr};
  return {own, at.acr_values.end()};
}

bool meets(const Situation& at, const std::string& acr, const std::vector<std::string>& wanted) {
  const auto met = met_by(at, acr);
  return std::ranges::any_of(wanted, [&](const auto& value) { return holds(met, value); });
}

// Why the settled account must sign in again; nothing when its session will do. OIDC Core 3.1.2.1.
std::optional<StepReason> stale(const Situation& at, const Session& session) {
  if (at.facts.authenticated_here) return std::nullopt;
  if (at.request.prompt.login) return StepReason::prompt_login;
  const auto max_age = at.request.max_age ? at.request.max_age : at.client.default_max_age;
  if (max_age) {
    const Instant usable_until = session.authentication.auth_time + *max_age;
    if (max_age->count == 0 || at.now > usable_until) return StepReason::max_age_passed;
  }
  const auto wanted = essential_acr(at);
  // What a second factor would add is asked for below.
  if (!wanted.empty() && !meets(at, session.authentication.acr, wanted) &&
      !holds(at.acr_values, session.authentication.acr)) {
    return StepReason::acr_needs_sign_in;
  }
  return std::nullopt;
}

// What is asked for without insisting: acr_values (OIDC Core 3.1.2.1, RFC 9470 4) or a voluntary
// claim. Who does not reach it is told what was reached (RFC 9470 5).
std::vector<std::string> wished_acr(const Situation& at) {
  std::vector<std::string> values = at.request.acr_values;
  const ClaimRequest* acr = at.request.claims.find_in_id_token("acr");
  if (!acr || acr->essential) return values;
  for (const json::Value& value : acr->values) {
    if (const std::string* text = value.if_string()) values.push_back(*text);
  }
  return values;
}

// Why the account must add a second factor; nothing when its session will do.
std::optional<StepReason> factor_needed(const Situation& at, const Authentication& how) {
  if (has_two_factors(how)) return std::nullopt;
  if (at.second_factor_required) return StepReason::factor_required;
  const auto wanted = essential_acr(at);
  if (!wanted.empty() && !meets(at, how.acr, wanted)) return StepReason::acr_needs_factor;
  const auto wished = wished_acr(at);
  const bool could_be_met = holds(wished, std::string(acr_mfa)) && !meets(at, how.acr, wished);
  if (could_be_met && !at.facts.enrolment_declined && !at.request.prompt.none) {
    return StepReason::acr_wishes_factor;
  }
  return std::nullopt;
}

// ASVS 7.5.1: a factor is added by somebody who has just signed in.
bool is_fresh(const Situation& at, const Session& session) {
  return at.facts.authenticated_here || at.now < session.authentication.auth_time + fresh_sign_in;
}

// OIDC Core 5.5.1.1: the answer to an essential request is one of its values.
std::string acr_to_say(const Situation& at, const Session& session) {
  const std::string& own = session.authentication.acr;
  const auto wanted = essential_acr(at);
  if (wanted.empty() || holds(wanted, own)) return own;
  const auto met = met_by(at, own);
  const auto lesser =
      std::ranges::find_if(wanted, [&](const auto& value) { return holds(met, value); });
  return lesser == wanted.end() ? own : *lesser;
}

bool is_remembered(const Situation& at, std::vector<std::string> words) {
  if (!at.consent) return false;
  words.insert(words.end(), at.claims_words.begin(), at.claims_words.end());
  return covers(*at.consent, words, at.resources);
}

// RFC 8252 8.6: whoever answers on the person's own machine proves nothing.
bool is_unproven_native(const Situation& at) {
  return at.client.is_public() && at.client.application_type == ApplicationType::native &&
         at.redirect_is_local;
}

// Why the consent page must be shown; nothing when it need not. Decision Q20.
std::optional<StepReason> consent_needed(const Situation& at) {
  if (at.consent_is_automatic) return std::nullopt;
  if (at.request.prompt.consent) return StepReason::prompt_consent;
  if (is_unproven_native(at)) return StepReason::unproven_native_client;
  if (at.client.consent == ConsentPolicy::skip) return std::nullopt;
  if (!is_remembered(at, without(at.scopes, "offline_access"))) {
    return at.consent ? StepReason::more_than_approved : StepReason::never_approved;
  }
  // Without a page the scope is dropped instead (decision Q14).
  if (!is_remembered(at, at.scopes) && !at.request.prompt.none) {
    return StepReason::offline_access_not_approved;
  }
  return std::nullopt;
}

NextStep issue(const Situation& at, std::size_t session) {
  NextStep step{Kind::issue, StepReason::all_is_there, session, at.scopes, {}, {}};
  step.acr = acr_to_say(at, at.sessions[session].session);
  const bool remembered = is_remembered(at, at.scopes);
  // Decision Q14: offline_access only when it was approved on our page, now or before.
  if (!remembered && !at.consent_is_automatic) {
    step.scopes = without(at.scopes, "offline_access");
  }
  const bool rests_on_consent = at.client.consent == ConsentPolicy::ask || remembered;
  if (at.consent && rests_on_consent && !at.consent_is_automatic) {
    step.consent_id = at.consent->consent_id;
  }
  return step;
}

NextStep refuse_step(StepReason reason, std::optional<std::size_t> session = {}) {
  return {Kind::refuse, reason, session, {}, {}, {}};
}

NextStep judge(const Situation& at) {
  if (acr_is_out_of_reach(at)) return refuse_step(StepReason::acr_out_of_reach);
  if (at.facts.first_factor) {
    return at.has_second_factor
               ? NextStep{Kind::second_factor, StepReason::password_proven, {}, {}, {}, {}}
               : NextStep{Kind::enrol_factor, StepReason::factor_required, {}, {}, {}, {}};
  }
  const AccountChoice choice = choose_account(at);
  if (!choice.session) return {choice.kind, choice.reason, {}, {}, {}, {}};
  const store::SessionView& view = at.sessions[*choice.session];
  if (!is_wanted(at, *choice.session)) {
    return refuse_step(StepReason::another_signed_in_than_hinted, choice.session);
  }
  if (at.request.prompt.select_account && !at.facts.account_selected &&
      !at.facts.authenticated_here) {
    return {Kind::choose_account, StepReason::prompt_select_account, choice.session, {}, {}, {}};
  }
  if (const auto why = stale(at, view.session)) {
    return {Kind::login, *why, choice.session, {}, {}, {}};
  }
  if (!is_entitled(at.client, view.user)) {
    return refuse_step(StepReason::not_entitled, choice.session);
  }
  if (const auto why = factor_needed(at, view.session.authentication)) {
    return is_fresh(at, view.session)
               ? NextStep{Kind::enrol_factor, *why, choice.session, {}, {}, {}}
               : NextStep{Kind::login, StepReason::factor_needs_sign_in, choice.session, {}, {},
                          {}};
  }
  if (const auto why = consent_needed(at)) {
    return {Kind::consent, *why, choice.session, {}, {}, acr_to_say(at, view.session)};
  }
  return issue(at, *choice.session);
}

}  // namespace

std::optional<std::vector<std::string>> wanted_subjects(const AuthorizationRequest& request,
                                                        const std::string& hinted_subject) {
  std::optional<std::vector<std::string>> wanted;
  if (!hinted_subject.empty()) narrow(wanted, {hinted_subject});
  narrow_by_claim(wanted, request.claims.find_in_id_token("sub"));
  narrow_by_claim(wanted, request.claims.find_in_userinfo("sub"));
  return wanted;
}

NextStep next_step(const Situation& at) {
  NextStep step = judge(at);
  if (!at.request.prompt.none) return step;
  // OIDC Core 3.1.2.1: with prompt=none nothing may be shown.
  switch (step.kind) {
    case Kind::login:
    case Kind::second_factor:
    case Kind::enrol_factor:
      return refuse_step(StepReason::login_needed_silently, step.session);
    case Kind::choose_account:
      return refuse_step(StepReason::choice_needed_silently, step.session);
    case Kind::consent:
      return refuse_step(StepReason::consent_needed_silently, step.session);
    case Kind::issue:
    case Kind::refuse:
      return step;
  }
  return step;
}

std::optional<std::size_t> candidate_session(const Situation& at) {
  return choose_account(at).session;
}

Objection objection_of(StepReason reason) {
  switch (reason) {
    case StepReason::acr_needs_factor:
      return {{ErrorCode::unmet_authentication_requirements, "CARDEA-STEP-007",
               unmet_authentication_requirements("2"),
               "The required authentication context was not reached.",
               "the person has no second factor and added none"},
              "Let the person add a second factor on the account page, or make acr voluntary."};
    case StepReason::acr_out_of_reach:
      return {{ErrorCode::unmet_authentication_requirements, "CARDEA-STEP-001",
               unmet_authentication_requirements("2"),
               "The required authentication context cannot be reached.",
               "an essential acr has none of the values that a sign-in here reaches"},
              "Ask for one of acr_values_supported, or make acr voluntary."};
    case StepReason::another_signed_in_than_hinted:
      return {{ErrorCode::login_required, "CARDEA-STEP-002", oidc_core("3.1.2.1"),
               "The expected person is not signed in.",
               "the signed-in user is not the one of id_token_hint or the requested sub"},
              "Start again without the hint to let another person sign in."};
    case StepReason::not_entitled:
      return {{ErrorCode::access_denied, "CARDEA-STEP-003", cardea_policy("Q19"),
               "The person may not use this client.",
               "the user is in none of the client's allowed_groups"},
              "Add the user to a group of allowed_groups, or widen it."};
    case StepReason::choice_needed_silently:
      return {{ErrorCode::account_selection_required, "CARDEA-STEP-005", oidc_core("3.1.2.6"),
               "An account must be chosen.", "several accounts are signed in and prompt is none"},
              "Send id_token_hint or login_hint, or leave prompt=none out."};
    case StepReason::consent_needed_silently:
      return {{ErrorCode::consent_required, "CARDEA-STEP-006", oidc_core("3.1.2.6"),
               "Consent is required.",
               "prompt is none and the request is not covered by a remembered approval"},
              "Send the person through the page once, without prompt=none."};
    default:
      return {{ErrorCode::login_required, "CARDEA-STEP-004", oidc_core("3.1.2.6"),
               "A sign-in is required.", "prompt is none and no session fits the request"},
              "Send the person through the page, without prompt=none."};
  }
}

std::string_view path_of(NextStep::Kind kind) {
  switch (kind) {
    case Kind::choose_account:
      return "choose";
    case Kind::second_factor:
      return "second-factor";
    case Kind::enrol_factor:
      return "add-factor";
    case Kind::consent:
      return "consent";
    default:
      return "sign-in";
  }
}

std::string_view name_of(StepReason reason) {
  switch (reason) {
    case StepReason::nobody_signed_in:
      return "nobody is signed in";
    case StepReason::hint_means_another:
      return "id_token_hint means somebody who is not signed in";
    case StepReason::login_hint_means_another:
      return "login_hint means somebody who is not signed in";
    case StepReason::chosen_session_ended:
      return "the chosen session has ended";
    case StepReason::prompt_login:
      return "prompt=login asks for a new sign-in";
    case StepReason::max_age_passed:
      return "the last sign-in is older than max_age";
    case StepReason::acr_needs_sign_in:
      return "the session lacks the essential acr";
    case StepReason::factor_needs_sign_in:
      return "a second factor is added after a fresh sign-in";
    case StepReason::password_proven:
      return "the password is proven and the second factor is not";
    case StepReason::factor_required:
      return "a second factor is required and the account has none";
    case StepReason::acr_needs_factor:
      return "the essential acr needs a second factor";
    case StepReason::acr_wishes_factor:
      return "acr_values ask for a second factor";
    case StepReason::several_accounts:
      return "several accounts are signed in";
    case StepReason::prompt_select_account:
      return "prompt=select_account asks for a choice";
    case StepReason::never_approved:
      return "the person never approved this client";
    case StepReason::more_than_approved:
      return "more is asked for than was approved";
    case StepReason::prompt_consent:
      return "prompt=consent asks for an approval";
    case StepReason::unproven_native_client:
      return "a native client at a local address is asked about each time";
    case StepReason::offline_access_not_approved:
      return "offline_access was not approved yet";
    case StepReason::all_is_there:
      return "nothing is missing";
    case StepReason::acr_out_of_reach:
      return "an essential acr cannot be reached";
    case StepReason::another_signed_in_than_hinted:
      return "another person signed in than was expected";
    case StepReason::not_entitled:
      return "the person is in none of the allowed groups";
    case StepReason::login_needed_silently:
      return "prompt=none and a sign-in is needed";
    case StepReason::choice_needed_silently:
      return "prompt=none and a choice is needed";
    case StepReason::consent_needed_silently:
      return "prompt=none and consent is needed";
  }
  return "";
}

}  // namespace cardea
