// A text as a QR code, drawn as one path of an SVG image: what an authenticator app's camera reads.
// Owns libqrencode.
#pragma once

#include <string>
#include <string_view>

namespace cardea {

struct QrCode {
  int side = 0;      // in modules, with the quiet zone of four around it (ISO/IEC 18004)
  std::string path;  // "M4 4h7v1h-7z...": a rectangle for each run of dark modules
};

// At most 1000 bytes; medium error correction.
QrCode draw_qr_code(std::string_view text);

}  // namespace cardea
