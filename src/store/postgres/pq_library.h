// libpq, loaded when a PostgreSQL database is first named. It brings a dozen libraries along (LDAP,
// Kerberos, GnuTLS), which would cost every idle server on SQLite three megabytes;
// docs/decisions/0004-libcurl-on-demand.md. The only header that includes libpq-fe.h.
#pragma once

#include <libpq-fe.h>

namespace cardea::store::postgres {

// The functions in use, typed by the library's own header.
struct PqLibrary {
  decltype(&::PQclear) clear = nullptr;
  decltype(&::PQcmdStatus) cmd_status = nullptr;
  decltype(&::PQcmdTuples) cmd_tuples = nullptr;
  decltype(&::PQconnectdbParams) connectdb_params = nullptr;
  decltype(&::PQconninfoFree) conninfo_free = nullptr;
  decltype(&::PQconninfoParse) conninfo_parse = nullptr;
  decltype(&::PQconsumeInput) consume_input = nullptr;
  decltype(&::PQenterPipelineMode) enter_pipeline_mode = nullptr;
  decltype(&::PQerrorMessage) error_message = nullptr;
  decltype(&::PQexitPipelineMode) exit_pipeline_mode = nullptr;
  decltype(&::PQfinish) finish = nullptr;
  decltype(&::PQflush) flush = nullptr;
  decltype(&::PQgetResult) get_result = nullptr;
  decltype(&::PQgetisnull) getisnull = nullptr;
  decltype(&::PQgetlength) getlength = nullptr;
  decltype(&::PQgetvalue) getvalue = nullptr;
  decltype(&::PQisBusy) is_busy = nullptr;
  decltype(&::PQntuples) ntuples = nullptr;
  decltype(&::PQpipelineSync) pipeline_sync = nullptr;
  decltype(&::PQresultErrorField) result_error_field = nullptr;
  decltype(&::PQresultStatus) result_status = nullptr;
  decltype(&::PQsendPrepare) send_prepare = nullptr;
  decltype(&::PQsendQuery) send_query = nullptr;
  decltype(&::PQsendQueryPrepared) send_query_prepared = nullptr;
  decltype(&::PQsetNoticeReceiver) set_notice_receiver = nullptr;
  decltype(&::PQsetnonblocking) setnonblocking = nullptr;
  decltype(&::PQsocket) socket = nullptr;
  decltype(&::PQstatus) status = nullptr;
};

// Loads the library once; null when it is not there. Thread-safe.
const PqLibrary* pq_library();
// The same where it is known to be there: a connection was opened.
const PqLibrary& pq();

}  // namespace cardea::store::postgres
