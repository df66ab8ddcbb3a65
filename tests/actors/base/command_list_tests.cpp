// Commands keep their texts, wherever they wait.
#include "actors/base/command.hpp"

#include <rapidcheck.h>
#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace annals;
using namespace annals::actors;

namespace {

/// The texts of one command, which go away before it is looked at again.
struct texts {
  std::string stream, body, id, causation;

  command made() const {
    command cmd;
    cmd.stream = stream;
    cmd.body = body;
    cmd.id = id;
    cmd.causation = causation;
    return cmd;
  }
  bool are_of(const command& cmd) const {
    return cmd.stream == stream && cmd.body == body && cmd.id == id && cmd.causation == causation && cmd.principal.empty();
  }
};

std::string some_text() {
  // Some longer than the blocks that a list keeps its texts in.
  const auto bytes = *rc::gen::weightedElement<std::size_t>({{10, 0}, {20, 7}, {20, 300}, {5, 40'000}, {1, 70'000}});
  return std::string(bytes, *rc::gen::inRange('a', 'z'));
}

texts some_texts() { return {some_text(), some_text(), some_text(), some_text()}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(commands_that_wait)

BOOST_AUTO_TEST_CASE(a_list_keeps_every_text_also_in_memory_that_is_used_again) {
  BOOST_TEST(rc::check([] {
    command_list list;
    for (int round = 0; round < 3; ++round) {
      std::vector<texts> expected;
      for (auto count = *rc::gen::inRange(0, 40); count > 0; --count) {
        const auto here = std::make_unique<texts>(some_texts());
        list.add(here->made());
        expected.push_back(*here);
      }
      RC_ASSERT(list.size() == expected.size());
      for (std::size_t i = 0; i < expected.size(); ++i) RC_ASSERT(expected[i].are_of(list[i]));
      list.clear();
      RC_ASSERT(list.size() == 0u);
    }
  }));
}

BOOST_AUTO_TEST_CASE(a_kept_command_outlives_its_maker_and_stands_alone) {
  const texts expected{"account-1", "body", "id", ""};
  command other;
  std::vector<owned_command> kept;
  {
    const texts gone = expected;
    auto cmd = gone.made();
    cmd.next = &other;
    kept.emplace_back(cmd);
  }
  kept.emplace_back(command{});  // moves the first one
  BOOST_TEST(expected.are_of(*kept.front()));
  BOOST_TEST(kept.front()->next == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
