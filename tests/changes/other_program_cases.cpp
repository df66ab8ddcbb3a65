// Snapshots and images that another program has made, an older or a newer one: a fold of today might come to something else, so
// they are left out, and what a fold finds holds with them as without.
#include "changes/wallets.hpp"
#include "support/printed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace annals;
using namespace wallets;

namespace {

constexpr std::string_view snapshot_left_out = "the snapshot of version 1 of ";
constexpr std::string_view image_left_out = "another version or shape";

/// A program has paid, and left a snapshot and an image of that.
template <class A, class P>
memory_store paid_by(std::int64_t cents) {
  memory_store store;
  {
    program of{store, [](detail::engine& e) {
                 e.add(detail::table_of_aggregate<A>()).value();
                 e.add(detail::table_of_projection<P>()).value();
               }};
    of.send(cents).value();
    BOOST_TEST(of.in_total().value() != 0);
    wait_until([&] { return of.images.newest("total", detail::shape_of_projection<P>(), ~position{0}).value().has_value(); });
  }
  BOOST_TEST_REQUIRE(!store.index->snapshots.empty());
  return store;
}

template <class A>
void check_that_it_does_not_load(const memory_store& store, errc why, std::string_view said) {
  program today{store, [](detail::engine& e) { e.add(detail::table_of_aggregate<A>()).value(); }};
  const auto refused = today.send(1);
  BOOST_TEST_REQUIRE(!refused);
  BOOST_TEST((refused.error().code == errc::load_failed));
  BOOST_TEST(refused.error().message().find(said) != std::string::npos);
  const auto state = today.template amount_in<A>("a");
  BOOST_TEST_REQUIRE(!state);
  BOOST_TEST((state.error().code == why));
}

template <class P>
void check_that_it_does_not_start(const memory_store& store, std::string_view said) {
  program today{store, [](detail::engine& e) { e.add(detail::table_of_projection<P>()).value(); }};
  const auto started = today.engine->wait_until_caught_up();
  BOOST_TEST_REQUIRE(!started);
  BOOST_TEST((started.error().code == errc::projection_failed));
  BOOST_TEST(started.error().message().find(said) != std::string::npos);
  BOOST_TEST(today.has_said(image_left_out));
}

bool all_differ(std::vector<std::uint64_t> shapes) {
  std::sort(shapes.begin(), shapes.end());
  return std::adjacent_find(shapes.begin(), shapes.end()) == shapes.end();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(snapshots_and_images_of_another_program)

BOOST_AUTO_TEST_CASE(a_program_that_does_not_know_a_newer_schema_stops_at_it_although_a_newer_one_has_folded_it) {
  const auto store = paid_by<new_wallet, new_total>(5);
  check_that_it_does_not_load<old_wallet>(store, errc::newer_schema, "has schema 2, this program knows 1");
  check_that_it_does_not_start<old_total>(store, "has schema 2, this program knows 1");
}

BOOST_AUTO_TEST_CASE(a_program_that_does_not_know_an_event_stops_at_it_although_a_newer_one_has_folded_it) {
  using with_frozen = wallet<paid_in_cents, frozen>;
  const auto store = paid_by<with_frozen, total<with_frozen, paid_in_cents>>(5);
  check_that_it_does_not_load<old_wallet>(store, errc::unknown_event_type, "frozen of stream wallet-a at position 2");
  check_that_it_does_not_start<old_total>(store, "frozen of stream wallet-a at position 2");
}

BOOST_AUTO_TEST_CASE(what_was_folded_of_an_old_form_is_folded_again_of_what_it_has_become) {
  const auto store = paid_by<old_wallet, old_total>(5);
  program today{store, [](detail::engine& e) {
                  e.add(detail::table_of_aggregate<new_wallet>()).value();
                  e.add(detail::table_of_projection<new_total>()).value();
                }};
  today.engine->wait_until_caught_up().value();
  BOOST_TEST(today.in_total().value() == 50);
  BOOST_TEST(today.amount_in<new_wallet>("a").value() == 50);
  BOOST_TEST(today.has_said(image_left_out));
  BOOST_TEST(today.has_said(snapshot_left_out));
  today.send(1).value();
  BOOST_TEST(today.in_total().value() == 60);
  BOOST_TEST(today.amount_in<new_wallet>("a").value() == 60);
  BOOST_TEST(today.engine->verify_replay().has_value());
}

BOOST_AUTO_TEST_CASE(an_upcast_that_throws_is_not_hidden_by_what_was_folded_before) {
  const auto store = paid_by<old_wallet, old_total>(13);
  check_that_it_does_not_load<new_wallet>(store, errc::undecodable, "13 brings bad luck");
  check_that_it_does_not_start<new_total>(store, "13 brings bad luck");
}

BOOST_AUTO_TEST_CASE(a_field_that_the_fold_did_not_know_of_is_made_up_for) {
  using fee_wallet = wallet<paid_with_fee>;
  using fee_total = total<fee_wallet, paid_with_fee>;
  auto store = paid_by<fee_wallet, fee_total>(5);
  store.index->snapshots.clear();
  store.images->by_model.clear();
  {  // an older program passes over the fee
    program before{store, [](detail::engine& e) {
                     e.add(detail::table_of_aggregate<old_wallet>()).value();
                     e.add(detail::table_of_projection<old_total>()).value();
                   }};
    before.send(1).value();
    BOOST_TEST(before.in_total().value() == 6);
    wait_until([&] { return before.images.newest("total", detail::shape_of_projection<old_total>(), ~position{0}).value().has_value(); });
  }
  BOOST_TEST_REQUIRE(!store.index->snapshots.empty());
  program today{store, [](detail::engine& e) {
                  e.add(detail::table_of_aggregate<fee_wallet>()).value();
                  e.add(detail::table_of_projection<fee_total>()).value();
                }};
  today.engine->wait_until_caught_up().value();
  BOOST_TEST(today.in_total().value() == 7);
  BOOST_TEST(today.amount_in<fee_wallet>("a").value() == 7);
}

BOOST_AUTO_TEST_CASE(instances_of_process_managers_are_folded_again_too) {
  const auto watched_by = []<class Paid>(const memory_store& store, std::int64_t cents) {
    program of{store, [](detail::engine& e) {
                 e.add(detail::table_of_aggregate<old_wallet>()).value();
                 e.add(detail::table_of_process<watching<Paid>>()).value();
               }};
    (void)of.engine->wait_until_caught_up();  // one that stops may have stopped by now
    if (cents != 0) {
      of.send(cents).value();
      wait_until([&] { return of.template amount_in<watching<Paid>>("all").value() != 0; });
    }
    return of.template amount_in<watching<Paid>>("all");
  };
  memory_store store;
  BOOST_TEST(watched_by.operator()<paid_in_cents>(store, 5).value() == 5);
  const auto has_one = [](const auto& entry) { return entry.second.stream == "watching-all"; };
  BOOST_TEST_REQUIRE(std::any_of(store.index->snapshots.begin(), store.index->snapshots.end(), has_one));
  BOOST_TEST(watched_by.operator()<paid_in_mills>(store, 0).value() == 50);
  BOOST_TEST(watched_by.operator()<paid_in_cents>(store, 0).value() == 5);
  memory_store unlucky;
  BOOST_TEST(watched_by.operator()<paid_in_cents>(unlucky, 13).value() == 13);
  BOOST_TEST((watched_by.operator()<paid_in_mills>(unlucky, 0).error().code == errc::undecodable));
}

namespace {
/// The same wallet, whose program counts otherwise, and says so.
struct wallet_of_two : wallet<paid_in_cents> {
  struct state {
    std::int64_t amount = 0;
    static constexpr auto about = describe<&state::amount>("wallet", 2);
  };
  static decision<wallet_of_two> decide(const state&, const pay& c, const context&) { return paid_in_cents{c.cents}; }
  static void evolve(state& s, const paid_in_cents& e) { s.amount += 2 * e.cents; }
};
struct total_of_two : old_total {
  static constexpr std::uint32_t version = 2;
  static void apply(model& m, const paid_in_cents& e, const record_view&) { m.amount += 2 * e.cents; }
};

struct named_so_from_the_first {
  std::int64_t cents = 0;
  static constexpr auto about = describe<&named_so_from_the_first::cents>("was_paid", 1);
};
struct paid_in_mills_from_the_first {
  std::int64_t mills = 0;
  static constexpr auto about = describe<&paid_in_mills_from_the_first::mills>("paid", 2);
};
struct frozen_with_days {
  std::int64_t days = 0;
  static constexpr auto about = describe<&frozen_with_days::days>("frozen", 2);
};
using both = wallet<paid_in_cents, frozen>;
struct both_changed : both {
  using events = types<paid_in_cents, frozen_with_days>;
};
}  // namespace

BOOST_AUTO_TEST_CASE(a_raised_schema_of_the_state_or_version_of_the_projection_drops_them) {
  const auto store = paid_by<old_wallet, old_total>(5);
  program today{store, [](detail::engine& e) {
                  e.add(detail::table_of_aggregate<wallet_of_two>()).value();
                  e.add(detail::table_of_projection<total_of_two>()).value();
                }};
  today.engine->wait_until_caught_up().value();
  BOOST_TEST(today.in_total().value() == 10);
  BOOST_TEST(today.amount_in<wallet_of_two>("a").value() == 10);
}

BOOST_AUTO_TEST_CASE(the_shape_of_a_fold_is_that_of_its_events_and_of_nothing_else) {
  BOOST_TEST(all_differ({detail::shape_of_state<old_wallet>(), detail::shape_of_state<new_wallet>(), detail::shape_of_state<wallet<paid_with_fee>>(),
                         detail::shape_of_state<wallet<paid_in_cents, frozen>>(), detail::shape_of_state<wallet_of_two>()}));
  const auto shape_of = []<class E>(types<E> one) {
    detail::shape_hash made;
    detail::add_events(made, one);
    return made.value();
  };
  BOOST_TEST(shape_of(types<named_so_from_the_first>{}) != shape_of(types<paid_that_was_named_so>{}));
  BOOST_TEST(shape_of(types<paid_in_mills_from_the_first>{}) != shape_of(types<paid_in_mills>{}));
  // What is followed and not applied is not decoded: only that it is known matters.
  BOOST_TEST((detail::shape_of_projection<total<both, paid_in_cents>>() != detail::shape_of_projection<old_total>()));
  BOOST_TEST((detail::shape_of_projection<total<both, paid_in_cents>>() == detail::shape_of_projection<total<both_changed, paid_in_cents>>()));
  BOOST_TEST(detail::shape_of_projection<old_total>() != detail::shape_of_projection<total_of_two>());
}

BOOST_AUTO_TEST_SUITE_END()
