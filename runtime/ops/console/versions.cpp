#include "ops/console/versions.hpp"

namespace annals::ops {

result<void> look_at_version(const view& of, const std::string& stream, version at, const std::function<void(const record_view&)>& look) {
  bool found = false;
  auto ok = of.stream(stream, at, [&](const record_view& record) {
    if (record.version == at) look(record), found = true;
    return false;
  });
  if (!ok) return ok;
  if (!found) return error{errc::not_found, "the stream has no such version", stream + " version " + std::to_string(at)};
  return {};
}

result<version> last_within(const view& of, const std::string& stream, version newest, const std::function<bool(const record_view&)>& is_within) {
  version within = 0, beyond = newest + 1;
  while (beyond - within > 1) {
    const auto middle = within + (beyond - within) / 2;
    bool has = false;
    if (auto ok = look_at_version(of, stream, middle, [&](const record_view& record) { has = is_within(record); }); !ok) return std::move(ok).error();
    (has ? within : beyond) = middle;
  }
  return within;
}

}  // namespace annals::ops
