// The errors for a stream index that is damaged, or was written for another log. No data is lost: the index is derived.
#pragma once

#include "store/derived/stream_index.hpp"

#include <annals/record.hpp>
#include <annals/result.hpp>

#include <string>
#include <utility>

namespace annals::store {

/// The caller also notes the damage in the index: noted(). `what` names the stream; `place` is a position where the log has
/// something else, 0 if there is none.
inline error index_damage(std::string what, position place = 0) {
  what += ": a writer that finds this rebuilds the index at its next start";
  return {errc::store_failed, "the stream index is damaged", std::move(what), 0, place};
}

/// Notes `why` in the index, so that the next start rebuilds it. Returns `why`.
inline error noted(const stream_index& of, error why) {
  of.note_damage(why);
  return why;
}

inline std::string version_of(std::string_view stream, version at) { return "version " + std::to_string(at) + " of stream " + std::string{stream}; }

}  // namespace annals::store
