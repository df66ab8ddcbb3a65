// The commands about parked events, on a store that an older program has left, with read models that had a mistake.
#include "config/hosted.hpp"
#include "support/temporary_directory.hpp"
#include "tools/parked.hpp"
#include "tools/read_models.hpp"

#include <annals/runtime.hpp>
#include <annals/store_view.hpp>
#include <bank/transfer.hpp>
#include <projections/balances.hpp>
#include <projections/statement.hpp>

#include <boost/test/unit_test.hpp>

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <thread>

namespace {

/// As the program's own, but it does not like large deposits.
struct older_balances : projections::balances {
  static constexpr annals::failure_policy on_failure{1, std::chrono::milliseconds{1}};
  static void apply(model& m, const bank::account_opened& e, const annals::record_view& r) { balances::apply(m, e, r); }
  static void apply(model& m, const bank::money_deposited& e, const annals::record_view& r) {
    if (e.cents > 1'000) throw std::runtime_error("too much");
    balances::apply(m, e, r);
  }
};

void leave_parked(const std::filesystem::path& store) {
  auto rt = annals::runtime::open(store);
  rt->host<bank::account>().value();
  rt->project<older_balances>().value();
  rt->start().value();
  (void)rt->send<bank::account>("a", bank::open_account{"A"}).get();
  (void)rt->send<bank::account>("a", bank::deposit{5'000, {}}).get();
  const auto last = rt->send<bank::account>("a", bank::deposit{7, {}}).get().value().token;
  const auto seen = rt->ask<older_balances>(projections::balance_of{"a"}, annals::at_least{last, std::chrono::seconds{60}}).get();
  BOOST_TEST(seen.value().cents == 7);
}

/// As the program's own, of which it knows the name and the first event.
struct older_transferring {
  static constexpr std::string_view category = "transferring";
  using observes = annals::types<bank::transfer>;
  using events = annals::types<bank::transferring_ended>;
  struct state {};
  static constexpr annals::failure_policy on_failure{1, std::chrono::milliseconds{1}};
  static std::optional<std::string> key(const bank::transfer_requested& e) { return e.transfer; }
  static annals::steps<older_transferring> on(const state&, const bank::transfer_requested&, const annals::context&) {
    throw std::runtime_error("cannot transfer yet");
  }
  static void evolve(state&, const bank::transferring_ended&) {}
};

/// Of another program.
struct large_deposits {
  static constexpr std::string_view name = "large_deposits";
  using follows = annals::types<bank::account>;
  using queries = annals::types<>;
  struct model {};
  static constexpr annals::failure_policy on_failure{1, std::chrono::milliseconds{1}};
  static void apply(model&, const bank::money_deposited&, const annals::record_view&) { throw std::runtime_error("not today"); }
};

struct older_statement : projections::statement {
  static constexpr annals::failure_policy on_failure{1, std::chrono::milliseconds{1}};
  static void apply(model&, const bank::account_opened&, const annals::record_view&) { throw std::runtime_error("who is that?"); }
};

/// A transfer is asked for, and nobody is there who begins it.
void leave_transfer(annals::runtime& rt) {
  for (const auto* key : {"a", "b"}) (void)rt.send<bank::account>(key, bank::open_account{key}).get();
  (void)rt.send<bank::account>("a", bank::deposit{5'000, {}}).get();
  (void)rt.send<bank::transfer>("t", bank::request_transfer{"a", "b", 700}).get();
}

bool has_stream(const std::filesystem::path& store, std::string_view name) {
  bool found = false;
  const auto view = annals::store_view::open(store).value();
  view.streams(name, [&](std::string_view, annals::version) { return !(found = true); }).value();
  return found;
}

/// What is printed meanwhile.
template <class Command>
std::pair<int, std::string> printed(const std::filesystem::path& place, Command&& command) {
  const auto file = place / "printed";
  std::fflush(stdout);
  const int kept = ::dup(1);
  BOOST_TEST_REQUIRE(std::freopen(file.c_str(), "w", stdout) != nullptr);
  const int status = command();
  std::fflush(stdout);
  ::dup2(kept, 1);
  ::close(kept);
  std::ifstream in{file};
  return {status, {std::istreambuf_iterator<char>{in}, {}}};
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// Every writable open changes them.
std::string log_bytes(const std::filesystem::path& store) {
  std::ifstream in{store / "log" / "data.mdb", std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

const tools::parked_options second{"balances", 2, true};

}  // namespace

BOOST_AUTO_TEST_SUITE(parked)

BOOST_AUTO_TEST_CASE(they_are_listed_and_shown_with_their_event) {
  temporary_directory d;
  leave_parked(d / "store");
  const auto [listed, list] = printed(d.path, [&] { return tools::list_parked(d / "store", true); });
  BOOST_TEST(listed == 0);
  BOOST_TEST(has(list, R"("of":"balances","position":2,"stream":"account-a","attempts":1)"));
  BOOST_TEST(has(list, "too much"));
  const auto [status, shown] = printed(d.path, [&] { return tools::show_parked(d / "store", second, true); });
  BOOST_TEST(status == 0);
  BOOST_TEST(has(shown, R"("cents":5000)"));
  BOOST_TEST(printed(d.path, [&] { return tools::show_parked(d / "store", {"balances", 1, false}, true); }).first != 0);
}

BOOST_AUTO_TEST_CASE(a_retry_handles_one_with_the_present_code) {
  temporary_directory d;
  leave_parked(d / "store");
  const auto [status, said] = printed(d.path, [&] { return tools::retry_parked(d / "store", second, false); });
  BOOST_TEST(status == 0);
  BOOST_TEST(has(said, "handled position 2 of balances"));
  BOOST_TEST(printed(d.path, [&] { return tools::list_parked(d / "store", true); }).second.empty());
  BOOST_TEST(printed(d.path, [&] { return tools::retry_parked(d / "store", second, false); }).first != 0);
}

BOOST_AUTO_TEST_CASE(a_retry_runs_nobody_else) {
  temporary_directory d;
  {
    auto rt = annals::runtime::open(d / "store");
    rt->host<bank::account>().value();
    rt->host<bank::transfer>().value();
    rt->project<older_balances>().value();
    rt->start().value();
    leave_transfer(*rt);
    (void)rt->settle(std::chrono::seconds{60});
    (void)rt->send<bank::account>("a", bank::deposit{7, {}}).get();
    const auto last = rt->head();
    (void)rt->ask<older_balances>(projections::balance_of{"a"}, annals::at_least{last, std::chrono::seconds{60}}).get();
  }
  BOOST_TEST(printed(d.path, [&] { return tools::retry_parked(d / "store", {"balances", 3, false}, false); }).first == 0);
  BOOST_TEST(!has_stream(d / "store", "transferring-t"));
}

BOOST_AUTO_TEST_CASE(a_retry_of_a_process_manager_has_what_it_commands) {
  temporary_directory d;
  {
    auto rt = annals::runtime::open(d / "store");
    rt->host<bank::account>().value();
    rt->host<bank::transfer>().value();
    rt->orchestrate<older_transferring>().value();
    rt->start().value();
    leave_transfer(*rt);
    while (rt->parked("transferring").value().empty()) std::this_thread::yield();
  }
  const tools::parked_options one{"transferring", 4, false};
  BOOST_TEST(printed(d.path, [&] { return tools::retry_parked(d / "store", one, false); }).first == 0);
  BOOST_TEST(has_stream(d / "store", "transferring-t"));
  auto rt = annals::runtime::open(d / "store");
  annals::config::host_all(*rt).value();
  rt->start().value();
  rt->settle(std::chrono::seconds{60}).value();
  const annals::at_least now{rt->head(), std::chrono::seconds{60}};  // settle() does not wait for read models
  BOOST_TEST(rt->ask<projections::balances>(projections::balance_of{"b"}, now).get().value().cents == 700);
}

BOOST_AUTO_TEST_CASE(what_another_program_has_parked_is_left_to_it_untouched) {
  temporary_directory d;
  {
    auto rt = annals::runtime::open(d / "store");
    rt->host<bank::account>().value();
    rt->project<large_deposits>().value();
    rt->start().value();
    leave_transfer(*rt);
    while (rt->parked("large_deposits").value().empty()) std::this_thread::yield();
  }
  const auto before = log_bytes(d / "store");
  BOOST_TEST(printed(d.path, [&] { return tools::retry_parked(d / "store", {"large_deposits", 3, false}, false); }).first != 0);
  BOOST_TEST((log_bytes(d / "store") == before));
}

BOOST_AUTO_TEST_CASE(skipping_wants_to_be_meant_and_comes_before_any_other_try) {
  temporary_directory d;
  leave_parked(d / "store");
  const auto list = [&] { return printed(d.path, [&] { return tools::list_parked(d / "store", true); }).second; };
  const auto before = log_bytes(d / "store");
  BOOST_TEST(printed(d.path, [&] { return tools::skip_parked(d / "store", {"balances", 2, false}, false); }).first != 0);
  BOOST_TEST(printed(d.path, [&] { return tools::skip_parked(d / "store", {"balances", 1, true}, false); }).first != 0);
  BOOST_TEST((log_bytes(d / "store") == before));  // neither came as far as to write
  BOOST_TEST(has(list(), R"("position":2)"));
  const auto [status, said] = printed(d.path, [&] { return tools::skip_parked(d / "store", second, false); });
  BOOST_TEST(status == 0);
  BOOST_TEST(has(said, "skipped position 2 of balances"));
  BOOST_TEST(list().empty());
  auto rt = annals::runtime::open(d / "store");
  rt->host<bank::account>().value();
  rt->project<projections::balances>().value();  // would take it
  rt->start().value();
  BOOST_TEST(rt->ask<projections::balances>(projections::balance_of{"a"}).get().value().cents == 7);
}

BOOST_AUTO_TEST_CASE(an_account_of_which_all_is_skipped_has_no_statement) {
  temporary_directory d;
  {
    auto rt = annals::runtime::open(d / "store");
    rt->host<bank::account>().value();
    rt->project<older_statement>().value();
    rt->start().value();
    (void)rt->send<bank::account>("a", bank::open_account{"A"}).get();
    while (rt->parked("statement").value().empty()) std::this_thread::yield();
  }
  BOOST_TEST(printed(d.path, [&] { return tools::show_statement(d / "store", "a", true); }).first == 0);
  BOOST_TEST(printed(d.path, [&] { return tools::skip_parked(d / "store", {"statement", 1, true}, false); }).first == 0);
  const auto [status, said] = printed(d.path, [&] { return tools::show_statement(d / "store", "a", true); });
  BOOST_TEST(status != 0);
  BOOST_TEST(said.empty());
}

BOOST_AUTO_TEST_CASE(those_of_a_subscription_are_listed_and_skipped_but_only_the_program_can_retry_them) {
  temporary_directory d;
  {
    auto rt = annals::runtime::open(d / "store");
    rt->host<bank::account>().value();
    rt->start().value();
    (void)rt->send<bank::account>("a", bank::open_account{"A"}).get();
    (void)rt->send<bank::account>("a", bank::deposit{7, {}}).get();
    auto mail = rt->subscribe("mail", {.failure = {1, std::chrono::milliseconds{1}}}).value();
    while (mail.parked().value().empty())
      for (const auto& one : mail.next(9, std::chrono::seconds{60}).value())
        (one.record.at == 2 ? mail.nack(2, "no such address") : mail.ack(one.record.at)).get().value();
  }
  const tools::parked_options one{"subscription/mail", 2, true};
  const auto before = log_bytes(d / "store");
  const auto list = [&] { return printed(d.path, [&] { return tools::list_parked(d / "store", true); }).second; };
  BOOST_TEST(has(list(), R"("of":"subscription/mail","position":2,"stream":"account-a","attempts":1)"));
  BOOST_TEST(has(printed(d.path, [&] { return tools::show_parked(d / "store", one, true); }).second, R"("cents":7)"));
  BOOST_TEST(printed(d.path, [&] { return tools::retry_parked(d / "store", one, true); }).first != 0);
  BOOST_TEST(printed(d.path, [&] { return tools::skip_parked(d / "store", {"subscription/post", 2, true}, true); }).first != 0);
  BOOST_TEST((log_bytes(d / "store") == before));  // neither came as far as to write
  BOOST_TEST(has(list(), "no such address"));
  BOOST_TEST(printed(d.path, [&] { return tools::skip_parked(d / "store", one, true); }).first == 0);
  BOOST_TEST(list().empty());
  const auto stats = annals::store_view::open(d / "store").value().stats().value();
  BOOST_TEST_REQUIRE(stats.subscriptions.size() == 1u);  // and none was made by looking
  BOOST_TEST(stats.subscriptions[0].name == "mail");
  BOOST_TEST(stats.subscriptions[0].at == 2u);
  BOOST_TEST(stats.subscriptions[0].parked == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
