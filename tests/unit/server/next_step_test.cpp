// The decision what a request needs next: every reason of next_step, and the order between them.
#include <gtest/gtest.h>

#include "server/authorize/next_step.h"

namespace cardea::next_step_test {

using Kind = NextStep::Kind;

// A request of alice's browser: one session, an hour old, everything approved.
struct Case {
  AuthorizationRequest request;
  Client client;
  std::vector<std::string> scopes{"openid", "email"};
  std::vector<std::string> claims_words;
  std::vector<std::string> resources;
  std::vector<store::SessionView> sessions{signed_in("alice")};
  std::optional<Consent> consent{approval({"openid", "email"})};
  InteractionFacts facts;
  std::string hinted_subject;
  bool redirect_is_local = false;
  bool consent_is_automatic = false;
  std::vector<std::string> acr_values{"urn:password"};
  bool second_factor_required = false;
  bool has_second_factor = false;

  static constexpr Instant now = Instant::from_seconds(1'000'000);

  static store::SessionView signed_in(const std::string& login) {
    store::SessionView view;
    view.user.user_id = UserId("id-of-" + login);
    view.user.login = login;
    view.user.claims = {{"email", login + "@example.com"}};
    view.session.session_id = SessionId("session-of-" + login);
    view.session.user_id = view.user.user_id;
    view.session.authentication = {now - hours(1), "urn:password", {"pwd"}};
    return view;
  }
  static Consent approval(std::vector<std::string> scopes) {
    return {.consent_id = ConsentId("approval"), .scopes = std::move(scopes)};
  }

  Case() {
    request.response_type = ResponseType::code;
    client.client_id = ClientId("web");
    client.token_endpoint_auth_method = ClientAuthMethod::client_secret_basic;
  }

  // As a pairwise client would call them.
  std::vector<std::string> subjects() const {
    std::vector<std::string> out;
    for (const auto& view : sessions) out.push_back("sub-of-" + view.user.login);
    return out;
  }

  NextStep decide() const {
    return next_step({.request = request,
                      .client = client,
                      .scopes = scopes,
                      .claims_words = claims_words,
                      .resources = resources,
                      .sessions = sessions,
                      .consent = consent,
                      .facts = facts,
                      .wanted = wanted_subjects(request, hinted_subject),
                      .subjects = subjects(),
                      .redirect_is_local = redirect_is_local,
                      .consent_is_automatic = consent_is_automatic,
                      .acr_values = acr_values,
                      .second_factor_required = second_factor_required,
                      .has_second_factor = has_second_factor,
                      .now = now});
  }

