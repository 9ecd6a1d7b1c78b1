// The page templates, composed once at start for each language: layout, page and texts become one
// template per page and locale, parsed by ctemplate with AUTOESCAPE, so that every value is escaped
// for the place where it stands. The notation is explained in web/pages/layout.html.
#pragma once

#include <ctemplate/template.h>

#include <map>
#include <string>
#include <string_view>

#include "server/pages/catalogue.h"

namespace cardea {

// Where this server's pages and assets are.
struct PagePlaces {
  std::string base;                                        // the issuer's path, "" or "/tenant"
  std::map<std::string, std::string, std::less<>> assets;  // "cardea.css" -> its address
};

// Thread-safe after construction.
class Templates {
 public:
  explicit Templates(const PagePlaces& places);

  // page: "sign_in", ... Aborts on a page that does not exist.
  std::string render(std::string_view page, Locale locale,
                     const ctemplate::TemplateDictionary& values) const;
  const Catalogue& catalogue(Locale locale) const;

 private:
  void add_page(std::string_view name, const Catalogue& catalogue, const PagePlaces& places);

  std::map<Locale, Catalogue> catalogues_;
  ctemplate::TemplateCache cache_;
};

// The composed template text, before parsing. For tests.
std::string compose(std::string_view page, const Catalogue& catalogue, const PagePlaces& places);

}  // namespace cardea
