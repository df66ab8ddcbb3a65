// Sums of counters as a table. What it does with an event can be made to fail.
#pragma once

#include "connectors/postgresql/server.hpp"
#include "connectors/support/counting.hpp"

#include <annals/postgresql.hpp>

#include <atomic>
#include <stdexcept>

namespace connectors {

inline std::atomic<int> tries{0};

/// Notes are SQL that is executed, so that a test says how an event fails.
template <class Self>
struct sums_table {
  using follows = annals::types<world::counter>;
  using model = annals::postgresql::statements;

  static void schema(model& to) {
    to.sql("create table sums (id text primary key, sum bigint not null, events bigint not null)");
    to.sql("create table late (id text primary key deferrable initially deferred)");
  }
  static void apply(model& to, const world::added& e, const annals::record_view& r) {
    to.sql("insert into sums values ($1, $2, 1) on conflict (id) do update set sum = sums.sum + excluded.sum, events = sums.events + 1", r.key(),
           e.amount);
  }
  static void apply(model& to, const world::noted& e, const annals::record_view&) {
    ++tries;
    if (e.text == "throw") throw std::runtime_error{"it does not like this"};
    to.sql(e.text);
  }
};

inline annals::postgresql::options to_server() { return {.connection = postgresql_server::shared().connection()}; }

template <class P>
annals::postgresql::projection begin(annals::sink_source from, annals::postgresql::options with = to_server()) {
  return annals::postgresql::projection::start<P>(std::move(from), std::move(with)).value();
}

inline std::string sums_in(const std::string& schema) {
  return postgresql_server::shared().ask("select id, sum from \"" + schema + "\".sums order by id collate \"C\"");
}

}  // namespace connectors
