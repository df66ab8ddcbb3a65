/// Read models whose model is tables of PostgreSQL: rows and the position that they reach are one transaction, so each event has its effect
/// once, across crashes and with several processes. annals/postgresql_statements.hpp says how to write the handlers.
///
///     auto board = annals::postgresql::projection::start<order_board_table>(rt, {.connection = "host=/run/postgresql dbname=shop"});
///     …
///     board->wait_for(receipt.token, 1s);      // now the row is there
///
/// The tables stand in a schema of the sink's name, and beside them tables of its own: annals_sink, annals_slots, annals_parked,
/// annals_skipped. A rebuild fills the schema NAME_next and then renames it, so views and functions of others that refer to the tables by
/// name must be made by `schema`, as must grants. The user must be allowed to create schemas.
#pragma once

#include <annals/detail/sink_table.hpp>
#include <annals/postgresql_statements.hpp>
#include <annals/sink.hpp>

#include <chrono>
#include <cstddef>
#include <string>

namespace annals::postgresql {

struct options {
  /// A connection string of libpq: https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING. What it leaves out comes from the
  /// environment, as for psql.
  std::string connection;
  /// Events in one transaction, 1 to 100,000.
  std::size_t batch_max = 1'000;
  /// Parked events, 1 to 1,000,000. At one more the sink stops. About 300 bytes of memory each.
  std::size_t parked_max = 10'000;
  /// How long to wait for a connection, and for an answer to one statement, before the connection is given up and made again. 1 ms to 365
  /// days.
  std::chrono::milliseconds time_out = std::chrono::seconds{30};
};

/// Handlers of a host, without their type.
struct handlers : detail::sink_table<statements> {
  void (*schema)(statements& to);
};

class projection final : public sink {
public:
  /// Starts to follow the log, in threads of its own: one for the sink, one that reads, and one for each partition. Returns before it has
  /// connected: status() says how that goes. Creates the schema if there is none. If the tables were filled by handlers of another `version`
  /// or for other forms of the events, a rebuild begins, and the old tables stay as they are until it ends. Errors: bad_option, bad_type (the
  /// name), no_threads.
  template <class P>
  static result<projection> start(sink_source from, options with) {
    static_assert(std::is_same_v<typename P::model, statements>, "using model = annals::postgresql::statements;");
    static_assert(requires(statements& to) { P::schema(to); }, "missing: static void P::schema(annals::postgresql::statements&)");
    return start(std::move(from), std::move(with), {detail::table_of_sink<P>(), [](statements& to) { P::schema(to); }});
  }

private:
  using sink::sink;
  static result<projection> start(sink_source from, options with, const handlers& of);
};

}  // namespace annals::postgresql
