// How much of an LMDB environment is in use: for runtime::metrics().
#pragma once

#include <cstdint>

namespace annals::store {

class lmdb_environment;

struct environment_usage {
  std::uint64_t map_bytes = 0;
  std::uint64_t pages_used = 0;  // of the file, without the free ones
  std::uint64_t pages_free = 0;  // to be reused by later transactions
  std::uint64_t readers = 0;     // slots of the reader table in use, of all processes
  std::uint64_t readers_limit = 0;
  std::uint64_t oldest_reader = 0;  // how many transactions the oldest snapshot that somebody reads is behind the newest; 0: nobody reads
};

/// Reads the list of free pages. Errors make it all 0: this is for people who watch.
environment_usage usage_of(lmdb_environment& env);

}  // namespace annals::store
