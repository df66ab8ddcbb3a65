// Somebody else's aggregate, with nothing but what is installed; of a program, of a library, or of a plugin.
#include <annals/runtime.hpp>
#include <annals/version.hpp>

#include <cstdio>

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

static_assert(ANNALS_VERSION >= ANNALS_MAKE_VERSION(ANNALS_VERSION_MAJOR, 0, 0));
#if ANNALS_VERSION < ANNALS_MAKE_VERSION(0, 1, 0)
#error "a version is compared where the preprocessor runs, too"
#endif

/// Rings the first bell of a store that is empty. Prints which version of annals did.
extern "C" int ring_bell(const char* store) {
  auto rt = annals::runtime::open(store).value();
  rt.host<bell>().value();
  rt.start().value();
  const auto receipt = rt.send<bell>("1", ring{}).get().value();
  std::puts(annals::library_version.data());
  return receipt.version == 1 ? 0 : 1;
}
