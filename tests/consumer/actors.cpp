// An actor of somebody else's that rings a bell, with what is installed and CAF.
#include "bells.cpp"

#include <annals/caf.hpp>

#include <caf/all.hpp>

int main(int, char** argv) {
  auto rt = annals::runtime::open(argv[1]).value();
  rt.host<bell>().value();
  rt.start().value();
  caf::actor_system_config config;
  caf::actor_system system{config};
  const annals::caf_gateway gate{system, rt};
  caf::scoped_actor self{system};
  int failed = 1;
  self->request(gate.actor(), std::chrono::seconds{60}, annals::caf_command<bell>("1", ring{}))
      .receive([&](const annals::receipt& got) { failed = got.version != 1; },
               [](const caf::error& e) { std::puts(annals::error_of(e).message().c_str()); });
  return failed;
}
