#include "benchmarks/remote_echo.hpp"

#include "benchmarks/histogram.hpp"
#include "benchmarks/must.hpp"
#include "benchmarks/other_process.hpp"

#include <unistd.h>
#include <caf/all.hpp>
#include <caf/io/all.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <string>

namespace bench {
namespace {

using steady = std::chrono::steady_clock;
constexpr std::size_t command_bytes = 200;
constexpr std::size_t batch_max = 256;  // commands of one message: 50 kB

struct system_config : caf::actor_system_config {
  system_config() {
    load<caf::io::middleman>();
    set("scheduler.max-threads", std::size_t{1});
    set("scheduler.policy", caf::atom("sharing"));
  }
};

caf::behavior echo(caf::event_based_actor*) {
  return {[](const std::string& bytes) { return std::string(bytes.size() / command_bytes * 24, 'a'); }};
}

/// Sends the next batch when one has come back, until the time is over.
void drive(caf::scoped_actor& self, const caf::actor& to, std::size_t in_flight, double seconds, histogram& times) {
  const auto batch = std::clamp<std::size_t>(in_flight / 4, 1, batch_max);
  std::deque<steady::time_point> sent;
  const auto send = [&] {
    sent.push_back(steady::now());
    self->send(to, std::string(batch * command_bytes, 'c'));
  };
  const auto end = steady::now() + std::chrono::duration_cast<steady::duration>(std::chrono::duration<double>(seconds));
  for (std::size_t i = 0; i < std::max<std::size_t>(1, in_flight / batch); ++i) send();
  while (!sent.empty())
    self->receive(
        [&](const std::string&) {
          const auto took = static_cast<std::uint64_t>(std::chrono::nanoseconds(steady::now() - sent.front()).count());
          for (std::size_t i = 0; i < batch; ++i) times.add(took);
          sent.pop_front();
          if (steady::now() < end) send();
        },
        caf::after(std::chrono::seconds(10)) >> [] { fail("CAF's echo did not answer"); });
}

}  // namespace

figures echoed(const std::filesystem::path& directory, std::size_t in_flight, double seconds) {
  figures row;
  const auto file = directory / "row.json";
  const other_process server{[](const other_process::ready& ready) {
    system_config with;
    caf::actor_system system{with};
    const auto port = system.middleman().publish(system.spawn(echo), 0, "127.0.0.1");
    if (!port) fail("CAF could not listen");
    ready(*port);
    ::_exit(0);  // the system would wait for its actor
  }};
  {
    const other_process client{[&](const other_process::ready& ready) {
      system_config with;
      caf::actor_system system{with};
      const auto to = system.middleman().remote_actor("127.0.0.1", server.port());
      if (!to) fail("CAF could not connect");
      histogram times;
      caf::scoped_actor self{system};
      const auto begin = steady::now();
      drive(self, *to, in_flight, seconds, times);
      const auto took = std::chrono::duration<double>(steady::now() - begin).count();
      row = {{"way", "CAF alone, an echo"},
             {"in_flight", in_flight},
             {"commands_per_second", std::round(static_cast<double>(times.total()) / took)},
             {"p50_us", rounded(times.percentile_us(50))},
             {"p99_us", rounded(times.percentile_us(99))}};
      write_row(file, row);
      ready(1);
      ::_exit(0);
    }};
  }
  return read_row(file);
}

}  // namespace bench
