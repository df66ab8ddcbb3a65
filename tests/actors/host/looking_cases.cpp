// One contract for views of a store, from inside and from outside: its log, streams, states, models, searches.
#include "actors/host/looking.hpp"
#include "support/printed.hpp"
#include "support/temporary_directory.hpp"

#include <annals/fold.hpp>
#include <annals/store_view.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <thread>

using namespace annals;
using namespace looking;

namespace {

struct seen_record {
  position at;
  std::string stream;
  version of;
  std::string type;
  friend bool operator==(const seen_record&, const seen_record&) = default;
};
using seen_records = std::vector<seen_record>;

auto into(seen_records& list, std::size_t most = ~std::size_t{0}) {
  return [&list, most](const record_view& r) {
    list.push_back({r.at, std::string{r.stream}, r.version, std::string{r.type}});
    return list.size() < most;
  };
}

seen_records all_of(const annals::view& in) {
  seen_records all;
  in.log(1, into(all)).value();
  return all;
}

void reads_the_log_both_ways(const annals::view& in) {
  const auto forward = all_of(in);
  const auto head = in.head().value().at;
  BOOST_TEST(head == forward.size());
  BOOST_TEST(in.store_id().value().size() == 32u);
  seen_records backward;
  in.log_backward(~position{0}, into(backward)).value();
  std::reverse(backward.begin(), backward.end());
  BOOST_TEST((backward == forward));
  seen_records some;
  in.log_backward(5, into(some, 3)).value();
  BOOST_TEST_REQUIRE(some.size() == 3u);
  BOOST_TEST(some.front().at == 5u);
  BOOST_TEST(some.back().at == 3u);
  some.clear();
  in.log(head, into(some)).value();
  BOOST_TEST(some.size() == 1u);
}

void finds_positions_by_time(const annals::view& in) {
  std::vector<std::pair<timestamp, position>> times;
  in.log(1, [&](const record_view& r) { return times.emplace_back(r.time, r.at), true; }).value();
  for (const auto& [time, at] : times) {
    const auto last = std::count_if(times.begin(), times.end(), [&](const auto& one) { return one.first <= time; });
    BOOST_TEST(in.position_at(time).value() == static_cast<position>(last));
  }
  BOOST_TEST(in.position_at(times.front().first - 1).value() == 0u);
  BOOST_TEST(in.position_at(times.back().first + 1).value() == times.size());
}

void lists_streams_page_by_page(const annals::view& in) {
  std::vector<std::pair<std::string, version>> whole, paged;
  in.streams("", [&](std::string_view name, version newest) { return whole.emplace_back(name, newest), true; }).value();
  BOOST_TEST(std::is_sorted(whole.begin(), whole.end()));
  std::string after;
  for (bool more = true; more;) {
    const auto page = in.page_of_streams("", after, 3).value();
    for (const auto& one : page.streams) {
      paged.emplace_back(one.name, one.newest);
      seen_records last;
      in.stream_backward(one.name, ~version{0}, into(last, 1)).value();
      BOOST_TEST((last.front() == seen_record{one.at, one.name, one.newest, one.type}));
      after = one.name;
    }
    BOOST_TEST((page.streams.size() == 3u || !page.more));
    more = page.more;
  }
  BOOST_TEST((paged == whole));
  std::vector<std::string> orders;
  in.streams("order-", [&](std::string_view name, version) { return orders.emplace_back(name), orders.size() < 2; }, "order-ended").value();
  BOOST_TEST((orders == std::vector<std::string>{"order-open", "order-stuck"}));
  BOOST_TEST(in.page_of_streams("nothing").value().streams.empty());
  BOOST_TEST((in.page_of_streams("", "", 0).error().code == errc::bad_option));
}

void reads_a_stream_both_ways(const annals::view& in) {
  const std::string stream = "inventory-apple";
  seen_records forward, backward;
  in.stream(stream, 1, into(forward)).value();
  in.stream_backward(stream, ~version{0}, into(backward)).value();
  std::reverse(backward.begin(), backward.end());
  BOOST_TEST((backward == forward));
  BOOST_TEST_REQUIRE(forward.size() >= 3u);
  seen_records some;
  in.stream_backward(stream, 2, into(some)).value();
  BOOST_TEST((some == seen_records{forward[1], forward[0]}));
  for (const std::string missing : {"inventory-none", "inventory-appl", "inventory"}) {
    BOOST_TEST((in.stream(missing, 1, into(some)).error().code == errc::not_found));
    BOOST_TEST((in.stream_backward(missing, 9, into(some)).error().code == errc::not_found));
  }
}

void shows_states_by_name(const annals::view& in) {
  const auto past = in.state_of(in.types(), "order-open").value();
  BOOST_TEST(in.types().state_json("order-open", past.state).value() == R"({"now":"placed"})");
  BOOST_TEST((in.state_of<shop::order>("open").value().state.now == shop::order::phase::placed));
  BOOST_TEST(in.state_of<shop::inventory>("apple", {.version = 1}).value().version == 1u);
  BOOST_TEST((in.state_of(in.types(), "order-none").error().code == errc::not_found));
  BOOST_TEST((in.state_of(in.types(), "strange-1").error().code == errc::not_hosted));
}

void shows_models_as_of_any_position(const annals::view& in) {
  using projections::order_board;
  const auto head = in.head().value().at;
  for (position at : {position{0}, position{3}, head / 2, head, head + 1}) {
    const auto shown = in.model_at(order_board::name, at).value();
    BOOST_TEST(shown.at == std::min(at, head));
    BOOST_TEST(shown.is_complete);
    order_board::model expected;
    in.log(1, [&](const record_view& r) { return r.at <= at && detail::apply_record<order_board>(expected, r).has_value(); }).value();
    BOOST_TEST(shown.json == to_json(encoded(expected)).value());
  }
  const auto part = in.model_at(order_board::name, head, {.records_max = 4}).value();
  BOOST_TEST(!part.is_complete);
  BOOST_TEST(part.at == 4u);
  BOOST_TEST(part.json == in.model_at(order_board::name, 4).value().json);
  BOOST_TEST((in.model_at(order_board::name, head, {.bytes_max = 1}).error().code == errc::too_large));
  BOOST_TEST((in.model_at("no_such_board", head).error().code == errc::not_hosted));
  const auto one = in.model_at(order_board::name, head, {}, stream_choice{{"order-open"}}).value();
  BOOST_TEST(one.json.find(R"("placed":1)") != std::string::npos);
}

void searches_both_ways_and_says_how_far(const annals::view& in) {
  const auto head = in.head().value().at;
  seen_records found;
  const auto by_id = in.search({.command_id = "place"}, {}, into(found)).value();
  BOOST_TEST(found.size() == 1u);
  BOOST_TEST(found.front().stream == "order-ended");
  BOOST_TEST(by_id.looked_at == head);
  BOOST_TEST(!by_id.next.has_value());
  seen_records of_pears, expected;
  in.log(1, [&](const record_view& r) { return r.correlation == "pears" ? into(expected)(r) : true; }).value();
  BOOST_TEST(expected.size() > 3u);
  for (const auto go : {direction::forward, direction::backward}) {
    of_pears.clear();
    std::uint64_t looked = 0;
    search_bounds bounds{.go = go, .records_max = 4, .found_max = 1};
    for (;;) {
      const auto part = in.search({.correlation = "pears"}, bounds, into(of_pears)).value();
      BOOST_TEST(part.looked_at <= 4u);
      BOOST_TEST(part.found <= 1u);
      looked += part.looked_at;
      if (!part.next || *part.next > head) break;
      bounds.begin = part.next;
    }
    if (go == direction::backward) std::reverse(of_pears.begin(), of_pears.end());
    BOOST_TEST((of_pears == expected));
    BOOST_TEST(looked == head);
  }
  found.clear();
  in.search({.stream_prefix = "order-", .type = "order_placed"}, {.begin = 5}, into(found)).value();
  BOOST_TEST(std::all_of(found.begin(), found.end(), [](const auto& r) { return r.at <= 5 && r.type == "order_placed"; }));
  timestamp third = 0;
  in.log(3, [&](const record_view& r) { return third = r.time, false; }).value();
  found.clear();
  BOOST_TEST(!in.search({.to_time = third}, {.go = direction::forward}, into(found)).value().next.has_value());
  BOOST_TEST(found.size() == in.position_at(third).value());
  BOOST_TEST((in.search({}, {.records_max = 0}, into(found)).error().code == errc::bad_option));
}

void shows_what_is_parked_and_the_figures(const annals::view& in) {
  std::vector<std::string> parked;
  in.parked([&](std::string_view of, const parked_event& one) { return parked.push_back(std::string{of} + " " + one.stream), true; }).value();
  BOOST_TEST((parked == std::vector<std::string>{"fulfilment fulfilment-stuck"}));
  BOOST_TEST(in.skipped(projections::order_board::name).value().empty());
  const auto all = in.stats().value();
  const auto quick = in.stats(figures::quick).value();
  BOOST_TEST(all.streams > 0u);
  BOOST_TEST(quick.streams == 0u);
  BOOST_TEST(quick.readable == all.readable);
  BOOST_TEST(quick.store_id == all.store_id);
}

void keeps_the_contract(const annals::view& in) {
  reads_the_log_both_ways(in);
  finds_positions_by_time(in);
  lists_streams_page_by_page(in);
  reads_a_stream_both_ways(in);
  shows_states_by_name(in);
  shows_models_as_of_any_position(in);
  searches_both_ways_and_says_how_far(in);
  shows_what_is_parked_and_the_figures(in);
}

bool has_parked(const annals::view& in) {
  bool any = false;
  in.parked([&](std::string_view, const parked_event&) { return any = true; }).value();
  return any;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(looking_at_a_store)

BOOST_AUTO_TEST_CASE(views_from_inside_and_from_outside_keep_one_contract) {
  temporary_directory d;
  {
    auto rt = open_shop(d / "s", slow_shop());
    place_orders(rt);
    const auto in = rt.view();
    wait_until([&] { return in.head().value().at == rt.head().at && has_parked(in); });
    keeps_the_contract(in);
    rt.close();
    keeps_the_contract(in);
  }
  keeps_the_contract(store_view::open(d / "s", slow_shop()).value());
  std::filesystem::remove_all(d / "s" / "derived");  // then there is no index, and nothing is known to be parked
  const auto bare = store_view::open(d / "s", slow_shop()).value();
  reads_the_log_both_ways(bare);
  lists_streams_page_by_page(bare);
  reads_a_stream_both_ways(bare);
  shows_states_by_name(bare);
  shows_models_as_of_any_position(bare);
}

BOOST_AUTO_TEST_CASE(a_long_stream_is_read_from_its_end) {
  temporary_directory d;
  auto with = memory_engine::quiet();
  auto rt = runtime::open(d / "s", with).value();
  rt.host<world::counter>().value();
  rt.start().value();
  rt.send<world::counter>("a", world::add{1, 5'000}).get().value();
  rt.send<world::counter>("b", world::add{1, 10}).get().value();
  const auto in = rt.view();
  wait_until([&] { return in.head().value().at == 5'010u; });
  version next = 5'000;
  in.stream_backward("counter-a", ~version{0}, [&](const record_view& r) { return r.version == next && next-- > 0; }).value();
  BOOST_TEST(next == 0u);
  seen_records some;
  in.stream_backward("counter-a", 4'999, into(some, 2)).value();
  BOOST_TEST((some == seen_records{{4'999, "counter-a", 4'999, "added"}, {4'998, "counter-a", 4'998, "added"}}));
}

BOOST_AUTO_TEST_CASE(a_view_outlives_its_runtime_and_answers_closed) {
  temporary_directory d;
  std::optional<runtime> rt{open_shop(d / "s", slow_shop())};
  place_orders(*rt);
  const auto in = rt->view();
  auto moved = std::move(*rt);
  BOOST_TEST((rt->view().head().error().code == errc::closed));
  BOOST_TEST(in.head().has_value());
  std::size_t visits = 0;
  std::optional<runtime> other{std::move(moved)};
  in.log(1, [&](const record_view&) {
      other.reset();  // what is under way goes on
      return ++visits < 100;
    }).value();
  BOOST_TEST(visits > 5u);
  BOOST_TEST((in.head().error().code == errc::closed));
  BOOST_TEST((in.stats().error().code == errc::closed));
  BOOST_TEST((in.count_instances("fulfilment").error().code == errc::closed));
  BOOST_TEST(in.types().begin("order-1").has_value());
  BOOST_TEST(store_view::open(d / "s").has_value());
}

namespace {

std::atomic<bool> holds_on{false};

/// Applies nothing as long as it is held.
struct held_model {
  static constexpr std::string_view name = "held_model";
  using follows = types<world::counter>;
  using queries = types<>;
  struct model {
    std::int64_t sum = 0;
    static constexpr auto about = describe<&model::sum>("model", 1);
  };
  static void apply(model& m, const world::added& e, const record_view&) {
    holds_on.wait(true);
    m.sum += e.amount;
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_view_waits_for_no_projector) {
  temporary_directory d;
  auto rt = runtime::open(d / "s", memory_engine::quiet()).value();
  rt.host(hosted_types{}.host<world::counter>().project<held_model>()).value();
  rt.start().value();
  const auto in = rt.view();
  holds_on = true;
  rt.send<world::counter>("a", world::add{1}).get().value();
  wait_until([&] { return in.head().value().at == 1u; });
  seen_records all;
  in.log(1, into(all)).value();
  in.parked([](std::string_view, const parked_event&) { return true; }).value();
  BOOST_TEST(in.stats().value().readable == 1u);
  BOOST_TEST(in.page_of_streams("").value().streams.size() == 1u);
  BOOST_TEST(in.state_of<world::counter>("a").value().version == 1u);
  holds_on = false;
  holds_on.notify_all();
  BOOST_TEST(in.model_at("held_model", 1).value().json == R"({"sum":1})");
}

BOOST_AUTO_TEST_SUITE_END()
