#include "tools/sink_models.hpp"

#include <annals/redis.hpp>
#include <projections/redis/stock_levels.hpp>
#include <projections/redis/top_list.hpp>

namespace tools {
namespace {

template <class P>
annals::result<annals::sink> start_keys(annals::sink_source from, const annals::config::sink_settings& with) {
  const auto& to = *with.redis;
  return as_sink(annals::redis::projection::start<P>(
      std::move(from), {to.address, to.user, to.password, to.database, with.batch_max, with.parked_max, with.time_out}));
}

template <class P>
sink_model keys_of() {
  return {P::name, start_keys<P>};
}

}  // namespace

annals::result<sink_models> models_in_redis() {
  namespace in = projections::redis;
  return sink_models{"Redis", {keys_of<in::stock_levels>(), keys_of<in::top_list>()}};
}

}  // namespace tools
