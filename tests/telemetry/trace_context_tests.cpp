#include "telemetry/trace_context.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>
#include <thread>

using namespace annals;
using namespace annals::telemetry;

namespace {

const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736", parent = "00f067aa0ba902b7";

}  // namespace

BOOST_AUTO_TEST_SUITE(a_trace_context)

BOOST_AUTO_TEST_CASE(is_read_from_a_traceparent_and_written_again) {
  const auto text = "00-" + trace + "-" + parent + "-01";
  const auto read = trace_context_of(text);
  BOOST_TEST_REQUIRE(read.has_value());
  BOOST_TEST(read->sampled);
  BOOST_TEST(read->is_set());
  BOOST_TEST(read->trace_id[0] == 0x4b);
  BOOST_TEST(read->trace_id[15] == 0x36);
  BOOST_TEST(read->span_id[7] == 0xb7);
  BOOST_TEST(to_string(*read) == text);
  BOOST_TEST(to_string(trace_context{}).empty());
}

BOOST_AUTO_TEST_CASE(knows_the_flag_of_sampling_and_drops_the_others) {
  const auto flags = [](const char* hex) { return trace_context_of("00-" + trace + "-" + parent + "-" + hex).value(); };
  BOOST_TEST(!flags("00").sampled);
  BOOST_TEST(flags("03").sampled);
  BOOST_TEST(!flags("fe").sampled);
  BOOST_TEST(to_string(flags("ff")).ends_with("-01"));
  BOOST_TEST(to_string(flags("00")).ends_with("-00"));
}

BOOST_AUTO_TEST_CASE(of_a_later_version_is_read_as_far_as_it_is_known) {
  BOOST_TEST((trace_context_of("01-" + trace + "-" + parent + "-01").has_value()));
  BOOST_TEST((trace_context_of("cc-" + trace + "-" + parent + "-01-what-comes-later").has_value()));
}

BOOST_AUTO_TEST_CASE(is_not_read_from_anything_else) {
  const std::string zeros(32, '0');
  const std::string good = "00-" + trace + "-" + parent + "-01";
  for (const std::string& text : {std::string{},
                                  std::string{"00"},
                                  good + "-",
                                  good + "x",
                                  good + " ",
                                  " " + good,
                                  good.substr(0, 54),
                                  "ff-" + trace + "-" + parent + "-01",               // the version that is forbidden
                                  "00-" + zeros + "-" + parent + "-01",               // ids of zeros
                                  "00-" + trace + "-" + zeros.substr(0, 16) + "-01",  //
                                  "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + parent + "-01",
                                  "00-" + trace + "-00F067AA0BA902B7-01",
                                  "0A-" + trace + "-" + parent + "-01",
                                  "00-" + trace + "-" + parent + "-0A",  // upper case
                                  "00-" + trace + "-" + parent + "-0g",
                                  "0g-" + trace + "-" + parent + "-01",
                                  "00_" + trace + "-" + parent + "-01",
                                  "00-" + trace + "_" + parent + "-01",
                                  "00-" + trace + "-" + parent + "_01",
                                  "00-" + trace.substr(1) + "--" + parent + "-01",
                                  good + "-of-version-00-is-never-longer",
                                  "01-" + trace + "-" + parent + "-01x",
                                  "01-" + trace + "-" + parent + "-01-" + std::string(200, 'x'),  // longer than 255 bytes
                                  std::string(55, '-'),
                                  std::string(55, '\0')})
    BOOST_TEST(!trace_context_of(text).has_value(), "\"" << text << "\" was read");
}

BOOST_AUTO_TEST_CASE(with_one_byte_changed_is_read_as_what_it_says_or_not_at_all) {
  const auto good = "00-" + trace + "-" + parent + "-01";
  for (std::size_t at = 0; at < good.size(); ++at)
    for (int byte = 0; byte < 256; ++byte) {
      auto changed = good;
      changed[at] = static_cast<char>(byte);
      const auto read = trace_context_of(changed);
      if (!read) continue;
      BOOST_TEST_REQUIRE(to_string(*read).substr(3, 49) == changed.substr(3, 49));
    }
}

BOOST_AUTO_TEST_CASE(that_is_new_has_ids_that_nobody_else_has) {
  id_source ids;
  std::set<std::string> seen;
  const auto root = ids.root();
  for (int i = 0; i < 10'000; ++i) BOOST_TEST_REQUIRE(seen.insert(to_string(ids.child_of(root)).substr(36, 16)).second);
  for (int i = 0; i < 10'000; ++i) BOOST_TEST_REQUIRE(seen.insert(to_string(ids.root()).substr(3, 32)).second);
  trace_context elsewhere;
  std::thread{[&] { elsewhere = ids.root(); }}.join();
  BOOST_TEST((id_source{}.root() != id_source{}.root()));
  BOOST_TEST((elsewhere != ids.root()));
  BOOST_TEST(ids.child_of(root).sampled);
  BOOST_TEST((ids.child_of(root).trace_id == root.trace_id));
  BOOST_TEST((ids.child_of(root).span_id != root.span_id));
}

BOOST_AUTO_TEST_CASE(with_a_seed_comes_again) {
  id_source one{7}, same{7}, other{8};
  const auto first = one.root();
  BOOST_TEST((first == same.root()));
  BOOST_TEST((first != other.root()));
  BOOST_TEST((one.root() != first));
}

BOOST_AUTO_TEST_CASE(is_sampled_as_often_as_the_ratio_says) {
  id_source ids{1};
  const auto share = [&](double ratio) {
    const ratio_sampler sampler{ratio};
    int sampled = 0;
    for (int i = 0; i < 100'000; ++i) sampled += sampler.samples(ids.number());
    return sampled;
  };
  BOOST_TEST(share(0) == 0);
  BOOST_TEST(share(1) == 100'000);
  BOOST_TEST(std::abs(share(0.25) - 25'000) < 1'000);
  BOOST_TEST(std::abs(share(0.001) - 100) < 60);
  BOOST_TEST(!ratio_sampler{}.may_sample());
  BOOST_TEST(!ratio_sampler{0}.samples(0));
  BOOST_TEST(ratio_sampler{1}.samples(~std::uint64_t{0}));
}

BOOST_AUTO_TEST_SUITE_END()
