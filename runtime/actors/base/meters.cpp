#include "actors/base/meters.hpp"

#include <algorithm>

namespace annals::actors {
namespace {

struct ending_row {
  std::string_view label;
  bool of_command;
  bool of_query;
};
/// By ending.
constexpr std::array<ending_row, endings> rows{{
    {"accepted", true, true},
    {"rejected", true, false},
    {"conflict", true, false},
    {"id_reused", true, false},
    {"invalid", true, true},
    {"failed", true, true},
    {"not_ready", false, true},
    {"timed_out", false, true},
    {"parked", false, true},
    {"overloaded", true, true},
    {"storage_full", true, false},
    {"not_written", true, true},
    {"unknown", true, true},
    {"forbidden", true, true},
}};

}  // namespace

std::string_view label_of(ending what, bool is_query) {
  return is_query && what == ending::accepted ? "answered" : rows[static_cast<std::size_t>(what)].label;
}

bool is_possible(ending what, bool is_query) {
  const auto& row = rows[static_cast<std::size_t>(what)];
  return is_query ? row.of_query : row.of_command;
}

ending ending_of(errc code) {
  switch (code) {
    case errc::rejected: return ending::rejected;
    case errc::conflict: return ending::conflict;
    case errc::id_reused: return ending::id_reused;
    case errc::invalid_command:
    case errc::invalid_stream:
    case errc::too_large:
    case errc::not_hosted:
    case errc::misuse: return ending::invalid;
    case errc::not_ready: return ending::not_ready;
    case errc::timed_out: return ending::timed_out;
    case errc::parked: return ending::parked;
    case errc::overloaded: return ending::overloaded;
    case errc::storage_full: return ending::storage_full;
    case errc::not_written:
    case errc::closed: return ending::not_written;
    case errc::unknown: return ending::unknown;
    case errc::forbidden:
    case errc::not_owner: return ending::forbidden;
    default: return ending::failed;
  }
}

category_meters* meters::find(std::string_view category) {
  const auto found = std::find_if(categories.begin(), categories.end(), [&](const category_meters& one) { return one.category == category; });
  return found == categories.end() ? nullptr : &*found;
}

}  // namespace annals::actors
