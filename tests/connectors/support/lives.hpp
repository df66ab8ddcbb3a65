// Lives of sinks in processes of their own, which end by SIGKILL.
#pragma once

#include "connectors/sink/target.hpp"
#include "connectors/support/servers.hpp"
#include "support/wait_until.hpp"

#include <annals/projection.hpp>
#include <annals/runtime.hpp>

#include <functional>
#include <list>
#include <vector>

namespace connectors {

/// How many processes are at work at once, and how many positions their slowest slot goes on until they are killed.
struct life {
  int processes;
  annals::position until;
};
inline const std::vector<life> lives_and_deaths{{1, 0}, {1, 1}, {2, 30}, {1, 100}, {2, 0}, {1, 10}, {2, 200}, {1, 3}, {1, 300}, {2, 50}};

/// The model in memory of what each slot of a sink's data has.
template <class P>
typename P::model folded(const annals::runtime& rt, const std::vector<annals::position>& slots) {
  typename P::model model;
  annals::position next = 1;
  bool is_over = false;
  while (!is_over) {
    const auto from = next;
    rt.log(from, 1'000, [&](const annals::record_view& r) {
        next = r.at + 1;
        if (r.at <= slots.at(annals::connectors::slot_of(r.stream))) annals::detail::apply_record<P>(model, r).value();
        return true;
      }).value();
    is_over = next == from;
  }
  return model;
}

/// `ready`: whether one has connected. `at`: how far the sinks are; `gone`: whether the database has seen that the processes are dead.
/// `look` is called after each life.
inline void live_and_die(const std::vector<std::string>& program, const std::function<bool()>& ready, const std::function<annals::position()>& at,
                         const std::function<bool()>& gone, const std::function<void()>& look) {
  const temporary_directory output;
  for (const auto& one : lives_and_deaths) {
    const auto begun = at();
    std::list<server_process> all;
    for (int n = 0; n < one.processes; ++n) all.emplace_back(program, output.path, user::of_this_program);
    all.front().wait_until(ready);
    all.front().wait_until([&] { return at() >= begun + one.until; });
    for (auto& process : all) process.kill(SIGKILL);
    wait_until(gone);
    look();
  }
}

}  // namespace connectors
