// Cases 18 to 20: records that this program cannot read as its events stop every reader, with type and place. And how a
// record finds the form that it is read as.
#include "changes/customers/first.hpp"
#include "changes/customers/second.hpp"
#include "changes/customers/third.hpp"
#include "support/memory_engine.hpp"
#include "support/printed.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;

namespace {

template <class A, class E>
struct counting {
  static constexpr std::string_view name = "counting";
  using follows = types<A>;
  using queries = types<>;
  struct model {
    std::uint64_t seen = 0;
  };
  static void apply(model& m, const E&, const record_view&) { ++m.seen; }
};

struct noticed {
  static constexpr auto about = describe("noticed", 1);
};
template <class A, class E>
struct noticing {
  static constexpr std::string_view category = "noticing";
  using observes = types<A>;
  using events = types<noticed>;
  struct state {};
  static std::optional<std::string> key(const E&) { return "all"; }
  static steps<noticing> on(const state&, const E&, const context&) { return noticed{}; }
  static void evolve(state&, const noticed&) {}
};

/// Customers whose program has forgotten that names change.
struct forgetful {
  static constexpr std::string_view category = "customer";
  using commands = types<first::create>;
  using events = types<first::customer_created>;
  using state = first::customer::state;
  static decision<forgetful> decide(const state&, const first::create& c, const context&) { return first::customer_created{c.name}; }
  static void evolve(state& s, const first::customer_created& e) { s.name = e.name; }
};

template <class A>
void write(const std::filesystem::path& store, std::string_view key, const auto&... commands) {
  auto rt = runtime::open(store, memory_engine::quiet());
  rt->host<A>().value();
  rt->start().value();
  (rt->send<A>(key, commands).get().value(), ...);
}

/// What stops there: the code, and in its text the event's type, stream and position, and `why`.
struct expected_stop {
  errc code;
  position at;
  std::string type;
  std::string why;

