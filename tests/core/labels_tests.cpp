// Case 97: enums by their labels, where states and events are shown.
#include <annals/hosted_types.hpp>

#include <boost/test/unit_test.hpp>

using namespace annals;

namespace {

enum class colour : std::uint8_t { red, green };
constexpr auto labels_of(colour) { return std::to_array<std::string_view>({"red", "green"}); }
enum class plain { first, second };

struct lamp {
  static constexpr std::string_view category = "lamp";
  enum class mode : std::uint8_t { off, on };
  friend constexpr auto labels_of(mode) { return std::to_array<std::string_view>({"off", "on"}); }

  struct bulb {
    colour tint = colour::red;
    std::vector<bulb> beside;
    static constexpr auto about = describe<&bulb::tint, &bulb::beside>("bulb", 1);
  };
  struct state {
    mode now = mode::off;
    plain kind = plain::second;
    std::int64_t number = 1;
    std::optional<colour> seen;
    std::vector<colour> all;
    std::map<std::string, bulb> bulbs;
    std::map<std::string, std::map<std::string, mode>> modes;
    static constexpr auto about =
        describe<&state::now, &state::kind, &state::number, &state::seen, &state::all, &state::bulbs, &state::modes>("lamp_state", 1);
  };
  struct turn {
    static constexpr auto about = describe("turn", 1);
  };
  struct turned_v1 {
    colour to = colour::red;
    static constexpr auto about = describe<&turned_v1::to>("turned", 1);
  };
  struct turned {
    mode to = mode::off;
    static constexpr auto about = describe<&turned::to>("turned", 2);
    static constexpr std::array formerly{"switched"};
    using before = turned_v1;
    static turned upcast(const turned_v1&) { return {}; }
  };
  using commands = types<turn>;
  using events = types<turned>;
  static decision<lamp> decide(const state&, const turn&, const context&) { return turned{mode::on}; }
  static void evolve(state& s, const turned& e) { s.now = e.to; }
};

const hosted_types& hosted() {
  static const hosted_types all = hosted_types{}.host<lamp>();
  return all;
}

std::string shown(std::string_view stream, std::string_view type, std::uint16_t schema, std::string_view payload) {
  record_view record;
  record.stream = stream;
  record.type = type;
  record.schema = schema;
  record.payload = payload;
  return hosted().payload_json(record).value();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(labels)

BOOST_AUTO_TEST_CASE(case_97_a_state_is_shown_with_labels_wherever_an_enum_is_in_it) {
  const lamp::state state{lamp::mode::on,
                          plain::second,
                          1,
                          colour::green,
                          {colour::red, static_cast<colour>(7)},
                          {{"tint", {colour::green, {{}}}}},
                          {{"a", {{"b", lamp::mode::on}}}}};
  BOOST_TEST(hosted().state_json("lamp-1", encoded(state)).value() ==
             R"({"now":"on","kind":1,"number":1,"seen":"green","all":["red",7],)"
             R"("bulbs":{"tint":{"tint":"green","beside":[{"tint":"red","beside":[]}]}},"modes":{"a":{"b":"on"}}})");
  auto folded = hosted().begin("lamp-1").value();
  BOOST_TEST(folded.json().value().starts_with(R"({"now":"off",)"));
}

BOOST_AUTO_TEST_CASE(case_97_an_event_is_shown_as_it_was_stored_by_the_labels_of_its_form) {
  const auto payload = encoded(lamp::turned{lamp::mode::on});
  BOOST_TEST(shown("lamp-1", "turned", 2, payload) == R"({"to":"on"})");
  BOOST_TEST(shown("lamp-1", "switched", 2, payload) == R"({"to":"on"})");
  BOOST_TEST(shown("lamp-1", "turned", 1, payload) == R"({"to":"green"})");
  BOOST_TEST(shown("lamp-1", "other", 1, payload) == R"({"to":1})");
  BOOST_TEST(shown("other-1", "turned", 2, payload) == R"({"to":1})");
  BOOST_TEST(!hosted().state_json("lamp-1", "\xc1"));
}

BOOST_AUTO_TEST_CASE(the_names_of_events_are_known_present_and_former) {
  BOOST_TEST((hosted().event_names() == std::vector<std::string>{"switched", "turned"}));
  BOOST_TEST(hosted_types{}.event_names().empty());
}

BOOST_AUTO_TEST_SUITE_END()
