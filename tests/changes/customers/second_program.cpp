#include "changes/customers/programs.hpp"
#include "changes/customers/second.hpp"

#include <annals/runtime.hpp>

void second::run(const std::filesystem::path& store) {
  auto rt = annals::runtime::open(store);
  rt->host<customer>().value();
  rt->host<mailbox>().value();
  rt->orchestrate<welcoming>().value();
  rt->start().value();
  rt->send<customer>("bea", change_address{"Street 3", "Ede"}).get().value();
  rt->send<customer>("cem", create{"Cem"}).get().value();
  rt->settle(std::chrono::seconds{60}).value();
}