  void expect(Kind kind, StepReason reason) const {
    const NextStep step = decide();
    EXPECT_EQ(static_cast<int>(step.kind), static_cast<int>(kind));
    EXPECT_EQ(name_of(step.reason), name_of(reason));
  }
  // The same with prompt=none gives this error.
  void expect_silently(ErrorCode code) {
    request.prompt = {.none = true};
    const NextStep step = decide();
    ASSERT_EQ(static_cast<int>(step.kind), static_cast<int>(Kind::refuse)) << name_of(step.reason);
    EXPECT_EQ(name_of(objection_of(step.reason).error.code), name_of(code));
  }
};

TEST(NextStep, IssuesWhenNothingIsMissing) {
  Case it;
  it.expect(Kind::issue, StepReason::all_is_there);
  EXPECT_EQ(it.decide().consent_id, ConsentId("approval"));
  EXPECT_EQ(it.decide().scopes, it.scopes);
  it.request.prompt = {.none = true};
  it.expect(Kind::issue, StepReason::all_is_there);
}

TEST(NextStep, AsksForASignInWithoutASession) {
  Case it;
  it.sessions.clear();
  it.expect(Kind::login, StepReason::nobody_signed_in);
  it.expect_silently(ErrorCode::login_required);
}

TEST(NextStep, PromptLoginWantsASignInHere) {
  Case it;
  it.request.prompt = {.login = true};
  it.expect(Kind::login, StepReason::prompt_login);
  it.facts = {.session_id = SessionId("session-of-alice"), .authenticated_here = true};
  it.expect(Kind::issue, StepReason::all_is_there);
}

TEST(NextStep, AChosenAccountIsNotANewSignIn) {
  Case it;
  it.request.prompt = {.login = true};
  it.facts = {.session_id = SessionId("session-of-alice"), .account_selected = true};
  it.expect(Kind::login, StepReason::prompt_login);
}

TEST(NextStep, MaxAgeCountsFromTheLastSignIn) {
  Case it;
  it.request.max_age = Seconds{3600};
  it.expect(Kind::issue, StepReason::all_is_there);
  it.request.max_age = Seconds{3599};
  it.expect(Kind::login, StepReason::max_age_passed);
  it.expect_silently(ErrorCode::login_required);
}

TEST(NextStep, MaxAgeZeroAlwaysWantsASignInHere) {
  Case it;
  it.sessions[0].session.authentication.auth_time = Case::now;
  it.request.max_age = Seconds{0};
  it.expect(Kind::login, StepReason::max_age_passed);
  it.facts = {.session_id = SessionId("session-of-alice"), .authenticated_here = true};
  it.expect(Kind::issue, StepReason::all_is_there);
}

TEST(NextStep, TheClientsDefaultMaxAgeStandsInForMaxAge) {
  Case it;
  it.client.default_max_age = Seconds{60};
  it.expect(Kind::login, StepReason::max_age_passed);
  it.request.max_age = hours(2);
  it.expect(Kind::issue, StepReason::all_is_there);
}

TEST(NextStep, SeveralAccountsAreOffered) {
  Case it;
  it.sessions.push_back(Case::signed_in("bob"));
  it.expect(Kind::choose_account, StepReason::several_accounts);
  it.facts = {.session_id = SessionId("session-of-bob"), .account_selected = true};
  it.expect(Kind::issue, StepReason::all_is_there);
  EXPECT_EQ(it.decide().session, 1u);
  it.facts = {};
  it.expect_silently(ErrorCode::account_selection_required);
}

TEST(NextStep, SelectAccountIsSatisfiedByChoosingOrSigningIn) {
  Case it;
  it.request.prompt = {.select_account = true};
  it.expect(Kind::choose_account, StepReason::prompt_select_account);
  it.facts = {.session_id = SessionId("session-of-alice"), .account_selected = true};
  it.expect(Kind::issue, StepReason::all_is_there);
  it.facts = {.session_id = SessionId("session-of-alice"), .authenticated_here = true};
  it.expect(Kind::issue, StepReason::all_is_there);
}

TEST(NextStep, AHintPicksItsAccountAmongSeveral) {
  Case it;
  it.sessions.push_back(Case::signed_in("bob"));
  it.hinted_subject = "sub-of-bob";
  it.expect(Kind::issue, StepReason::all_is_there);
  EXPECT_EQ(it.decide().session, 1u);
}

TEST(NextStep, AHintForAnotherPersonNeverUsesThePresentOne) {
  Case it;
  it.hinted_subject = "sub-of-bob";
  it.expect(Kind::login, StepReason::hint_means_another);
  it.expect_silently(ErrorCode::login_required);
}

TEST(NextStep, WhoSignsInMustBeTheHintedPerson) {
  Case it;
  it.hinted_subject = "sub-of-bob";
  it.facts = {.session_id = SessionId("session-of-alice"), .authenticated_here = true};
  it.expect(Kind::refuse, StepReason::another_signed_in_than_hinted);
  EXPECT_EQ(objection_of(it.decide().reason).error.code, ErrorCode::login_required);
}

// OIDCC-5.5.1; oidc-20: any of `values`, from either target, and the hint as well
TEST(NextStep, EveryNamedSubjectCounts) {
  Case it;
  it.sessions.push_back(Case::signed_in("bob"));
  const auto asked = [&](const char* claims) {
    it.request.claims = *parse_claims_request(claims);
    return it.decide();
  };
  EXPECT_EQ(asked(R"({"id_token":{"sub":{"values":["x","sub-of-bob"]}}})").session, 1U);
  EXPECT_EQ(asked(R"({"userinfo":{"sub":{"value":"sub-of-bob"}}})").session, 1U);
  EXPECT_EQ(name_of(asked(R"({"id_token":{"sub":{"values":[1,2]}}})").reason),
            name_of(StepReason::hint_means_another));
  EXPECT_EQ(name_of(asked(R"({"id_token":{"sub":{"value":"sub-of-bob"}},)"
                          R"("userinfo":{"sub":{"value":"sub-of-alice"}}})")
                        .reason),
            name_of(StepReason::hint_means_another));
  it.hinted_subject = "sub-of-alice";
  EXPECT_EQ(asked(R"({"id_token":{"sub":{"values":["sub-of-bob","sub-of-alice"]}}})").session, 0U);
  EXPECT_EQ(name_of(asked(R"({"id_token":{"sub":{"value":"sub-of-bob"}}})").reason),
            name_of(StepReason::hint_means_another));
  it.hinted_subject.clear();
  EXPECT_EQ(name_of(asked(R"({"id_token":{"sub":{"essential":true}}})").reason),
            name_of(StepReason::several_accounts));
}

TEST(NextStep, ARequestedSubIsAHint) {
  Case it;
  it.request.claims = *parse_claims_request(R"({"id_token":{"sub":{"value":"sub-of-bob"}}})");
  it.expect(Kind::login, StepReason::hint_means_another);
}

TEST(NextStep, LoginHintMatchesLoginOrEmail) {
  Case it;
  for (const char* hint : {"alice", " Alice", "ALICE@example.com"}) {
    it.request.login_hint = hint;
    it.expect(Kind::issue, StepReason::all_is_there);
  }
  it.request.login_hint = "bob";
  it.expect(Kind::login, StepReason::login_hint_means_another);
}

TEST(NextStep, AChosenSessionThatEndedNeedsASignIn) {
  Case it;
  it.facts = {.session_id = SessionId("gone"), .account_selected = true};
  it.expect(Kind::login, StepReason::chosen_session_ended);
}

TEST(NextStep, AnEssentialAcrOutOfReachIsRefusedAtOnce) {
  Case it;
  it.request.claims =
      *parse_claims_request(R"({"id_token":{"acr":{"essential":true,"values":["urn:gold"]}}})");
  it.expect(Kind::refuse, StepReason::acr_out_of_reach);
  EXPECT_EQ(objection_of(it.decide().reason).error.code,
            ErrorCode::unmet_authentication_requirements);
  it.request.claims = *parse_claims_request(R"({"id_token":{"acr":{"values":["urn:gold"]}}})");
  it.expect(Kind::issue, StepReason::all_is_there);
}

TEST(NextStep, AnEssentialAcrWithinReachAsksForASignIn) {
  Case it;
  it.sessions[0].session.authentication.acr = "urn:old";
  it.request.claims =
      *parse_claims_request(R"({"id_token":{"acr":{"essential":true,"value":"urn:password"}}})");
  it.expect(Kind::login, StepReason::acr_needs_sign_in);
}

// A session of the password alone, a minute old, at an issuer where both acr can be reached.
Case two_factor_case() {
  Case it;
  it.acr_values = {std::string(acr_mfa), std::string(acr_password)};
  it.sessions[0].session.authentication = by_password(Case::now - minutes(1));
  return it;
}

ClaimsRequest acr_claim(bool essential, std::string_view acr) {
  return *parse_claims_request(R"({"id_token":{"acr":{"essential":)" +
                               std::string(essential ? "true" : "false") + R"(,"value":")" +
                               std::string(acr) + R"("}}})");
}

