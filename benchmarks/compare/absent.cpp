// Replacements for the engines whose library was missing at build time.
#include "benchmarks/compare/engines.hpp"

namespace bench::compare {

#ifndef ANNALS_BENCH_SQLITE
std::unique_ptr<engine> open_sqlite(const place&, std::size_t) { throw left_out{"built without libsqlite3-dev"}; }
#endif
#ifndef ANNALS_BENCH_ROCKSDB
std::unique_ptr<engine> open_rocksdb(const place&) { throw left_out{"built without librocksdb-dev"}; }
#endif
#ifndef ANNALS_BENCH_POSTGRESQL
std::unique_ptr<engine> open_postgresql(const place&) { throw left_out{"built without libpq-dev"}; }
std::unique_ptr<engine> open_postgresql_rows(const place&) { throw left_out{"built without libpq-dev"}; }
#endif
#ifndef ANNALS_BENCH_REDIS
std::unique_ptr<engine> open_redis(const place&) { throw left_out{"built without libhiredis-dev"}; }
#endif

}  // namespace bench::compare
