// A process manager whose instances and targets cannot be called what it says, and whose values are nested too deep: that is
// theirs, never the runtime's end.
#include "support/memory_engine.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace world;
using namespace std::chrono_literals;

namespace {

struct deep {
  std::vector<deep> inner;
  static constexpr auto about = describe<&deep::inner>("deep", 1);
};
deep as_deep_as(std::size_t levels) {
  deep all;
  for (auto* at = &all; levels > 0; --levels) at = &at->inner.emplace_back();
  return all;
}

struct heard {
  std::string text;
  static constexpr auto about = describe<&heard::text>("heard", 1);
};
struct heard_deep {
  deep what;
  static constexpr auto about = describe<&heard_deep::what>("heard_deep", 1);
};
struct dig {
  deep what;
  static constexpr auto about = describe<&dig::what>("dig", 1);
};

struct mine {
  static constexpr std::string_view category = "mine";
  using commands = types<dig>;
  using events = types<heard_deep>;
  struct state {};
  static decision<mine> decide(const state&, const dig& c, const context&) { return heard_deep{c.what}; }
  static void evolve(state&, const heard_deep&) {}
};

/// "in:NAME" is for the instance of this name. "to:NAME" adds one to the counter of this name; with "as:NAME" the instance of
/// this name does. "event", "command" and "timer" are with what is nested too deep.
struct namer {
  static constexpr std::string_view category = "namer";
  static constexpr failure_policy on_failure{2, 1ms};
  using observes = types<counter, mine>;
  using events = types<heard, heard_deep>;
  using timers = types<deep>;
  struct state {};
  static std::optional<std::string> key(const noted& e) { return e.text.starts_with("in:") || e.text.starts_with("as:") ? e.text.substr(3) : "x"; }
  static steps<namer> on(const state&, const noted& e, const context&) {
    if (e.text == "event") return heard_deep{as_deep_as(40)};
    if (e.text == "command") return {heard{"command"}, annals::send<mine>("m", dig{as_deep_as(40)})};
    if (e.text == "timer") return {heard{"timer"}, after(1s, as_deep_as(40))};
    if (e.text == "never") return {heard{"never"}, after(std::chrono::microseconds::max(), deep{})};
    if (e.text.starts_with("to:")) return {heard{"sent"}, annals::send<counter>(e.text.substr(3), add{1})};
    if (e.text.starts_with("as:")) return {heard{"sent"}, annals::send<counter>("target", add{1})};
    return heard{"observed"};
  }
  static steps<namer> on(const state&, const deep&, const context&) { return heard{"timer"}; }
  static steps<namer> rejected(const state&, const add&, const rejection& why, const context&) { return heard{why.code}; }
  static void evolve(state&, const heard&) {}
  static void evolve(state&, const heard_deep&) {}
};

struct namer_rig : memory_engine {
  explicit namer_rig(const memory_store& on, timestamp at = 1'000'000)
      : memory_engine(
            on, quiet(),
            [](detail::engine& e) {
              e.add(detail::table_of_aggregate<mine>()).value();
              e.add(detail::table_of_process<namer>()).value();
            },
            at) {}
  void write(std::string text) { send("a", note{std::move(text)}).value(); }
  std::vector<parked_event> parked(std::size_t count) {
    std::vector<parked_event> all;
    wait_until([&] { return (all = engine->parked("namer").value()).size() == count; });
    return all;
  }
  std::string heard_by(const std::string& key) {
    engine->settle(60s).value();
    std::string all;
    engine
        ->read_stream("namer-" + key, 1, 100,
                      [&](const record_view& r) {
                        if (r.type == heard::about.name) all += decoded<heard>(r.payload)->text + ",";
                        return true;
                      })
        .value();
    return all;
  }
  bool runs() const { return !engine->health().processes[0].stopped; }
};

const std::vector<std::string> wrong_names{"", "a\nb", std::string(250, 'a'), std::string(2'000, 'a')};

}  // namespace

BOOST_AUTO_TEST_SUITE(process_names)

BOOST_AUTO_TEST_CASE(case_7_an_instance_that_cannot_be_called_so_is_parked_and_the_others_go_on) {
  memory_store store;
  {
    namer_rig e{store};
    for (const auto& name : wrong_names) e.write("in:" + name);
    e.write("in:good");
    for (const auto& one : e.parked(wrong_names.size())) BOOST_TEST(one.attempts == 2u);
    BOOST_TEST(e.heard_by("good") == "observed,");
    BOOST_TEST(e.engine->parked("namer").value()[2].error.find("too long") != std::string::npos);
  }
  namer_rig e{store};
  BOOST_TEST(e.runs());
  for (const auto& one : e.parked(wrong_names.size()))
    BOOST_TEST(detail::await(*e.engine->order("namer", actors::skip_parked{one.at, {}})).has_value());
  BOOST_TEST(e.parked(0).empty());
}

BOOST_AUTO_TEST_CASE(case_7_a_command_to_what_cannot_be_called_so_is_rejected) {
  memory_store store;
  namer_rig e{store};
  std::string expected;
  for (const auto& name : wrong_names) {
    e.write("to:" + name);
    expected += "sent,invalid_stream,";
    BOOST_TEST(e.heard_by("x") == expected);
  }
  BOOST_TEST(e.runs());
}

BOOST_AUTO_TEST_CASE(the_longest_names_send_commands_that_have_one_effect_each) {
  constexpr std::size_t longest = 255 - std::string_view{"namer-"}.size();
  memory_store store;
  for (const std::size_t bytes : {longest, longest - 1, longest - 2, longest - 3}) {
    namer_rig e{store};
    e.write("as:" + std::string(bytes - 1, 'a') + "1");
    e.write("as:" + std::string(bytes - 1, 'a') + "2");
    e.engine->settle(60s).value();
    BOOST_TEST(e.runs());
  }
  namer_rig e{store};
  e.engine->settle(60s).value();
  BOOST_TEST(e.sum("target", e.engine->head()) == 8);
}

BOOST_AUTO_TEST_CASE(case_9_what_is_nested_too_deep_is_refused_before_it_is_written) {
  memory_store store;
  for (const std::string what : {"event", "command", "timer"}) {
    namer_rig e{store};
    e.write(what);
    const auto all = e.parked(1);
    BOOST_TEST(all[0].error.find("nested") != std::string::npos);
    BOOST_TEST(all[0].attempts == 2u);
    e.write("in:good");
    BOOST_TEST(e.heard_by("good").ends_with("observed,"));
    BOOST_TEST(detail::await(*e.engine->order("namer", actors::skip_parked{all[0].at, {}})).has_value());
    BOOST_TEST(e.heard_by("x") == "");
  }
}

BOOST_AUTO_TEST_CASE(case_9_an_event_that_nobody_could_decode_is_refused_and_the_aggregate_goes_on) {
  memory_store store;
  {
    namer_rig e{store};
    BOOST_TEST(e.send_to<mine>("m", dig{as_deep_as(30)}).has_value());  // with the event two more, and a list that is empty
    const auto head = e.engine->head().at;
    const auto refused = e.send_to<mine>("m", dig{as_deep_as(31)});
    BOOST_TEST_REQUIRE(!refused.has_value());
    BOOST_TEST(e.engine->head().at == head);
    BOOST_TEST(e.send_to<mine>("m", dig{as_deep_as(1)}).has_value());
  }
  namer_rig e{store};
  BOOST_TEST(e.send_to<mine>("m", dig{as_deep_as(30)}).value().version == 3u);
}

BOOST_AUTO_TEST_CASE(a_timer_that_is_set_for_ever_does_not_fire) {
  memory_store store;
  namer_rig e{store};
  e.write("never");
  BOOST_TEST(e.heard_by("x") == "never,");
  e.now += std::chrono::microseconds{std::chrono::hours{24 * 365 * 1'000}}.count();
  e.write("in:good");
  BOOST_TEST(e.heard_by("good") == "observed,");
  BOOST_TEST(e.heard_by("x") == "never,");
}

BOOST_AUTO_TEST_SUITE_END()
