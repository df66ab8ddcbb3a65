// Changed events wherever else they are read: a parked one that is tried again, a model as it was, a fold from outside, a
// subscriber.
#include "changes/customers/programs.hpp"
#include "changes/customers/third.hpp"
#include "support/memory_engine.hpp"
#include "support/temporary_directory.hpp"

#include <annals/fold.hpp>

#include <annals/store_view.hpp>
#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace third;
using namespace std::chrono_literals;

namespace {

using texts = std::vector<std::string>;

std::string text(const address_changed& e) { return e.street + ", " + e.city + ", " + e.country; }

/// Applies what has changed by a retry only.
struct late_directory {
  static constexpr std::string_view name = "late_directory";
  using follows = directory::follows;
  using queries = types<>;
  struct model {
    texts all;
  };
  static constexpr failure_policy on_failure{1, 1ms};
  static inline std::atomic<bool> cures{false};
  static void take(model& m, std::string what) {
    if (!cures) throw std::runtime_error("not yet");
    m.all.push_back(std::move(what));
  }
  static void apply(model& m, const customer_created& e, const record_view&) { take(m, e.name + " <" + e.email + ">"); }
  static void apply(model& m, const customer_renamed& e, const record_view&) { take(m, e.name + ": " + e.reason); }
  static void apply(model& m, const address_changed& e, const record_view&) { take(m, text(e)); }
};

struct kept_store {
  temporary_directory place;
  std::filesystem::path path = place / "store";

  kept_store() {
    first::run(path);
    second::run(path);
  }
  runtime open() const {
    auto rt = runtime::open(path, memory_engine::quiet()).value();
    rt.host<customer>().value();
    rt.project<late_directory>().value();
    late_directory::cures = false;
    rt.start().value();
    return rt;
  }
};

texts people_in(const directory::model& m, std::string country) { return directory::answer(m, who_lives_in{std::move(country)}); }

}  // namespace

BOOST_AUTO_TEST_SUITE(changed_events_elsewhere)

BOOST_FIXTURE_TEST_CASE(a_parked_event_is_tried_again_in_its_newest_form, kept_store) {
  auto rt = open();
  const auto parked = rt.parked("late_directory").value();
  BOOST_TEST_REQUIRE(parked.size() == 7u);
  late_directory::cures = true;
  for (const auto& one : parked) BOOST_TEST(rt.retry_parked("late_directory", one.at).get().value() == one.at);
  rt.read<late_directory>([](const late_directory::model& m, position) {
      BOOST_TEST(m.all == (texts{"Ada <Ada@unknown>", "Lane 1, Delft, NL", "Ada L.: none given", "Bea <Bea@unknown>", "Road 2, Breda, NL",
                                 "Street 3, Ede, NL", "Cem <Cem@unknown>"}),
                 boost::test_tools::per_element());
    }).value();
}

BOOST_FIXTURE_TEST_CASE(a_model_as_it_was_has_todays_forms, kept_store) {
  const auto rt = open();
  const auto early = rt.model_at<directory>(2).value();
  BOOST_TEST(people_in(early.model, "NL") == texts{"Ada <Ada@unknown>"}, boost::test_tools::per_element());
  const auto named = rt.model_at<directory>(rt.head().at, std::vector<std::string>{"customer-bea"}).value();
  BOOST_TEST(people_in(named.model, "NL") == texts{"Bea <Bea@unknown>"}, boost::test_tools::per_element());
  BOOST_TEST(people_in(rt.model_at<directory>(rt.head().at).value().model, "NL") == (texts{"Ada L. <Ada@unknown>", "Bea <Bea@unknown>"}),
             boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_fold_from_outside_has_todays_forms, kept_store) {
  const auto view = store_view::open(path).value();
  directory::model all, bea;
  BOOST_TEST(fold<directory>(view, all).value() == view.head().at + 1);
  BOOST_TEST(people_in(all, "NL") == (texts{"Ada L. <Ada@unknown>", "Bea <Bea@unknown>"}), boost::test_tools::per_element());
  BOOST_TEST(fold_stream<directory>(view, "customer-bea", bea).value() == 4u);
  BOOST_TEST(people_in(bea, "NL") == texts{"Bea <Bea@unknown>"}, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_subscriber_is_handed_what_was_written_and_reads_it_in_its_newest_form, kept_store) {
  auto rt = open();
  auto all = rt.subscribe("all", {.categories = {"customer"}}).value();
  texts stored, read;
  while (read.size() < 7)
    for (const auto& one : all.next(100, 60s).value()) {
      stored.push_back(std::string{one.record.type} + "/" + std::to_string(one.record.schema));
      std::visit(
          [&]<class E>(const E& event) {
            if constexpr (std::is_same_v<E, customer_created>)
              read.push_back(event.name + " <" + event.email + ">");
            else if constexpr (std::is_same_v<E, customer_renamed>)
              read.push_back(event.name + ": " + event.reason);
            else
              read.push_back(text(event));
          },
          one.event<customer>().value());
      all.ack(one.record.at).get().value();
    }
  BOOST_TEST(stored == (texts{"customer_created/1", "address_changed/1", "name_changed/1", "customer_created/1", "address_changed/1",
                              "address_changed/2", "customer_created/1"}),
             boost::test_tools::per_element());
  BOOST_TEST(read == (texts{"Ada <Ada@unknown>", "Lane 1, Delft, NL", "Ada L.: none given", "Bea <Bea@unknown>", "Road 2, Breda, NL",
                            "Street 3, Ede, NL", "Cem <Cem@unknown>"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
