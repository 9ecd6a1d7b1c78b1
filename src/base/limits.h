// Everything has a limit (style rule 20): its name, its number and why.
#pragma once

#include <cstddef>

namespace cardea::limits {

// HTTP edge. Browsers and libraries stay far below; a header block above this is an attack or a
// bug.
inline constexpr std::size_t header_bytes_max = 16 * 1024;
inline constexpr std::size_t header_count_max = 100;
inline constexpr std::size_t body_bytes_max =
    64 * 1024;  // the largest form is a token request with an assertion
inline constexpr std::size_t target_bytes_max = 12 * 1024;
// Forms and queries.
inline constexpr std::size_t parameters_max = 100;
// Redirect URIs: security corpus 3.1, and 3.4 for the count.
inline constexpr std::size_t redirect_uri_bytes_max = 2048;
inline constexpr std::size_t redirect_uris_max = 50;
// `state` and `nonce` are echoed; clients put up to a few KiB into them.
inline constexpr std::size_t state_bytes_max = 4096;
inline constexpr std::size_t nonce_bytes_max = 4096;
inline constexpr std::size_t scope_bytes_max = 4096;
inline constexpr std::size_t claims_request_bytes_max = 4096;  // a parsed JSON document
inline constexpr std::size_t words_max = 100;  // members of scope, prompt, acr_values, ui_locales
// authorization_details travel in codes, grants and tokens.
inline constexpr std::size_t authorization_details_bytes_max = 4096;
inline constexpr std::size_t authorization_details_max = 10;
// Resources named by one request (RFC 8707 2): each is judged against the settings, written into
// rows and tokens, and shown on the consent page.
inline constexpr std::size_t resources_max = 10;
// JOSE (RFC 8725 3.10, security corpus 8725-16).
inline constexpr std::size_t jwt_bytes_max = 16 * 1024;
inline constexpr std::size_t jwe_bytes_max = 24 * 1024;  // a JWT of full length, encrypted
inline constexpr std::size_t jwks_keys_max = 100;
inline constexpr std::size_t jwks_bytes_max = 256 * 1024;
// What a TLS client may send as its certificate chain, and how much of it is looked at (RFC 8705
// 7.5): a leaf and some authorities of a few KiB each.
inline constexpr std::size_t client_certificate_bytes_max = 32 * 1024;
inline constexpr std::size_t client_certificates_max = 8;
// Passwords: argon2id reads all of it, so the length is capped before it is hashed.
inline constexpr std::size_t password_bytes_max = 1024;
inline constexpr std::size_t login_bytes_max = 320;
// Sessions of one browser: what the account chooser can show, and what fits a cookie.
inline constexpr std::size_t accounts_per_browser_max = 5;
// What the log says of a refusal: reasons hold compared values, and whoever sends long ones must
// not fill the disk with them.
inline constexpr std::size_t logged_reason_bytes_max = 1024;
// Access tokens whose signature is known to be good; some 400 bytes each.
inline constexpr std::size_t verified_tokens_max = 8192;
// What a store remembers of what it was asked: tokens with their grants, some 1 kB each, people,
// and that a client has not failed from an address.
inline constexpr std::size_t kept_grants_max = 4096;
inline constexpr std::size_t kept_users_max = 4096;
inline constexpr std::size_t kept_counters_max = 4096;
// A request_uri (RFC 9101 5.2); what does not fit lies in a row, of which a client that proved
// itself may leave this many: a minute of sign-ins at more than a hundred a second.
inline constexpr std::size_t request_uri_bytes_max = 512;
inline constexpr int pushed_requests_of_client_max = 10'000;
// Addresses at which one client publishes request objects (OIDC Registration 2): each may be asked
// for by whoever sends a browser here.
inline constexpr std::size_t request_uris_max = 20;
// A sealed authorization code (decision Q6).
inline constexpr std::size_t code_bytes_max = 512;
// What the server fetches itself (security corpus 2.E): the address as long as a redirect URI, an
// answer as large as a key set, headers as at our own edge.
inline constexpr std::size_t outgoing_url_bytes_max = 2048;
inline constexpr std::size_t fetched_bytes_max = jwks_bytes_max;
// Requests under way at once in total, to one host, and for addresses that anybody may name; and
// those that wait. More are refused (E10).
inline constexpr std::size_t fetches_max = 8;
inline constexpr std::size_t fetches_per_host_max = 2;
inline constexpr std::size_t fetches_of_strangers_max = 4;
inline constexpr std::size_t fetches_waiting_max = 256;
inline constexpr std::size_t fetches_waiting_per_host_max = 32;
inline constexpr std::size_t fetches_waiting_of_strangers_max = 64;
// A client's metadata document, as its specification recommends (Client ID Metadata Document 8.7);
// the list of redirect URIs of a sector (OIDC Core 8.1).
inline constexpr std::size_t client_document_bytes_max = 5 * 1024;
inline constexpr std::size_t sector_document_bytes_max = 256 * 1024;
// What a client says about itself beside its name: addresses of people, names of software.
inline constexpr std::size_t contacts_max = 10;
inline constexpr std::size_t client_text_bytes_max = 320;
// Registrations that nobody used, taken away with each new one: more than can come.
inline constexpr int forgotten_at_once_max = 16;
// Documents kept of one kind; the least used leaves.
inline constexpr std::size_t fetched_documents_max = 1024;
// What all kept documents of one kind may weigh as they came; read, they weigh twice that at most.
inline constexpr std::size_t fetched_bytes_kept_max = 16 * 1024 * 1024;

}  // namespace cardea::limits
