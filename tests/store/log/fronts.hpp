// Stores whose front (the write-ahead log) has something to take over.
#pragma once

#include "support/store/stores.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace fronts {

constexpr std::size_t block = 4096;

inline std::filesystem::path front_of(const std::filesystem::path& store) { return store / "log" / "front"; }

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}
inline void write_file(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream{path, std::ios::binary | std::ios::trunc}.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// The next event of "a-1"; its payload tells which one it is.
inline batch next_event(const annals::store::log& log, std::size_t payload_bytes = 100) {
  const auto v = log.durable() + 1;
  return next_of(log).add("a-1", v, v, std::string(payload_bytes, static_cast<char>('a' + v % 26)));
}

/// Makes events of "a-1" up to this version durable, one per batch. None of them is readable unless the front was full.
inline void fill_front(annals::store::log& log, annals::version up_to, std::size_t payload_bytes = 100) {
  using annals::store::commit_status;
  while (log.durable() < up_to) {
    const auto one = next_event(log, payload_bytes);
    auto done = one.make_durable_in(log).status;
    if (done == commit_status::busy && log.drain().status == commit_status::committed) done = one.make_durable_in(log).status;
    if (done != commit_status::committed) annals::detail::broken("the test's front cannot be filled");
  }
}

/// True if the log has exactly events 1 to `up_to` of "a-1", as written.
inline bool has_exactly(const annals::store::log& log, annals::version up_to) {
  const auto found = read_all(log);
  if (log.durable() != up_to || log.readable() != up_to || found.size() != up_to) return false;
  for (annals::version v = 1; v <= up_to; ++v) {
    const auto& r = found[v - 1];
    if (r.at != v || r.version != v || r.payload.find_first_not_of(static_cast<char>('a' + v % 26)) != std::string::npos) return false;
  }
  return true;
}

/// A store whose front holds this many events, each in its own batch, `drained` of them in LMDB, too.
struct filled {
  temporary_directory directory;
  std::filesystem::path at = directory / "store";

  explicit filled(annals::version events, annals::version drained = 0, std::size_t payload_bytes = 100) {
    const auto store = stores::try_open(at).value();
    fill_front(*store->log, drained, payload_bytes);
    (void)store->log->drain();
    fill_front(*store->log, events, payload_bytes);
  }
};

}  // namespace fronts
