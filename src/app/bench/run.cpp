// From options to figures; see run.h.
#include "app/bench/run.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>

#include "app/bench/crew.h"
#include "app/bench/curve.h"
#include "app/bench/given_secrets.h"
#include "app/bench/measurement.h"
#include "app/bench/preparation.h"
#include "crypto/random.h"
#include "http/outbound/curl_transport.h"

namespace cardea::app::bench {
namespace {

AdminError usage(std::string message) {
  return {ExitCode::usage, std::move(message)};
}

// What the options lack, or contradict.
std::optional<AdminError> find_defect(const BenchOptions& options,
                                      const std::vector<Workload>& workloads) {
  const auto issuer = url::parse(options.issuer);
  if (!issuer) return usage("the issuer is no http(s) URL: " + options.issuer);
  if (options.reach == Reach::this_machine && !url::is_loopback_host(issuer->host)) {
    return AdminError{ExitCode::denied,
                      issuer->host + " is not this machine: a load test is for the owner of a " +
                          "server to allow; say --yes-i-may-load-that-server if you may"};
  }
  if (std::ranges::any_of(workloads, needs_client) && options.client_id.empty()) {
    return usage("this workload needs --client-id");
  }
  if (std::ranges::any_of(workloads, needs_person) && options.user.empty()) {
    return usage("this workload needs somebody who signs in: --user and --password-file");
  }
  if (!options.user.empty() && options.redirect_uri.empty()) {
    return usage("a sign-in needs --redirect-uri");
  }
  if (options.threads > options.connections) return usage("more --threads than --connections");
  const bool is_drawable =
      options.curve_file.ends_with(".svg") || options.curve_file.ends_with(".png");
  if (options.curve_file.empty()) return std::nullopt;
  if (!is_drawable) return usage("--curve draws .svg and .png files");
  if (workloads.size() != 1) return usage("--curve draws one workload");
  if (options.rate) return usage("--curve chooses the rates itself, so --rate has no place");
  return std::nullopt;
}

// Each lane may talk to several origins, and the soft limit is often 1024.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);
}

class Bench {
 public:
  Bench(const BenchOptions& options, OutputForm form)
      : options_(options),
        form_(form),
        transport_(
            http::curl_transport({.ca_file = options.ca_file, .user_agent = "cardea-bench"})),
        addresses_(options.reach),
        server_(std::vector<pid_t>(options.pids.begin(), options.pids.end())) {}

  int go() {
    for (const auto& name : options_.workloads) workloads_.push_back(*workload_named(name));
    if (const auto defect = find_defect(options_, workloads_)) return print_error(form_, *defect);
    if (const auto pid = server_.find_missing(); pid != 0) {
      return print_error(form_, usage("there is no process " + std::to_string(pid)));
    }
    raise_descriptor_limit();
    if (auto ready = get_ready(); !ready) return print_error(form_, ready.error());
    if (form_ == OutputForm::people) print_line(table_heading());
    for (const auto workload : workloads_) {
      if (auto done = measure_workload(workload); !done) return print_error(form_, done.error());
    }
    return finish();
  }

 private:
  // The issuer's documents, and who asks.
  Status<AdminError> get_ready() {
    if (auto found = addresses_.find(parts_of(options_.issuer)); !found) {
      return refuse(AdminError{ExitCode::network, found.error()});
    }
    auto secrets = read_given_secrets(options_);
    if (!secrets) return refuse(secrets.error());
    password_ = std::move(secrets->password);
    auto metadata = discover(options_.issuer, transport_);
    if (!metadata) return refuse(metadata.error());
    const auto published = metadata->introspection_endpoint;
    const auto& given = options_.introspection_endpoint;
    const auto method = secrets->client_secret.empty() ? ClientAuthentication::none
                                                       : ClientAuthentication::client_secret_basic;
    provider_ = {.metadata = *std::move(metadata),
                 .discovery_url = well_known_urls(options_.issuer)->openid_configuration,
                 .introspection_endpoint = given.empty() ? published : given,
                 .client = {.client_id = options_.client_id,
                            .secret = std::move(secrets->client_secret),
                            .authentication = options_.client_authentication.value_or(method)},
                 .redirect_uri = options_.redirect_uri,
                 .scope = options_.scope,
                 .client_scope = options_.client_scope,
                 .resource = options_.resource};
    auto tls = http::TlsClient::make(options_.ca_file);
    if (!tls) return refuse(usage(tls.error()));
    tls_ = *std::move(tls);
    return Unit{};
  }

  Status<AdminError> measure_workload(Workload workload) {
    const PreparationInputs inputs{
        .provider = provider_,
        .transport = transport_,
        .addresses = addresses_,
        .random = random_,
        .person = {.login = options_.user, .password = password_.reveal()},
        .prompt = options_.prompt};
    auto materials =
        Preparation(inputs).make(workload, static_cast<std::size_t>(options_.connections));
    if (!materials) return refuse(materials.error());
    auto crew = Crew::gather(workload, provider_, *materials,
                             static_cast<std::size_t>(options_.threads), options_.reach, tls_);
    if (!crew) return refuse(AdminError{ExitCode::protocol, crew.error()});
    measure(**crew, workload, options_.rate, options_.warm_up_seconds);
    if (options_.curve_file.empty()) return Unit{};
    return draw(**crew, workload);
  }

