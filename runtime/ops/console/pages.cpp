#include "ops/console/pages.hpp"

#include "ops/console/assets.hpp"

#include <algorithm>
#include <array>

namespace annals::ops {
namespace {

constexpr auto pages =
    std::to_array<std::string_view>({"/", "/login", "/streams", "/stream", "/processes", "/instance", "/parked", "/models", "/live", "/options"});

/// Whether the client takes gzip. One that names no encoding is given it, too: there is no other form, and every browser names it.
bool takes_gzip(const request& asked) {
  auto given = asked.header("accept-encoding");
  if (!given) return true;
  for (auto rest = *given; !rest.empty();) {
    auto one = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
    while (one.starts_with(' ')) one.remove_prefix(1);
    const auto name = one.substr(0, one.find_first_of("; "));
    if (name == "gzip" || name == "*") return one.find("q=0") == std::string_view::npos || one.find("q=0.") != std::string_view::npos;
  }
  return false;
}

}  // namespace

answer page(const request& asked, bool& keeps) {
  const bool is_page = std::find(pages.begin(), pages.end(), asked.path) != pages.end();
  const std::string_view wanted = is_page ? "/" : std::string_view{asked.path};
  const auto all = assets();
  const auto found = std::find_if(all.begin(), all.end(), [&](const asset& each) { return each.path == wanted; });
  if (found == all.end()) return refusal(404, {errc::not_found, "there is no such page", asked.path});
  if (!takes_gzip(asked)) return refusal(406, {errc::bad_option, "Accept-Encoding", "the pages are sent as gzip only"});
  answer out;
  out.type = found->type;
  out.fixed = found->gzipped;
  out.headers.emplace_back("Content-Encoding", "gzip");
  out.headers.emplace_back("Vary", "Accept-Encoding");
  out.headers.emplace_back("ETag", found->etag);
  keeps = found->hashed;
  return out;
}

}  // namespace annals::ops
