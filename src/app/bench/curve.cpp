// The latency-throughput curve; see curve.h.
#include "app/bench/curve.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace cardea::app::bench {
namespace {

constexpr double left = 90;
constexpr double right = 870;
constexpr double top = 60;
constexpr double bottom = 490;

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), value < 1 ? "%.3g" : "%.0f", value);
  return text.data();
}

// What a rate and a latency are on the sheet.
struct Scale {
  double rate_max = 1;
  double decade_min = 0;
  double decade_max = 1;

  Spot spot(double rate, double ms) const {
    const double share = (std::log10(ms) - decade_min) / (decade_max - decade_min);
    return {left + (right - left) * rate / rate_max, bottom - (bottom - top) * share};
  }
};

Scale scale_of(const std::vector<CurvePoint>& points) {
  Scale scale;
  double least = points.front().p50_ms;
  double greatest = points.front().p99_ms;
  for (const auto& point : points) {
    scale.rate_max = std::max(scale.rate_max, point.rate * 1.05);
    least = std::min(least, point.p50_ms);
    greatest = std::max(greatest, point.p99_ms);
  }
  scale.decade_min = std::floor(std::log10(std::max(least, 0.001)));
  scale.decade_max = std::max(std::ceil(std::log10(greatest)), scale.decade_min + 1);
  return scale;
}

void draw_axes(Canvas& canvas, const Scale& scale) {
  for (double decade = scale.decade_min; decade <= scale.decade_max; ++decade) {
    const double ms = std::pow(10, decade);
    const auto at = scale.spot(0, ms);
    canvas.line(at, {right, at.y}, Ink::grey);
    canvas.text({left - 8, at.y + 5}, Anchor::end, Ink::black, number(ms));
  }
  const double step = tick_step(scale.rate_max);
  for (double rate = 0; rate <= scale.rate_max; rate += step) {
    const auto x = scale.spot(rate, 1).x;
    canvas.line({x, top}, {x, bottom}, Ink::grey);
    canvas.text({x, bottom + 22}, Anchor::middle, Ink::black, number(rate));
  }
  canvas.line({left, top}, {left, bottom}, Ink::black);
  canvas.line({left, bottom}, {right, bottom}, Ink::black);
  canvas.text({(left + right) / 2, bottom + 48}, Anchor::middle, Ink::black, "operations a second");
  canvas.text({left, top - 10}, Anchor::middle, Ink::black, "latency ms");
}

void draw_line(Canvas& canvas, const Scale& scale, const std::vector<CurvePoint>& points,
               double CurvePoint::* latency, Ink ink) {
  const auto spot_of = [&](const CurvePoint& point) {
    return scale.spot(point.rate, std::max(point.*latency, 0.001));
  };
  for (std::size_t at = 0; at < points.size(); ++at) {
    if (at > 0) canvas.line(spot_of(points[at - 1]), spot_of(points[at]), ink);
    canvas.dot(spot_of(points[at]), ink);
  }
}

}  // namespace

std::vector<double> curve_shares() {
  return {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0, 1.05, 1.15};
}

double tick_step(double length) {
  const double decade = std::pow(10, std::floor(std::log10(length / 4)));
  for (const double factor : {5.0, 2.0}) {
    if (decade * factor <= length / 4) return decade * factor;
  }
  return decade;
}

void draw_curve(Canvas& canvas, const std::string& title, const std::vector<CurvePoint>& points) {
  const auto scale = scale_of(points);
  draw_axes(canvas, scale);
  draw_line(canvas, scale, points, &CurvePoint::p50_ms, Ink::blue);
  draw_line(canvas, scale, points, &CurvePoint::p99_ms, Ink::red);
  canvas.text({(left + right) / 2, 28}, Anchor::middle, Ink::black, title);
  canvas.text({right - 60, 28}, Anchor::end, Ink::blue, "p50");
  canvas.text({right, 28}, Anchor::end, Ink::red, "p99");
}

}  // namespace cardea::app::bench
