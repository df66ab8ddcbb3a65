// What the buckets of a histogram promise.
#include "telemetry/histogram.hpp"

namespace annals::telemetry {

static_assert(histogram::bucket_of(0) == 0 && histogram::end_of(0) == 1);
static_assert(histogram::bucket_of(7) == 7 && histogram::end_of(7) == 8);
static_assert(histogram::bucket_of(~std::uint64_t{0}) < histogram::buckets);

}  // namespace annals::telemetry
