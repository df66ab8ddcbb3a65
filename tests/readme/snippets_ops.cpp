// The guide's code that needs annals::ops.
#include <annals/console.hpp>
#include <annals/runtime.hpp>

#include <cstdio>

annals::result<annals::console> open_console(annals::runtime& rt) {
  // Before rt.start(), because `actions` is on: annals::host_operators(rt)
  auto console = annals::console::open(rt, {.port = 7180, .actions = true});
  if (console) std::printf("%s\n", console->url().c_str());  // good for one login
  return console;
}
