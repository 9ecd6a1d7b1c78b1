// The tools of the example: everybody's own notes, kept in memory. Reading them takes one scope,
// writing takes a second one.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace mcp {

// Thread-safe.
class Notes {
 public:
  std::vector<std::string> of(const std::string& subject) const;
  // False when there is no room: 100 notes each, 1000 people.
  bool add(const std::string& subject, std::string text);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<std::string>, std::less<>> notes_;
};

struct Tool {
  std::string_view name;
  std::string_view description;
  // All that the call needs, what reading needs as well: a client that asks anew for just these
  // loses nothing (MCP Authorization 2025-11-25, Scope Challenge Handling).
  std::vector<std::string> scope;
  cardea::json::Object input_schema;
  // The result of tools/call. What the arguments lack is a result with isError, which a model can
  // mend, and no error of the protocol (MCP Tools 2025-11-25, Error Handling).
  cardea::json::Object (*run)(Notes& notes, const std::string& subject,
                              const cardea::json::Object& arguments);
};

const std::vector<Tool>& tools();
const Tool* find_tool(std::string_view name);  // nullptr: there is none of that name
cardea::json::Object tools_list();             // the result of tools/list

}  // namespace mcp
