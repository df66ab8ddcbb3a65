// A scrape waits for nobody: not for a read model, not for an effect, not for the disk.
#include "support/asleep.hpp"
#include "support/memory_engine.hpp"

#include <annals/prometheus.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <future>

#include <unistd.h>

using namespace annals;
using namespace world;
using namespace std::chrono_literals;

namespace {

/// A thread of the runtime stands here until it may go on.
class gate {
public:
  void pass() {
    reached_ = true;
    is_open_.wait(false);
  }
  bool is_reached() const { return reached_; }
  void open() {
    is_open_ = true;
    is_open_.notify_all();
  }

private:
  std::atomic<bool> reached_{false};
  std::atomic<bool> is_open_{false};
};
gate in_apply, in_effect;

struct hangs_in_apply {
  static constexpr std::string_view name = "hangs_in_apply";
  using follows = annals::types<counter>;
  using queries = annals::types<>;
  struct model {
    std::uint64_t notes = 0;
    static constexpr auto about = annals::describe<&model::notes>("hangs_in_apply", 1);
  };
  static void apply(model& m, const noted&, const record_view&) {
    in_apply.pass();
    ++m.notes;
  }
};

struct hangs_in_effect {
  static constexpr std::string_view name = "hangs_in_effect";
  using follows = annals::types<counter>;
  using queries = annals::types<>;
  struct model {
    std::uint64_t notes = 0;
    static constexpr auto about = annals::describe<&model::notes>("hangs_in_effect", 1);
  };
  static void apply(model& m, const noted&, const record_view&) { ++m.notes; }
  static void effect(const noted&, const record_view&) { in_effect.pass(); }
};

/// What another thread brings. The test must let that thread go on, also after this has thrown.
template <class T>
T ready(std::future<T>& one) {
  BOOST_TEST_REQUIRE((one.wait_for(10s) == std::future_status::ready), "it waits for somebody");
  return one.get();
}

/// Lets everything go on, however the test ends.
struct opens_all {
  memory_engine& of;
  ~opens_all() {
    in_apply.open();
    in_effect.open();
    of.log->unblock();
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(a_scrape)

BOOST_AUTO_TEST_CASE(ends_while_a_model_an_effect_and_the_disk_hang) {
  memory_store store;
  auto with = memory_engine::quiet();
  with.threads = 4;
  memory_engine e{store, with, [](detail::engine& of) {
                    of.add(detail::table_of_projection<hangs_in_apply>()).value();
                    of.add(detail::table_of_projection<hangs_in_effect>()).value();
                  }};
  std::future<std::string> scrape;  // destroyed, which waits for it, after everything goes on
  const opens_all at_the_end{e};
  e.send("a", note{"one"}).value();
  wait_until([] { return in_apply.is_reached() && in_effect.is_reached(); });
  e.log->block();
  (void)e.start("a", note{"two"});
  wait_until([&] { return e.log->is_blocked(); });
  scrape = std::async(std::launch::async, [&] { return prometheus_text(e.engine->metrics()); });
  const auto text = ready(scrape);
  for (const std::string line :
       {"annals_log_durable_position 1", "annals_commands_in_flight 1", R"(annals_commands_total{category="counter",outcome="accepted"} 1)",
        R"(annals_follower_lag_events{kind="projection",name="hangs_in_apply"} 1)",
        R"(annals_follower_lag_events{kind="projection",name="hangs_in_effect"} 1)"})
    BOOST_TEST(text.find("\n" + line + "\n") != std::string::npos, line << " is missing");
}

/// Subscriptions are spawned in the thread of the actor system, one after another.
BOOST_AUTO_TEST_CASE(ends_while_a_subscription_waits_to_be_spawned) {
  memory_store store;
  memory_engine e{store};
  gate at_home;
  std::atomic<pid_t> caller{0};
  std::future<void> busy;
  std::future<bool> joined;
  std::future<std::string> scrape;
  std::future<health> looked;
  const struct opens {
    gate& of;
    ~opens() { of.open(); }
  } at_the_end{at_home};
  busy = std::async(std::launch::async, [&] { e.engine->at_home([&] { at_home.pass(); }); });
  wait_until([&] { return at_home.is_reached(); });
  joined = std::async(std::launch::async, [&] {
    caller = ::gettid();
    return e.engine->subscribe("mails", {}).has_value();
  });
  wait_until([&] { return caller != 0 && is_asleep(caller); });
  scrape = std::async(std::launch::async, [&] { return prometheus_text(e.engine->metrics()); });
  looked = std::async(std::launch::async, [&] { return e.engine->health(); });
  BOOST_TEST(ready(scrape).find("mails") == std::string::npos);  // it is not there yet
  BOOST_TEST(ready(looked).subscriptions.empty());
  at_home.open();
  BOOST_TEST(ready(joined));
  BOOST_TEST(e.engine->health().subscriptions.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
