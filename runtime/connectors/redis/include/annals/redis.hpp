/// Read models whose model is hashes, sorted sets and strings of Redis: what an event changes and the position that it reaches take effect
/// at once, so each event has its effect once, across crashes and with several processes. annals/redis_commands.hpp says how to write the
/// handlers.
///
///     auto stock = annals::redis::projection::start<stock_in_redis>(rt, {.address = "/run/redis/redis.sock"});
///     …
///     stock->wait_for(receipt.token, 1s);      // now Redis has it
///
/// Keys. The key "levels" of the sink "stock" is `{stock}:levels`. The braces are a hash tag: in a cluster all keys of a sink are on one
/// node (https://redis.io/docs/reference/cluster-spec/#hash-tags), the one that the address has to name. Keys that begin with
/// `{stock}:annals:` are the sink's own. Nobody else may write to any of these keys.
///
/// Lost data. If the keys are gone (FLUSHALL, a restart without persistence), the sink fills them again from position 1, by itself: with the
/// next event, or within a second. If Redis went back (a restart from an older file, a replica that took over), so did the position: the
/// sink goes on from there. Until then wait_for() may answer for what Redis has lost, and skipped events are forgotten with the data. Keys
/// that are deleted one by one are not noticed: rebuild() mends that. A Redis that may evict keys without a time to live (`maxmemory` with a
/// policy allkeys-…) is not written to: status().waiting says so.
///
/// A rebuild fills keys beside those that serve, `{stock}:annals:next:…`, and takes twice the memory meanwhile. At its end one script deletes
/// the old keys and renames the new ones; Redis does nothing else during that time, which grows with the number of keys, not of fields.
///
/// Redis 5 or later. This hiredis has no TLS: use a socket, or a tunnel.
#pragma once

#include <annals/detail/sink_table.hpp>
#include <annals/redis_commands.hpp>
#include <annals/sink.hpp>

#include <chrono>
#include <cstddef>
#include <string>

namespace annals::redis {

struct options {
  /// HOST:PORT, [IPv6]:PORT, or the path of a Unix socket, which begins with "/". Resolving a host's name may block.
  std::string address = "127.0.0.1:6379";
  /// For AUTH: without a password there is none; without a user it is that of the server (`requirepass`).
  std::string user;
  std::string password;
  /// Number of the database, 0 to 1,000,000. In a cluster there is 0 only.
  std::uint32_t database = 0;
  /// Events in one step, 1 to 100,000. Redis does nothing else while it executes a step.
  std::size_t batch_max = 500;
  /// Parked events, 1 to 1,000,000. At one more the sink stops. About 300 bytes of memory each, here and in Redis.
  std::size_t parked_max = 10'000;
  /// How long to wait for a connection, and for an answer, before the connection is given up and made again. 1 ms to 365 days.
  std::chrono::milliseconds time_out = std::chrono::seconds{30};
};

using handlers = detail::sink_table<commands>;

class projection final : public sink {
public:
  /// Starts to follow the log, in threads of its own: one for the sink, one that reads, and one for each partition. Returns before it has
  /// connected: status() says how that goes. If the keys were filled by handlers of another `version` or for other forms of the events, a
  /// rebuild begins, and the old keys stay as they are until it ends. Errors: bad_option, bad_type (the name), no_threads.
  template <class P>
  static result<projection> start(sink_source from, options with) {
    static_assert(std::is_same_v<typename P::model, commands>, "using model = annals::redis::commands;");
    return start(std::move(from), std::move(with), detail::table_of_sink<P>());
  }

private:
  using sink::sink;
  static result<projection> start(sink_source from, options with, const handlers& of);
};

}  // namespace annals::redis
