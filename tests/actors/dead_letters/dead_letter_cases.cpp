// What a projection, a process manager and a subscription do about an event that they cannot handle is one mechanism. One table of
// owners, and each situation for every one of them.
#include "support/virtual_engine.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <functional>
#include <map>
#include <memory>

using namespace annals;
using namespace world;
using namespace std::chrono_literals;

BOOST_TEST_DONT_PRINT_LOG_VALUE(annals::errc)
BOOST_TEST_DONT_PRINT_LOG_VALUE(std::optional<annals::errc>)

namespace {

using places = std::vector<position>;
using texts = std::vector<std::string>;
constexpr errc fine{0};
constexpr std::uint32_t attempts = 3;
bool cures = false;

/// A note is "LANE WHAT"; it is written to the counter LANE.
std::string lane_of(std::string_view text) { return std::string{text.substr(0, text.find(' '))}; }
void handle(const std::string& text) {
  if (text.ends_with("bad") && !cures) throw std::runtime_error("does not like " + text);
}

template <on_failure Then>
struct reader {
  static constexpr std::string_view name = "reader";
  static constexpr failure_policy on_failure{attempts, 1ms, Then};
  using follows = types<counter>;
  using queries = types<>;
  struct model {
    texts seen;
  };
  static void apply(model& m, const noted& e, const record_view&) {
    handle(e.text);
    m.seen.push_back(e.text);
  }
};

struct worker {
  static constexpr std::string_view category = "worker";
  static constexpr failure_policy on_failure{attempts, 1ms};
  using observes = types<counter>;
  using events = types<noted>;
  struct state {};
  static std::optional<std::string> key(const noted& e) { return lane_of(e.text); }
  static steps<worker> on(const state&, const noted& e, const context&) {
    handle(e.text);
    return e;
  }
  static void evolve(state&, const noted&) {}
};

/// One owner of parked events on its engine. Its orders are answered when time passes.
class owner {
public:
  owner(const memory_store& on, const std::function<void(detail::engine&)>& host) : e(on, true, host) {}
  virtual ~owner() = default;
  virtual std::shared_ptr<detail::waiter> order(position at, bool is_retry) = 0;
  virtual std::vector<parked_event> parked() = 0;
  virtual texts handled() = 0;
  /// Lets it handle what it can.
  virtual void work() { e.pass(50ms); }

  places write(const texts& all) {
    places at;
    for (const auto& text : all) {
      e.note(lane_of(text), text);
      at.push_back(e.engine().head().at);
      work();
    }
    return at;
  }
  std::optional<errc> code_of(const std::shared_ptr<detail::waiter>& asked) {
    if (!asked->is_answered()) return std::nullopt;
    const auto answer = asked->await();
    return answer ? fine : answer.error().code;
  }
  std::optional<errc> done(position at, bool is_retry) {
    const auto asked = order(at, is_retry);
    e.settle();
    work();
    return code_of(asked);
  }
  std::optional<errc> retry(position at) { return done(at, true); }
  std::optional<errc> skip(position at) { return done(at, false); }
  position place_in_error(position at, bool is_retry) {
    const auto asked = order(at, is_retry);
    e.settle();
    return asked->await().error().place;
  }
  places parked_at() {
    places all;
    for (const auto& one : parked()) all.push_back(one.at);
    return all;
  }
  /// The next decision stays on its way to the log for a while.
  void write_slowly() {
    store::memory_faults faults;
    faults.drain_no_space = 3;
    e.log().set_faults(faults);
  }

