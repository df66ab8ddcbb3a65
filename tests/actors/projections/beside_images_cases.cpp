// While an image of a model is made, which is a second fold in a thread of its own, the model goes on: it follows, and answers.
#include "support/memory_engine.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <filesystem>

using namespace annals;
using namespace world;

namespace {

/// Who applies an event a second time makes an image, and waits there while it is held.
struct held {
  static constexpr std::string_view name = "held";
  using follows = types<counter>;
  using queries = types<sum_of>;
  struct model {
    std::int64_t sum = 0;
    static constexpr auto about = annals::describe<&model::sum>("held", 1);
  };
  static inline std::atomic<position> seen{0};
  static inline std::atomic<bool> is_held{true}, is_making{false};
  static void apply(model& m, const added& e, const record_view& r) {
    if (r.at > seen) {
      seen = r.at;
    } else {
      is_making = true;
      is_making.notify_all();
      is_held.wait(true);
    }
    m.sum += e.amount;
  }
  static std::int64_t answer(const model& m, const sum_of&) { return m.sum; }
  static void begin() {
    seen = 0;
    is_held = true;
    is_making = false;
  }
  static void release() {
    is_held = false;
    is_held.notify_all();
  }
};

/// Also when the test fails: the engine's end waits for its threads.
struct released_in_the_end {
  ~released_in_the_end() { held::release(); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(beside_images)

BOOST_AUTO_TEST_CASE(a_model_goes_on_following_and_answering_while_its_image_is_made) {
  held::begin();
  const temporary_directory place;
  auto with = memory_engine::quiet();
  with.projection_batch_records = 10;
  with.image_every_records = 50;
  auto rt = runtime::open(place / "store", with).value();
  const released_in_the_end surely;
  rt.host<counter>().value();
  rt.project<held>().value();
  rt.start().value();
  const auto has_image = [&] {
    std::error_code none_yet;
    for (const auto& entry : std::filesystem::directory_iterator{place / "store/derived/images", none_yet})
      if (entry.path().extension() != ".part") return true;
    return false;
  };
  rt.send<counter>("a", add{1, 60}).get().value();
  held::is_making.wait(false);
  for (std::int64_t i = 1; i <= 200; ++i) {
    const auto at = rt.send<counter>("a", add{1}).get().value().token;
    const auto answer = rt.ask<held>(sum_of{}, at_least{at, std::chrono::seconds{20}}).get();
    BOOST_TEST_REQUIRE(answer.has_value(), "query " << i);
    BOOST_TEST(*answer == 60 + i);
    rt.read<held>([&](const held::model& m, position) { BOOST_TEST(m.sum == 60 + i); }).value();
  }
  BOOST_TEST(!has_image());
  held::release();
  wait_until(has_image);
}

BOOST_AUTO_TEST_SUITE_END()
