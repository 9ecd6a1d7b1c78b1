// Drawing as a PNG file (RFC 2083) of 16 colours; see canvas.h. Its data is not compressed (stored
// blocks, RFC 1951 3.2.4): a curve is drawn now and then, and is a quarter of a megabyte.
#include <algorithm>
#include <array>
#include <cmath>

#include "app/bench/canvas.h"

namespace cardea::app::bench {
namespace {

// --- the file ---------------------------------------------------------------

void append_32(std::string& out, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xff);
}

// RFC 2083 15
std::uint32_t crc_of(std::string_view bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320U : 0U);
  }
  return ~crc;
}

// RFC 1950 9
std::uint32_t adler_of(std::string_view bytes) {
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const char c : bytes) {
    a = (a + static_cast<unsigned char>(c)) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

std::string chunk(std::string_view type, std::string_view content) {
  std::string out;
  append_32(out, static_cast<std::uint32_t>(content.size()));
  const std::string body = std::string(type) + std::string(content);
  out += body;
  append_32(out, crc_of(body));
  return out;
}

// A zlib stream of stored blocks (RFC 1950 2.2, RFC 1951 3.2.4).
std::string stored(std::string_view bytes) {
  constexpr std::size_t block_max = 65535;
  std::string out("\x78\x01");
  for (std::size_t at = 0; at < bytes.size(); at += block_max) {
    const auto block = bytes.substr(at, block_max);
    const auto size = static_cast<unsigned>(block.size());
    out += static_cast<char>(at + block_max >= bytes.size() ? 1 : 0);
    for (const unsigned half : {size, ~size}) {
      out += static_cast<char>(half & 0xff);
      out += static_cast<char>(half >> 8 & 0xff);
    }
    out += block;
  }
  append_32(out, adler_of(bytes));
  return out;
}

constexpr std::string_view palette("\xff\xff\xff\x22\x22\x22\xcc\xcc\xcc\x3b\x6e\xa5\xc0\x39\x2b",
                                   15);  // in the order of Ink

// --- letters ----------------------------------------------------------------

constexpr int glyph_width = 5;
constexpr int glyph_height = 7;
constexpr int scale = 2;
constexpr int advance = (glyph_width + 1) * scale;

// Rows from the top, the left pixel in the highest of five bits.
using Glyph = std::array<std::uint8_t, glyph_height>;

constexpr std::array<Glyph, 26> letters{{
    {0x00, 0x00, 0x0e, 0x01, 0x0f, 0x11, 0x0f}, {0x10, 0x10, 0x1e, 0x11, 0x11, 0x11, 0x1e},
    {0x00, 0x00, 0x0e, 0x10, 0x10, 0x11, 0x0e}, {0x01, 0x01, 0x0f, 0x11, 0x11, 0x11, 0x0f},
    {0x00, 0x00, 0x0e, 0x11, 0x1f, 0x10, 0x0e}, {0x06, 0x08, 0x1c, 0x08, 0x08, 0x08, 0x08},
    {0x00, 0x00, 0x0f, 0x11, 0x0f, 0x01, 0x0e}, {0x10, 0x10, 0x1e, 0x11, 0x11, 0x11, 0x11},
    {0x04, 0x00, 0x0c, 0x04, 0x04, 0x04, 0x0e}, {0x02, 0x00, 0x06, 0x02, 0x02, 0x12, 0x0c},
    {0x10, 0x10, 0x12, 0x14, 0x18, 0x14, 0x12}, {0x0c, 0x04, 0x04, 0x04, 0x04, 0x04, 0x0e},
    {0x00, 0x00, 0x1a, 0x15, 0x15, 0x15, 0x15}, {0x00, 0x00, 0x1e, 0x11, 0x11, 0x11, 0x11},
    {0x00, 0x00, 0x0e, 0x11, 0x11, 0x11, 0x0e}, {0x00, 0x00, 0x1e, 0x11, 0x1e, 0x10, 0x10},
    {0x00, 0x00, 0x0f, 0x11, 0x0f, 0x01, 0x01}, {0x00, 0x00, 0x16, 0x18, 0x10, 0x10, 0x10},
    {0x00, 0x00, 0x0f, 0x10, 0x0e, 0x01, 0x1e}, {0x08, 0x08, 0x1c, 0x08, 0x08, 0x09, 0x06},
    {0x00, 0x00, 0x11, 0x11, 0x11, 0x13, 0x0d}, {0x00, 0x00, 0x11, 0x11, 0x11, 0x0a, 0x04},
    {0x00, 0x00, 0x11, 0x15, 0x15, 0x15, 0x0a}, {0x00, 0x00, 0x11, 0x0a, 0x04, 0x0a, 0x11},
    {0x00, 0x00, 0x11, 0x11, 0x0f, 0x01, 0x0e}, {0x00, 0x00, 0x1f, 0x02, 0x04, 0x08, 0x1f},
}};

constexpr std::array<Glyph, 10> digits{{
    {0x0e, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0e},
    {0x04, 0x0c, 0x04, 0x04, 0x04, 0x04, 0x0e},
    {0x0e, 0x11, 0x01, 0x02, 0x04, 0x08, 0x1f},
    {0x1f, 0x02, 0x04, 0x02, 0x01, 0x11, 0x0e},
    {0x02, 0x06, 0x0a, 0x12, 0x1f, 0x02, 0x02},
    {0x1f, 0x10, 0x1e, 0x01, 0x01, 0x11, 0x0e},
    {0x06, 0x08, 0x10, 0x1e, 0x11, 0x11, 0x0e},
    {0x1f, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08},
    {0x0e, 0x11, 0x11, 0x0e, 0x11, 0x11, 0x0e},
    {0x0e, 0x11, 0x11, 0x0f, 0x01, 0x02, 0x0c},
}};

Glyph glyph_of(char c) {
  if (c >= 'a' && c <= 'z') return letters[static_cast<std::size_t>(c - 'a')];
  if (c >= '0' && c <= '9') return digits[static_cast<std::size_t>(c - '0')];
  switch (c) {
    case '.':
      return {0x00, 0x00, 0x00, 0x00, 0x00, 0x0c, 0x0c};
    case ',':
      return {0x00, 0x00, 0x00, 0x00, 0x0c, 0x04, 0x08};
    case '-':
      return {0x00, 0x00, 0x00, 0x1f, 0x00, 0x00, 0x00};
    case '/':
      return {0x00, 0x01, 0x02, 0x04, 0x08, 0x10, 0x00};
    case ':':
      return {0x00, 0x0c, 0x0c, 0x00, 0x0c, 0x0c, 0x00};
    case '(':
      return {0x02, 0x04, 0x08, 0x08, 0x08, 0x04, 0x02};
    case ')':
      return {0x08, 0x04, 0x02, 0x02, 0x02, 0x04, 0x08};
    default:
      return {};
  }
}

}  // namespace

