// What may have to be fetched before a client's authorization request can be judged: its metadata
// document, and the list of its sector. Here is where /authorize and /par wait for it; judging
// (admit) waits for nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/authorize/objection.h"
#include "server/deps.h"
#include "task/task.h"

namespace cardea {

// Whether anything may have to be fetched: false for nearly every client, whose requests then need
// not go the way below.
bool needs_preparing(const Deps& deps, std::string_view client_id);
// Refuses with a page, for nothing of the client is proven: its document or its sector's list
// cannot be had or is not acceptable. Whoever asks learns one sentence for all of these (E09).
// Unknown clients pass: admit says so.
Task<store::Answer<std::optional<PageError>>> prepare_client(const Deps& deps, Exchange& exchange,
                                                             std::string client_id);

}  // namespace cardea