// asvs-6.3.3: the first factor alone leads to the second, whatever else is there
TEST(NextStep, AProvenPasswordNeedsTheSecondFactorBeforeAnythingElse) {
  Case it = two_factor_case();
  it.facts.first_factor = FirstFactor{UserId("id-of-bob"), 1, Case::now};
  it.has_second_factor = true;
  it.expect(Kind::second_factor, StepReason::password_proven);
  it.request.prompt.select_account = true;
  it.expect(Kind::second_factor, StepReason::password_proven);
  it.has_second_factor = false;
  it.expect(Kind::enrol_factor, StepReason::factor_required);
  it.expect_silently(ErrorCode::login_required);
}

TEST(NextStep, ARequiredFactorIsAddedAfterAFreshSignIn) {
  Case it = two_factor_case();
  it.expect(Kind::issue, StepReason::all_is_there);
  it.second_factor_required = true;
  it.expect(Kind::enrol_factor, StepReason::factor_required);
  // asvs-7.5.1: an older session signs in again first.
  it.sessions[0].session.authentication = by_password(Case::now - minutes(10));
  it.expect(Kind::login, StepReason::factor_needs_sign_in);
  it.facts.authenticated_here = true;
  it.expect(Kind::enrol_factor, StepReason::factor_required);
  it.expect_silently(ErrorCode::login_required);
  it.request.prompt = {};
  it.sessions[0].session.authentication = by_password_and_code(Case::now - hours(5));
  it.expect(Kind::issue, StepReason::all_is_there);
}

// OIDCC-5.5.1.1; 9470-02: an essential acr above the session's asks for what it lacks
TEST(NextStep, AnEssentialAcrAsksForTheFactor) {
  Case it = two_factor_case();
  it.request.claims = acr_claim(true, acr_mfa);
  it.expect(Kind::enrol_factor, StepReason::acr_needs_factor);
  EXPECT_EQ(objection_of(StepReason::acr_needs_factor).error.code,
            ErrorCode::unmet_authentication_requirements);
  it.facts.enrolment_declined = true;
  it.expect(Kind::enrol_factor, StepReason::acr_needs_factor);
  it.sessions[0].session.authentication = by_password_and_code(Case::now);
  it.expect(Kind::issue, StepReason::all_is_there);
  EXPECT_EQ(it.decide().acr, acr_mfa);
}

