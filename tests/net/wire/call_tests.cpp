// The golden bytes of each call and its answer, as they travel in requests and answers.
#include "net/wire/calls.hpp"
#include "net/wire/copy_calls.hpp"
#include "support/golden_bytes.hpp"

#include <annals/codec.hpp>

using namespace annals;
using namespace annals::net;

BOOST_AUTO_TEST_SUITE(calls_between_nodes)

BOOST_AUTO_TEST_CASE(the_number_of_each_call_never_changes) {
  std::string numbers;
  for (const auto one : calls) numbers.append(to_string(one)).append(1, static_cast<char>(one));
  check_golden("call_numbers", numbers);
}

BOOST_AUTO_TEST_CASE(the_bytes_of_each_call_never_change) {
  check_golden("call_nothing", encoded(nothing_call{}));
  check_golden("call_ask", encoded(ask_call{"balances", "balance_of", "\x81", 7, 8, 9, 10}));
  check_golden("call_ask_without_token", encoded(ask_call{"balances", "balance_of", "", std::nullopt, 0, 0, 10}));
  check_golden("call_stream", encoded(stream_call{"account-42", 3, 100}));
  check_golden("call_state", encoded(state_call{"account", "42", 3, std::nullopt, -5}));
  check_golden("call_log", encoded(log_call{3, 100}));
  check_golden("call_owner", encoded(owner_call{"balances"}));
  check_golden("call_position", encoded(position_call{"balances", 9}));
  check_golden("call_subscribe", encoded(subscribe_call{"mails", 3, true, {"account"}, {"money_deposited"}, 1, 2, 3, 4, 5, 1, 6}));
  check_golden("call_member", encoded(member_call{2}));
  check_golden("call_next", encoded(next_call{2, 10, 500}));
  check_golden("call_ack", encoded(ack_call{2, {7, 9}}));
  check_golden("call_nack", encoded(nack_call{2, 7, "no"}));
  check_golden("call_resolve", encoded(resolve_call{2, 7, true}));
  check_golden("call_pull", encoded(pull_call{1, 2, 3, 4, 5, 6, 7}));
}

BOOST_AUTO_TEST_CASE(the_bytes_of_each_answer_never_change) {
  check_golden("answer_state", encoded(state_answer{"\x80", 3, 9, 100}));
  const follower_answer model{"balances", 9, 1, error_text{42, "why", "where", 8}, 2, 7, 3};
  const subscription_answer mails{"mails", 8, 2, 1, 4, std::nullopt};
  check_golden("answer_health", encoded(health_answer{9, 8, 1, 2, 3, true, error_text{63, "why", "where", 9}, {model}, {}, {mails}}));
  check_golden("answer_parked", encoded(parked_answer{{{9, "account-42", "no", 3, 100}}}));
  check_golden("answer_source", encoded(source_answer{"0123", 7, {{5, 4}}, 3, 9, 100}));
  check_golden("answer_pull", encoded(pull_answer{9, 100, "records", true, false, 3, 7, 8, {{"key", "value"}, {"gone", ""}}}));
}

BOOST_AUTO_TEST_SUITE_END()
