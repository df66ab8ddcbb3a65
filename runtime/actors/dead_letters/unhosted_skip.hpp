// The skip of a parked event whose projection or process manager is not hosted here, so the event need not be tried again first.
#pragma once

#include "actors/base/environment.hpp"
#include "store/derived/parked_table.hpp"

#include <caf/all.hpp>

#include <string>
#include <string_view>

namespace annals::actors {

struct unhosted_skip_ports {
  caf::actor drainer;
  caf::actor index_writer;
  caf::actor caller;  // gets the answer
};

struct unhosted_skip_state {
  const environment* env = nullptr;
  unhosted_skip_ports ports;
  std::string owner;  // its stored name
  position at = 0;
  std::uint64_t number = 0;  // under which the caller expects the answer
  static inline const char* name = "unhosted_skip";
};

/// The stored name of the owner that has parked this event and that hosts call `name`. Errors: not_found; misuse if the event only
/// waits for another one of its instance.
result<std::string> unhosted_owner(const store::parked_table& table, std::string_view name, position at);

caf::behavior unhosted_skip(caf::stateful_actor<unhosted_skip_state>* self, const environment& env, unhosted_skip_ports ports, std::string owner,
                            position at, std::uint64_t number);

}  // namespace annals::actors
