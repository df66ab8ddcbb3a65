"""The folders of the project, and what each may include."""
FOLDERS = ["runtime", "domain", "projections", "config", "tools", "benchmarks", "tests", "ops"]

STD_ONLY = ["aggregate", "describe", "process", "projection", "receipt", "record", "result", "codec", "trace"]
DOMAIN_MAY = {f"annals/{name}.hpp" for name in STD_ONLY}

# Who may include whom, by folder: beginnings of what stands in an include, beside the standard library.
MAY_INCLUDE = {
    "runtime/include": ["annals/"],
    "runtime/ops": ["annals/", "ops/", "telemetry/", "nlohmann/", "httplib.h", "openssl/", "prometheus/"],
    "runtime/connectors/kafka": ["annals/", "connectors/closed_for_good.hpp", "connectors/kafka/", "librdkafka/"],
    "runtime/connectors/sink": ["annals/", "connectors/closed_for_good.hpp", "connectors/sink/"],
    "runtime/connectors/postgresql": ["annals/", "connectors/sink/", "connectors/postgresql/", "libpq-fe.h"],
    "runtime/connectors/redis": ["annals/", "connectors/sink/", "connectors/redis/", "hiredis.h"],
    **{f"runtime/{one}/include": ["annals/"]
       for one in ("ops", "connectors/kafka", "connectors/sink", "connectors/postgresql", "connectors/redis")},
    "domain": sorted(DOMAIN_MAY) + ["bank/", "shop/"],
    "projections": sorted(DOMAIN_MAY) + ["bank/", "shop/", "annals/postgresql_statements.hpp", "annals/redis_commands.hpp"],
    "config": ["annals/", "bank/", "shop/", "projections/", "config/", "toml++/"],
    "tools": ["annals/", "bank/", "shop/", "projections/", "config/", "tools/", "CLI/", "fmt/", "nlohmann/"],
    "benchmarks": ["annals/", "bank/", "shop/", "projections/", "config/", "benchmarks/", "CLI/", "fmt/", "nlohmann/",
                   "lmdb.h", "sqlite3.h", "libpq-fe.h", "hiredis.h", "librdkafka/", "connectors/kafka/cloud_event.hpp",
                   "caf/", "store/open_store.hpp", "store/log/record.hpp"],
}
# The only public header that names CAF: hosts with actors of their own include it, and no other file of the runtime does.
CAF_HEADER = "annals/caf.hpp"
# Folders of runtime/ that are targets of their own, on the public headers alone. Nobody below includes them, nor their public headers.
OPTIONAL = ["ops", "connectors"]
OPTIONAL_HEADERS = ["annals/console.hpp", "annals/prometheus.hpp", "annals/trace_exporter.hpp",
                    "annals/kafka_relay.hpp", "annals/kafka_intake.hpp", "annals/sink.hpp", "annals/detail/sink_table.hpp", "annals/postgresql.hpp",
                    "annals/postgresql_statements.hpp", "annals/redis.hpp", "annals/redis_commands.hpp"]
# The folders of the runtime, from the ground up: each may include itself, the public headers and what stands before it.
FLOORS = ["core", "telemetry", "core/codec", "store/os", "net/identity", "store/lmdb", "store/log", "store/derived", "store/read", "store",
          "store/look", "store/salvage", "store/inspect", "actors/base", "actors/upkeep", "actors/dead_letters", "actors/follow", "actors/write",
          "actors/projections", "actors/processes", "actors/subscriptions", "actors/host", "net/wire", "net/session", "net/door", "net/link",
          "net/remote", "net/replica"]
# These never include each other.
APART = [{"actors/write", "actors/projections", "actors/processes", "actors/subscriptions"}, {"store/salvage", "store/inspect"}]
# These are included by nobody else: what opens a store, the programs that look at one from outside, and what only other nodes concern.
ONLY_FOR = {"store": ["actors/host", "store/look", "store/salvage", "store/inspect", "net/replica"], "store/look": ["actors/host", "store/inspect"],
            "store/salvage": [], "store/inspect": [],
            "net/identity": ["net/wire", "net/session", "net/door", "net/link", "net/remote", "net/replica"]}
# Other people's libraries, by the beginning of what is included, and the only folders that may.
LIBRARIES = {
    "msgpack": ["core/codec"],
    "nlohmann/": ["core/codec", "actors/base"],
    "lmdb.h": ["store/lmdb", "store/log", "store/derived"],
    "xxhash.h": ["store/log", "store/derived", "store/read", "actors/base", "actors/write"],
    "sodium.h": ["net/identity"],
    "toml++/": ["net/identity"],
    "openssl/": ["net/link"],
    "caf/": [floor for floor in FLOORS if floor.startswith("actors/")] + ["net/link"],
    "spdlog/": [floor for floor in FLOORS if floor.startswith("actors/")] + ["net/remote", "net/replica"],
}
# May ask the operating system: <unistd.h> and its like.
SYSTEM_MAY = ["runtime/store/os", "runtime/store/lmdb", "runtime/store/log", "runtime/store/derived", "runtime/store/salvage",
              "runtime/store", "runtime/net/link", "runtime/ops", "runtime/connectors/kafka", "runtime/connectors/sink",
              "runtime/connectors/redis", "tools", "benchmarks"]
