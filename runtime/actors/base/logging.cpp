#include "actors/base/logging.hpp"

#include "actors/base/waiter.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <mutex>
#include <utility>

namespace annals::actors {
namespace {

log_level level_of(spdlog::level::level_enum level) {
  if (level <= spdlog::level::debug) return log_level::debug;
  if (level == spdlog::level::info) return log_level::info;
  return level == spdlog::level::warn ? log_level::warning : log_level::error;
}

thread_local bool is_in_sink = false;

/// Hands each line to the host's sink; see harmless().
class host_sink final : public spdlog::sinks::sink {
public:
  explicit host_sink(log_sink to) : to_(std::move(to)) {}

  void log(const spdlog::details::log_msg& line) override { to_(level_of(line.level), {line.payload.data(), line.payload.size()}); }
  void flush() override {}
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

private:
  log_sink to_;
};

}  // namespace

log_sink harmless(log_sink of_host) {
  return [of_host = std::move(of_host), mutex = std::make_shared<std::mutex>()](log_level level, std::string_view line) noexcept {
    if (std::exchange(is_in_sink, true)) return;  // a line that the sink itself caused
    try {
      const std::lock_guard lock{*mutex};
      const detail::no_waiting marked;
      of_host(level, line);
    } catch (...) {
    }  // there is nowhere else to report it
    is_in_sink = false;
  };
}

std::shared_ptr<spdlog::logger> make_logger(const options& with) {
  if (with.log_sink) {
    auto logger = std::make_shared<spdlog::logger>("annals", std::make_shared<host_sink>(harmless(with.log_sink)));
    logger->set_level(spdlog::level::debug);
    return logger;
  }
  auto logger = std::make_shared<spdlog::logger>("annals", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  logger->set_pattern("annals %^%l%$: %v");
  logger->set_level(spdlog::level::warn);
  return logger;
}

}  // namespace annals::actors
