// Renders views to complete answers: template, text, language, and the headers every page of ours
// carries (CSP as decision Q17, X-Frame-Options, Referrer-Policy, COOP, no-store). The only room
// that includes the template library.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "http/message.h"
#include "server/pages/views.h"
#include "server/settings/settings.h"

namespace cardea {

class Pages {
 public:
  explicit Pages(const Settings& settings);
  ~Pages();

  // Each gives status 200 unless said otherwise. Thread-safe.
  // 200 also for bad credentials; 429 for wait and 503 for busy, both with Retry-After.
  http::Response sign_in(const PageFrame& frame, const SignInView& view) const;
  // Problems as for sign_in; 429 for too_many as well.
  http::Response second_factor(const PageFrame& frame, const SecondFactorView& view) const;
  // Problems: 422, wait 429, busy 503.
  http::Response enrol_factor(const PageFrame& frame, const EnrolFactorView& view) const;
  http::Response recovery_codes(const PageFrame& frame, const RecoveryCodesView& view) const;
  http::Response factor(const PageFrame& frame, const FactorView& view) const;
  http::Response choose_account(const PageFrame& frame, const ChooseAccountView& view) const;
  http::Response consent(const PageFrame& frame, const ConsentView& view) const;
  // Problems: 200 for an unknown code, wait 429, busy 503.
  http::Response device(const PageFrame& frame, const DeviceView& view) const;
  http::Response device_done(const PageFrame& frame, const DeviceDoneView& view) const;
  http::Response error(const PageFrame& frame, const ErrorView& view) const;  // view.status
  http::Response logout(const PageFrame& frame, const LogoutView& view) const;
  http::Response signed_out(const PageFrame& frame, const SignedOutView& view) const;
  // The policy admits the frames' origins and no other.
  http::Response signed_out_apps(const PageFrame& frame, const SignedOutAppsView& view) const;
  http::Response interaction_gone(const PageFrame& frame,
                                  const InteractionGoneView& view) const;  // 410
  http::Response form_post(const PageFrame& frame, const FormPostView& view) const;
  http::Response leave(const PageFrame& frame, const LeaveView& view) const;  // 400
  // Problems: 422, link_gone 410, wait 429, busy 503.
  http::Response set_password(const PageFrame& frame, const SetPasswordView& view) const;
  http::Response password_set(const PageFrame& frame, const PasswordSetView& view) const;
  http::Response account(const PageFrame& frame, const AccountView& view) const;

  // Nothing to see: the frame of OIDC Session Management 3.2, the one page that others may frame.
  http::Response check_session() const;

  // "/assets/<name>.<hash>.css" and the like; 404 when unknown. Immutable caching.
  http::Response asset(std::string_view path) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cardea
