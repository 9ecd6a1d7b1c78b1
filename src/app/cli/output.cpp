// Printing for people and for programs; see output.h.
#include "app/cli/output.h"

#include <cstdio>

#include "base/ascii.h"
#include "server/pages/display_text.h"

namespace cardea::app {
namespace {

std::string cell(const json::Value* value) {
  if (value == nullptr || value->is_null()) return "-";
  // Names may be strangers' (RFC 7591 5): no character of theirs is an order to the terminal.
  if (const auto* text = value->if_string()) return text->empty() ? "-" : inert(*text);
  if (const auto* flag = value->if_bool()) return *flag ? "yes" : "no";
  if (const auto* array = value->if_array()) {
    std::string out;
    for (const auto& element : *array) out += (out.empty() ? "" : " ") + cell(&element);
    return out.empty() ? "-" : out;
  }
  return json::write(*value);
}

std::string padded(std::string text, std::size_t to) {
  const auto has = ascii::utf8_length(text);
  if (has < to) text.append(to - has, ' ');
  return text;
}

void write_to(std::FILE* stream, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stream);
  std::fputc('\n', stream);
  std::fflush(stream);
}

}  // namespace

void print_line(std::string_view text) {
  write_to(stdout, text);
}
void print_diagnostic(std::string_view text) {
  write_to(stderr, text);
}

void print_answer(OutputForm form, const json::Object& answer) {
  if (form == OutputForm::json) {
    print_line(json::write(answer));
    return;
  }
  std::size_t widest = 0;
  for (const auto& member : answer.members()) widest = std::max(widest, member.name.size());
  for (const auto& member : answer.members()) {
    print_line(padded(member.name, widest + 2) + cell(&member.value));
  }
}

void print_table(OutputForm form, const json::Object& answer, std::string_view member,
                 const std::vector<std::string>& columns, std::string_view when_empty) {
  if (form == OutputForm::json) {
    print_line(json::write(answer));
    return;
  }
  const json::Value* list = answer.find(member);
  if (list == nullptr || list->if_array() == nullptr || list->if_array()->empty()) {
    print_diagnostic(when_empty);
    return;
  }
  std::vector<std::size_t> widths;
  for (const auto& column : columns) {
    std::size_t widest = column.size();
    for (const auto& row : *list->if_array()) {
      if (row.if_object() != nullptr)
        widest = std::max(widest, ascii::utf8_length(cell(row.if_object()->find(column))));
    }
    widths.push_back(widest);
  }
  std::string heading;
  for (std::size_t i = 0; i < columns.size(); ++i) heading += padded(columns[i], widths[i] + 2);
  print_line(heading);
  for (const auto& row : *list->if_array()) {
    if (row.if_object() == nullptr) continue;
    std::string line;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      line += padded(cell(row.if_object()->find(columns[i])), widths[i] + 2);
    }
    while (line.ends_with(' ')) line.pop_back();
    print_line(line);
  }
}

int print_error(OutputForm form, const AdminError& error) {
  if (form == OutputForm::json) {
    print_line(
        json::write(json::Object{{"error", json::Object{{"code", static_cast<int>(error.code)},
                                                        {"message", error.message}}}}));
  } else {
    print_diagnostic("cardea: " + error.message);
  }
  return static_cast<int>(error.code);
}

}  // namespace cardea::app
