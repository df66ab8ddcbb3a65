#include "tools/sink_models.hpp"

#include <annals/postgresql.hpp>
#include <projections/postgresql/order_board.hpp>
#include <projections/postgresql/revenue.hpp>

namespace tools {
namespace {

template <class P>
annals::result<annals::sink> start_tables(annals::sink_source from, const annals::config::sink_settings& with) {
  return as_sink(annals::postgresql::projection::start<P>(std::move(from), {with.connection, with.batch_max, with.parked_max, with.time_out}));
}

template <class P>
sink_model tables_of() {
  return {P::name, start_tables<P>};
}

}  // namespace

annals::result<sink_models> models_in_postgresql() {
  namespace in = projections::postgresql;
  return sink_models{"PostgreSQL", {tables_of<in::order_board>(), tables_of<in::revenue>()}};
}

}  // namespace tools
