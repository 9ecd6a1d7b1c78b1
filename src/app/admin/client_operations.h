// Administrative calls on clients.
#pragma once

#include "app/admin/context.h"

namespace cardea::app {

// arguments: {"client": {RFC 7591 members}, "generate_secret": bool}. Answer: the client, with
// "client_secret" shown once.
AdminAnswer add_client(AdminContext& context, const json::Object& arguments);
AdminAnswer list_clients(AdminContext& context, const json::Object& arguments);
// arguments: {"client_id"}
AdminAnswer show_client(AdminContext& context, const json::Object& arguments);
// arguments: {"client_id", "client": {members to change}}
AdminAnswer edit_client(AdminContext& context, const json::Object& arguments);
AdminAnswer remove_client(AdminContext& context, const json::Object& arguments);
// arguments: {"client_id", "keep_old_seconds"}: the old secret stays valid that long (decision Q2).
AdminAnswer rotate_client_secret(AdminContext& context, const json::Object& arguments);

// arguments: {"uses", "lifetime_seconds"}. Answer: {"initial_access_token"}, shown once, and what
// it is good for (RFC 7591 1.2).
AdminAnswer make_initial_token(AdminContext& context, const json::Object& arguments);

// The RFC 7591 members of a client as people and programs see them; no secret and no digest.
json::Object describe_client(const Client& client);

}  // namespace cardea::app
