// Writes every page state in every language, and the assets they load, as one JSON document to
// standard output: {"pages": [{name, locale, heading, status, headers, body}], "assets": [...]}.
// For the browser tests and the screenshots; no part of the product.
#include <iostream>
#include <set>

#include "base/json.h"
#include "server/pages/catalogue.h"
#include "server/pages/embedded.h"
#include "support/page_states.h"

namespace cardea::dump_pages {

json::Object written(const http::Response& response) {
  json::Object headers;
  for (const auto& [name, value] : response.headers.fields()) {
    headers.set(std::string(name), value);
  }
  return {{"status", response.status}, {"headers", headers}, {"body", response.body}};
}

Catalogue catalogue_of(Locale locale) {
  const auto path = "text/" + std::string(tag_of(locale)) + ".txt";
  for (const auto& file : embedded_files()) {
    if (file.path == path) return Catalogue(locale, file.content);
  }
  std::abort();
}

// The addresses of assets in a page.
void collect_assets(std::string_view html, std::set<std::string>& found) {
  for (auto at = html.find("\"/assets/"); at != html.npos; at = html.find("\"/assets/", at + 1)) {
    found.emplace(html.substr(at + 1, html.find('"', at + 1) - at - 1));
  }
}

void run() {
  const Pages pages(test_pages::page_settings());
  json::Array page_array;
  std::set<std::string> asset_paths;
  for (const auto locale : {Locale::en, Locale::ar}) {
    const auto texts = catalogue_of(locale);
    for (const auto& state : test_pages::page_states(pages, locale)) {
      auto entry = written(state.response);
      entry.set("name", state.name);
      entry.set("locale", tag_of(locale));
      entry.set("heading", texts.text(state.heading));
      page_array.push_back(entry);
      collect_assets(state.response.body, asset_paths);
    }
  }
  json::Array asset_array;
  for (const auto& path : asset_paths) {
    auto entry = written(pages.asset(path));
    entry.set("path", path);
    asset_array.push_back(entry);
  }
  std::cout << json::write(json::Object{{"pages", page_array}, {"assets", asset_array}}) << "\n";
}

}  // namespace cardea::dump_pages

int main() {
  cardea::dump_pages::run();
}
