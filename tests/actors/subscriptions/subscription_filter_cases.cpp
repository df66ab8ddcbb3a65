// What a subscription asks for can come: it names categories and types that there are.
#include "support/virtual_engine.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;

namespace {

/// An aggregate of another program, on the same store.
struct gong {
  static constexpr std::string_view category = "gong";
  struct strike {
    static constexpr auto about = describe("strike", 1);
  };
  struct struck {
    static constexpr auto about = describe("struck", 1);
    static constexpr std::array formerly{"beaten"};
  };
  struct state {
    std::int64_t times = 0;
    static constexpr auto about = describe<&state::times>("gong_state", 1);
  };
  using commands = types<strike>;
  using events = types<struck>;
  static decision<gong> decide(const state&, const strike&, const context&) { return struck{}; }
  static void evolve(state& s, const struck&) { ++s.times; }
};

void with_gong(detail::engine& e) { e.add(detail::table_of_aggregate<gong>()).value(); }

/// The error of a subscription, or nothing.
std::string refusal(virtual_engine& e, subscription_options with) {
  const auto joined = e.engine().subscribe("mail", std::move(with));
  e.settle();
  return joined ? std::string{} : joined.error().message();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(subscription_filters)

BOOST_AUTO_TEST_CASE(case_95_a_category_that_is_neither_hosted_nor_in_the_store_is_refused_by_its_name) {
  memory_store store;
  {
    virtual_engine e{store, true, with_gong};
    BOOST_TEST(refusal(e, {.categories = {"counter", "gong"}}).empty());
    BOOST_TEST(refusal(e, {.categories = {"counter", "gnog"}}) == "bad_option: categories (\"gnog\" is neither hosted nor in the store)");
    e.engine().send("gong", "a", "strike", encoded(gong::strike{}), {});
    e.settle();
  }
  virtual_engine without{store};  // the store has its events still
  BOOST_TEST(refusal(without, {.categories = {"gong"}}).empty());
  memory_store other;
  virtual_engine e{other};
  BOOST_TEST(refusal(e, {.categories = {"gong"}}).find("\"gong\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(case_95_a_type_of_no_event_of_these_categories_is_refused_by_its_name) {
  memory_store store;
  {
    virtual_engine e{store, true, with_gong};
    BOOST_TEST(refusal(e, {.types = {"struck", "beaten", "noted"}}).empty());
    BOOST_TEST(refusal(e, {.categories = {"gong"}, .types = {"struck", "noted"}}) ==
               "bad_option: types (no event of these categories is named \"noted\")");
    BOOST_TEST(refusal(e, {.types = {"nuted"}}) == "bad_option: types (no event of the hosted types is named \"nuted\")");
    e.engine().send("gong", "a", "strike", encoded(gong::strike{}), {});
    e.settle();
  }
  virtual_engine without{store};  // which types that aggregate has is not known here
  BOOST_TEST(refusal(without, {.types = {"struck"}}).empty());
  BOOST_TEST(refusal(without, {.categories = {"counter", "gong"}, .types = {"struck"}}).empty());
  BOOST_TEST(!refusal(without, {.categories = {"counter"}, .types = {"struck"}}).empty());
}

BOOST_AUTO_TEST_SUITE_END()
