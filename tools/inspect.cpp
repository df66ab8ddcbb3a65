#include "tools/inspect.hpp"

#include "tools/names.hpp"
#include "tools/where.hpp"
#include "tools/with_store.hpp"

#include <fmt/format.h>

namespace tools {
namespace {

void print(const annals::record_view& record, bool json) { fmt::print("{}\n", json ? json_of(record) : line_of(record)); }

}  // namespace

int show_log(const where& place, const log_options& what, bool json) {
  return with_view(place, [&](const annals::view& from) {
    auto left = what.limit;
    if (left == 0) return annals::result<void>{};
    return from.log(what.from, [&](const annals::record_view& record) {
      if (!what.type.empty() && record.type != what.type) return true;
      print(record, json);
      return --left > 0;
    });
  });
}

int show_streams(const std::filesystem::path& store, const std::string& prefix, bool json) {
  return with_store(store, [&](const annals::store_view& view) {
    return view.streams(parse_name(prefix), [&](std::string_view name, annals::version newest) {
      if (json)
        fmt::print("{{\"stream\":{},\"version\":{}}}\n", json_text(shown_name(name)), newest);
      else
        fmt::print("{:>8}  {}\n", newest, shown_name(name));
      return true;
    });
  });
}

int show_stream(const where& place, const std::string& id, bool json) {
  return with_view(place, [&](const annals::view& from) {
    return from.stream(parse_name(id), 1, [&](const annals::record_view& record) {
      print(record, json);
      return true;
    });
  });
}

int backup(const std::filesystem::path& store, const std::filesystem::path& target, bool json) {
  return with_store(store, [&](const annals::store_view& view) -> annals::result<void> {
    if (auto ok = view.backup(target); !ok) return ok;
    if (json)
      fmt::print("{{\"ok\":true,\"directory\":{}}}\n", json_text(target.string()));
    else
      fmt::print("backed up to {}\n", target.string());
    return {};
  });
}

}  // namespace tools