// OIDCC-3.1.2.1; 9470-02: acr_values and a voluntary claim ask once, and take no for an answer
TEST(NextStep, AVoluntaryAcrOffersTheFactor) {
  for (const bool as_claim : {false, true}) {
    Case it = two_factor_case();
    if (as_claim) it.request.claims = acr_claim(false, acr_mfa);
    if (!as_claim) it.request.acr_values = {std::string(acr_mfa)};
    it.expect(Kind::enrol_factor, StepReason::acr_wishes_factor);
    it.facts.enrolment_declined = true;
    it.expect(Kind::issue, StepReason::all_is_there);
    EXPECT_EQ(it.decide().acr, acr_password);
    it.facts.enrolment_declined = false;
    it.request.prompt.none = true;  // a wish is no reason to refuse
    it.expect(Kind::issue, StepReason::all_is_there);
  }
  Case either = two_factor_case();
  either.request.acr_values = {std::string(acr_mfa), std::string(acr_password)};
  either.expect(Kind::issue, StepReason::all_is_there);
}

// OIDCC-5.5.1.1: a session that has more than an essential acr meets it, and is said to
TEST(NextStep, ABetterSessionMeetsALesserAcr) {
  Case it = two_factor_case();
  it.sessions[0].session.authentication = by_password_and_code(Case::now);
  it.request.claims = acr_claim(true, acr_password);
  it.expect(Kind::issue, StepReason::all_is_there);
  EXPECT_EQ(it.decide().acr, acr_password);
  it.request.claims = acr_claim(false, acr_password);
  EXPECT_EQ(it.decide().acr, acr_mfa);
}

TEST(NextStep, EntitlementIsChecked) {
  Case it;
  it.client.allowed_groups = {"staff"};
  it.expect(Kind::refuse, StepReason::not_entitled);
  it.expect_silently(ErrorCode::access_denied);
}

TEST(NextStep, ConsentIsAskedOnceAndForMore) {
  Case it;
  it.consent.reset();
  it.expect(Kind::consent, StepReason::never_approved);
  it.consent = Case::approval({"openid"});
  it.expect(Kind::consent, StepReason::more_than_approved);
  it.expect_silently(ErrorCode::consent_required);
}

TEST(NextStep, ResourcesAndSingleClaimsAreApprovedToo) {
  Case it;
  it.resources = {"https://api.example"};
  it.expect(Kind::consent, StepReason::more_than_approved);
  it.resources.clear();
  it.claims_words = {"claim:birthdate"};
  it.expect(Kind::consent, StepReason::more_than_approved);
}

TEST(NextStep, PromptConsentAsksAgain) {
  Case it;
  it.request.prompt = {.consent = true};
  it.expect(Kind::consent, StepReason::prompt_consent);
}

TEST(NextStep, AFirstPartyClientSkipsConsent) {
  Case it;
  it.client.consent = ConsentPolicy::skip;
  it.consent.reset();
  it.scopes.push_back("offline_access");
  it.expect(Kind::issue, StepReason::all_is_there);
  // Not approved on our page: dropped.
  EXPECT_EQ(it.decide().scopes, (std::vector<std::string>{"openid", "email"}));
  EXPECT_TRUE(it.decide().consent_id.empty());
}

TEST(NextStep, OfflineAccessNeedsAnApprovalAndIsDroppedSilently) {
  Case it;
  it.scopes.push_back("offline_access");
  it.expect(Kind::consent, StepReason::offline_access_not_approved);
  it.request.prompt = {.none = true};
  it.expect(Kind::issue, StepReason::all_is_there);
  EXPECT_EQ(it.decide().scopes, (std::vector<std::string>{"openid", "email"}));
  it.consent = Case::approval({"openid", "email", "offline_access"});
  EXPECT_EQ(it.decide().scopes, it.scopes);
}

TEST(NextStep, AnUnprovenNativeClientIsAskedAboutEachTime) {
  Case it;
  it.client.token_endpoint_auth_method = ClientAuthMethod::none;
  it.client.application_type = ApplicationType::native;
  it.redirect_is_local = true;
  it.expect(Kind::consent, StepReason::unproven_native_client);
  it.client.consent = ConsentPolicy::skip;
  it.expect(Kind::consent, StepReason::unproven_native_client);
  it.redirect_is_local = false;  // a claimed https address
  it.client.consent = ConsentPolicy::ask;
  it.expect(Kind::issue, StepReason::all_is_there);
  it.redirect_is_local = true;
  it.expect_silently(ErrorCode::consent_required);
}

TEST(NextStep, AutomaticConsentGrantsEverything) {
  Case it;
  it.consent.reset();
  it.consent_is_automatic = true;
  it.scopes.push_back("offline_access");
  it.expect(Kind::issue, StepReason::all_is_there);
  EXPECT_EQ(it.decide().scopes, it.scopes);
}

}  // namespace cardea::next_step_test
