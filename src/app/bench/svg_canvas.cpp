// Drawing as SVG; see canvas.h.
#include <array>
#include <cstdio>

#include "app/bench/canvas.h"

namespace cardea::app::bench {
namespace {

std::string_view colour_of(Ink ink) {
  switch (ink) {
    case Ink::white:
      return "#ffffff";
    case Ink::black:
      return "#222222";
    case Ink::grey:
      return "#cccccc";
    case Ink::blue:
      return "#3b6ea5";
    case Ink::red:
      return "#c0392b";
  }
  return "#000000";
}

std::string_view anchor_of(Anchor anchor) {
  if (anchor == Anchor::start) return "start";
  return anchor == Anchor::middle ? "middle" : "end";
}

std::string attribute(std::string_view name, double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value);
  return " " + std::string(name) + "=\"" + text.data() + "\"";
}

std::string attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + std::string(value) + "\"";
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

SvgCanvas::SvgCanvas(CanvasSize size)
    : drawn_("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " +
             std::to_string(size.width) + " " + std::to_string(size.height) +
             "\" font-family=\"sans-serif\" font-size=\"14\">\n"
             "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n") {}

void SvgCanvas::line(Spot from, Spot to, Ink ink) {
  drawn_ += "<line" + attribute("x1", from.x) + attribute("y1", from.y) + attribute("x2", to.x) +
            attribute("y2", to.y) + attribute("stroke", colour_of(ink)) +
            attribute("stroke-width", ink == Ink::grey ? 1.0 : 2.0) + "/>\n";
}

void SvgCanvas::dot(Spot at, Ink ink) {
  drawn_ += "<circle" + attribute("cx", at.x) + attribute("cy", at.y) + attribute("r", 3.5) +
            attribute("fill", colour_of(ink)) + "/>\n";
}

void SvgCanvas::text(Spot at, Anchor anchor, Ink ink, std::string_view text) {
  drawn_ += "<text" + attribute("x", at.x) + attribute("y", at.y) +
            attribute("text-anchor", anchor_of(anchor)) + attribute("fill", colour_of(ink)) + ">" +
            escaped(text) + "</text>\n";
}

std::string SvgCanvas::file() const {
  return drawn_ + "</svg>\n";
}

}  // namespace cardea::app::bench
