// What an admitted authorization request needs next: one pure function over what is known. Pages
// never choose what follows; they return here. OIDC Core 3.1.2.3-3.1.2.6, decisions Q14, Q19, Q20.
//
//   login --proved--> (second_factor --proved-->) (choose_account --chosen-->)
//         (enrol_factor --added-->) consent --allowed--> issue
//   and from anywhere --cannot be met--> refuse
//
// A session of an account that has a second factor was made with it (store::SignIn sees to that),
// so a session that lacks it belongs to an account without one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/client.h"
#include "domain/consent.h"
#include "domain/grant.h"
#include "domain/interaction.h"
#include "protocol/authorization_request.h"
#include "server/authorize/objection.h"
#include "store/store.h"

namespace cardea {

// What happened so far in this interaction; empty when the request has just come.
struct InteractionFacts {
  std::optional<SessionId> session_id;  // chosen or made here
  bool authenticated_here = false;
  bool account_selected = false;
  // The password was proven here, not long ago, by a user who did not change since (decide()).
  std::optional<FirstFactor> first_factor;
  bool enrolment_declined = false;
};

struct Situation {
  const AuthorizationRequest& request;
  const Client& client;
  const std::vector<std::string>& scopes;        // effective_scopes()
  const std::vector<std::string>& claims_words;  // claims asked for beyond the scopes
  const std::vector<std::string>& resources;     // the chosen ones
  const std::vector<store::SessionView>& sessions;
  // The remembered approval of candidate_session()'s user for this client, if any.
  const std::optional<Consent>& consent;
  InteractionFacts facts;
  // Whom the request means, as this client calls people; nothing: anybody (wanted_subjects()).
  std::optional<std::vector<std::string>> wanted;
  std::vector<std::string> subjects;  // what it calls the people of `sessions`; read where wanted
  bool redirect_is_local = false;     // the answer goes to the person's own machine
  bool consent_is_automatic = false;  // dev: --interaction auto
  const std::vector<std::string>& acr_values;  // what a sign-in here can reach, best first
  bool second_factor_required = false;         // by the issuer or the client
  bool has_second_factor = false;              // the user of facts.first_factor
  Instant now{};
};

enum class StepReason {
  // login
  nobody_signed_in,
  hint_means_another,
  login_hint_means_another,
  chosen_session_ended,
  prompt_login,
  max_age_passed,
  acr_needs_sign_in,
  factor_needs_sign_in,
  // second_factor
  password_proven,
  // enrol_factor
  factor_required,
  acr_needs_factor,
  acr_wishes_factor,
  // choose_account
  several_accounts,
  prompt_select_account,
  // consent
  never_approved,
  more_than_approved,
  prompt_consent,
  unproven_native_client,
  offline_access_not_approved,
  // issue
  all_is_there,
  // refuse
  acr_out_of_reach,
  another_signed_in_than_hinted,
  not_entitled,
  login_needed_silently,
  choice_needed_silently,
  consent_needed_silently
};
std::string_view name_of(StepReason);

struct NextStep {
  enum class Kind {
    login,
    second_factor,
    choose_account,
    enrol_factor,
    consent,
    issue,
    refuse
  } kind = Kind::login;
  StepReason reason = StepReason::nobody_signed_in;
  // Index into Situation::sessions, for consent, issue and refusals that concern one.
  std::optional<std::size_t> session;
  // For issue: what is granted, and on which approval (empty where consent is skipped).
  std::vector<std::string> scopes;
  ConsentId consent_id;
  // And, for consent already, what is said of the sign-in: the session's acr, or a lesser one that
  // the session meets too and an essential request names instead.
  std::string acr;
};

NextStep next_step(const Situation& situation);

// The subjects of which one must be signed in: the hint's (OIDC Core 3.1.2.1) and those that a
// requested `sub` names (5.5.1), by every one of these that is there. Nothing when anybody will do.
// hinted_subject: of id_token_hint; "" for none.
std::optional<std::vector<std::string>> wanted_subjects(const AuthorizationRequest& request,
                                                        const std::string& hinted_subject);

// The session whose approval matters for next_step, as far as the request decides; nothing when
// somebody must sign in or choose first.
std::optional<std::size_t> candidate_session(const Situation& situation);

// The error of a refuse step.
Objection objection_of(StepReason reason);

// "login", "choose_account", ...; and the last part of the step's address (decision P5).
std::string_view path_of(NextStep::Kind kind);

}  // namespace cardea
