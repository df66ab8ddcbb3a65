// Verifies a store: the log by itself, and derived state against the log.
#pragma once

#include "store/derived/derived_store.hpp"
#include "store/derived/images.hpp"
#include "store/log/log.hpp"

#include <annals/store_view.hpp>

namespace annals::store {

/// As store_view::verify(). `derived` may be null: then only the log is verified. `models` may be null, too.
result<verified> verify(const log& source, const derived_store* derived = nullptr, const images* models = nullptr);

}  // namespace annals::store
