// Curves: the PNG file is one that a decoder takes, the SVG text is sound, points lie where they
// should.
#include <gtest/gtest.h>

#include "app/bench/curve.h"

namespace cardea::bench_curve_test {

using app::bench::Anchor;
using app::bench::Canvas;
using app::bench::CurvePoint;
using app::bench::Ink;
using app::bench::PngCanvas;
using app::bench::Spot;
using app::bench::SvgCanvas;

const std::vector<CurvePoint> points{
    {.offered_rate = 100, .rate = 100, .p50_ms = 0.2, .p99_ms = 0.5},
    {.offered_rate = 1000, .rate = 1000, .p50_ms = 0.3, .p99_ms = 2},
    {.offered_rate = 1100, .rate = 1010, .p50_ms = 40, .p99_ms = 90}};

// Remembers where the dots are.
class Dots final : public Canvas {
 public:
  void line(Spot, Spot, Ink) override {}
  void dot(Spot at, Ink ink) override { (ink == Ink::blue ? p50 : p99).push_back(at); }
  void text(Spot, Anchor, Ink, std::string_view text) override { texts.emplace_back(text); }
  std::string file() const override { return ""; }

  std::vector<Spot> p50;
  std::vector<Spot> p99;
  std::vector<std::string> texts;
};

TEST(CurveTest, MoreThroughputLiesRightAndMoreLatencyAbove) {
  Dots dots;
  draw_curve(dots, "client-credentials", points);
  ASSERT_EQ(dots.p50.size(), 3U);
  ASSERT_EQ(dots.p99.size(), 3U);
  EXPECT_LT(dots.p50[0].x, dots.p50[1].x);
  EXPECT_LT(dots.p50[1].x, dots.p50[2].x);
  EXPECT_GT(dots.p50[0].y, dots.p50[1].y);
  EXPECT_GT(dots.p50[1].y, dots.p50[2].y);
  for (std::size_t at = 0; at < 3; ++at) EXPECT_GT(dots.p50[at].y, dots.p99[at].y);
  for (const auto* text : {"client-credentials", "p50", "p99", "0.1", "100", "200"}) {
    EXPECT_NE(std::ranges::find(dots.texts, text), dots.texts.end()) << text;
  }
}

TEST(CurveTest, TicksAreRoundNumbers) {
  EXPECT_DOUBLE_EQ(app::bench::tick_step(1060), 200);
  EXPECT_DOUBLE_EQ(app::bench::tick_step(45000), 10000);
  EXPECT_DOUBLE_EQ(app::bench::tick_step(4), 1);
  EXPECT_DOUBLE_EQ(app::bench::tick_step(23), 5);
}

TEST(CurveTest, SharesGoBeyondSaturation) {
  const auto shares = app::bench::curve_shares();
  EXPECT_TRUE(std::ranges::is_sorted(shares));
  EXPECT_DOUBLE_EQ(shares.front(), 0.1);
  EXPECT_GT(shares.back(), 1);
}

TEST(SvgCanvasTest, TextIsEscaped) {
  SvgCanvas canvas({.width = 10, .height = 10});
  canvas.text({1, 2}, Anchor::end, Ink::red, "a<b&c");
  EXPECT_TRUE(canvas.file().contains(">a&lt;b&amp;c</text>"));
  EXPECT_TRUE(canvas.file().starts_with("<svg "));
  EXPECT_TRUE(canvas.file().ends_with("</svg>\n"));
}

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t out = 0;
  for (const char c : bytes.substr(at, 4)) out = out << 8 | static_cast<unsigned char>(c);
  return out;
}

// The pixels of a file of stored blocks, read by the book: RFC 2083 3, RFC 1951 3.2.4.
std::string stored_rows(std::string_view file) {
  std::string rows;
  for (std::size_t at = 8; at < file.size();) {
    const auto size = number_at(file, at);
    if (file.substr(at + 4, 4) == "IDAT") {
      auto data = file.substr(at + 8, size);
      EXPECT_EQ(
          (static_cast<unsigned char>(data[0]) * 256 + static_cast<unsigned char>(data[1])) % 31,
          0);
      data.remove_prefix(2);
      for (bool last = false; !last;) {
        last = data[0] == 1;
        const auto length = static_cast<std::size_t>(static_cast<unsigned char>(data[1]) +
                                                     static_cast<unsigned char>(data[2]) * 256);
        EXPECT_EQ(static_cast<unsigned char>(data[1]) ^ static_cast<unsigned char>(data[3]), 255);
        rows += data.substr(5, length);
        data.remove_prefix(5 + length);
      }
      EXPECT_EQ(data.size(), 4U);
    }
    at += 12 + size;
  }
  return rows;
}

TEST(PngCanvasTest, TheFileHoldsThePixels) {
  PngCanvas canvas({.width = 9, .height = 3});
  canvas.line({0, 1}, {8, 1}, Ink::grey);
  canvas.line({100, 100}, {200, 200}, Ink::red);  // beside the sheet
  const auto file = canvas.file();
  EXPECT_TRUE(file.starts_with("\x89PNG\r\n\x1a\n"));
  // CRC-32 of "IEND" is known to everybody.
  EXPECT_EQ(number_at(file, file.size() - 4), 0xae426082U);
  const std::string blank("\0\0\0\0\0\0", 6);
  EXPECT_EQ(stored_rows(file), blank + std::string("\0\x22\x22\x22\x22\x20", 6) + blank);
}

TEST(PngCanvasTest, ALargeSheetTakesSeveralBlocks) {
  PngCanvas canvas(app::bench::curve_size);
  draw_curve(canvas, "refresh", points);
  const auto rows = stored_rows(canvas.file());
  EXPECT_EQ(rows.size(), static_cast<std::size_t>(560 * (1 + 450)));
  EXPECT_TRUE(rows.contains('\x33'));  // two blue pixels
}

}  // namespace cardea::bench_curve_test
