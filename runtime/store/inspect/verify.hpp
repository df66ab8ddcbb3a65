// Whether a store is whole: the log by itself, and what is derived from it against the log.
#pragma once

#include "store/derived/images.hpp"
#include "store/derived/index.hpp"
#include "store/log/log.hpp"

#include <annals/store_view.hpp>

namespace annals::store {

/// As store_view::verify(). `derived` may be null: then the log alone. So may `models`.
result<verified> verify(const log& source, const index* derived = nullptr, const images* models = nullptr);

}  // namespace annals::store
