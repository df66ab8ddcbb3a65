// A store that two former programs have written, read by a third one whose events have changed: two forms of an event, a
// chain of three, a new name, fields that came and went.
#include "changes/customers/programs.hpp"
#include "changes/customers/third.hpp"
#include "support/memory_engine.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace annals;
using namespace third;
using namespace std::chrono_literals;

namespace {

struct former_store {
  temporary_directory place;
  std::filesystem::path path = place / "store";

  former_store() {
    first::run(path);
    second::run(path);
  }

  result<runtime> open() const {
    auto rt = runtime::open(path, memory_engine::quiet());
    rt->host<customer>().value();
    rt->host<mailbox>().value();
    rt->orchestrate<welcoming>().value();
    rt->orchestrate<confirming>().value();
    rt->project<directory>().value();
    rt->start().value();
    rt->settle(60s).value();
    return rt;
  }
};

template <described E>
std::string text(const past_event<customer>& past) {
  return to_json(encoded(std::get<E>(past.event))).value();
}

std::vector<std::string> letters_to(const runtime& rt, std::string_view key) {
  std::vector<std::string> found;
  const auto past = rt.history<mailbox>(key);
  if (past)
    for (const auto& one : *past) found.push_back(std::get<second::letter_put>(one.event).text);
  return found;
}

using texts = std::vector<std::string>;

/// What an instance's stream comes to.
template <class P>
typename P::state state_of_instance(const runtime& rt, std::string_view key) {
  const auto instance = detail::table_of_process<P>().instance.make();
  rt.log(1, rt.head().at, [&](const record_view& r) {
      if (r.category() == P::category && r.key() == key) instance->apply(r).value();
      return true;
    }).value();
  return *static_cast<const typename P::state*>(instance->state());
}

/// The whole log as it is, up to a position.
texts raw(const runtime& rt, position last) {
  texts all;
  rt.log(1, last, [&](const record_view& r) {
      all.push_back(std::string{r.stream} + " " + std::string{r.type} + "/" + std::to_string(r.schema) + " " + to_json(r.payload).value() + " " +
                    std::to_string(r.checksum));
      return true;
    }).value();
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(changed_events)

BOOST_FIXTURE_TEST_CASE(history_hands_out_the_newest_forms, former_store) {
  auto rt = open();
  const auto ada = rt->history<customer>("ada").value();
  BOOST_TEST_REQUIRE(ada.size() == 3u);
  BOOST_TEST(text<customer_created>(ada[0]) == R"({"name":"Ada","email":"Ada@unknown"})");
  BOOST_TEST(text<address_changed>(ada[1]) == R"({"street":"Lane 1","city":"Delft","country":"NL"})");
  BOOST_TEST(text<customer_renamed>(ada[2]) == R"({"name":"Ada L.","reason":"none given"})");
  const auto bea = rt->history<customer>("bea").value();
  BOOST_TEST_REQUIRE(bea.size() == 3u);
  BOOST_TEST(text<address_changed>(bea[1]) == R"({"street":"Road 2","city":"Breda","country":"NL"})");
  BOOST_TEST(text<address_changed>(bea[2]) == R"({"street":"Street 3","city":"Ede","country":"NL"})");
}

BOOST_FIXTURE_TEST_CASE(an_aggregate_decides_on_what_its_stream_has_become, former_store) {
  auto rt = open();
  const auto refused = rt->send<customer>("ada", create{"Ada", "new"}).get();
  BOOST_TEST(refused.error().reason == "already_created");
  BOOST_TEST(refused.error().detail == "Ada@unknown");
  BOOST_TEST(rt->send<customer>("ada", change_address{"Quai 4", "Namur", "BE"}).get()->version == 4u);
}

BOOST_FIXTURE_TEST_CASE(a_state_of_the_past_is_what_the_stream_was_in_todays_forms, former_store) {
  auto rt = open();
  const auto created = rt->state_of<customer>("ada", {.version = 1}).value().state;
  BOOST_TEST(created.email == "Ada@unknown");
  BOOST_TEST(created.country.empty());
  BOOST_TEST(rt->state_of<customer>("ada", {.version = 2}).value().state.city == "Delft");
  const auto now = rt->state_of<customer>("ada").value().state;
  BOOST_TEST(now.name == "Ada L.");
  BOOST_TEST(now.reason == "none given");
  BOOST_TEST(now.country == "NL");
  BOOST_TEST(rt->verify_replay().value().events >= 7u);
}

BOOST_FIXTURE_TEST_CASE(a_projection_applies_the_newest_forms, former_store) {
  auto rt = open();
  BOOST_TEST(rt->ask<directory>(who_lives_in{"NL"}).get().value() == (texts{"Ada L. <Ada@unknown>", "Bea <Bea@unknown>"}),
             boost::test_tools::per_element());
  const auto moved = rt->send<customer>("bea", change_address{"Quai 4", "Namur", "BE"}).get()->token;
  BOOST_TEST(rt->ask<directory>(who_lives_in{"BE"}, at_least{moved, 60s}).get().value() == (texts{"Bea <Bea@unknown>"}),
             boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_process_manager_is_routed_by_the_newest_form_and_keeps_its_own_events_past, former_store) {
  for (const bool without_derived : {false, true}) {
    if (without_derived) std::filesystem::remove_all(path / "derived");
    auto rt = open();
    for (const auto* name : {"Ada", "Bea", "Cem"}) {
      const auto email = std::string{name} + "@unknown";
      BOOST_TEST(letters_to(*rt, email) == texts{"please confirm"}, boost::test_tools::per_element());
      BOOST_TEST(state_of_instance<confirming>(*rt, email).email == email);
      // Welcomed by the program before, and so not again.
      BOOST_TEST(letters_to(*rt, name) == texts{"welcome"}, boost::test_tools::per_element());
      BOOST_TEST(state_of_instance<welcoming>(*rt, name).greeting == "welcome");
      const auto past = rt->history<welcoming>(name).value();  // the runtime's own records are none of its events
      BOOST_TEST_REQUIRE(past.size() == 1u);
      BOOST_TEST(std::get<welcomed>(past[0].event).greeting == "welcome");
    }
  }
}

BOOST_FIXTURE_TEST_CASE(what_was_written_stays_as_it_is_and_what_is_new_is_written_in_the_newest_form, former_store) {
  texts before;
  position head = 0;
  {
    auto rt = runtime::open(path, memory_engine::quiet());
    rt->start().value();
    head = rt->head().at;
    before = raw(*rt, head);
  }
  BOOST_TEST(before[0].starts_with(R"(customer-ada customer_created/1 {"name":"Ada","fax":"none"})"));
  BOOST_TEST(before[2].starts_with(R"(customer-ada name_changed/1 {"name":"Ada L."})"));
  auto rt = open();
  rt->send<customer>("ada", third::rename{"Ada B."}).get().value();
  rt->send<customer>("dov", create{"Dov", "dov@example.org"}).get().value();
  rt->settle(60s).value();
  const auto after = raw(*rt, rt->head().at);
  BOOST_TEST((before == texts{after.begin(), after.begin() + static_cast<std::ptrdiff_t>(head)}));
  const auto has = [&](std::string_view beginning) {
    return std::any_of(after.begin(), after.end(), [&](const auto& line) { return line.starts_with(beginning); });
  };
  BOOST_TEST(has(R"(customer-ada customer_renamed/1 {"name":"Ada B.","reason":"asked for"})"));
  BOOST_TEST(has(R"(customer-dov customer_created/2 {"name":"Dov","email":"dov@example.org"})"));
  BOOST_TEST(has(R"(welcoming-Dov welcomed/2 {"name":"Dov","greeting":"hello"})"));
}

BOOST_AUTO_TEST_SUITE_END()
