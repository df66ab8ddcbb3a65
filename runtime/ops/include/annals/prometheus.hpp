/// Metrics for Prometheus, through prometheus-cpp. Part of annals::ops.
#pragma once

#include <annals/metrics.hpp>

#include <functional>
#include <memory>
#include <string>

namespace prometheus {
class Collectable;
}

namespace annals {

/// The text that Prometheus scrapes, format 0.0.4. Its content type is `text/plain; version=0.0.4; charset=utf-8`.
std::string prometheus_text(const metrics& all);

/// For a program that has an exposer of prometheus-cpp:
///
///     auto of_annals = annals::prometheus_collectable([&rt] { return rt.metrics(); });
///     exposer.RegisterCollectable(of_annals);
///
/// The exposer does not own it: keep it. `read` is called for each scrape, in a thread of the exposer; what it refers to must outlive the
/// collectable. If it throws, that scrape has nothing of annals.
std::shared_ptr<prometheus::Collectable> prometheus_collectable(std::function<metrics()> read);

/// Figures of the process, under the names that client libraries of Prometheus use: `process_cpu_seconds_total`,
/// `process_resident_memory_bytes` … Reads /proc; a figure that cannot be read is left out.
metrics process_metrics();

}  // namespace annals
