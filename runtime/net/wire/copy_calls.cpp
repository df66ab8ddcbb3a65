#include "net/wire/copy_calls.hpp"

namespace annals::net {

source_answer as_answer(const store::log_identity& of, position head, timestamp head_time) {
  source_answer made{of.store_id, of.history, {}, of.generation, head, head_time};
  for (const auto& one : of.former) made.former.push_back({one.id, one.fork});
  return made;
}

store::log_identity as_identity(const source_answer& from) {
  store::log_identity made{from.store_id, from.history, {}, from.generation};
  for (const auto& one : from.former) made.former.push_back({one.id, one.fork});
  return made;
}

}  // namespace annals::net
