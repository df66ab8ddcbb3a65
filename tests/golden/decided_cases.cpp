// The golden store of what cannot be derived: what a subscription, a projection and its effects have decided, in the log's
// control table; and an image of a model. README.md says what it has.
#include "actors/dead_letters/parked_events.hpp"
#include "golden/picture.hpp"
#include "store/derived/image_files.hpp"
#include "store/log/front_log.hpp"
#include "support/memory_engine.hpp"
#include "support/printed.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace annals;
using namespace golden;
namespace fs = std::filesystem;

namespace {

constexpr failure_policy once{1, 1ms};

/// Does not like what is bad.
struct labels {
  static constexpr std::string_view name = "labels";
  static constexpr failure_policy on_failure = once;
  using follows = types<parcel>;
  using queries = types<all_parcels>;
  struct model {
    std::vector<std::string> texts;
    static constexpr auto about = describe("labels", 1, field{"texts", &model::texts});
  };
  static inline std::atomic<bool> cures{false};
  static void apply(model& m, const noted& e, const record_view&) {
    if (e.text.starts_with("bad") && !cures) throw std::runtime_error("does not like it");
    m.texts.push_back(e.text);
  }
  static std::vector<std::string> answer(const model& m, const all_parcels&) { return m.texts; }
};
/// Cannot ring what is loud, in the life that writes the store.
struct bells {
  static constexpr std::string_view name = "bells";
  static constexpr failure_policy on_failure = once;
  using follows = types<parcel>;
  using queries = types<all_parcels>;
  struct model {
    std::int64_t applied = 0;
  };
  static inline std::atomic<bool> rings_all{false};
  static inline std::atomic<int> rung{0};
  static void effect(const noted& e, const record_view&) {
    if (e.text.starts_with("loud") && !rings_all) throw std::runtime_error("too loud");
    ++rung;
  }
  static void apply(model& m, const noted&, const record_view&) { ++m.applied; }
  static std::int64_t answer(const model& m, const all_parcels&) { return m.applied; }
};

const std::vector<std::string> first_texts{"one", "two", "bad three", "bad four", "loud five", "six", "seven", "eight", "nine"};
constexpr position head = 30;

runtime open(const fs::path& store, std::uint64_t image_every = 0) {
  auto with = memory_engine::quiet();
  with.image_every_records = image_every;
  auto rt = runtime::open(store, with).value();
  rt.host<parcel>().value();
  rt.project<labels>().value();
  rt.project<bells>().value();
  rt.start().value();
  return rt;
}

positions parked(const runtime& rt, std::string_view name) {
  positions all;
  for (const auto& one : rt.parked(name).value()) all.push_back(one.at);
  return all;
}

/// Of a store that nobody has open: the newest of the labels, of whatever shape it is.
std::optional<store::image> image_in(const fs::path& store) {
  const auto log = store::front_log::open(store / "log", {.map_bytes = std::uint64_t{1} << 30, .read_only = true}).value();
  const store::image_files all{store / "derived" / "images", log->identity()};
  const auto newest = all.newest(labels::name, 0, ~position{0}).value();
  return newest ? all.newest(labels::name, newest->shape, ~position{0}).value() : std::nullopt;
}

void tar(const fs::path& in, const std::string& arguments) {
  const auto command = "cd '" + in.string() + "' && '" CMAKE_PROGRAM "' -E tar " + arguments;
  BOOST_TEST_REQUIRE(std::system(command.c_str()) == 0, command);
}

struct decided_store {
  temporary_directory place;
  fs::path path = place / "store";
  decided_store() {
    labels::cures = false;
    bells::rings_all = false;
    bells::rung = 0;
    tar(place.path, "xf '" GOLDEN_STORES "/decided-1.tar.zst'");
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(golden_decisions)

BOOST_AUTO_TEST_CASE(the_log_and_the_image_are_read_without_changing_them) {
  const decided_store kept;
  lines expected;
  std::ifstream text{GOLDEN_STORES "/decided-1.jsonl"};
  for (std::string line; std::getline(text, line);) expected.push_back(line);
  const auto view = store_view::open(kept.path).value();
  BOOST_TEST(picture_of_log(view) == expected, boost::test_tools::per_element());
  BOOST_TEST((view.skipped("labels").value() == std::set<position>{3}));
  positions of_mail;
  view.parked([&](std::string_view of, const parked_event& one) {
        if (of == "subscription/mail") of_mail.push_back(one.at);
        return true;
      })
      .value();
  BOOST_TEST((of_mail == positions{4}));

  const auto image = image_in(kept.path);
  BOOST_TEST_REQUIRE(image.has_value());
  BOOST_TEST(image->mark.at >= 20u);
  const auto aside = actors::parked_events::restored(image->parked).value().list();
  BOOST_TEST_REQUIRE(aside.size() == 1u);
  BOOST_TEST(aside[0].at == 4u);
  BOOST_TEST(aside[0].error == "does not like it");
  const auto model = decoded<labels::model>(image->bytes).value();
  BOOST_TEST(model.texts.size() == image->mark.at - 2);
  BOOST_TEST(model.texts[2] == "loud five");
}

BOOST_AUTO_TEST_CASE(a_subscription_goes_on_behind_what_it_has_acknowledged_parked_and_skipped) {
  for (const bool without_derived : {false, true}) {
    const decided_store kept;
    if (without_derived) fs::remove_all(kept.path / "derived");
    auto rt = open(kept.path);
    auto mail = rt.subscribe("mail", {.types = {"noted"}}).value();
    const auto aside = mail.parked().value();
    BOOST_TEST_REQUIRE(aside.size() == 1u);
    BOOST_TEST(aside[0].at == 4u);
    BOOST_TEST(aside[0].stream == "parcel-n4");
    BOOST_TEST(aside[0].error == "no such address");
    BOOST_TEST(aside[0].attempts == 1u);
    positions expected{6}, found;
    for (position at = 8; at <= head; ++at) expected.push_back(at);
    while (found.size() < expected.size())
      for (const auto& one : mail.next(100, 60s).value()) found.push_back(one.record.at);
    BOOST_TEST(found == expected, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(what_is_skipped_stays_so_and_an_effect_that_is_owed_takes_place_once) {
  for (const bool without_derived : {false, true}) {
    const decided_store kept;
    if (without_derived) fs::remove_all(kept.path / "derived");
    labels::cures = true;
    auto rt = open(kept.path);
    BOOST_TEST(parked(rt, "labels").empty());
    BOOST_TEST(rt.ask<labels>(all_parcels{}).get().value().size() == head - 1);
    BOOST_TEST((parked(rt, "bells") == positions{5}));
    BOOST_TEST(bells::rung == 0);
    bells::rings_all = true;
    BOOST_TEST(rt.retry_parked("bells", 5).get().value() == 5u);
    BOOST_TEST(bells::rung == 1);
    BOOST_TEST(rt.ask<bells>(all_parcels{}).get().value() == static_cast<std::int64_t>(head));
  }
}

BOOST_AUTO_TEST_SUITE_END()

/// Written once, as writer.hpp says of the others: ANNALS_GOLDEN=tests/golden/decided-1, --run_test=writing_golden_decisions.
BOOST_AUTO_TEST_SUITE(writing_golden_decisions, *boost::unit_test::disabled())

BOOST_AUTO_TEST_CASE(write_one) {
  const auto* to = std::getenv("ANNALS_GOLDEN");
  BOOST_TEST_REQUIRE(to != nullptr);
  const auto base = fs::absolute(to);
  const temporary_directory place;
  const auto store = place / "store";
  labels::cures = bells::rings_all = false;
  {
    auto rt = open(store, 10);
    const auto note = [&](position at, std::string text) { rt.send<parcel>("n" + std::to_string(at), add_notes{{std::move(text)}}).get().value(); };
    for (position at = 1; at <= first_texts.size(); ++at) note(at, first_texts[at - 1]);
    wait_until([&] { return parked(rt, "labels") == positions{3, 4} && parked(rt, "bells") == positions{5}; });
    rt.skip_parked("labels", 3).get().value();
    auto mail = rt.subscribe("mail", {.types = {"noted"}, .failure = once}).value();
    positions seen;
    while (seen.size() < first_texts.size())
      for (const auto& one : mail.next(9, 60s).value()) seen.push_back(one.record.at);
    mail.ack(positions{1, 2, 3, 7}).get().value();
    mail.nack(4, "no such address").get().value();
    mail.nack(5, "no such house").get().value();
    mail.skip(5).get().value();
    for (auto at = first_texts.size() + 1; at <= head; ++at) note(at, "more");
    wait_until([&] {
      std::error_code none_yet;
      for (const auto& one : fs::directory_iterator{store / "derived" / "images", none_yet})
        if (one.path().extension() != ".part" && one.path().filename().string() >= "labels.00000000000000000020") return true;
      return false;
    });
  }
  BOOST_TEST_REQUIRE(image_in(store).has_value());
  tar(place.path, "cf '" + base.string() + ".tar.zst' --zstd store");
  std::ofstream text{base.string() + ".jsonl"};
  for (const auto& line : picture_of_log(store_view::open(store).value())) text << line << '\n';
  BOOST_TEST(text.good());
}

BOOST_AUTO_TEST_SUITE_END()
