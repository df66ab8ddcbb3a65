// The common part of the commands that look at a store.
#pragma once

#include "tools/output.hpp"

#include <annals/store_view.hpp>

#include <filesystem>

namespace tools {

/// Opens the store and calls `look`, which returns a result. Prints the error if one fails.
template <class Look>
int with_store(const std::filesystem::path& store, Look&& look) {
  auto view = annals::store_view::open(store);
  if (!view) return fail(view.error());
  const annals::result<void> done = look(*view);
  return done ? 0 : fail(done.error());
}

}  // namespace tools
