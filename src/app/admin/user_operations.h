// Administrative calls on users. No password passes through here: people set their own by a
// one-time link.
#pragma once

#include "app/admin/context.h"

namespace cardea::app {

// arguments: {"user": {"login", "claims", "password_hash", "password_file"}}. Answer: the user and
// a set-password link when no password was given.
AdminAnswer add_user(AdminContext& context, const json::Object& arguments);
AdminAnswer list_users(AdminContext& context, const json::Object& arguments);
// arguments: {"login", "user": {members to change}}. Members of claims are merged; null removes
// one.
AdminAnswer edit_user(AdminContext& context, const json::Object& arguments);
// arguments: {"login"}
AdminAnswer remove_user(AdminContext& context, const json::Object& arguments);
// arguments: {"login"}. Answer: {"login", "link", "expires_at"}: a one-time set-password link.
AdminAnswer link_user(AdminContext& context, const json::Object& arguments);

// arguments: {"login"}. Removes the second factor; everything issued to the person ends. Works on
// people of a configuration file too: the factor is not in the file.
AdminAnswer reset_factor(AdminContext& context, const json::Object& arguments);

}  // namespace cardea::app
