// One function per page: from its view to the values of its template. Texts that depend on the view
// come from the catalogue of the page's language.
#pragma once

#include "server/pages/catalogue.h"
#include "server/pages/slots.h"
#include "server/pages/views.h"

namespace cardea {

// What filling may look up.
struct FillContext {
  const Catalogue& catalogue;
  // Titles and descriptions of standard_scopes() -> their keys in the catalogue.
  const std::map<std::string, std::string, std::less<>>& scope_keys;

  // A scope's title or description in the page's language; an operator's own is shown as written.
  std::string_view scope_text(std::string_view text) const;
};

// One account among several that the browser is signed in to.
void fill(Slots slots, const AccountChoice& account);

void fill(Slots& slots, const FillContext& context, const SignInView& view);
void fill(Slots& slots, const FillContext& context, const SecondFactorView& view);
void fill(Slots& slots, const FillContext& context, const EnrolFactorView& view);
void fill(Slots& slots, const FillContext& context, const RecoveryCodesView& view);
void fill(Slots& slots, const FillContext& context, const FactorView& view);
void fill(Slots& slots, const FillContext& context, const ChooseAccountView& view);
void fill(Slots& slots, const FillContext& context, const ConsentView& view);
void fill(Slots& slots, const FillContext& context, const DeviceView& view);
void fill(Slots& slots, const FillContext& context, const DeviceDoneView& view);
void fill(Slots& slots, const FillContext& context, const ErrorView& view);
void fill(Slots& slots, const FillContext& context, const LogoutView& view);
void fill(Slots& slots, const FillContext& context, const SignedOutView& view);
void fill(Slots& slots, const FillContext& context, const SignedOutAppsView& view);
void fill(Slots& slots, const FillContext& context, const InteractionGoneView& view);
void fill(Slots& slots, const FillContext& context, const FormPostView& view);
void fill(Slots& slots, const FillContext& context, const LeaveView& view);
void fill(Slots& slots, const FillContext& context, const SetPasswordView& view);
void fill(Slots& slots, const FillContext& context, const PasswordSetView& view);
void fill(Slots& slots, const FillContext& context, const AccountView& view);

}  // namespace cardea
