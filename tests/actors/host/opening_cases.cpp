// Opening a store: which options are refused, by which name it is known, and what can be done where there is no space.
#include "support/memory_engine.hpp"
#include "support/printed.hpp"
#include "support/temporary_directory.hpp"
#include "support/working_in.hpp"

#include <annals/store_view.hpp>

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace world;
namespace fs = std::filesystem;

namespace {

runtime started(const fs::path& at, const options& with = memory_engine::quiet()) {
  auto rt = runtime::open(at, with).value();
  rt.host<counter>().value();
  rt.project<sums>().value();
  rt.start().value();
  return rt;
}

std::int64_t sum_in(runtime& rt, std::string key) {
  return rt.ask<sums>(sum_of{std::move(key)}, at_least{rt.head(), std::chrono::seconds{60}}).get().value();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(opening)

BOOST_AUTO_TEST_CASE(case_102_sizes_of_maps_and_of_the_front_have_a_range) {
  temporary_directory d;
  const auto refuses = [&](const char* name, std::uint64_t options::* option, std::uint64_t value) {
    auto with = memory_engine::quiet();
    with.*option = value;
    const auto refused = runtime::open(d / "store", with);
    BOOST_TEST_REQUIRE(!refused.has_value());
    BOOST_TEST((refused.error().code == errc::bad_option));
    BOOST_TEST(refused.error().message().find(name) != std::string::npos, refused.error().message());
    BOOST_TEST(!fs::exists(d / "store"));
  };
  constexpr std::uint64_t mib = 1 << 20;
  for (const auto value : {std::uint64_t{0}, std::uint64_t{4096}, mib - 1, (mib << 26) + 1, ~std::uint64_t{0}}) {
    refuses("log_map_bytes", &options::log_map_bytes, value);
    refuses("derived_map_bytes", &options::derived_map_bytes, value);
  }
  for (const auto value : {std::uint64_t{0}, mib / 16 - 1, 64 * mib + 1}) refuses("front_bytes_min", &options::front_bytes_min, value);
  auto with = memory_engine::quiet();
  with.log_map_bytes = with.derived_map_bytes = mib;
  with.front_bytes_min = 70'000;  // in whole blocks
  auto rt = started(d / "store", with);
  BOOST_TEST(rt.send<counter>("a", add{1}).get().has_value());
}

BOOST_AUTO_TEST_CASE(case_82_a_model_is_rebuilt_and_its_images_go_wherever_the_process_works) {
  temporary_directory d;
  fs::create_directory(d / "elsewhere");
  const working_in here{d.path};
  const auto images = d / "store" / "derived" / "images";
  const auto has_images = [&] {
    std::error_code none;
    const fs::directory_iterator all{images, none};
    return std::any_of(begin(all), end(all), [](const auto& one) { return one.path().extension() != ".part"; });
  };
  {
    auto with = memory_engine::quiet();
    with.image_every_records = 2;
    auto rt = started("store", with);
    const working_in there{d / "elsewhere"};
    for (int i = 0; i < 5; ++i) rt.send<counter>("a", add{1}).get().value();
    BOOST_TEST(sum_in(rt, "a") == 5);
    wait_until(has_images);
  }
  BOOST_TEST(store_view::open("store")->stats().value().derived->images.size() == 1u);
  {
    auto rt = started("store");
    const working_in there{d / "elsewhere"};
    rt.rebuild("sums").get().value();
    BOOST_TEST(!has_images());  // what it was before is gone
    BOOST_TEST(sum_in(rt, "a") == 5);
  }
  BOOST_TEST(fs::is_empty(d / "elsewhere"));
}

BOOST_AUTO_TEST_CASE(case_83_two_runtimes_and_views_of_one_process_do_not_share_a_store_by_two_names) {
  temporary_directory d;
  auto rt = started(d / "store");
  fs::rename(d / "store", d / "moved");
  BOOST_TEST((store_view::open(d / "moved").error().code == errc::misuse));
  BOOST_TEST((runtime::open(d / "moved").error().code == errc::misuse));
  BOOST_TEST(rt.send<counter>("a", add{1}).get().has_value());
  BOOST_TEST(sum_in(rt, "a") == 1);
  auto other = started(d / "store");  // a new one
  BOOST_TEST(other.send<counter>("a", add{2}).get().has_value());
  BOOST_TEST(sum_in(rt, "a") == 1);
}

BOOST_AUTO_TEST_CASE(case_101_a_store_whose_map_is_full_opens_for_its_read_models) {
  temporary_directory d;
  auto with = memory_engine::quiet();
  with.log_map_bytes = 4 << 20;
  with.derived_map_bytes = 16 << 20;
  std::int64_t sum = 0;
  position head = 0;
  {
    auto rt = started(d / "store", with);
    while (!rt.health().storage_full && sum < 10'000) {
      (void)rt.send<counter>("b", note{std::string(50'000, 'x')});
      auto sent = rt.send<counter>("a", add{1});
      wait_until([&] { return sent.ready() || rt.health().storage_full; });
      if (sent.ready() && sent.get()) ++sum;
    }
    BOOST_TEST_REQUIRE(rt.health().storage_full);
  }
  {
    auto rt = started(d / "store", with);
    BOOST_TEST(rt.health().storage_full);
    BOOST_TEST((rt.send<counter>("a", add{1}).get().error().code == errc::storage_full));
    BOOST_TEST(sum_in(rt, "a") >= sum);
    sum = sum_in(rt, "a");
    head = rt.head().at;
    BOOST_TEST(rt.state_of<counter>("a").value().state.sum == sum);
    BOOST_TEST((rt.send<counter>("b", add{1}).get().error().code == errc::storage_full));
  }
  with.log_map_bytes = 64 << 20;
  auto rt = started(d / "store", with);
  BOOST_TEST(rt.head().at == head);
  BOOST_TEST(sum_in(rt, "a") == sum);
  BOOST_TEST(rt.send<counter>("a", add{1}).get().has_value());
}

BOOST_AUTO_TEST_SUITE_END()
