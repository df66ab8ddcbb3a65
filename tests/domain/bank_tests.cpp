#include "projections/balances.hpp"

#include <annals/testing.hpp>
#include <bank/transfer.hpp>

#include <rapidcheck.h>
#include <boost/test/unit_test.hpp>

using namespace bank;
using annals::given;

namespace {
constexpr auto most = std::numeric_limits<std::int64_t>::max();
}

BOOST_AUTO_TEST_SUITE(accounts)

BOOST_AUTO_TEST_CASE(an_account_is_opened_once) {
  given<account>().when(open_account{"Ada"}).then(account_opened{"Ada"});
  given<account>(account_opened{"Ada"}).when(open_account{"Bob"}).then_rejects("already_opened");
  given<account>(account_opened{"Ada"}, account_closed{}).when(open_account{"Ada"}).then_rejects("already_opened");
}

BOOST_AUTO_TEST_CASE(money_goes_in_and_out_of_an_open_account) {
  auto ada = given<account>(account_opened{"Ada"});
  ada.when(deposit{500, {}}).then(money_deposited{500, {}});
  ada.when(withdraw{200, {}}).then(money_withdrawn{200, {}});
  BOOST_TEST(ada.state().cents == 300);
}

BOOST_AUTO_TEST_CASE(an_overdraft_is_refused) {
  given<account>(account_opened{"Ada"}, money_deposited{5, {}}).when(withdraw{6, {}}).then_rejects("insufficient_funds");
}

BOOST_AUTO_TEST_CASE(amounts_that_cannot_be_are_refused) {
  for (const std::int64_t cents : {std::int64_t{0}, std::int64_t{-1}, std::numeric_limits<std::int64_t>::min()}) {
    given<account>(account_opened{"Ada"}).when(deposit{cents, {}}).then_rejects("bad_amount");
    given<account>(account_opened{"Ada"}).when(withdraw{cents, {}}).then_rejects("bad_amount");
    given<account>(account_opened{"Ada"}).when(give_back{cents, {}}).then_rejects("bad_amount");
  }
  given<account>(account_opened{"Ada"}, money_deposited{most, {}}).when(deposit{1, {}}).then_rejects("too_much");
}

BOOST_AUTO_TEST_CASE(an_account_closes_when_it_is_empty_and_takes_no_more) {
  given<account>(account_opened{"Ada"}, money_deposited{1, {}}).when(close_account{}).then_rejects("not_empty");
  auto ada = given<account>(account_opened{"Ada"});
  ada.when(close_account{}).then(account_closed{});
  ada.when(deposit{1, {}}).then_rejects("not_open");
  ada.when(withdraw{1, {}}).then_rejects("not_open");
  ada.when(close_account{}).then_rejects("not_open");
  ada.when(give_back{1, "t"}).then(money_given_back{1, "t"});
}

BOOST_AUTO_TEST_CASE(nothing_goes_into_an_account_that_was_never_opened) {
  given<account>().when(deposit{1, {}}).then_rejects("not_open");
  given<account>().when(give_back{1, {}}).then_rejects("not_open");
}

