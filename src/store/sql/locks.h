// What operations lock (Connection::lock), for what is judged must hold until what follows from it
// is written. Sorted by what they lock; an operation takes them in this order.
#pragma once

#include "store/sql/connection.h"

namespace cardea::store::sql {

inline constexpr Statement lock_meta{"SELECT 1 FROM store_meta WHERE id = 1 FOR UPDATE"};
inline constexpr Statement lock_polled_request{
    "SELECT 1 FROM polled_requests WHERE request_id = $1 FOR UPDATE"};
inline constexpr Statement lock_client{"SELECT 1 FROM clients WHERE client_id = $1 FOR UPDATE"};
inline constexpr Statement lock_user{"SELECT 1 FROM users WHERE user_id = $1 FOR UPDATE"};
inline constexpr Statement lock_second_factor{
    "SELECT 1 FROM second_factors WHERE user_id = $1 FOR UPDATE"};
inline constexpr Statement lock_consent{
    "SELECT 1 FROM consents WHERE user_id = $1 AND client_id = $2 FOR UPDATE"};
// A session that somebody joins does not end meanwhile.
inline constexpr Statement hold_session{
    "SELECT 1 FROM sessions WHERE session_id = $1 FOR KEY SHARE"};
inline constexpr Statement lock_session{"SELECT 1 FROM sessions WHERE session_id = $1 FOR UPDATE"};
inline constexpr Statement lock_sessions_of_user{
    "SELECT 1 FROM sessions WHERE user_id = $1 ORDER BY session_id FOR UPDATE"};
inline constexpr Statement lock_refresh{
    "SELECT 1 FROM refresh_tokens WHERE grant_id = $1 FOR UPDATE"};

}  // namespace cardea::store::sql
