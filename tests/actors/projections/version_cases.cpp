// A projection's version: a new one builds the model anew, whatever images the older one has left.
#include "support/memory_engine.hpp"
#include "support/printed.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/scheduler/test_coordinator.hpp>

using namespace annals;
using namespace world;

namespace {

/// What each event is worth is the code of the day; the model's type is the same in all of them.
template <std::int64_t Each>
struct worth {
  static constexpr std::string_view name = "worth";
  using follows = types<counter>;
  using queries = types<sum_of>;
  struct model {
    std::int64_t sum = 0;
    static constexpr auto about = describe<&model::sum>("worth", 1);
  };
  static void apply(model& m, const added&, const record_view&) { m.sum += Each; }
  static std::int64_t answer(const model& m, const sum_of&) { return m.sum; }
};
using older = worth<1>;
using forgotten = worth<2>;  // as older, but that somebody has forgotten to say so
struct newer : worth<2> {
  static constexpr std::uint32_t version = 2;
};

options with_images() {
  auto with = memory_engine::quiet();
  with.image_every_records = 20;
  with.close_deadline = std::chrono::seconds{60};  // images are made in it
  return with;
}

template <class P>
struct hosting : memory_engine {
  explicit hosting(const memory_store& on)
      : memory_engine(on, with_images(), [](detail::engine& e) { e.add(detail::table_of_projection<P>()).value(); }) {}

  std::int64_t sum() {
    auto answer = detail::await(*engine->ask("worth", "sum_of", encoded(sum_of{}), at_least{engine->head(), std::chrono::seconds{60}}));
    return detail::decoded_answer<std::int64_t>(answer.value().bytes).value();
  }
  bool has_image() const { return images->newest("worth", detail::shape_of_projection<P>(), ~position{0}).value().has_value(); }
};

/// 30 events, and an image of their model by the older program.
memory_store of_the_older() {
  memory_store store;
  hosting<older> e{store};
  for (int i = 0; i < 30; ++i) e.send("a", add{1}).value();
  BOOST_TEST(e.sum() == 30);
  wait_until([&] { return e.has_image(); });
  return store;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(versions_of_a_projection)

BOOST_AUTO_TEST_CASE(a_new_version_builds_the_model_anew_and_makes_images_of_its_own) {
  const auto store = of_the_older();
  {
    hosting<newer> e{store};
    BOOST_TEST(e.sum() == 60);
    e.send("a", add{1}).value();
    BOOST_TEST(e.sum() == 62);
    wait_until([&] { return e.has_image(); });
  }
  hosting<older> back{store};  // and going back builds it anew, too
  BOOST_TEST(back.sum() == 31);
}

/// Without it nobody can know that the code is another: the image is believed.
BOOST_AUTO_TEST_CASE(the_version_is_what_says_so) {
  const auto store = of_the_older();
  hosting<forgotten> e{store};
  BOOST_TEST(e.sum() < 60);
  BOOST_TEST((detail::shape_of_projection<forgotten>() == detail::shape_of_projection<older>()));
  BOOST_TEST((detail::shape_of_projection<forgotten>() != detail::shape_of_projection<newer>()));
}

BOOST_AUTO_TEST_CASE(while_a_new_version_is_built_queries_are_told_how_far_it_is_and_not_what_the_older_knew) {
  const auto store = of_the_older();
  store::memory_log log{store.log};
  store::memory_derived_store index{store.index};
  store::memory_images images{store.images};
  detail::engine_parts parts;
  parts.log = &log;
  parts.derived = &index;
  parts.images = &images;
  parts.history = log.identity().history;
  parts.now = [] { return timestamp{1}; };
  parts.simulated = true;
  detail::engine engine{std::move(parts), with_images()};
  engine.add(detail::table_of_aggregate<counter>()).value();
  engine.add(detail::table_of_projection<newer>()).value();
  engine.begin().value();
  const auto ask = [&] { return engine.ask("worth", "sum_of", encoded(sum_of{}), std::nullopt); };
  const auto early = ask();
  auto& scheduler = dynamic_cast<caf::scheduler::test_coordinator&>(engine.system().scheduler());
  while (!early->is_answered()) scheduler.run_once();
  const auto told = early->await();
  BOOST_TEST_REQUIRE(!told.has_value());
  BOOST_TEST((told.error().code == errc::not_ready));
  BOOST_TEST(told.error().place == 0u);
  BOOST_TEST(told.error().message().find("worth is at position 0, the log was at 30") != std::string::npos);
  scheduler.run();
  const auto late = ask();
  scheduler.run();
  BOOST_TEST(detail::decoded_answer<std::int64_t>(late->await().value().bytes).value() == 60);
}

BOOST_AUTO_TEST_SUITE_END()
