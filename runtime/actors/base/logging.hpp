// The runtime's diagnostic log, not the event log: spdlog, written to the host's sink or to stderr.
#pragma once

#include <annals/options.hpp>

#include <functional>
#include <memory>
#include <string_view>

namespace spdlog {
class logger;
}

namespace annals::actors {

using log_sink = std::function<void(log_level, std::string_view)>;

/// Wraps the host's sink: one call at a time, no recursive calls (lines that the sink itself causes are dropped), exceptions ignored.
log_sink harmless(log_sink of_host);

std::shared_ptr<spdlog::logger> make_logger(const options& with);

}  // namespace annals::actors