PngCanvas::PngCanvas(CanvasSize size)
    : size_(size), pixels_(static_cast<std::size_t>(size.width * size.height), Ink::white) {}

void PngCanvas::set(int x, int y, Ink ink) {
  if (x < 0 || y < 0 || x >= size_.width || y >= size_.height) return;
  pixels_[static_cast<std::size_t>(y * size_.width + x)] = ink;
}

void PngCanvas::line(Spot from, Spot to, Ink ink) {
  const double length = std::max({std::abs(to.x - from.x), std::abs(to.y - from.y), 1.0});
  const int width = ink == Ink::grey ? 1 : 2;
  for (double step = 0; step <= length; step += 1) {
    const int x = static_cast<int>(std::lround(from.x + (to.x - from.x) * step / length));
    const int y = static_cast<int>(std::lround(from.y + (to.y - from.y) * step / length));
    for (int i = 0; i < width * width; ++i) set(x + i % width, y + i / width, ink);
  }
}

void PngCanvas::dot(Spot at, Ink ink) {
  constexpr int radius = 4;
  for (int dy = -radius; dy <= radius; ++dy) {
    for (int dx = -radius; dx <= radius; ++dx) {
      if (dx * dx + dy * dy > radius * radius) continue;
      set(static_cast<int>(std::lround(at.x)) + dx, static_cast<int>(std::lround(at.y)) + dy, ink);
    }
  }
}

void PngCanvas::text(Spot at, Anchor anchor, Ink ink, std::string_view text) {
  const int width = advance * static_cast<int>(text.size());
  int left = static_cast<int>(std::lround(at.x));
  if (anchor == Anchor::middle) left -= width / 2;
  if (anchor == Anchor::end) left -= width;
  const int top = static_cast<int>(std::lround(at.y)) - glyph_height * scale;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto glyph = glyph_of(text[i]);
    for (int y = 0; y < glyph_height * scale; ++y) {
      for (int x = 0; x < glyph_width * scale; ++x) {
        const auto row = glyph[static_cast<std::size_t>(y / scale)];
        if ((row >> (glyph_width - 1 - x / scale) & 1) == 0) continue;
        set(left + advance * static_cast<int>(i) + x, top + y, ink);
      }
    }
  }
}

std::string PngCanvas::file() const {
  std::string header;
  append_32(header, static_cast<std::uint32_t>(size_.width));
  append_32(header, static_cast<std::uint32_t>(size_.height));
  header.append("\x04\x03\x00\x00\x00", 5);  // four bits into a palette, deflate, not interlaced
  std::string rows;
  for (int y = 0; y < size_.height; ++y) {
    rows += '\0';  // no filter
    for (int x = 0; x < size_.width; x += 2) {
      const auto at = static_cast<std::size_t>(y * size_.width + x);
      const auto right = x + 1 < size_.width ? static_cast<unsigned>(pixels_[at + 1]) : 0U;
      rows += static_cast<char>(static_cast<unsigned>(pixels_[at]) << 4 | right);
    }
  }
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", header) + chunk("PLTE", palette) +
         chunk("IDAT", stored(rows)) + chunk("IEND", "");
}

}  // namespace cardea::app::bench
