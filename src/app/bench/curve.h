// Latency against throughput: which rates to offer, and a drawing of what came of them. Pure.
#pragma once

#include <string>
#include <vector>

#include "app/bench/canvas.h"

namespace cardea::app::bench {

// Shares of the closed loop's rate that are offered in turn: from a tenth to beyond what the server
// can do.
std::vector<double> curve_shares();

struct CurvePoint {
  double offered_rate = 0;  // operations a second
  double rate = 0;          // those that succeeded
  double p50_ms = 0;
  double p99_ms = 0;
};

// Throughput to the right, latency upwards on a logarithmic scale: p50 and p99, point by point in
// the order of the rates that were offered. At least one point.
void draw_curve(Canvas& canvas, const std::string& title, const std::vector<CurvePoint>& points);
inline constexpr CanvasSize curve_size{.width = 900, .height = 560};

// The greatest of 1, 2 or 5 times a power of ten that cuts the length into four parts or more.
double tick_step(double length);

}  // namespace cardea::app::bench
