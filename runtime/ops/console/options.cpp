// The options in force, and the build.
#include "ops/console/routes.hpp"

#include <annals/version.hpp>

#include <string>
#include <thread>

namespace annals::ops {
namespace {

json named(std::string_view name, std::string_view value) { return {{"name", text(name)}, {"value", text(value)}}; }

std::string compiler() {
#if defined(__clang__)
  return "clang " + std::to_string(__clang_major__) + "." + std::to_string(__clang_minor__);
#elif defined(__GNUC__)
  return "g++ " + std::to_string(__GNUC__) + "." + std::to_string(__GNUC_MINOR__);
#else
  return "unknown";
#endif
}

std::string_view on_off(bool value) { return value ? "on" : "off"; }

json options_json(const runtime* of) {
  json all = json::array();
  if (!of) return all;
  for (const auto& each : of->options_in_force())
    all.push_back(
        {{"name", each.name}, {"value", each.value}, {"unit", each.unit.empty() ? json{} : json(each.unit)}, {"is_default", each.is_default}});
  return all;
}

std::string all_of(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& each : names) out += (out.empty() ? "" : ", ") + each;
  return out;
}

}  // namespace

answer show_options(call& c) {
  const auto& own = c.site.options;
  json build = json::array({named("version", library_version), named("compiler", compiler()),
                            named("cores", std::to_string(std::thread::hardware_concurrency())), named("store", c.site.store_id)});
  json console = json::array({named("address", own.address), named("port", std::to_string(own.port)), named("hosts", all_of(own.hosts)),
                              named("behind_proxy", on_off(own.behind_proxy)), named("tls", on_off(own.tls.has_value())),
                              named("actions", on_off(own.actions)), named("tails_max", std::to_string(own.tails_max)),
                              named("tails", std::to_string(c.site.open_tails())), named("sessions", std::to_string(c.site.sessions.count()))});
  return answer_of(json{{"build", std::move(build)}, {"options", options_json(c.site.runtime)}, {"console", std::move(console)}});
}

}  // namespace annals::ops
