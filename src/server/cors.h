// Cross-origin reading, decided in one place (decision Q18; WHATWG Fetch 3.2). No endpoint writes
// an Access-Control header itself, no answer ever allows credentials.
#pragma once

#include "http/message.h"
#include "server/deps.h"
#include "server/exchange.h"
#include "server/routes.h"

namespace cardea {

// Whether the request is a preflight of a route that answers other origins.
bool is_preflight(const Route& route, const http::Request& request);
http::Response preflight_answer(const Route& route, const http::Request& request);

// Adds the headers to a finished answer. For CorsPolicy::client_origins a success is readable by
// the origins of exchange.client_id alone.
void allow_origins(const Deps& deps, const Route& route, const Exchange& exchange,
                   http::Response& response);

// Whether the client may read answers from this origin: allowed_origins, else the origins of its
// http and https redirect URIs.
bool is_origin_of(const Client& client, std::string_view origin);

}  // namespace cardea
