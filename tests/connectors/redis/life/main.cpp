// The shop's read models in Redis as a process of its own, beside the one that writes the store. Runs until it is killed.
#include <annals/redis.hpp>
#include <annals/store_view.hpp>
#include <projections/redis/stock_levels.hpp>
#include <projections/redis/top_list.hpp>

#include <unistd.h>

int main(int, char** arguments) {
  const auto view = annals::store_view::open(arguments[1]).value();
  const annals::redis::options with{.address = arguments[2], .batch_max = 7};
  const auto stock = annals::redis::projection::start<projections::redis::stock_levels>(view, with).value();
  const auto top = annals::redis::projection::start<projections::redis::top_list>(view, with).value();
  while (true) ::pause();
}
