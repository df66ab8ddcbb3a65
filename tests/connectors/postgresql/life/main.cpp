// The shop's read models in PostgreSQL as a process of its own, beside the one that writes the store. Runs until it is killed.
#include <annals/postgresql.hpp>
#include <annals/store_view.hpp>
#include <projections/postgresql/order_board.hpp>
#include <projections/postgresql/revenue.hpp>

#include <unistd.h>

int main(int, char** arguments) {
  const auto view = annals::store_view::open(arguments[1]).value();
  const annals::postgresql::options with{.connection = arguments[2], .batch_max = 7};
  const auto board = annals::postgresql::projection::start<projections::postgresql::order_board>(view, with).value();
  const auto revenue = annals::postgresql::projection::start<projections::postgresql::revenue>(view, with).value();
  while (true) ::pause();
}
