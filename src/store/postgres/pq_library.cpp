// Loading libpq; see pq_library.h.
#include "store/postgres/pq_library.h"

#include <optional>

#include "base/loaded_library.h"
#include "base/result.h"

namespace cardea::store::postgres {
namespace {

std::optional<PqLibrary> load() {
  void* library = load_library("libpq.so.5");
  if (library == nullptr) return std::nullopt;
  PqLibrary out;
  const bool found = find_function(library, "PQclear", out.clear) &&
                     find_function(library, "PQcmdStatus", out.cmd_status) &&
                     find_function(library, "PQcmdTuples", out.cmd_tuples) &&
                     find_function(library, "PQconnectdbParams", out.connectdb_params) &&
                     find_function(library, "PQconninfoFree", out.conninfo_free) &&
                     find_function(library, "PQconninfoParse", out.conninfo_parse) &&
                     find_function(library, "PQconsumeInput", out.consume_input) &&
                     find_function(library, "PQenterPipelineMode", out.enter_pipeline_mode) &&
                     find_function(library, "PQerrorMessage", out.error_message) &&
                     find_function(library, "PQexitPipelineMode", out.exit_pipeline_mode) &&
                     find_function(library, "PQfinish", out.finish) &&
                     find_function(library, "PQflush", out.flush) &&
                     find_function(library, "PQgetResult", out.get_result) &&
                     find_function(library, "PQgetisnull", out.getisnull) &&
                     find_function(library, "PQgetlength", out.getlength) &&
                     find_function(library, "PQgetvalue", out.getvalue) &&
                     find_function(library, "PQisBusy", out.is_busy) &&
                     find_function(library, "PQntuples", out.ntuples) &&
                     find_function(library, "PQpipelineSync", out.pipeline_sync) &&
                     find_function(library, "PQresultErrorField", out.result_error_field) &&
                     find_function(library, "PQresultStatus", out.result_status) &&
                     find_function(library, "PQsendPrepare", out.send_prepare) &&
                     find_function(library, "PQsendQuery", out.send_query) &&
                     find_function(library, "PQsendQueryPrepared", out.send_query_prepared) &&
                     find_function(library, "PQsetNoticeReceiver", out.set_notice_receiver) &&
                     find_function(library, "PQsetnonblocking", out.setnonblocking) &&
                     find_function(library, "PQsocket", out.socket) &&
                     find_function(library, "PQstatus", out.status);
  return found ? std::optional(out) : std::nullopt;
}

}  // namespace

const PqLibrary* pq_library() {
  static const std::optional<PqLibrary> loaded = load();
  return loaded ? &*loaded : nullptr;
}

const PqLibrary& pq() {
  const auto* library = pq_library();
  ensure(library != nullptr);
  return *library;
}

}  // namespace cardea::store::postgres
