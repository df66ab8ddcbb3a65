// A program that knows nothing of annals, and loads a plugin that does.
#include <dlfcn.h>

#include <cstdio>

int main(int, char** argv) {
  void* plugin = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (!plugin) return std::puts(dlerror()), 1;
  const auto ring_bell = reinterpret_cast<int (*)(const char*)>(dlsym(plugin, "ring_bell"));
  return ring_bell ? ring_bell(argv[2]) : 1;
}
