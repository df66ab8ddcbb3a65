#include "actors/base/watched.hpp"

#include <annals/detail/tables.hpp>

namespace annals::actors {

caf::error death_by(std::exception_ptr& thrown) {
  std::string text;
  try {
    std::rethrow_exception(thrown);
  } catch (...) {
    text = detail::current_exception_text();
  }
  return caf::make_error(caf::sec::runtime_error, std::move(text));
}

void watch(caf::scheduled_actor* self, const environment& env) {
  self->set_exception_handler(death_by);
  self->attach_functor([&env, name = std::string{self->name()}](const caf::error& reason) {
    for (const auto good : {caf::exit_reason::user_shutdown, caf::exit_reason::normal, caf::exit_reason::unreachable})
      if (!reason || reason == good) return;
    if (env.alive.closing && reason == caf::exit_reason::kill) return;  // the engine gave up waiting for it
    const error why{errc::store_failed, "the " + name + " died", to_string(reason)};
    env.report("runtime", why);
    env.stop(why);
  });
}

}  // namespace annals::actors