  // One run, printed and kept.
  void measure(Crew& crew, Workload workload, std::optional<double> rate, double warm_up_seconds) {
    const auto plan_of = [&](double seconds) {
      return LoadPlan{
          .rate = rate, .duration_ns = std::llround(seconds * 1e9), .waiting = options_.waiting};
    };
    const auto show = [&](const Moment& moment) { show_moment(workload, rate, moment); };
    if (warm_up_seconds > 0) (void)crew.run(plan_of(warm_up_seconds), show);
    const ProcessMeter driver({getpid()});
    Measurement measurement{.workload = workload, .offered_rate = rate};
    if (!server_.is_idle()) measurement.before = server_.read_cpu();
    const auto own_before = driver.read_cpu().cpu_us;
    measurement.load = crew.run(plan_of(options_.seconds), show);
    measurement.driver_cpu_us = driver.read_cpu().cpu_us - own_before;
    if (!server_.is_idle()) measurement.after = server_.read();
    show_row(measurement);
    measurements_.push_back(std::move(measurement));
  }

  // What the closed loop reached says which rates are worth a look.
  Status<AdminError> draw(Crew& crew, Workload workload) {
    const double reached = measurements_.back().rate();
    if (reached <= 0) {
      return refuse(AdminError{ExitCode::failure, "no operation succeeded; there is no curve"});
    }
    std::vector<CurvePoint> points;
    for (const double share : curve_shares()) {
      measure(crew, workload, std::max(reached * share, 0.1), 0);
      const auto& each = measurements_.back();
      points.push_back({.offered_rate = *each.offered_rate,
                        .rate = each.rate(),
                        .p50_ms = each.milliseconds(0.5),
                        .p99_ms = each.milliseconds(0.99)});
    }
    const bool is_svg = options_.curve_file.ends_with(".svg");
    const std::unique_ptr<Canvas> canvas =
        is_svg ? std::unique_ptr<Canvas>(std::make_unique<SvgCanvas>(curve_size))
               : std::unique_ptr<Canvas>(std::make_unique<PngCanvas>(curve_size));
    draw_curve(*canvas, std::string(name_of(workload)), points);
    std::ofstream file(options_.curve_file, std::ios::binary | std::ios::trunc);
    file << canvas->file() << std::flush;
    if (!file) return refuse(AdminError{ExitCode::failure, "cannot write " + options_.curve_file});
    return Unit{};
  }

  void show_moment(Workload workload, std::optional<double> rate, const Moment& moment) const {
    std::array<char, 160> line{};
    std::snprintf(line.data(), line.size(), "%s%s  %4.0f s  %9lld done  %7lld failed  %9.0f /s",
                  std::string(name_of(workload)).c_str(), rate ? ", open loop" : "", moment.seconds,
                  static_cast<long long>(moment.done), static_cast<long long>(moment.failed),
                  moment.rate);
    if (!is_terminal_) return print_diagnostic(line.data());
    std::fprintf(stderr, "\r\x1b[K%s", line.data());
    std::fflush(stderr);
  }

  void show_row(const Measurement& measurement) const {
    if (is_terminal_) std::fputs("\r\x1b[K", stderr);
    if (form_ != OutputForm::people) return;
    print_line(table_row(measurement));
    if (const auto errors = error_lines(measurement); !errors.empty()) print_line(errors);
  }

  int finish() const {
    const bool passed = std::ranges::all_of(measurements_, [](const Measurement& each) {
      return each.load.failed == 0 && each.load.done > 0;
    });
    if (form_ == OutputForm::json) {
      json::Array results;
      for (const auto& each : measurements_) results.emplace_back(write(each));
      json::Object report{{"issuer", options_.issuer},
                          {"connections", options_.connections},
                          {"threads", options_.threads},
                          {"warm_up_seconds", options_.warm_up_seconds},
                          {"passed", passed},
                          {"results", std::move(results)}};
      if (!options_.curve_file.empty()) report.set("curve_file", options_.curve_file);
      print_line(json::write(report));
    }
    return static_cast<int>(passed ? ExitCode::ok : ExitCode::failure);
  }

  const BenchOptions& options_;
  OutputForm form_;
  http::Transport transport_;
  EndpointAddresses addresses_;
  ProcessMeter server_;
  crypto::SystemRandom random_;
  const bool is_terminal_ = isatty(STDERR_FILENO) == 1;
  std::vector<Workload> workloads_;
  Provider provider_;
  BenchSecret password_;
  std::shared_ptr<const http::TlsClient> tls_;
  std::vector<Measurement> measurements_;
};

}  // namespace

int run_bench(const BenchOptions& options, OutputForm form) {
  return Bench(options, form).go();
}

}  // namespace cardea::app::bench
