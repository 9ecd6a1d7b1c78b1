// Drawing QR codes; see qr_code.h.
#include "server/second_factor/qr_code.h"

#include <qrencode.h>

#include <memory>

#include "base/result.h"
#include "base/secret.h"

namespace cardea {
namespace {

constexpr int quiet_zone = 4;
constexpr std::size_t text_bytes_max = 1000;

struct FreeCode {
  void operator()(QRcode* code) const { QRcode_free(code); }
};

}  // namespace

QrCode draw_qr_code(std::string_view text) {
  ensure(text.size() <= text_bytes_max);
  std::string bytes(text);
  const std::unique_ptr<QRcode, FreeCode> code(
      QRcode_encodeData(static_cast<int>(bytes.size()),
                        reinterpret_cast<const unsigned char*>(bytes.data()), 0, QR_ECLEVEL_M));
  wipe(bytes);
  ensure(code != nullptr);
  QrCode drawn{.side = code->width + 2 * quiet_zone, .path = {}};
  const auto is_dark = [&](int x, int y) {
    return x < code->width && (code->data[y * code->width + x] & 1) != 0;
  };
  for (int y = 0; y < code->width; ++y) {
    for (int x = 0; x < code->width; ++x) {
      if (!is_dark(x, y)) continue;
      const int from = x;
      while (is_dark(x, y)) ++x;
      const auto length = std::to_string(x - from);
      drawn.path += "M" + std::to_string(from + quiet_zone) + " " + std::to_string(y + quiet_zone) +
                    "h" + length + "v1h-" + length + "z";
    }
  }
  return drawn;
}

}  // namespace cardea
