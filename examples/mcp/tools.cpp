// Tools; see tools.h.
#include "tools.h"

#include <algorithm>
#include <utility>

namespace mcp {
namespace {

using namespace cardea;

constexpr std::size_t notes_each_max = 100;
constexpr std::size_t people_max = 1000;
constexpr std::size_t note_bytes_max = 1000;

enum class Outcome { done, failed };

json::Object text_result(Outcome outcome, std::string text) {
  return {
      {"content", json::Array{json::Object{{"type", "text"}, {"text", std::move(text)}}}},
      {"isError", outcome == Outcome::failed},
  };
}

json::Object list_notes(Notes& notes, const std::string& subject, const json::Object& arguments) {
  if (!arguments.empty()) return text_result(Outcome::failed, "list_notes takes no arguments.");
  const auto found = notes.of(subject);
  return text_result(Outcome::done, json::write(json::Value(found)));
}

json::Object add_note(Notes& notes, const std::string& subject, const json::Object& arguments) {
  auto text = json::string_member(arguments, "text");
  if (!text || text->empty() || text->size() > note_bytes_max || arguments.size() != 1)
    return text_result(Outcome::failed, "add_note takes `text`, of 1 to 1000 bytes, alone.");
  if (!notes.add(subject, *std::move(text)))
    return text_result(Outcome::failed, "There is no room for another note.");
  return text_result(Outcome::done, "kept");
}

std::vector<Tool> make_tools() {
  return {
      {.name = "list_notes",
       .description = "The notes of the person who is signed in",
       .scope = {"notes.read"},
       .input_schema = {{"type", "object"}, {"additionalProperties", false}},
       .run = list_notes},
      {.name = "add_note",
       .description = "Keeps a note for the person who is signed in",
       .scope = {"notes.read", "notes.write"},
       .input_schema = {{"type", "object"},
                        {"properties", json::Object{{"text", json::Object{{"type", "string"}}}}},
                        {"required", json::Array{"text"}},
                        {"additionalProperties", false}},
       .run = add_note},
  };
}

}  // namespace

std::vector<std::string> Notes::of(const std::string& subject) const {
  const std::scoped_lock alone(mutex_);
  const auto found = notes_.find(subject);
  return found == notes_.end() ? std::vector<std::string>{} : found->second;
}

bool Notes::add(const std::string& subject, std::string text) {
  const std::scoped_lock alone(mutex_);
  if (!notes_.contains(subject) && notes_.size() == people_max) return false;
  auto& own = notes_[subject];
  if (own.size() == notes_each_max) return false;
  own.push_back(std::move(text));
  return true;
}

const std::vector<Tool>& tools() {
  static const std::vector<Tool> all = make_tools();
  return all;
}

const Tool* find_tool(std::string_view name) {
  const auto found = std::ranges::find(tools(), name, &Tool::name);
  return found == tools().end() ? nullptr : &*found;
}

json::Object tools_list() {
  json::Array listed;
  for (const auto& tool : tools()) {
    listed.emplace_back(json::Object{{"name", tool.name},
                                     {"description", tool.description},
                                     {"inputSchema", tool.input_schema}});
  }
  return {{"tools", std::move(listed)}};
}

}  // namespace mcp
