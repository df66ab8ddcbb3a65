// The log of the runtime itself (not the event log): spdlog, with the host's sink or stderr.
#pragma once

#include <annals/options.hpp>

#include <memory>

namespace spdlog {
class logger;
}

namespace annals::actors {

std::shared_ptr<spdlog::logger> make_logger(const options& with);

}  // namespace annals::actors
