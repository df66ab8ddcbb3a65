// The log of the runtime itself (not the event log): spdlog, with the host's sink or stderr.
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

/// The host's sink as the runtime calls it: from one thread at a time, not out of itself, and what it throws is dropped.
log_sink harmless(log_sink of_host);

std::shared_ptr<spdlog::logger> make_logger(const options& with);

}  // namespace annals::actors
