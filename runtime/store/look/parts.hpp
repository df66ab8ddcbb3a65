// The parts of an open store that a view reads.
#pragma once

#include "store/derived/derived_store.hpp"
#include "store/derived/images.hpp"
#include "store/log/log.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace annals::store {

/// The commands that a process manager holds, by the position of the record that sent it, and why.
using held_commands = std::map<position, std::string>;

/// Owns no part of the store.
struct looked_at {
  const store::log* log = nullptr;
  const derived_store* derived = nullptr;  // null: derived/ cannot be used
  const store::images* images = nullptr;   // null: there are none
  // Of the process manager of this category. Returns null if it is not known; empty: of none.
  std::function<std::shared_ptr<const held_commands>(std::string_view category)> held = {};
};

/// The newest image at or before `at_most` that the log agrees with and that `accept` accepts, which returns whether it does; nothing if
/// there is none. Errors: the images cannot be read.
result<std::optional<derived_mark>> begin_with_image(const looked_at& in, std::string_view model, std::uint64_t shape, position at_most,
                                                     const std::function<bool(const image&)>& accept);

}  // namespace annals::store
