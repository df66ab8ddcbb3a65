// Options from the file that is installed: its values are the defaults.
#include <annals/config.hpp>

#include <cstdio>

int main(int, char** argv) {
  const auto options = annals::config::load(argv[1]);
  if (!options) return std::puts(options.error().message().c_str()), 1;
  return options->commands_in_flight_max == annals::options{}.commands_in_flight_max ? 0 : 1;
}
