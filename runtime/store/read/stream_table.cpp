#include "store/read/stream_table.hpp"

#include <xxhash.h>

namespace annals::store {

std::uint64_t hash_of_stream(std::string_view stream) { return XXH3_64bits(stream.data(), stream.size()); }

}  // namespace annals::store
