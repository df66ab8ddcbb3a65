#include "actors/base/logging.hpp"

#include "actors/base/waiter.hpp"

#include <annals/codec.hpp>

#include <spdlog/formatter.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <array>
#include <chrono>
#include <ctime>
#include <mutex>
#include <string>
#include <utility>

namespace annals::actors {
namespace {

log_level level_of(spdlog::level::level_enum level) {
  if (level <= spdlog::level::debug) return log_level::debug;
  if (level == spdlog::level::info) return log_level::info;
  return level == spdlog::level::warn ? log_level::warning : log_level::error;
}

spdlog::level::level_enum level_of(log_level level) {
  switch (level) {
    case log_level::debug: return spdlog::level::debug;
    case log_level::info: return spdlog::level::info;
    case log_level::warning: return spdlog::level::warn;
    case log_level::error: break;
  }
  return spdlog::level::err;
}

struct line_of_log {
  std::string time;  // ISO 8601, UTC, with microseconds
  std::string level;
  std::string logger;
  std::string message;
  static constexpr auto about = describe<&line_of_log::time, &line_of_log::level, &line_of_log::logger, &line_of_log::message>("line_of_log", 1);
};

/// One JSON object a line.
class json_lines final : public spdlog::formatter {
public:
  void format(const spdlog::details::log_msg& line, spdlog::memory_buf_t& to) override {
    const auto level = spdlog::level::to_string_view(line.level);
    const line_of_log made{time_text(std::chrono::duration_cast<std::chrono::microseconds>(line.time.time_since_epoch()).count()),
                           {level.data(), level.size()},
                           {line.logger_name.data(), line.logger_name.size()},
                           {line.payload.data(), line.payload.size()}};
    const auto text = to_json(encoded(made));
    if (!text) return;
    to.append(text->data(), text->data() + text->size());
    to.push_back('\n');
  }
  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<json_lines>(); }

private:
  static std::string time_text(std::int64_t microseconds) {
    const auto seconds = static_cast<std::time_t>(microseconds / 1'000'000);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 40> text{};
    const auto length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    return std::string(text.data(), length) + "." + std::to_string(1'000'000 + microseconds % 1'000'000).substr(1) + "Z";
  }
};

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
  if (with.stderr_format == log_format::json)
    logger->set_formatter(std::make_unique<json_lines>());
  else
    logger->set_pattern("annals %^%l%$: %v");
  logger->set_level(level_of(with.stderr_level));
  return logger;
}

}  // namespace annals::actors
