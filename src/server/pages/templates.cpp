// Composing and parsing. Texts may hold {name}, which becomes the value NAME in a <bdi> of its own,
// or between Unicode isolates in plain places such as <title>.
#include "server/pages/templates.h"

#include "base/ascii.h"
#include "base/result.h"
#include "server/pages/embedded.h"

namespace cardea {
namespace {

// Escapes for an attribute value in double quotes, and keeps every byte: what the browser reads is
// what was given, line breaks too. Used for values that are sent back; inside href or src only for
// an address that we made ourselves.
class ExactAttribute final : public ctemplate::TemplateModifier {
 public:
  void Modify(const char* in, size_t size, const ctemplate::PerExpandData*,
              ctemplate::ExpandEmitter* out, const std::string&) const override {
    for (const char c : std::string_view(in, size)) {
      switch (c) {
        case '&':
          out->Emit("&amp;");
          break;
        case '<':
          out->Emit("&lt;");
          break;
        case '>':
          out->Emit("&gt;");
          break;
        case '"':
          out->Emit("&quot;");
          break;
        case '\'':
          out->Emit("&#39;");
          break;
        case '\r':
          out->Emit("&#13;");
          break;
        case '\n':
          out->Emit("&#10;");
          break;
        default:
          out->Emit(c);
      }
    }
  }
};

const EmbeddedFile* find_file(std::string_view path) {
  for (const auto& file : embedded_files()) {
    if (file.path == path) return &file;
  }
  return nullptr;
}

std::string_view content_of(std::string_view path) {
  const auto* file = find_file(path);
  ensure(file != nullptr);
  return file->content;
}

std::string without_comments(std::string_view html) {
  std::string out;
  while (true) {
    const auto begin = html.find("<!--");
    out += html.substr(0, begin);
    if (begin == std::string_view::npos) return out;
    const auto end = html.find("-->\n", begin);
    ensure(end != std::string_view::npos);
    html.remove_prefix(end + 4);
  }
}

std::string html_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else {
      out += c;
    }
  }
  return out;
}

// How a value is kept apart from the direction of the text around it.
enum class Isolation { element, characters };

// "{client} asks" -> "<bdi>{{CLIENT}}</bdi> asks".
std::string with_markers(std::string_view text, Isolation isolation) {
  const bool element = isolation == Isolation::element;
  std::string out;
  bool inside = false;
  for (const char c : text) {
    if (c == '{') {
      inside = true;
      out += element ? "<bdi>{{" : "\xe2\x81\xa8{{";  // U+2068
    } else if (c == '}') {
      inside = false;
      out += element ? "}}</bdi>" : "}}\xe2\x81\xa9";  // U+2069
    } else {
      out += inside && ascii::is_lower(c) ? static_cast<char>(c - 32) : c;
    }
  }
  return out;
}

// What stands for [[token]].
std::string replacement(std::string_view token, std::string_view page, const Catalogue& catalogue,
                        const PagePlaces& places) {
  const auto asset = [&](std::string_view name) {
    const auto found = places.assets.find(name);
    ensure(found != places.assets.end());
    return found->second;
  };
  const auto text = [&](std::string_view key, Isolation isolation) {
    return with_markers(html_escaped(catalogue.text(key)), isolation);
  };
  if (token == "page.name") return std::string(page);
  if (token == "page.lang") return std::string(tag_of(catalogue.locale()));
  if (token == "page.dir") return catalogue.locale() == Locale::ar ? "rtl" : "ltr";
  if (token == "page.title") return text(std::string(page) + ".title", Isolation::characters);
  if (token == "page.body")
    return without_comments(content_of("pages/" + std::string(page) + ".html"));
  if (token == "page.head") {
    const auto script = [&](std::string_view name) {
      return "<script src=\"" + asset(name) + "\" defer></script>";
    };
    if (page == "form_post") return script("send.js");
    return page == "signed_out_apps" ? script("go_on.js") : "";
  }
  if (token == "base") return places.base;
  if (token.starts_with("asset:")) return asset(token.substr(6));
  if (token.starts_with("plain:")) return text(token.substr(6), Isolation::characters);
  return text(token, Isolation::element);
}

std::string with_replacements(std::string_view html, std::string_view page,
                              const Catalogue& catalogue, const PagePlaces& places) {
  std::string out;
  while (true) {
    const auto begin = html.find("[[");
    out += html.substr(0, begin);
    if (begin == std::string_view::npos) return out;
    const auto end = html.find("]]", begin);
    ensure(end != std::string_view::npos);
    out += replacement(html.substr(begin + 2, end - begin - 2), page, catalogue, places);
    html.remove_prefix(end + 2);
  }
}

std::string cache_key(std::string_view page, Locale locale) {
  return std::string(page) + "." + std::string(tag_of(locale));
}

}  // namespace

std::string compose(std::string_view page, const Catalogue& catalogue, const PagePlaces& places) {
  // Twice: the body, put in by the first pass, has tokens of its own.
  const std::string whole =
      with_replacements(without_comments(content_of("pages/layout.html")), page, catalogue, places);
  return with_replacements(whole, page, catalogue, places);
}

Templates::Templates(const PagePlaces& places) {
  static const ExactAttribute exact;
  static const bool added = ctemplate::AddXssSafeModifier("x-exact", &exact);
  ensure(added);
  for (const auto locale : {Locale::en, Locale::ar}) {
    const auto path = "text/" + std::string(tag_of(locale)) + ".txt";
    catalogues_.emplace(locale, Catalogue(locale, content_of(path)));
  }
  for (const auto& [locale, catalogue] : catalogues_) {
    for (const auto& file : embedded_files()) {
      if (!file.path.starts_with("pages/") || file.path == "pages/layout.html") continue;
      add_page(file.path.substr(6, file.path.size() - 6 - 5), catalogue, places);
    }
  }
  cache_.Freeze();
}

void Templates::add_page(std::string_view name, const Catalogue& catalogue,
                         const PagePlaces& places) {
  const std::string text = "{{%AUTOESCAPE context=\"HTML\"}}\n" + compose(name, catalogue, places);
  ensure(cache_.StringToTemplateCache(cache_key(name, catalogue.locale()), text,
                                      ctemplate::STRIP_BLANK_LINES));
}

std::string Templates::render(std::string_view page, Locale locale,
                              const ctemplate::TemplateDictionary& values) const {
  std::string out;
  ensure(cache_.ExpandNoLoad(cache_key(page, locale), ctemplate::STRIP_BLANK_LINES, &values,
                             nullptr, &out));
  return out;
}

const Catalogue& Templates::catalogue(Locale locale) const {
  return catalogues_.at(locale);
}

}  // namespace cardea
