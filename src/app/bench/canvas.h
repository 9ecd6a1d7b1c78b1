// A sheet to draw on, of two kinds: SVG for documents, a PNG file for everywhere else. Coordinates
// are pixels from the top left corner. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cardea::app::bench {

enum class Ink : std::uint8_t { white, black, grey, blue, red };
enum class Anchor { start, middle, end };

struct Spot {
  double x = 0;
  double y = 0;
};

class Canvas {
 public:
  virtual ~Canvas() = default;
  virtual void line(Spot from, Spot to, Ink ink) = 0;
  virtual void dot(Spot at, Ink ink) = 0;
  // Small letters, digits and ".,-/:()" are drawn; any other character is a blank in a PNG file.
  // at: on the base line.
  virtual void text(Spot at, Anchor anchor, Ink ink, std::string_view text) = 0;
  virtual std::string file() const = 0;  // the bytes of the whole file
};

struct CanvasSize {
  int width = 0;
  int height = 0;
};

class SvgCanvas final : public Canvas {
 public:
  explicit SvgCanvas(CanvasSize size);
  void line(Spot from, Spot to, Ink ink) override;
  void dot(Spot at, Ink ink) override;
  void text(Spot at, Anchor anchor, Ink ink, std::string_view text) override;
  std::string file() const override;

 private:
  std::string drawn_;
};

class PngCanvas final : public Canvas {
 public:
  explicit PngCanvas(CanvasSize size);
  void line(Spot from, Spot to, Ink ink) override;
  void dot(Spot at, Ink ink) override;
  void text(Spot at, Anchor anchor, Ink ink, std::string_view text) override;
  std::string file() const override;

 private:
  void set(int x, int y, Ink ink);
  CanvasSize size_;
  std::vector<Ink> pixels_;  // row by row
};

}  // namespace cardea::app::bench
