#include "ops/console/request_counts.hpp"

#include <algorithm>
#include <string>

namespace annals::ops {

std::size_t request_counts::route_of(std::string_view path) {
  const auto name = [&]() -> std::string_view {
    if (path == "/api/tail") return "tail";
    if (path.starts_with("/api/actions/")) return "action";
    if (path.starts_with("/api/")) return "api";
    if (path.starts_with("/health")) return "health";
    return path == "/metrics" ? "metrics" : "page";
  }();
  return static_cast<std::size_t>(std::find(routes.begin(), routes.end(), name) - routes.begin());
}

void request_counts::count(std::string_view path, int status) {
  const auto code = std::clamp(status / 100, 2, 5) - 2;
  counts_[route_of(path)][static_cast<std::size_t>(code)].add();
}

metric_family request_counts::shown() const {
  metric_family family{"annals_http_requests_total", "Requests that the console has answered.", metric_kind::counter, {}, {}};
  for (std::size_t r = 0; r < routes.size(); ++r)
    for (std::size_t c = 0; c < codes.size(); ++c) {
      metric one;
      one.labels = {{"route", std::string{routes[r]}}, {"code", std::string{codes[c]}}};
      one.value = static_cast<double>(counts_[r][c].count());
      family.series.push_back(std::move(one));
    }
  return family;
}

}  // namespace annals::ops
