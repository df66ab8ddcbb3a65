// visited_program DIRECTORY: a console with actions on a store that `annals demo` has made, for a browser that visits every page. Adds a
// stream of 100,000 versions, markup in every text that a person could mistake for the page's own, events that cannot be handled, and a
// writer that goes on until SIGTERM. Prints the link.
#include "config/hosted.hpp"
#include "pad.hpp"

#include <annals/console.hpp>
#include <annals/runtime.hpp>

#include <signal.h>

#include <chrono>
#include <iostream>
#include <string>

namespace {

constexpr const char* markup = "<img src=x onerror=\"window.planted=1\"><script>window.planted=1</script>";

annals::result<void> fill(annals::runtime& rt) {
  constexpr std::size_t versions = 100'000;
  const auto known = rt.history<pad>("long", 1, 1);
  if (!known) return known.error();
  if (!known->empty()) return {};
  for (std::size_t n = 1; n < versions; ++n) {
    auto answer = rt.send<pad>("long", note{"line " + std::to_string(n)});
    if (n % 1'000 == 0)
      if (auto done = answer.get(); !done) return done.error();
  }
  if (auto done = rt.send<pad>("long", note{"the last line"}).get(); !done) return done.error();
  annals::send_options with;
  with.correlation = with.causation = with.principal = markup;
  with.correlation.resize(40);
  with.causation.resize(40);
  for (const auto* text : {markup, "an ordinary text", markup})
    if (auto done = rt.send<pad>(std::string{"planted "} + "<b onclick=x>", note{text}, with).get(); !done) return done.error();
  constexpr int odd = 7;
  annals::token last;
  for (int n = 0; n < odd; ++n) {
    auto done = rt.send<pad>("odd-" + std::to_string(n % 3), note{"bad " + std::to_string(n)}).get();
    if (!done) return done.error();
    last = done->token;
  }
  // The read model is past the last one when it has parked all of them.
  (void)rt.ask<likes>(count_of{}, annals::at_least{last, std::chrono::minutes{1}}).get();
  return {};
}

int run(const char* directory, const sigset_t& end) {
  const auto fail = [](const annals::error& why) {
    std::cerr << why.message() << std::endl;
    return 1;
  };
  auto rt = annals::runtime::open(directory);
  if (!rt) return fail(rt.error());
  if (auto ok = rt->host(annals::config::hosted()); !ok) return fail(ok.error());
  if (auto ok = rt->host(annals::hosted_types{}.host<pad>().project<likes>()); !ok) return fail(ok.error());
  if (auto ok = annals::host_operators(*rt); !ok) return fail(ok.error());
  if (auto ok = rt->start(); !ok) return fail(ok.error());
  if (auto ok = fill(*rt); !ok) return fail(ok.error());
  is_mended = true;  // from here on a retry helps
  auto console = annals::console::open(*rt, {.port = 0, .actions = true, .title = "shop"});
  if (!console) return fail(console.error());
  std::cout << console->url() << std::endl;
  const timespec between{0, 20'000'000};
  for (int n = 0; ::sigtimedwait(&end, nullptr, &between) < 0; ++n)
    (void)rt->send<pad>("busy-" + std::to_string(n % 10), note{"note " + std::to_string(n)}).get();
  console->close();
  rt->close();
  return 0;
}

}  // namespace

int main(int count, char** words) {
  if (count != 2) return 2;
  sigset_t end;
  ::sigemptyset(&end);
  ::sigaddset(&end, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &end, nullptr);  // in all threads; the writer waits for it
  return run(words[1], end);
}
