// A second factor that is being added: a secret is made and shown, and stored only once a code of
// it was typed. Until then it travels sealed in the page's form, bound to the person and the
// browser, so that nothing half added is kept and a page opened twice works in both tabs.
#pragma once

#include <optional>
#include <string>

#include "server/second_factor/prove_factor.h"
#include "server/second_factor/recovery_codes.h"
#include "server/sessions/browser.h"

namespace cardea {

class Enrolment {
 public:
  // For the first page, and for the ones that follow it; nothing when the text is not this
  // person's, of another browser, or too old.
  static Enrolment begin(const Deps& deps);
  static std::optional<Enrolment> resume(const Deps& deps, const User& user,
                                         const BindingValue& binding, std::string_view text,
                                         Instant now);

  // The form's hidden field.
  std::string text(const Deps& deps, const User& user, const BindingValue& binding,
                   Instant now) const;
  // Fills what the page shows of it: QR code, address, the secret as text.
  void show_in(EnrolFactorView& view, const Settings& settings, const User& user) const;
  // Whether it is a code of the app's; then the factor, with that step used up.
  std::optional<SecondFactor> prove(const Deps& deps, const User& user, std::string_view typed,
                                    Instant now) const;

 private:
  explicit Enrolment(totp::SharedSecret secret) : secret_(std::move(secret)) {}
  totp::SharedSecret secret_;
};

// The page that shows the codes, once.
http::Response recovery_codes_page(const Deps& deps, const Exchange& exchange,
                                   const NewRecoveryCodes& made, std::string continue_to);

}  // namespace cardea
