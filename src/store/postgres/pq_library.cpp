// Loading libpq; see pq_library.h.
#include "store/postgres/pq_library.h"

#include <dlfcn.h>

#include <optional>

#include "base/result.h"

namespace cardea::store::postgres {
namespace {

template <class Function>
bool find(void* library, const char* name, Function& target) {
  target = reinterpret_cast<Function>(dlsym(library, name));
  return target != nullptr;
}

std::optional<PqLibrary> load() {
  void* library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);  // stays for the life of the process
  if (library == nullptr) return std::nullopt;
  PqLibrary out;
  const bool found =
      find(library, "PQclear", out.clear) && find(library, "PQcmdStatus", out.cmd_status) &&
      find(library, "PQcmdTuples", out.cmd_tuples) &&
      find(library, "PQconnectdbParams", out.connectdb_params) &&
      find(library, "PQconninfoFree", out.conninfo_free) &&
      find(library, "PQconninfoParse", out.conninfo_parse) &&
      find(library, "PQconsumeInput", out.consume_input) &&
      find(library, "PQenterPipelineMode", out.enter_pipeline_mode) &&
      find(library, "PQerrorMessage", out.error_message) &&
      find(library, "PQexitPipelineMode", out.exit_pipeline_mode) &&
      find(library, "PQfinish", out.finish) && find(library, "PQflush", out.flush) &&
      find(library, "PQgetResult", out.get_result) && find(library, "PQgetisnull", out.getisnull) &&
      find(library, "PQgetlength", out.getlength) && find(library, "PQgetvalue", out.getvalue) &&
      find(library, "PQisBusy", out.is_busy) && find(library, "PQntuples", out.ntuples) &&
      find(library, "PQpipelineSync", out.pipeline_sync) &&
      find(library, "PQresultErrorField", out.result_error_field) &&
      find(library, "PQresultStatus", out.result_status) &&
      find(library, "PQsendPrepare", out.send_prepare) &&
      find(library, "PQsendQuery", out.send_query) &&
      find(library, "PQsendQueryPrepared", out.send_query_prepared) &&
      find(library, "PQsetNoticeReceiver", out.set_notice_receiver) &&
      find(library, "PQsetnonblocking", out.setnonblocking) &&
      find(library, "PQsocket", out.socket) && find(library, "PQstatus", out.status);
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
