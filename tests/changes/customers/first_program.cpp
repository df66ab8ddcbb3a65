#include "changes/customers/first.hpp"
#include "changes/customers/programs.hpp"

#include <annals/runtime.hpp>

void first::run(const std::filesystem::path& store) {
  auto rt = annals::runtime::open(store);
  rt->host<customer>().value();
  rt->start().value();
  rt->send<customer>("ada", create{"Ada"}).get().value();
  rt->send<customer>("ada", change_address{"Lane 1, Delft"}).get().value();
  rt->send<customer>("ada", change_name{"Ada L."}).get().value();
  rt->send<customer>("bea", create{"Bea"}).get().value();
  rt->send<customer>("bea", change_address{"Road 2, Breda"}).get().value();
}
