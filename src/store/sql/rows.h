// Rows as values of the domain, in the column order of statements.h, for every engine.
#pragma once

#include "domain/client_notice.h"
#include "domain/consent.h"
#include "domain/grant.h"
#include "domain/interaction.h"
#include "domain/polled_request.h"
#include "domain/second_factor.h"
#include "domain/server_key.h"
#include "domain/session.h"
#include "domain/user.h"
#include "store/sql/connection.h"
#include "store/store.h"

namespace cardea::store::sql {

// A row that no code of ours wrote gives empty members, never an exception.
User user_row(const Row& row, int at = 0);  // from column `at` on
UserRecord user_record_row(const Row& row);
SessionRecord session_record_row(const Row& row);
SessionView session_view_row(const Row& row);
Interaction interaction_row(const Row& row);
SessionClient session_client_row(const Row& row);
ClientNotice client_notice_row(const Row& row);
NoticeLane notice_lane_row(const Row& row);
KeptSecondFactor second_factor_row(const Row& row);
Consent consent_row(const Row& row);
Grant grant_row(const Row& row);
GrantView grant_view_row(const Row& row);
RefreshView refresh_view_row(const Row& row);
PolledRequest polled_request_row(const Row& row);
ServerKey server_key_row(const Row& row);
WrappedKey wrapped_key_row(const Row& row);
Meta meta_row(const Row& row);

// The words kept for enumerators.
std::string_view word_of(Interaction::Kind kind);
std::string_view word_of(Interaction::State state);
std::string_view word_of(PolledRequest::Kind kind);
std::string_view word_of(PolledRequest::State state);
std::string_view word_of(SessionBinding binding);
std::string_view word_of(LogoutChannel channel);
std::string_view word_of(ClientNotice::Kind kind);
std::string_view word_of(Grant::State state);
std::string_view word_of(ServerKey::State state);
std::string_view word_of(Ownership::By by);

// When a session ends: the earlier of idle and absolute end.
Instant end_of(const Session& session);

}  // namespace cardea::store::sql
