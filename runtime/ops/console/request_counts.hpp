// How many requests the console has answered, by kind of route and class of status.
#pragma once

#include "telemetry/cells.hpp"

#include <annals/metrics.hpp>

#include <array>
#include <string_view>

namespace annals::ops {

class request_counts {
public:
  void count(std::string_view path, int status);
  /// annals_http_requests_total, with every series from the start.
  metric_family shown() const;

private:
  static constexpr std::array<std::string_view, 6> routes{"page", "api", "action", "tail", "health", "metrics"};
  static constexpr std::array<std::string_view, 4> codes{"2xx", "3xx", "4xx", "5xx"};
  static std::size_t route_of(std::string_view path);

  std::array<std::array<telemetry::shared_counter, codes.size()>, routes.size()> counts_;
};

}  // namespace annals::ops
