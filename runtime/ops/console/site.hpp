// What the pages are about: one store, seen by a view and, inside a program, its runtime.
#pragma once

#include "ops/access/guards.hpp"
#include "ops/access/sessions.hpp"
#include "ops/console/request_counts.hpp"
#include "ops/http/message.hpp"
#include "ops/json.hpp"

#include <annals/console.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

namespace annals::ops {

class tails;
class cached_figures;
class past_figures;

struct site {
  site(annals::view of, runtime* rt, console_options with);
  ~site();

  annals::view view;
  annals::runtime* runtime;  // null: beside the program
  console_options options;
  std::string store_id;
  timestamp started;
  annals::ops::sessions sessions;
  std::unique_ptr<guards> guard;
  std::unique_ptr<annals::ops::tails> tails;
  std::unique_ptr<cached_figures> figures;
  std::unique_ptr<past_figures> past;
  request_counts requests;
  std::atomic<bool> closing = false;

  std::size_t open_tails() const;
  bool is_inside() const { return runtime != nullptr; }
};

/// One request on its way through a handler.
struct call {
  static constexpr std::chrono::milliseconds time_max{4'500};

  call(annals::ops::site& at, const request& what, std::optional<session> by)
      : site(at), asked(what), who(std::move(by)), until(std::chrono::steady_clock::now() + time_max) {}

  annals::ops::site& site;
  const request& asked;
  std::optional<session> who;
  std::chrono::steady_clock::time_point until;

  /// Whether a visit has to end: the time is up, or the console is closing.
  bool is_over() const { return site.closing || std::chrono::steady_clock::now() >= until; }
  const annals::view& view() const { return site.view; }
};

/// How the records of this person's acts name him.
std::string principal_of(const session& who);

/// The status for an error.
int status_of(errc code);
answer answer_of(const error& why);
answer answer_of(result<json> found);

}  // namespace annals::ops
