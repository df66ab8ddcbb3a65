#include "actors/logging.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <mutex>

namespace annals::actors {
namespace {

log_level level_of(spdlog::level::level_enum level) {
  if (level <= spdlog::level::debug) return log_level::debug;
  if (level == spdlog::level::info) return log_level::info;
  return level == spdlog::level::warn ? log_level::warning : log_level::error;
}

/// Hands each line to the host.
class host_sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
  explicit host_sink(std::function<void(log_level, std::string_view)> sink) : sink_(std::move(sink)) {}

private:
  void sink_it_(const spdlog::details::log_msg& line) override {
    sink_(level_of(line.level), {line.payload.data(), line.payload.size()});
  }
  void flush_() override {}

  std::function<void(log_level, std::string_view)> sink_;
};

}  // namespace

std::shared_ptr<spdlog::logger> make_logger(const options& with) {
  if (with.log_sink) {
    auto logger = std::make_shared<spdlog::logger>("annals", std::make_shared<host_sink>(with.log_sink));
    logger->set_level(spdlog::level::debug);
    return logger;
  }
  auto logger = std::make_shared<spdlog::logger>("annals", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  logger->set_pattern("annals %^%l%$: %v");
  logger->set_level(spdlog::level::warn);
  return logger;
}

}  // namespace annals::actors