  virtual_engine e;
};

template <on_failure Then>
struct projection_owner : owner {
  explicit projection_owner(const memory_store& on)
      : owner(on, [](detail::engine& more) { more.add(detail::table_of_projection<reader<Then>>()).value(); }) {}
  std::shared_ptr<detail::waiter> order(position at, bool is_retry) override {
    if (is_retry) return e.engine().order("reader", actors::retry_parked{at, {}});
    return e.engine().order("reader", actors::skip_parked{at, {}});
  }
  std::vector<parked_event> parked() override { return e.engine().parked("reader").value(); }
  texts handled() override {
    texts seen;
    e.engine().read_model("reader", [&](const void* m, position) { seen = static_cast<const typename reader<Then>::model*>(m)->seen; }).value();
    return seen;
  }
};

struct process_owner : owner {
  explicit process_owner(const memory_store& on)
      : owner(on, [](detail::engine& more) { more.add(detail::table_of_process<worker>()).value(); }) {}
  std::shared_ptr<detail::waiter> order(position at, bool is_retry) override {
    if (is_retry) return e.engine().order("worker", actors::retry_parked{at, {}});
    return e.engine().order("worker", actors::skip_parked{at, {}});
  }
  std::vector<parked_event> parked() override { return e.engine().parked("worker").value(); }
  texts handled() override {
    texts seen;
    store::read_limits limits;
    (void)e.log().read(1, limits, [&](const record_view& r) {
      if (r.category() == "worker" && r.type == noted::about.name) seen.push_back(decoded<noted>(r.payload)->text);
      return true;
    });
    return seen;
  }
};

template <on_failure Then>
struct subscription_owner : owner {
  explicit subscription_owner(const memory_store& on) : owner(on, {}), one(e, "mail", {.failure = {attempts, 1ms, Then}}) { work(); }
  std::shared_ptr<detail::waiter> order(position at, bool is_retry) override { return one.in().resolve(at, is_retry); }
  std::vector<parked_event> parked() override { return one.parked(); }
  texts handled() override { return seen; }
  void work() override {
    for (std::uint32_t turn = 0; turn < 2 * attempts; ++turn, e.pass(10ms))
      for (auto next = one.take(1); !next.empty(); next = one.take(1)) take(next[0]);
  }
  void take(const delivered& given) {
    const auto text = decoded<noted>(given.record.payload)->text;
    try {
      handle(text);
      seen.push_back(text);
      one.in().ack({given.record.at});
      e.run();
    } catch (const std::exception& why) {
      one.nack(given.record.at, why.what());
    }
  }
  texts seen;
  member one;
};

struct row {
  const char* name;
  bool has_lanes;  // what follows in the stream, or for the instance, waits
  std::function<std::unique_ptr<owner>(const memory_store&)> open;
};
template <class Owner>
row row_of(const char* name, bool has_lanes) {
  return {name, has_lanes, [](const memory_store& on) { return std::make_unique<Owner>(on); }};
}
const std::array owners{row_of<projection_owner<on_failure::park_event>>("a projection, by event", false),
                        row_of<projection_owner<on_failure::park_stream>>("a projection, by stream", true),
                        row_of<process_owner>("a process manager", true),
                        row_of<subscription_owner<on_failure::park_event>>("a subscription, by event", false),
                        row_of<subscription_owner<on_failure::park_stream>>("a subscription, by stream", true)};

template <class Situation>
void for_each_owner(Situation&& situation) {
  for (const auto& one : owners)
    BOOST_TEST_CONTEXT(one.name) {
      cures = false;
      memory_store store;
      situation(one, store);
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(dead_letters)

BOOST_AUTO_TEST_CASE(what_fails_at_every_attempt_is_parked_with_its_reason_and_the_others_go_on) {
  for_each_owner([](const row& one, const memory_store& store) {
    const auto of = one.open(store);
    const auto at = of->write({"a 1", "a bad", "b 1", "a 2"});
    const auto parked = of->parked();
    BOOST_TEST_REQUIRE(parked.size() == (one.has_lanes ? 2u : 1u));
    BOOST_TEST(parked[0].at == at[1]);
    BOOST_TEST(parked[0].attempts == attempts);
    BOOST_TEST(parked[0].error.find("does not like a bad") != std::string::npos);
    BOOST_TEST(parked[0].stream.ends_with("-a"));
    BOOST_TEST(parked[0].time > 1'000'000);
    if (one.has_lanes) {
      BOOST_TEST(parked[1].at == at[3]);
      BOOST_TEST(parked[1].attempts == 0u);
      BOOST_TEST(parked[1].error == "waits for position " + std::to_string(at[1]));
    }
    BOOST_TEST((of->handled() == (one.has_lanes ? texts{"a 1", "b 1"} : texts{"a 1", "b 1", "a 2"})));
  });
}

BOOST_AUTO_TEST_CASE(a_retry_handles_it_and_then_what_waits_for_it) {
  for_each_owner([](const row& one, const memory_store& store) {
    const auto of = one.open(store);
    const auto at = of->write({"a bad", "a 2", "a 3"});
    if (one.has_lanes) {
      BOOST_TEST((of->retry(at[1]) == errc::misuse));
      BOOST_TEST(of->place_in_error(at[2], true) == at[0]);
    }
    (void)of->retry(at[0]);
    BOOST_TEST_REQUIRE(!of->parked().empty());
    BOOST_TEST(of->parked()[0].attempts >= attempts);
    cures = true;
    BOOST_TEST((of->retry(at[0]) == fine));
    BOOST_TEST(of->parked().empty());
    BOOST_TEST((of->handled() == (one.has_lanes ? texts{"a bad", "a 2", "a 3"} : texts{"a 2", "a 3", "a bad"})));
    (void)of->write({"a 4"});
    BOOST_TEST(of->handled().back() == "a 4");
  });
}

BOOST_AUTO_TEST_CASE(a_skip_lets_go_on_what_waits_for_it_and_holds_in_every_later_run) {
  for_each_owner([](const row& one, const memory_store& store) {
    {
      const auto of = one.open(store);
      const auto at = of->write({"a bad", "a 2"});
      BOOST_TEST((of->skip(at[0]) == fine));
      if (!of->parked().empty()) BOOST_TEST((of->retry(at[1]) == fine));  // a subscription's stream goes on by a retry
      BOOST_TEST(of->parked().empty());
      BOOST_TEST((of->handled() == texts{"a 2"}));
      of->e.log().crash();
    }
    cures = true;
    const auto of = one.open(store);
    of->work();
    (void)of->write({"a 3"});
    const auto seen = of->handled();
    BOOST_TEST(std::count(seen.begin(), seen.end(), "a bad") == 0);
    BOOST_TEST(seen.back() == "a 3");
    BOOST_TEST(of->parked().empty());
  });
}

BOOST_AUTO_TEST_CASE(nothing_is_parked_where_nothing_is_parked) {
  for_each_owner([](const row& one, const memory_store& store) {
    const auto of = one.open(store);
    const auto at = of->write({"a 1", "a bad"});
    for (const bool is_retry : {true, false}) {
      for (const position none : {position{0}, at[0], position{1'000}}) {
        const auto asked = of->order(none, is_retry);
        of->e.settle();
        BOOST_TEST((asked->await().error().code == errc::not_found));
        BOOST_TEST(asked->await().error().place == none);
      }
    }
    BOOST_TEST((of->skip(at[1]) == fine));
    BOOST_TEST((of->skip(at[1]) == errc::not_found));
    BOOST_TEST((of->retry(at[1]) == errc::not_found));
  });
}

BOOST_AUTO_TEST_CASE(a_retry_that_meets_a_skip_is_refused_and_a_second_skip_gets_the_answer_of_the_first) {
  for_each_owner([](const row& one, const memory_store& store) {
    const auto of = one.open(store);
    const auto at = of->write({"a bad", "a 2"});
    cures = true;
    of->write_slowly();
    const auto first = of->order(at[0], false);
    of->e.run();
    const auto retried = of->order(at[0], true);
    const auto second = of->order(at[0], false);
    of->e.run();
    BOOST_TEST(!first->is_answered());
    BOOST_TEST(!second->is_answered());
    BOOST_TEST_REQUIRE(retried->is_answered());
    BOOST_TEST((of->code_of(retried) == errc::misuse));
    BOOST_TEST(retried->await().error().place == at[0]);
    of->e.pass(5s);
    of->work();
    BOOST_TEST((of->code_of(first) == fine));
    BOOST_TEST((of->code_of(second) == fine));
    const auto seen = of->handled();
    BOOST_TEST(std::count(seen.begin(), seen.end(), "a bad") == 0);
  });
}

BOOST_AUTO_TEST_CASE(a_skip_that_is_not_durable_has_not_happened) {
  for_each_owner([](const row& one, const memory_store& store) {
    position bad = 0;
    {
      const auto of = one.open(store);
      bad = of->write({"a bad"})[0];
      of->write_slowly();
      const auto asked = of->order(bad, false);
      of->e.run();
      BOOST_TEST(!asked->is_answered());
      of->e.log().crash();
    }
    const auto of = one.open(store);
    of->work();
    BOOST_TEST((of->parked_at() == places{bad}));
  });
}

BOOST_AUTO_TEST_CASE(a_start_with_a_program_that_can_handle_it_needs_no_retry_but_for_a_subscription) {
  for_each_owner([](const row& one, const memory_store& store) {
    position bad = 0;
    {
      const auto of = one.open(store);
      bad = of->write({"a bad", "a 2"})[0];
      of->e.log().crash();
    }
    cures = true;
    const auto of = one.open(store);
    of->work();
    if (!of->parked().empty()) BOOST_TEST((of->retry(bad) == fine));  // its host decides when
    BOOST_TEST(of->parked().empty());
    const auto seen = of->handled();
    BOOST_TEST(std::count(seen.begin(), seen.end(), "a bad") == 1);
  });
}

BOOST_AUTO_TEST_SUITE_END()
