// The read models that `annals sink` keeps in a database, and how each is started.
#pragma once

#include <annals/connector_config.hpp>
#include <annals/result.hpp>
#include <annals/sink.hpp>

#include <string_view>
#include <utility>
#include <vector>

namespace tools {

struct sink_model {
  std::string_view name;
  annals::result<annals::sink> (*start)(annals::sink_source from, const annals::config::sink_settings& with);
};

struct sink_models {
  std::string_view database;
  std::vector<sink_model> all;
};

/// Errors: misuse, if the build has no connector to this database.
annals::result<sink_models> models_in_postgresql();
annals::result<sink_models> models_in_redis();

/// A sink of either database as what both are.
template <class Projection>
annals::result<annals::sink> as_sink(annals::result<Projection> started) {
  if (!started) return std::move(started).error();
  return annals::sink{std::move(*started)};
}

}  // namespace tools
