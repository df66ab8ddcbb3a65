// Somebody else's program, with nothing but what is installed.
#include <annals/runtime.hpp>

#include <cstdio>
#include <cstdlib>

struct ring {
  static constexpr auto about = annals::describe("ring", 1);
};
struct rang {
  static constexpr auto about = annals::describe("rang", 1);
};
struct bell {
  static constexpr std::string_view category = "bell";
  using commands = annals::types<ring>;
  using events = annals::types<rang>;
  struct state {
    int times = 0;
  };
  static annals::decision<bell> decide(const state&, const ring&, const annals::context&) { return rang{}; }
  static void evolve(state& s, const rang&) { ++s.times; }
};

int main(int, char** argv) {
  auto rt = annals::runtime::open(argv[1]).value();
  rt.host<bell>().value();
  rt.start().value();
  const auto receipt = rt.send<bell>("1", ring{}).get().value();
  std::printf("bell 1 is at version %d\n", static_cast<int>(receipt.version));
  return receipt.version == 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
