#include "tools/output.hpp"

#include "config/hosted.hpp"
#include "tools/names.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <system_error>

namespace tools {
namespace {

std::string payload_of(const annals::record_view& record) {
  const auto json = annals::config::hosted().payload_json(record);
  if (json) return *json;
  std::string hex;
  for (const unsigned char c : record.payload) hex += fmt::format("{:02x}", c);
  return json_text(hex);
}

}  // namespace

std::string json_text(std::string_view text) { return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace); }

std::string time_text(annals::timestamp time) {
  const auto seconds = static_cast<std::time_t>(time / 1'000'000);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z", fmt::gmtime(seconds), time % 1'000'000);
}

std::string json_of(const annals::record_view& r) {
  std::string line = fmt::format(R"({{"position":{},"stream":{},"version":{},"time":"{}","type":{},"schema":{})", r.at,
                                 json_text(shown_name(r.stream)), r.version, time_text(r.time), json_text(r.type), r.schema);
  const auto add = [&](std::string_view name, std::string_view text) {
    if (!text.empty()) line += fmt::format(R"(,"{}":{})", name, json_text(text));
  };
  add("command_id", r.command_id);
  add("causation", r.causation);
  add("correlation", r.correlation);
  add("principal", r.principal);
  line += fmt::format(R"(,"index":{},"count":{})", r.index, r.count);
  if (r.seen) line += fmt::format(R"(,"seen":{})", r.seen);
  return line + R"(,"payload":)" + payload_of(r) + "}";
}

std::string line_of(const annals::record_view& r) {
  return fmt::format("{:>8}  {}  {:<28} {:>4}  {:<24} {}", r.at, time_text(r.time), shown_name(r.stream), r.version, r.type, payload_of(r));
}

std::string grouped(std::int64_t number) {
  auto digits = std::to_string(number);
  const std::size_t sign = number < 0 ? 1 : 0;
  for (auto i = static_cast<std::ptrdiff_t>(digits.size()) - 3; i > static_cast<std::ptrdiff_t>(sign); i -= 3)
    digits.insert(static_cast<std::size_t>(i), 1, ',');
  return digits;
}

std::string money(std::int64_t cents) {
  const auto text = fmt::format("{}.{:02}", grouped(cents / 100), std::abs(cents % 100));
  return cents < 0 && cents > -100 ? "-" + text : text;
}

int fail(const annals::error& why) {
  std::fflush(stdout);  // earlier output comes first
  fmt::print(stderr, "annals: {}\n", why.message());
  return 1;
}

int with_output(const std::function<int()>& command) {
  int wrong = 0, status = 1;
  try {
    status = command();
    if (std::fflush(stdout) != 0) wrong = errno;
  } catch (const std::system_error& e) {  // from fmt::print
    wrong = e.code().value();
  }
  if (wrong == 0) return status;
  if (wrong != EPIPE) std::fprintf(stderr, "annals: cannot print: %s\n", std::strerror(wrong));
  return 1;
}

}  // namespace tools