  void check(const error& found, errc as) const {
    BOOST_TEST((found.code == as), found.message());
    for (const auto& text : {type + " of stream customer-ada at position " + std::to_string(at), why, std::string{to_string(code)}})
      BOOST_TEST(found.message().find(text) != std::string::npos, found.message() << " does not say " << text);
  }
};

/// "customer-ada" cannot be read by A from `stop.at` on, and "customer-bea" can. E is what the others wait for.
template <class A, class E, class C>
void check_that_readers_stop(const std::filesystem::path& store, const expected_stop& stop, const C& command) {
  auto rt = runtime::open(store, memory_engine::quiet());
  rt->host<A>().value();
  rt->project<counting<A, E>>().value();
  rt->orchestrate<noticing<A, E>>().value();
  const auto started = rt->start();
  stop.check(started.error(), errc::projection_failed);
  BOOST_TEST(started.error().place == stop.at);
  wait_until([&] { return rt->health().processes.front().stopped.has_value(); });
  const auto process = *rt->health().processes.front().stopped;
  stop.check(process, errc::projection_failed);
  BOOST_TEST(process.place == stop.at);
  BOOST_TEST(process.detail.find("position " + std::to_string(stop.at)) != std::string::npos);

  stop.check(rt->send<A>("ada", command).get().error(), errc::load_failed);
  stop.check(rt->send<A>("ada", command).get().error(), errc::load_failed);  // and it stays so
  stop.check(rt->history<A>("ada").error(), stop.code);
  stop.check(rt->state_of<A>("ada").error(), stop.code);
  stop.check(rt->verify_replay().error(), stop.code);
  BOOST_TEST(rt->history<A>("ada").error().place == stop.at);

  const auto head = rt->head().at;
  const auto other = rt->send<A>("bea", command).get();
  BOOST_TEST(other.has_value());
  BOOST_TEST(other->token.at == head + 1);  // nothing was written meanwhile
}

template <class E>
result<E> read_as(std::string_view type, std::uint16_t schema, const std::string& payload) {
  record_view record;
  record.at = 7;
  record.stream = "customer-ada";
  record.type = type;
  record.schema = schema;
  record.payload = payload;
  std::optional<E> found;
  auto ok = detail::read_event(types<E>{}, record, [&](E event) { found = std::move(event); });
  if (!ok) return std::move(ok).error();
  return std::move(*found);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(schemas)

BOOST_AUTO_TEST_CASE(case_18_an_unknown_event_type_stops_every_reader_with_its_name_and_position) {
  temporary_directory place;
  const auto store = place / "store";
  write<first::customer>(store, "bea", first::create{"Bea"});
  write<first::customer>(store, "ada", first::create{"Ada"}, first::change_name{"Ada L."}, first::create{"Ada"});
  check_that_readers_stop<forgetful, first::customer_created>(store, {errc::unknown_event_type, 3, "name_changed", "unknown event type"},
                                                              first::create{"x"});
}

BOOST_AUTO_TEST_CASE(case_18_of_a_process_managers_own_stream) {
  const auto instance = detail::table_of_process<third::welcoming>().instance.make();
  record_view record;
  record.at = 9;
  record.stream = "welcoming-ada";
  record.type = "annals.something_new";
  record.payload = "\x80";
  BOOST_TEST((instance->apply(record).error().code == errc::unknown_event_type));
  record.type = "somebody_elses";
  const auto unknown = instance->apply(record).error();
  BOOST_TEST((unknown.code == errc::unknown_event_type));
  BOOST_TEST(unknown.message().find("somebody_elses of stream welcoming-ada at position 9") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(case_18_a_timer_that_is_not_known_any_more_is_no_timer_that_fired) {
  const auto instance = detail::table_of_process<third::welcoming>().instance.make();
  const detail::event_limits limits{1 << 20, 1 << 20, 100};
  const std::string payload = encoded(detail::timer_set{"old_timer", 5, {}});
  record_view record;
  record.at = 9;
  record.stream = "welcoming-ada";
  record.version = 3;
  record.type = detail::timer_set::about.name;
  record.payload = payload;
  instance->apply(record).value();
  context about;
  about.key = "ada";
  about.version = 3;
  detail::decided made;
  const auto due = encoded(detail::fire_timer{3, "old_timer", encoded(noticed{})});
  instance->decide({detail::fire_timer::about.name, due, about, limits}, made);
  BOOST_TEST_REQUIRE(made.refused.has_value());
  BOOST_TEST((made.refused->code == errc::unknown_event_type));
  BOOST_TEST(made.refused->message().find("old_timer, set by version 3 of stream welcoming-ada") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(case_19_a_newer_schema_stops_every_reader_with_its_name_and_position) {
  temporary_directory place;
  const auto store = place / "store";
  write<first::customer>(store, "bea", first::create{"Bea"});
  write<third::customer>(store, "ada", third::create{"Ada", "ada@example.org"});
  check_that_readers_stop<first::customer, first::customer_created>(
      store, {errc::newer_schema, 2, "customer_created", "has schema 2, this program knows 1"}, first::create{"x"});
}

BOOST_AUTO_TEST_CASE(case_19_of_a_process_managers_own_stream) {
  const auto instance = detail::table_of_process<third::welcoming>().instance.make();
  const std::string payload = encoded(detail::timer_fired{1});
  record_view record;
  record.at = 9;
  record.stream = "welcoming-ada";
  record.type = detail::timer_fired::about.name;
  record.schema = 2;
  record.payload = payload;
  const auto newer = instance->apply(record).error();
  BOOST_TEST((newer.code == errc::newer_schema));
  BOOST_TEST(newer.message().find("annals.timer_fired of stream welcoming-ada at position 9") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(case_20_an_upcast_that_throws_stops_every_reader_with_its_name_and_position) {
  temporary_directory place;
  const auto store = place / "store";
  write<first::customer>(store, "bea", first::create{"Bea"}, first::change_address{"Lane 1, Delft"});
  write<first::customer>(store, "ada", first::change_address{"Road 2, Oslo"}, first::change_address{"nowhere"});
  const expected_stop stop{errc::undecodable, 4, "address_changed", "has schema 1: the upcast to 2 threw: no city in 'nowhere'"};
  check_that_readers_stop<second::customer, second::address_changed>(store, stop, second::create{"x"});
  // Two steps further on as well.
  check_that_readers_stop<third::customer, third::address_changed>(store, stop, third::change_address{"Lane 1", "Delft", "NL"});
}

BOOST_AUTO_TEST_CASE(a_record_is_read_as_the_oldest_form_that_is_not_older) {
  using third::address_changed;
  const auto all = [](const address_changed& e) { return e.street + "|" + e.city + "|" + e.country; };
  const auto read = [](std::uint16_t schema, const auto& event) {
    return read_as<address_changed>("address_changed", schema, encoded(event)).value();
  };
  BOOST_TEST(all(read(1, first::address_changed{"Lane 1, Delft"})) == "Lane 1|Delft|NL");
  BOOST_TEST(all(read(2, second::address_changed{"Lane 1", "Delft"})) == "Lane 1|Delft|NL");
  BOOST_TEST(all(read(3, address_changed{"Lane 1", "Delft", "BE"})) == "Lane 1|Delft|BE");
  BOOST_TEST((read_as<address_changed>("address_changed", 4, encoded(address_changed{})).error().code == errc::newer_schema));
}

namespace {
struct measured_v1 {
  std::int64_t centimetres = 0;
  static constexpr auto about = describe<&measured_v1::centimetres>("measured", 1);
};
/// Its schema 2 had no unit: a field with a default, and so without a form of its own.
struct measured {
  std::int64_t length = 0;
  std::string unit = "mm";
  static constexpr auto about = describe<&measured::length, &measured::unit>("measured", 3);
  using before = measured_v1;
  static measured upcast(const measured_v1& old) { return {old.centimetres * 10, "mm"}; }
};
struct measured_v2 {
  std::int64_t length = 0;
  std::string by;  // not of interest any more
  static constexpr auto about = describe<&measured_v2::by, &measured_v2::length>("measured", 2);
};
}  // namespace

BOOST_AUTO_TEST_CASE(fields_with_defaults_and_fields_left_out_need_no_form_of_their_own) {
  BOOST_TEST(read_as<measured>("measured", 1, encoded(measured_v1{5})).value().length == 50);
  const auto second = read_as<measured>("measured", 2, encoded(measured_v2{7, "Ada"})).value();
  BOOST_TEST(second.length == 7);
  BOOST_TEST(second.unit == "mm");
}

BOOST_AUTO_TEST_CASE(a_former_name_is_a_name_and_another_one_is_not) {
  const auto renamed = encoded(first::name_changed{"Ada"});
  BOOST_TEST(read_as<third::customer_renamed>("name_changed", 1, renamed).value().name == "Ada");
  BOOST_TEST(read_as<third::customer_renamed>("name_changed", 1, renamed).value().reason == "none given");
  BOOST_TEST(read_as<third::customer_renamed>("customer_renamed", 1, renamed).value().name == "Ada");
  BOOST_TEST((read_as<third::customer_renamed>("name", 1, renamed).error().code == errc::unknown_event_type));
  BOOST_TEST((read_as<third::customer_renamed>("name_changed", 2, renamed).error().code == errc::newer_schema));
}

BOOST_AUTO_TEST_SUITE_END()
