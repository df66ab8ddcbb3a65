// What the commands that look at a store have in common.
#pragma once

#include "tools/output.hpp"

#include <annals/store_view.hpp>

#include <filesystem>

namespace tools {

/// Opens the store for `look`, which returns a result; prints what went wrong.
template <class Look>
int with_store(const std::filesystem::path& store, Look&& look) {
  auto view = annals::store_view::open(store);
  if (!view) return fail(view.error());
  const annals::result<void> done = look(*view);
  return done ? 0 : fail(done.error());
}

}  // namespace tools