BOOST_AUTO_TEST_CASE(a_balance_is_never_below_zero_whatever_is_asked) {
  BOOST_TEST(rc::check([](const std::vector<std::pair<bool, std::int64_t>>& asked) {
    auto ada = given<account>(account_opened{"Ada"});
    for (const auto& [in, cents] : asked) {
      if (in)
        ada.when(deposit{cents, {}});
      else
        ada.when(withdraw{cents, {}});
      RC_ASSERT(ada.state().cents >= 0);
    }
  }));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(transfers)

namespace {
const transfer_requested asked{"t1", "a", "b", 50};
auto begun() {
  auto p = annals::process<transferring>("t1");
  p.observes<transfer>("t1", asked);
  return p;
}
}  // namespace

BOOST_AUTO_TEST_CASE(a_transfer_takes_from_one_account_and_gives_to_the_other) {
  auto p = begun();
  p.then(transfer_begun{"a", "b", 50}, annals::send<account>("a", withdraw{50, "t1"}));
  p.observes<account>("a", money_withdrawn{50, "t1"}).then(annals::send<account>("b", deposit{50, "t1"}));
  p.observes<account>("b", money_deposited{50, "t1"}).then(transferring_ended{}, annals::send<transfer>("t1", complete_transfer{}));
}

BOOST_AUTO_TEST_CASE(a_refused_withdrawal_fails_the_transfer) {
  begun()
      .hears_rejection<account>("a", withdraw{50, "t1"}, "insufficient_funds")
      .then(transferring_ended{}, annals::send<transfer>("t1", fail_transfer{"insufficient_funds"}));
}

BOOST_AUTO_TEST_CASE(a_refused_deposit_gives_the_money_back) {
  auto p = begun();
  p.observes<account>("a", money_withdrawn{50, "t1"});
  p.hears_rejection<account>("b", deposit{50, "t1"}, "not_open").then(deposit_refused{"not_open"}, annals::send<account>("a", give_back{50, "t1"}));
  p.observes<account>("a", money_given_back{50, "t1"}).then(transferring_ended{}, annals::send<transfer>("t1", fail_transfer{"not_open"}));
}

BOOST_AUTO_TEST_CASE(movements_by_hand_are_for_no_transfer) {
  BOOST_TEST(!transferring::key(money_deposited{5, {}}));
  BOOST_TEST(!transferring::key(money_withdrawn{5, {}}));
}

BOOST_AUTO_TEST_CASE(a_transfer_that_cannot_be_is_refused) {
  given<transfer>().when(request_transfer{"a", "a", 5}).then_rejects("same_account");
  given<transfer>().when(request_transfer{"a", "b", 0}).then_rejects("bad_amount");
  given<transfer>().when(request_transfer{"", "b", 5}).then_rejects("no_account");
  given<transfer>(asked).when(request_transfer{"a", "b", 5}).then_rejects("already_requested");
  given<transfer>().when(complete_transfer{}).then_rejects("not_under_way");
  given<transfer>(asked, transfer_completed{}).when(fail_transfer{"x"}).then_rejects("not_under_way");
}

BOOST_AUTO_TEST_CASE(balances_follow_the_accounts) {
  auto p = annals::project<projections::balances>();
  p.event<account>("a", account_opened{"Ada"}).event<account>("a", money_deposited{70, {}});
  p.event<account>("b", account_opened{"Bob"}).event<account>("a", money_withdrawn{50, "t1"});
  p.event<account>("b", money_deposited{50, "t1"});
  BOOST_TEST(p.ask(projections::balance_of{"a"}).cents == 20);
  BOOST_TEST(p.ask(projections::balance_of{"b"}).cents == 50);
  BOOST_TEST(!p.ask(projections::balance_of{"c"}).known);
  const auto totals = p.ask(projections::totals_of_bank{});
  BOOST_TEST(totals.cents == 70);
  BOOST_TEST(totals.deposited_cents == 70);
  BOOST_TEST(totals.accounts == 2u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(the_test_kit)

namespace {
/// Evolves by what is not in its events, or not in its stored state.
struct forgetful {
  static constexpr std::string_view category = "forgetful";
  using commands = annals::types<>;
  using events = annals::types<money_deposited>;
  struct state {
    std::int64_t sum = 0;
    std::int64_t hidden = 0;
    static constexpr auto about = annals::describe<&state::sum>("state", 1, annals::not_stored{&state::hidden});
  };
  static inline std::int64_t outside = 0;
  static void evolve(state& s, const money_deposited& e) {
    s.sum += e.cents == 7 ? s.hidden : e.cents == 13 ? ++outside : e.cents;
    s.hidden += e.cents;
  }
};

std::string why_they_part(std::initializer_list<std::int64_t> amounts) {
  std::vector<annals::event_of<forgetful>> past;
  for (const auto cents : amounts) past.push_back(money_deposited{cents, {}});
  try {
    annals::replays_alike<forgetful>(past);
  } catch (const annals::expectation_failed& no) {
    return no.what();
  }
  return {};
}
}  // namespace

BOOST_AUTO_TEST_CASE(case_23_it_tells_where_replays_part) {
  annals::replays_alike<account>(account_opened{"Ada"}, money_deposited{5, {}}, money_withdrawn{5, {}}, account_closed{});
  annals::replays_alike<transferring>(transfer_begun{"a", "b", 50}, deposit_refused{"not_open"}, transferring_ended{});
  BOOST_TEST(why_they_part({1, 2, 3}).empty());
  const auto twice = why_they_part({1, 13, 2});
  BOOST_TEST(twice.find("the second replay differs from the first replay after event 2, money_deposited") == 0u, twice);
  const auto restored = why_they_part({1, 2, 7, 4});
  BOOST_TEST(restored.find("the replay from the state after event 1 differs from the first replay after event 3") == 0u, restored);
}

BOOST_AUTO_TEST_CASE(it_fails_when_the_expectation_does_not_hold) {
  auto ada = given<account>(account_opened{"Ada"});
  BOOST_CHECK_THROW(ada.when(deposit{5, {}}).then(money_deposited{6, {}}), annals::expectation_failed);
  BOOST_CHECK_THROW(ada.when(deposit{5, {}}).then_nothing(), annals::expectation_failed);
  BOOST_CHECK_THROW(ada.when(deposit{5, {}}).then_rejects("no"), annals::expectation_failed);
  BOOST_CHECK_THROW(ada.when(deposit{0, {}}).then_rejects("other"), annals::expectation_failed);
  auto p = annals::process<transferring>("t1");
  BOOST_CHECK_THROW(p.observes<transfer>("t2", transfer_requested{"t2", "a", "b", 5}), annals::expectation_failed);
  p.observes<transfer>("t1", transfer_requested{"t1", "a", "b", 5});
  BOOST_CHECK_THROW(p.then_nothing(), annals::expectation_failed);
}

BOOST_AUTO_TEST_SUITE_END()
